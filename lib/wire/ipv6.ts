import { get16, get32 } from './bytes.ts';
import { WIRE } from './drop.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const header = { versionClassFlow: 4, payloadLength: 2, nextHeader: 1, hopLimit: 1, source: 16, destination: 16 } as const;
const fragment = { nextHeader: 1, reserved: 1, offset: 2, id: 4 } as const;
const routing = { nextHeader: 1, length: 1, type: 1, segmentsLeft: 1 } as const;

/** Offsets in an IPv6 header (RFC 8200 §3). */
export const IPV6: Offsets<typeof header> = offsetsOf(header);
/** Offsets in a fragment header (RFC 8200 §4.5). */
export const FRAGMENT: Offsets<typeof fragment> = offsetsOf(fragment);
/** Offsets in the fixed part of a routing header (RFC 8200 §4.4). */
const ROUTING: Offsets<typeof routing> = offsetsOf(routing);

export const HOP_BY_HOP = 0;
export const ROUTING_HEADER = 43;
export const FRAGMENT_HEADER = 44;
export const PROTOCOL_ICMPV6 = 58;
export const NO_NEXT_HEADER = 59;
export const DESTINATION_OPTIONS = 60;
/** IPsec's; not ours to read, but to walk over (RFC 4302 §2). */
const AUTHENTICATION_HEADER = 51;

/** RFC 8200 §5: what every link carries. */
export const IPV6_MINIMUM_MTU = 1280;

/** More than this many extension headers are an attack (RFC 8504 §5.3). */
const MOST_EXTENSIONS = 8;
const PAD1 = 0;

// Codes of a parameter problem (RFC 4443 §3.4).
export const PROBLEM_FIELD = 0;
export const PROBLEM_NEXT_HEADER = 1;
export const PROBLEM_OPTION = 2;

/** What stands in an IPv6 header and its extension headers; one object, filled again and again. */
export class Ipv6Header {
	at: number = 0;
	/** header, extension headers and payload; what the frame has behind it is padding */
	totalLength: number = 0;
	trafficClass: number = 0;
	hopLimit: number = 0;
	/** the upper protocol, behind all extension headers; that of the fragment header in a fragment */
	protocol: number = 0;
	/** where the number of that protocol stands */
	protocolAt: number = 0;
	/** the fragment header of a fragment; 0 where the packet is whole */
	fragmentAt: number = 0;
	/** where the number of the fragment header stands */
	fragmentNumberAt: number = 0;
	/** offset of this fragment in the datagram's fragmentable part, bytes */
	fragmentOffset: number = 0;
	moreFragments: boolean = false;
	fragmentId: number = 0;
	payloadAt: number = 0;
	payloadLength: number = 0;
	/** code of the parameter problem that is to be told of a packet that was refused; -1 for none */
	problem: number = -1;
	/** what that problem is about: bytes from the IPv6 header on */
	pointer: number = 0;
	/** the problem is told to multicast packets' senders too (RFC 4443 §2.4 (e.3)) */
	problemToMany: boolean = false;
}

/**
 * Reads and checks an IPv6 header and walks its extension headers (RFC 8200 §4).
 *
 * @param length  bytes there are from the header on: the frame's, padding included
 * @returns       0, or why it is dropped; `into.problem` says whether to tell the sender
 */
export function parseIpv6(u8: Uint8Array, at: number, length: number, into: Ipv6Header): number {
	into.problem = -1;
	if (length < IPV6.end) return WIRE.ipv6Short;
	if (u8[at]! >> 4 !== 6) return WIRE.ipv6Version;
	const payloadLength = get16(u8, at + IPV6.payloadLength);
	if (IPV6.end + payloadLength > length) return WIRE.ipv6PayloadLength;
	into.at = at;
	into.totalLength = IPV6.end + payloadLength;
	into.trafficClass = ((u8[at]! & 15) << 4) | (u8[at + 1]! >> 4);
	into.hopLimit = u8[at + IPV6.hopLimit]!;
	into.fragmentAt = 0;
	into.fragmentOffset = 0;
	into.moreFragments = false;
	into.protocol = u8[at + IPV6.nextHeader]!;
	into.protocolAt = at + IPV6.nextHeader;
	into.payloadAt = at + IPV6.end;
	const why = walk(u8, into);
	into.payloadLength = at + into.totalLength - into.payloadAt;
	return why;
}

