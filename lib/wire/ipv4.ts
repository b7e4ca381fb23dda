import { get16 } from './bytes.ts';
import { WIRE } from './drop.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const header = {
	versionAndLength: 1, trafficClass: 1, totalLength: 2, id: 2, fragment: 2, ttl: 1, protocol: 1, checksum: 2, source: 4, destination: 4,
} as const;

/** Offsets in an IPv4 header (RFC 791 §3.1); it ends there when it has no options. */
export const IPV4: Offsets<typeof header> = offsetsOf(header);

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

export const IPV4_DONT_FRAGMENT = 0x4000;
export const IPV4_MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

// Option kinds (RFC 791 §3.1).
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;

/** What stands in an IPv4 header; one object, filled again and again. */
export class Ipv4Header {
	at: number = 0;
	headerLength: number = 0;
	/** header and payload; what the frame has behind it is padding */
	totalLength: number = 0;
	/** DSCP and ECN */
	trafficClass: number = 0;
	id: number = 0;
	ttl: number = 0;
	protocol: number = 0;
	/** offset of this fragment in the datagram, bytes */
	fragmentOffset: number = 0;
	moreFragments: boolean = false;
	/** a loose or strict source route was among the options */
	sourceRoute: boolean = false;
	payloadAt: number = 0;
	payloadLength: number = 0;
}

/**
 * Reads and checks an IPv4 header, all but its checksum (RFC 1122 §3.2.1).
 *
 * @param length  bytes there are from the header on: the frame's, padding included
 * @returns       0, or why it is dropped
 */
export function parseIpv4(u8: Uint8Array, at: number, length: number, into: Ipv4Header): number {
	if (length < IPV4.end) return WIRE.ipv4Short;
	const first = u8[at]!;
	if (first >> 4 !== 4) return WIRE.ipv4Version;
	const headerLength = (first & 15) << 2;
	if (headerLength < IPV4.end || headerLength > length) return WIRE.ipv4HeaderLength;
	const totalLength = get16(u8, at + IPV4.totalLength);
	if (totalLength < headerLength || totalLength > length) return WIRE.ipv4TotalLength;
	const fragment = get16(u8, at + IPV4.fragment);
	into.at = at;
	into.headerLength = headerLength;
	into.totalLength = totalLength;
	into.trafficClass = u8[at + IPV4.trafficClass]!;
	into.id = get16(u8, at + IPV4.id);
	into.ttl = u8[at + IPV4.ttl]!;
	into.protocol = u8[at + IPV4.protocol]!;
	into.fragmentOffset = (fragment & OFFSET_MASK) << 3;
	into.moreFragments = (fragment & IPV4_MORE_FRAGMENTS) !== 0;
	into.sourceRoute = false;
	into.payloadAt = at + headerLength;
	into.payloadLength = totalLength - headerLength;
	return headerLength === IPV4.end ? 0 : parseOptions(u8, at + IPV4.end, at + headerLength, into);
}

/** Walks the options (RFC 791 §3.1); unknown ones are passed over (RFC 1122 §3.2.1.8). */
function parseOptions(u8: Uint8Array, from: number, end: number, into: Ipv4Header): number {
	for (let at = from; at < end;) {
		const kind = u8[at]!;
		if (kind === END_OF_OPTIONS) return 0;
		if (kind === NO_OPERATION) { at++; continue; }
		// A length below 2 would be walked for ever.
		const length = at + 1 < end ? u8[at + 1]! : 0;
		if (length < 2 || at + length > end) return WIRE.ipv4Option;
		if (kind === LOOSE_SOURCE_ROUTE || kind === STRICT_SOURCE_ROUTE) into.sourceRoute = true;
		at += length;
	}
	return 0;
}

/** Whether the header is of a fragment, and not of a whole datagram. */
export function isFragment(header: Ipv4Header): boolean {
	return header.moreFragments || header.fragmentOffset !== 0;
}
