import { TCP_ACK, TCP_CHECKSUM, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_URGENT, TCP_WINDOW } from '../wire/tcp.ts';

/** Where the same segment sent twice can differ; the place of a name is its bit. */
export const headerFields = ['link', 'ip_id', 'ttl', 'ip', 'ack', 'flags', 'window', 'checksum', 'urgent', 'options', 'trailer'] as const;

export type HeaderField = (typeof headerFields)[number];

const LINK = 0x001;
const IP_ID = 0x002;
const TTL = 0x004;
const IP = 0x008;
const ACKNOWLEDGEMENT = 0x010;
const FLAGS = 0x020;
const WINDOW = 0x040;
const CHECKSUM = 0x080;
const URGENT = 0x100;
const OPTIONS = 0x200;
const TRAILER = 0x400;

/** A frame, and where in it the headers lie. */
export interface Frame {
	readonly bytes: Uint8Array;
	/** the frame is bytes[at, at + stored) */
	readonly at: number;
	readonly stored: number;
	/** from `at` on: TCP header, data, source address */
	readonly tcpAt: number;
	readonly dataAt: number;
	readonly addressAt: number;
	/** 4 or 16 */
	readonly addressLength: number;
	readonly length: number;
}

/** The names of the bits that are set. */
export function headerFieldNames(bits: number): HeaderField[] {
	return headerFields.filter((_, bit) => (bits & (1 << bit)) !== 0);
}

/** Which header fields of two frames with the same data differ; 0 where every byte is equal. */
export function headerDifference(a: Frame, b: Frame): number {
	if (a.tcpAt !== b.tcpAt || a.dataAt !== b.dataAt || a.addressLength !== b.addressLength) return differingLayout(a, b);
	let bits = 0;
	const end = Math.min(a.stored, b.stored);
	for (let i = 0; i < end; i++) if (a.bytes[a.at + i] !== b.bytes[b.at + i]) bits |= fieldAt(a, i);
	return a.stored === b.stored ? bits : bits | TRAILER;
}

/** Options of another length, or another encapsulation: told as such, not byte by byte. */
function differingLayout(a: Frame, b: Frame): number {
	const sameTcp = a.dataAt - a.tcpAt === b.dataAt - b.tcpAt;
	const samePath = a.tcpAt === b.tcpAt && a.addressLength === b.addressLength;
	return (sameTcp ? 0 : OPTIONS) | (samePath ? 0 : LINK | IP);
}

/** The field that holds the i-th byte of a frame. */
function fieldAt(frame: Frame, i: number): number {
	if (i >= frame.dataAt) return TRAILER;
	if (i >= frame.tcpAt + TCP_HEADER) return OPTIONS;
	if (i >= frame.tcpAt) return tcpField(i - frame.tcpAt);
	return networkField(frame, i);
}

function tcpField(i: number): number {
	if (i >= TCP_URGENT) return URGENT;
	if (i >= TCP_CHECKSUM) return CHECKSUM;
	if (i >= TCP_WINDOW) return WINDOW;
	if (i >= TCP_FLAGS || i >= TCP_OFFSET) return FLAGS;
	return i >= TCP_ACK ? ACKNOWLEDGEMENT : i >= TCP_SEQ ? TRAILER : IP;
}

/** IPv4: identification at 4, time to live at 8, source at 12; IPv6: hop limit at 7, source at 8 (RFC 791 §3.1, RFC 8200 §3). */
function networkField(frame: Frame, i: number): number {
	const isIpv4 = frame.addressLength === 4;
	const offset = i - (frame.addressAt - (isIpv4 ? 12 : 8));
	if (offset < 0) return LINK;
	if (!isIpv4) return offset === 7 ? TTL : IP;
	if (offset === 4 || offset === 5) return IP_ID;
	// The header's own checksum follows from the rest of it.
	return offset === 8 ? TTL : offset === 10 || offset === 11 ? 0 : IP;
}
