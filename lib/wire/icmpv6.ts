import { fold, sum } from './checksum.ts';
import { put16 } from './bytes.ts';
import { WIRE } from './drop.ts';
import { ETHERNET, ETHERTYPE_IPV6 } from './ethernet.ts';
import { ICMP } from './icmp.ts';
import { IPV6, PROTOCOL_ICMPV6 } from './ipv6.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const neighbour = { type: 1, code: 1, checksum: 2, flags: 4, target: 16 } as const;

/** Offsets in a neighbour solicitation or advertisement (RFC 4861 §4.3, §4.4); options follow. */
export const ND: Offsets<typeof neighbour> = offsetsOf(neighbour);

// Errors (RFC 4443 §2.1: types below 128); header as in `ICMP`.
export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;
export const ND_REDIRECT = 137;

/** Code of "destination unreachable": nobody has the port (RFC 4443 §3.1). */
export const ICMPV6_PORT_UNREACHABLE = 4;
/** Code of "time exceeded": fragments were missing (RFC 4443 §3.3). */
export const ICMPV6_REASSEMBLY_TIME = 1;

// First byte of an advertisement's flags (RFC 4861 §4.4).
export const NA_ROUTER = 0x80;
export const NA_SOLICITED = 0x40;
export const NA_OVERRIDE = 0x20;

// Options of neighbour discovery (RFC 4861 §4.6.1).
export const OPTION_SOURCE_MAC = 1;
export const OPTION_TARGET_MAC = 2;
/** Bytes of an option that holds a MAC; its address begins behind two. */
export const MAC_OPTION = 8;

/** RFC 4861 §7.1: what has come through a router has a smaller hop limit. */
export const ND_HOP_LIMIT = 255;

/** Where the MAC in the last options read lies; 0 where there was none. */
export class NdOptions {
	/** 6 bytes */
	macAt: number = 0;
}

/**
 * Walks the options behind a neighbour discovery message (RFC 4861 §4.6).
 *
 * @param kind  which option holds the MAC that is wanted
 * @returns     0, or why the message is dropped
 */
export function parseNdOptions(u8: Uint8Array, from: number, end: number, kind: number, into: NdOptions): number {
	into.macAt = 0;
	for (let at = from; at < end;) {
		// RFC 4861 §4.6: an option of length 0 is discarded with its packet; walking it would not end.
		const length = at + 1 < end ? u8[at + 1]! << 3 : 0;
		if (length === 0 || at + length > end) return WIRE.ndOption;
		if (u8[at] === kind) into.macAt = at + 2;
		at += length;
	}
	return 0;
}

/** Writes an option that holds a MAC. */
export function putMacOption(u8: Uint8Array, at: number, kind: number, mac: Uint8Array): void {
	u8[at] = kind;
	u8[at + 1] = MAC_OPTION >> 3;
	u8.set(mac, at + 2);
}

/** ff02::1. */
const ALL_NODES = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/**
 * An unsolicited neighbour advertisement: "this address is at my MAC now", to
 * all nodes (RFC 4861 §7.2.6).
 *
 * @param mac      6 bytes
 * @param address  16 bytes
 */
export function unsolicitedNa(mac: Uint8Array, address: Uint8Array): Uint8Array {
	const length = ND.end + MAC_OPTION;
	const buffer = new ArrayBuffer(88);
	const frame = new Uint8Array(buffer, 2, ETHERNET.end + IPV6.end + length);
	frame.set([0x33, 0x33, 0, 0, 0, 1], ETHERNET.destination);
	frame.set(mac, ETHERNET.source);
	put16(frame, ETHERNET.type, ETHERTYPE_IPV6);
	const ip = ETHERNET.end;
	frame[ip] = 0x60;
	put16(frame, ip + IPV6.payloadLength, length);
	frame[ip + IPV6.nextHeader] = PROTOCOL_ICMPV6;
	frame[ip + IPV6.hopLimit] = ND_HOP_LIMIT;
	frame.set(address, ip + IPV6.source);
	frame.set(ALL_NODES, ip + IPV6.destination);
	const message = ip + IPV6.end;
	frame[message + ND.type] = NEIGHBOUR_ADVERTISEMENT;
	frame[message + ND.flags] = NA_OVERRIDE;
	frame.set(address, message + ND.target);
	putMacOption(frame, message + ND.end, OPTION_TARGET_MAC, mac);
	const views = { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
	const pseudo = sum(views, 2 + ip + IPV6.source, 32) + length + PROTOCOL_ICMPV6;
	put16(frame, message + ICMP.checksum, fold(pseudo + sum(views, 2 + message, length)) ^ 0xffff);
	return frame.slice();
}
