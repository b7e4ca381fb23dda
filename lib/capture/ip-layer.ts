import { get16, get32 } from '../wire/bytes.ts';
import { IPV4 } from '../wire/ipv4.ts';
import type { Fragments } from './fragments.ts';
import {
	ETHERNET_LAYER, EXTENSION_LAYER, GRE_LAYER, ICMP_LAYER, ICMPV6_LAYER, IP_LAYER, IPV6_LAYER, MPLS_LAYER, SKIP_FRAGMENT, SKIP_MALFORMED,
	SKIP_NOT_TCP, SKIP_TRUNCATED, SKIP_TUNNEL, TCP_LAYER, UDP_LAYER,
} from './layer.ts';
import type { Packet } from './packet.ts';

/** without options */
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** More fragments, or an offset: everything but "don't fragment". */
const FRAGMENT_BITS = 0x3fff;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_BITS = 0x1fff;
const ICMP_HEADER = 8;
/** behind the IP header that an ICMP error quotes */
const QUOTED_BYTES = 8;
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
const REDIRECT = 5;
const ROUTING = 43;
const DESTINATION_OPTIONS = 60;
const PAD_1 = 0;
const HOME_ADDRESS = 0xc9;
const IPV6_ADDRESS = 16;
/** kinds of routing header: deprecated, of mobility, of low-power networks, of segments */
const SOURCE_ROUTE = 0;
const HOME_ROUTE = 2;
const RPL_ROUTE = 3;
const SEGMENT_ROUTE = 4;

/** IPv4, or IPv6 where the version says so (RFC 791 §3.1). */
export function ipLayer(packet: Packet, fragments: Fragments): number {
	const { bytes, at } = packet;
	if (at >= packet.end) return SKIP_TRUNCATED;
	const first = bytes[at]!;
	if (first >> 4 === 6) return IPV6_LAYER;
	if (first >> 4 !== 4) return SKIP_MALFORMED;
	if (!packet.has(IPV4_HEADER)) return SKIP_TRUNCATED;
	const headerLength = (first & 15) << 2;
	const totalLength = get16(bytes, at + IPV4.totalLength);
	// A length of 0 is left to the card that cuts the segment up: what was captured counts.
	if (headerLength < IPV4_HEADER || (totalLength < headerLength && totalLength !== 0)) return SKIP_MALFORMED;
	if (totalLength !== 0) packet.limit(totalLength);
	packet.datagramEnd = totalLength !== 0 ? at + totalLength : packet.wireEnd;
	packet.sourceAt = at + IPV4.source;
	packet.destinationAt = at + IPV4.destination;
	packet.addressLength = 4;
	packet.at = at + headerLength;
	if (packet.at > packet.end) return SKIP_TRUNCATED;
	if (headerLength > IPV4_HEADER) findRoute(packet, at + IPV4_HEADER);
	const protocol = bytes[at + IPV4.protocol]!;
	const fragment = get16(bytes, at + IPV4.fragment);
	packet.isPartial = false;
	if ((fragment & FRAGMENT_BITS) !== 0) {
		// tshark puts together what has the same of all three, mixed so (RFC 791 §3.2 knows no VLAN).
		const id = `${get16(bytes, at + IPV4.id) ^ protocol ^ (packet.vlan << 16)}`;
		const layer = fragmentLayer(packet, fragments, id, (fragment & OFFSET_BITS) * 8, (fragment & MORE_FRAGMENTS) === 0);
		if (layer < 0) return layer;
	}
	return protocolLayer(packet, protocol);
}

/** A source route not used up ends with the true destination (RFC 791 §3.1). */
function findRoute(packet: Packet, from: number): void {
	const { bytes } = packet;
	for (let at = from; at + 1 < packet.at;) {
		const kind = bytes[at]!;
		if (kind === END_OF_OPTIONS) return;
		const length = kind === NO_OPERATION ? 1 : bytes[at + 1]!;
		if (length === 0 || at + length > packet.at) return;
		if ((kind === LOOSE_SOURCE_ROUTE || kind === STRICT_SOURCE_ROUTE) && length >= 7) {
			const pointer = bytes[at + 2]!;
			if (pointer >= 4 && pointer + 3 <= length) packet.destinationAt = at + length - 4;
			return;
		}
		at += length;
	}
}

/** IPv6: a fixed header, then extension headers (RFC 8200 §3). */
export function ipv6Layer(packet: Packet): number {
	if (!packet.has(IPV6_HEADER)) return SKIP_TRUNCATED;
	const { bytes, at } = packet;
	if (bytes[at]! >> 4 !== 6) return SKIP_MALFORMED;
	const totalLength = IPV6_HEADER + get16(bytes, at + 4);
	packet.limit(totalLength);
	packet.datagramEnd = at + totalLength;
	packet.sourceAt = at + 8;
	packet.destinationAt = at + 24;
	packet.addressLength = 16;
	packet.at = at + IPV6_HEADER;
	return protocolLayer(packet, bytes[at + 6]!);
}

