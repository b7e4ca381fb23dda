import { FIRST_ETHERTYPE } from '../wire/ethernet.ts';
import {
	ETHERNET_LAYER, IP_LAYER, IPV6_LAYER, LLC_LAYER, MPLS_LAYER, PPPOE_LAYER, SKIP_MALFORMED, SKIP_NOT_IP, SKIP_TRUNCATED, SKIP_TUNNEL,
} from './layer.ts';
import type { Packet } from './packet.ts';

/** The largest value that is a length and no type (IEEE 802.3 §3.2.6). */
const MAX_LENGTH = 1500;
const INNER_ETHERNET = 14;
const VLAN_NUMBER = 0xfff;

/** What an EtherType announces; tags that lead to another EtherType are gone through here. */
export function etherTypeLayer(packet: Packet, type: number): number {
	let next = type;
	for (;;) {
		switch (next) {
			case 0x0800: return IP_LAYER;
			case 0x86dd: return IPV6_LAYER;
			case 0x8847: case 0x8848: return MPLS_LAYER;
			case 0x8864: return PPPOE_LAYER;
			case 0x8870: return LLC_LAYER;
			case 0x6558: return ETHERNET_LAYER;
			case 0x88e5: return macsec(packet);
			case 0x894f: return serviceHeader(packet);
			case 0x22f3: return trill(packet);
			default:
		}
		if (next < FIRST_ETHERTYPE) return lengthLayer(packet, next);
		const span = tagSpan(next);
		if (span === 0) return SKIP_NOT_IP;
		if (!packet.has(span)) return SKIP_TRUNCATED;
		if (packet.vlan === 0 && (next === 0x8100 || next === 0x9100)) packet.vlan = packet.u16(0) & VLAN_NUMBER;
		next = packet.u16(span - 2);
		packet.at += span;
	}
}

/** Bytes from behind an EtherType to behind the EtherType that follows it, for those that only tag what they carry. */
function tagSpan(type: number): number {
	switch (type) {
		// 802.1Q, 802.1ad "QinQ", and what QinQ used before it had a number
		case 0x8100: case 0x88a8: case 0x9100: return 4;
		// VN-Tag; HSR; 802.1BR E-Tag; 802.1CB R-Tag
		case 0x8926: case 0x892f: case 0xf1c1: return 6;
		case 0x893f: return 8;
		// Cisco MetaData, of one tag
		case 0x8909: return 8;
		// 802.1ah: a service tag, then a whole Ethernet header
		case 0x88e7: return 4 + INNER_ETHERNET;
		default: return 0;
	}
}

/** IEEE 802.3: a length stands where the type would, and LLC follows. */
function lengthLayer(packet: Packet, length: number): number {
	if (length > MAX_LENGTH) return SKIP_MALFORMED;
	packet.limit(length);
	return LLC_LAYER;
}

/** MACsec: a tag, with the sender's identifier or without; what it encrypts is hidden (IEEE 802.1AE §9.3). */
function macsec(packet: Packet): number {
	if (!packet.has(8)) return SKIP_TRUNCATED;
	const control = packet.u8(0);
	if ((control & 0x0c) !== 0) return SKIP_TUNNEL;
	const span = (control & 0x20) !== 0 ? 14 : 6;
	if (!packet.has(span + 2)) return SKIP_TRUNCATED;
	const type = packet.u16(span);
	packet.at += span + 2;
	return packet.at <= packet.end ? etherTypeLayer(packet, type) : SKIP_TRUNCATED;
}

/** A network service header: its length in words, and what follows (RFC 8300 §2.2). */
export function serviceHeader(packet: Packet): number {
	if (!packet.has(8)) return SKIP_TRUNCATED;
	const next = packet.u8(3);
	packet.at += (packet.u16(0) & 0x3f) * 4;
	if (packet.at > packet.end) return SKIP_TRUNCATED;
	packet.tunnels++;
	return next === 1 ? IP_LAYER : next === 2 ? IPV6_LAYER : next === 3 ? ETHERNET_LAYER : next === 5 ? MPLS_LAYER : SKIP_TUNNEL;
}

/** TRILL: a header with options, then a frame (RFC 6325 §3). */
function trill(packet: Packet): number {
	if (!packet.has(6)) return SKIP_TRUNCATED;
	packet.at += 6 + ((packet.u16(0) >> 6) & 31) * 4;
	return packet.at <= packet.end ? ETHERNET_LAYER : SKIP_TRUNCATED;
}
