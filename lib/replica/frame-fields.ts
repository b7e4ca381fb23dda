import { ARP, parseArp } from '../wire/arp.ts';
import { get16 } from '../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_RARP, EthernetHeader, parseEthernet } from '../wire/ethernet.ts';
import { IPV4, Ipv4Header, parseIpv4 } from '../wire/ipv4.ts';
import { OPTION_END, OPTION_NOP, OPTION_TIMESTAMPS, PROTOCOL_TCP, TCP_ACK, TCP_CHECKSUM, TCP_DESTINATION, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_URGENT, TCP_WINDOW } from '../wire/tcp.ts';

/** A named run of bytes in a frame. */
export interface FrameField {
	readonly name: string;
	readonly at: number;
	readonly length: number;
}

const field = (name: string, at: number, length: number): FrameField => ({ name, at, length });

function arpFields(at: number): FrameField[] {
	return [
		field('arp operation', at + ARP.operation, 2), field('arp sender mac', at + ARP.senderMac, 6), field('arp sender', at + ARP.sender, 4),
		field('arp target mac', at + ARP.targetMac, 6), field('arp target', at + ARP.target, 4),
	];
}

function timestamps(u8: Uint8Array, from: number, end: number): FrameField[] {
	for (let at = from; at < end;) {
		const kind = u8[at]!;
		if (kind === OPTION_END) break;
		if (kind === OPTION_NOP) { at++; continue; }
		const length = u8[at + 1] ?? 0;
		if (length < 2 || at + length > end) break;
		if (kind === OPTION_TIMESTAMPS && length === 10) return [field('tcp TSval', at + 2, 4), field('tcp TSecr', at + 6, 4)];
		at += length;
	}
	return [];
}

function tcpFields(u8: Uint8Array, at: number, length: number): FrameField[] {
	const header = (u8[at + TCP_OFFSET]! >> 4) * 4;
	if (length < TCP_HEADER || header < TCP_HEADER || header > length) return [field('tcp', at, length)];
	return [
		field('tcp source port', at + TCP_SOURCE, 2), field('tcp destination port', at + TCP_DESTINATION, 2),
		field('tcp seq', at + TCP_SEQ, 4), field('tcp ack', at + TCP_ACK, 4), field('tcp flags', at + TCP_FLAGS, 1),
		field('tcp window', at + TCP_WINDOW, 2), ...timestamps(u8, at + TCP_HEADER, at + header), field('tcp urgent', at + TCP_URGENT, 2),
		field('payload', at + header, length - header), field('tcp checksum', at + TCP_CHECKSUM, 2), field('tcp options', at + TCP_HEADER, header - TCP_HEADER),
	];
}

function ipv4Fields(u8: Uint8Array, at: number, length: number): FrameField[] {
	const header = new Ipv4Header();
	if (parseIpv4(u8, at, length, header) !== 0) return [field('ipv4', at, length)];
	return [
		field('ip source', at + IPV4.source, 4), field('ip destination', at + IPV4.destination, 4), field('ip protocol', at + IPV4.protocol, 1),
		...(header.protocol === PROTOCOL_TCP ? tcpFields(u8, header.payloadAt, header.payloadLength) : [field('payload', header.payloadAt, header.payloadLength)]),
		field('ip id', at + IPV4.id, 2), field('ip ttl', at + IPV4.ttl, 1), field('ip total length', at + IPV4.totalLength, 2), field('ip checksum', at + IPV4.checksum, 2),
	];
}

/** The fields of a frame, those first that say most about what it is. */
export function frameFields(u8: Uint8Array): FrameField[] {
	const ethernet = new EthernetHeader();
	if (parseEthernet(u8, 0, u8.length, ethernet) !== 0) return [field('frame', 0, u8.length)];
	const { type, payloadAt, payloadLength } = ethernet;
	const fields = [field('ethernet destination', ETHERNET.destination, 6), field('ethernet source', ETHERNET.source, 6), field('ethernet type', ETHERNET.type, 2)];
	if (type === ETHERTYPE_IPV4) fields.push(...ipv4Fields(u8, payloadAt, payloadLength));
	else if ((type === ETHERTYPE_ARP || type === ETHERTYPE_RARP) && parseArp(u8, payloadAt, payloadLength) === 0) fields.push(...arpFields(payloadAt));
	else fields.push(field('payload', payloadAt, payloadLength));
	return fields;
}

/** Where two frames differ first, and what stands there, in hex. */
export interface FieldDifference {
	readonly field: string;
	readonly expected: string;
	readonly found: string;
}

function hex(u8: Uint8Array, at: number, length: number): string {
	return Array.from(u8.subarray(at, at + Math.min(length, 32)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The first field in which `found` is not what was expected; null where the frames are equal. */
export function fieldDifference(expected: Uint8Array, found: Uint8Array): FieldDifference | null {
	for (const { name, at, length } of frameFields(found)) {
		const want = hex(expected, at, length), have = hex(found, at, length);
		if (want !== have) return { field: name, expected: want, found: have };
	}
	const at = found.findIndex((byte, i) => byte !== expected[i]);
	if (at >= 0) return { field: `byte ${at}`, expected: hex(expected, at, 16), found: hex(found, at, 16) };
	return expected.length === found.length ? null : { field: 'length', expected: String(expected.length), found: String(found.length) };
}

/** How much two frames have in common: fields that are equal, the same sequence number counting most. */
export function likeness(a: Uint8Array, b: Uint8Array): number {
	if (get16(a, ETHERNET.type) !== get16(b, ETHERNET.type)) return 0;
	// Equal bytes only decide between frames whose fields have as much in common.
	let score = (a.length === b.length ? 2 : 1) + a.reduce((sum, byte, i) => sum + Number(byte === b[i]), 0) / (a.length + 1);
	for (const { name, at, length } of frameFields(a)) if (hex(a, at, length) === hex(b, at, length)) score += name === 'tcp seq' ? 8 : 1;
	return score;
}
