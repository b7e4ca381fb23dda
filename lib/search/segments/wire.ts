import { ARP, ARP_REPLY, putArp } from '../../wire/arp.ts';
import { put16, put32 } from '../../wire/bytes.ts';
import { sum } from '../../wire/checksum.ts';
import { ETHERNET, ETHERTYPE_ARP, ETHERTYPE_IPV4 } from '../../wire/ethernet.ts';
import { IPV4 } from '../../wire/ipv4.ts';
import { checksumOf } from '../../wire/pseudo-header.ts';
import { PROTOCOL_TCP, TCP_ACK, TCP_CHECKSUM, TCP_DESTINATION, TCP_FLAGS, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_URGENT, TCP_WINDOW } from '../../wire/tcp.ts';
import type { Views } from '../../memory/index.ts';

/** A segment as it is written; numbers in sequence space. */
export interface Written {
	readonly flags: number;
	readonly seq: number;
	readonly ack: number;
	readonly window: number;
	readonly text: Uint8Array;
	/** option bytes, whole words */
	readonly options?: readonly number[];
	readonly urgent?: number;
}

/** Where one of the two is. */
export interface EndPoint { readonly mac: Uint8Array; readonly address: Uint8Array; readonly port: number }

/** The two ends of what is fuzzed: whoever is tested, and the peer that is played. */
export const SUBJECT: EndPoint = { mac: Uint8Array.of(2, 0, 0, 0, 0, 1), address: Uint8Array.of(10, 0, 0, 1), port: 80 };
export const PEER: EndPoint = { mac: Uint8Array.of(2, 0, 0, 0, 0, 2), address: Uint8Array.of(10, 0, 0, 2), port: 5000 };

const IP_AT = ETHERNET.end, TCP_AT = ETHERNET.end + 20;
const buffer = new ArrayBuffer(4096);
const views: Views = { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
/** Where addresses and what is summed lie in `views`. */
const FROM = 0, TO = 16, BODY = 64;

function mapped(at: number, address: Uint8Array): void {
	views.u8.fill(0, at, at + 10);
	views.u8.fill(255, at + 10, at + 12);
	views.u8.set(address, at + 12);
}

/** The whole frame of a segment from the peer, checksums and all. */
export function frameOf({ flags, seq, ack, window, text, options = [], urgent = 0 }: Written): Uint8Array {
	const header = 20 + options.length;
	const frame = new Uint8Array(TCP_AT + header + text.length);
	frame.set(SUBJECT.mac, ETHERNET.destination);
	frame.set(PEER.mac, ETHERNET.source);
	put16(frame, ETHERNET.type, ETHERTYPE_IPV4);
	frame[IP_AT] = 0x45;
	put16(frame, IP_AT + 2, 20 + header + text.length);
	frame[IP_AT + 8] = 64;
	frame[IP_AT + 9] = PROTOCOL_TCP;
	frame.set(PEER.address, IP_AT + IPV4.source);
	frame.set(SUBJECT.address, IP_AT + IPV4.destination);
	views.u8.set(frame.subarray(IP_AT, TCP_AT), BODY);
	put16(frame, IP_AT + 10, ~sum(views, BODY, 20) & 0xffff);
	put16(frame, TCP_AT + TCP_SOURCE, PEER.port);
	put16(frame, TCP_AT + TCP_DESTINATION, SUBJECT.port);
	put32(frame, TCP_AT + TCP_SEQ, seq);
	put32(frame, TCP_AT + TCP_ACK, ack);
	frame[TCP_AT + TCP_OFFSET] = header << 2;
	frame[TCP_AT + TCP_FLAGS] = flags;
	put16(frame, TCP_AT + TCP_WINDOW, window);
	put16(frame, TCP_AT + TCP_URGENT, urgent);
	frame.set(options, TCP_AT + 20);
	frame.set(text, TCP_AT + header);
	mapped(FROM, PEER.address);
	mapped(TO, SUBJECT.address);
	views.u8.set(frame.subarray(TCP_AT), BODY);
	put16(frame, TCP_AT + TCP_CHECKSUM, checksumOf(views, FROM, TO, PROTOCOL_TCP, BODY, frame.length - TCP_AT));
	return frame;
}

/** Tells whoever is tested where the peer is. */
export function arpReply(): Uint8Array {
	const frame = new Uint8Array(ETHERNET.end + ARP.end);
	frame.set(SUBJECT.mac, ETHERNET.destination);
	frame.set(PEER.mac, ETHERNET.source);
	put16(frame, ETHERNET.type, ETHERTYPE_ARP);
	putArp(frame, ETHERNET.end, ARP_REPLY);
	frame.set(PEER.mac, ETHERNET.end + ARP.senderMac);
	frame.set(PEER.address, ETHERNET.end + ARP.sender);
	frame.set(SUBJECT.mac, ETHERNET.end + ARP.targetMac);
	frame.set(SUBJECT.address, ETHERNET.end + ARP.target);
	return frame;
}