/** One extension header of IPv6, or the authentication header of either IP (RFC 8200 §4, RFC 4302 §2). */
export function extensionLayer(packet: Packet, fragments: Fragments): number {
	if (!packet.has(8)) return SKIP_TRUNCATED;
	const { bytes, at, protocol } = packet;
	const next = bytes[at]!;
	if (protocol === 44) {
		const field = get16(bytes, at + 2);
		packet.at += 8;
		// Offset 0 and no more to come: an atomic fragment is whole (RFC 6946).
		if ((field & 0xfff9) === 0) return protocolLayer(packet, next);
		// tshark reads on in a first fragment that the capture cut in IPv4 alone.
		if (packet.end < packet.datagramEnd) return SKIP_FRAGMENT;
		const layer = fragmentLayer(packet, fragments, `${get32(bytes, at + 4)}`, field & 0xfff8, (field & 1) === 0);
		return layer < 0 ? layer : protocolLayer(packet, next);
	}
	if (protocol === DESTINATION_OPTIONS) findHomeAddress(packet);
	else if (protocol === ROUTING) findLastStop(packet);
	packet.at += protocol === 51 ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8;
	return packet.at <= packet.end ? protocolLayer(packet, next) : SKIP_TRUNCATED;
}

/** A mobile node's home address is its true source (RFC 6275 §6.3). */
function findHomeAddress(packet: Packet): void {
	const { bytes, at } = packet;
	const end = Math.min(packet.end, at + (bytes[at + 1]! + 1) * 8);
	for (let next = at + 2; next + 1 < end;) {
		if (bytes[next] === PAD_1) { next++; continue; }
		const length = bytes[next + 1]!;
		if (bytes[next] === HOME_ADDRESS && length === IPV6_ADDRESS && next + 2 + length <= end) packet.sourceAt = next + 2;
		next += 2 + length;
	}
}

/** A route not used up names the true destination: last, or first in a list of segments, which stands in reverse (RFC 8200 §4.4, RFC 8754 §2). */
function findLastStop(packet: Packet): void {
	const { bytes, at } = packet;
	const kind = bytes[at + 2]!;
	const addresses = bytes[at + 1]! >> 1;
	// RPL may leave out what addresses have in common (RFC 6554 §3): those are not put together here.
	const isKnown = kind === SOURCE_ROUTE || kind === HOME_ROUTE || kind === SEGMENT_ROUTE || (kind === RPL_ROUTE && bytes[at + 4] === 0);
	if (!isKnown || bytes[at + 3] === 0 || addresses === 0) return;
	const place = at + 8 + (kind === SEGMENT_ROUTE ? 0 : addresses - 1) * IPV6_ADDRESS;
	if (place + IPV6_ADDRESS <= packet.end) packet.destinationAt = place;
}

/** What an ICMP error quotes: the header of a packet and the first bytes behind it (RFC 792). */
export function icmpLayer(packet: Packet): number {
	if (!packet.has(ICMP_HEADER)) return SKIP_NOT_TCP;
	const type = packet.u8(0);
	if (type !== 3 && type !== 4 && type !== REDIRECT && type !== 11 && type !== 12) return SKIP_NOT_TCP;
	const layer = quotation(packet, IP_LAYER);
	// Of what a redirect quotes tshark takes no more than RFC 792 asks for, however much that is.
	if (type === REDIRECT && layer === IP_LAYER) packet.end = Math.min(packet.end, packet.at + ((packet.u8(0) & 15) << 2) + QUOTED_BYTES);
	return layer;
}

/** The same of ICMPv6 (RFC 4443 §3). */
export function icmpv6Layer(packet: Packet): number {
	if (!packet.has(ICMP_HEADER)) return SKIP_NOT_TCP;
	const type = packet.u8(0);
	return type >= 1 && type <= 4 ? quotation(packet, IPV6_LAYER) : SKIP_NOT_TCP;
}

function quotation(packet: Packet, layer: number): number {
	packet.at += ICMP_HEADER;
	packet.isQuoted = true;
	return packet.at < packet.end ? layer : SKIP_NOT_TCP;
}

/** ≥ 0 where the packet's position now is in a datagram that can be read on. */
function fragmentLayer(packet: Packet, fragments: Fragments, id: string, offset: number, isLast: boolean): number {
	if (packet.end < packet.datagramEnd) {
		// A fragment the capture cut cannot be put together; of a first one the TCP header can be read.
		packet.isPartial = true;
		return offset === 0 ? IP_LAYER : SKIP_FRAGMENT;
	}
	return fragments.take(packet, id, offset, isLast) ? IP_LAYER : SKIP_FRAGMENT;
}

/** What an IP protocol number announces. */
function protocolLayer(packet: Packet, protocol: number): number {
	packet.protocol = protocol;
	switch (protocol) {
		case 6: return TCP_LAYER;
		case 17: return UDP_LAYER;
		case 1: return ICMP_LAYER;
		case 58: return ICMPV6_LAYER;
		case 0: case ROUTING: case 44: case 51: case DESTINATION_OPTIONS: case 140: return EXTENSION_LAYER;
		case 4: packet.tunnels++; return IP_LAYER;
		case 41: packet.tunnels++; return IPV6_LAYER;
		case 47: return GRE_LAYER;
		case 97: return etherIp(packet);
		case 103: return pimRegister(packet);
		case 137: packet.tunnels++; return MPLS_LAYER;
		case 143: packet.tunnels++; return ETHERNET_LAYER;
		// Encrypted, compressed, or with a session's state behind them
		case 50: case 108: case 115: return SKIP_TUNNEL;
		default: return SKIP_NOT_TCP;
	}
}

/** EtherIP: a version, then a frame (RFC 3378 §3). */
function etherIp(packet: Packet): number {
	packet.at += 2;
	packet.tunnels++;
	return packet.at < packet.end ? ETHERNET_LAYER : SKIP_TRUNCATED;
}

/** PIM: a register message carries a datagram (RFC 7761 §4.9.3). */
function pimRegister(packet: Packet): number {
	if (!packet.has(9) || packet.u8(0) !== 0x21) return SKIP_NOT_TCP;
	packet.at += 8;
	packet.tunnels++;
	return IP_LAYER;
}