/** Walks from one extension header to the next, up to the upper protocol or a fragment. */
function walk(u8: Uint8Array, into: Ipv6Header): number {
	const end = into.at + into.totalLength;
	for (let count = 0; isExtension(into.protocol); count++) {
		const at = into.payloadAt;
		if (count === MOST_EXTENSIONS || at + 8 > end) return WIRE.ipv6Extension;
		const kind = into.protocol;
		// RFC 8200 §4.1: hop-by-hop options come first or not at all.
		if (kind === HOP_BY_HOP && count > 0) return problem(into, WIRE.ipv6Extension, PROBLEM_NEXT_HEADER, into.protocolAt);
		const length = kind === FRAGMENT_HEADER ? FRAGMENT.end : kind === AUTHENTICATION_HEADER ? (u8[at + 1]! + 2) << 2 : (u8[at + 1]! + 1) << 3;
		if (at + length > end) return WIRE.ipv6Extension;
		const why = kind === HOP_BY_HOP || kind === DESTINATION_OPTIONS ? readOptions(u8, at + 2, at + length, into) : kind === ROUTING_HEADER ? readRouting(u8, at, into) : 0;
		if (why !== 0) return why;
		const numberAt = into.protocolAt;
		into.protocol = u8[at]!;
		into.protocolAt = at;
		into.payloadAt = at + length;
		if (kind !== FRAGMENT_HEADER || !readFragment(u8, at, into)) continue;
		into.fragmentNumberAt = numberAt;
		return 0;
	}
	return 0;
}

function isExtension(protocol: number): boolean {
	return protocol === HOP_BY_HOP || protocol === ROUTING_HEADER || protocol === FRAGMENT_HEADER || protocol === DESTINATION_OPTIONS || protocol === AUTHENTICATION_HEADER;
}

function problem(into: Ipv6Header, why: number, code: number, at: number): number {
	into.problem = code;
	into.pointer = at - into.at;
	into.problemToMany = false;
	return why;
}

/** Options we do not know say in their two high bits what to do with the packet (RFC 8200 §4.2). */
function readOptions(u8: Uint8Array, from: number, end: number, into: Ipv6Header): number {
	for (let at = from; at < end;) {
		const kind = u8[at]!;
		if (kind === PAD1) { at++; continue; }
		if (at + 2 > end || at + 2 + u8[at + 1]! > end) return WIRE.ipv6Extension;
		if (kind >> 6 === 1) return WIRE.ipv6Option;
		if (kind >> 6 > 1) {
			problem(into, WIRE.ipv6Option, PROBLEM_OPTION, at);
			into.problemToMany = kind >> 6 === 2;
			return WIRE.ipv6Option;
		}
		at += 2 + u8[at + 1]!;
	}
	return 0;
}

/** RFC 8200 §4.4: a route that is done with is passed over; RFC 5095: no other is followed. */
function readRouting(u8: Uint8Array, at: number, into: Ipv6Header): number {
	return u8[at + ROUTING.segmentsLeft] === 0 ? 0 : problem(into, WIRE.ipv6Route, PROBLEM_FIELD, at + ROUTING.type);
}

/** Whether the packet is a fragment; one that is first and last is a whole datagram (RFC 6946 §4). */
function readFragment(u8: Uint8Array, at: number, into: Ipv6Header): boolean {
	const field = get16(u8, at + FRAGMENT.offset);
	if ((field & 0xfff9) === 0) return false;
	into.fragmentAt = at;
	into.fragmentOffset = field & 0xfff8;
	into.moreFragments = (field & 1) === 1;
	into.fragmentId = get32(u8, at + FRAGMENT.id);
	return true;
}
