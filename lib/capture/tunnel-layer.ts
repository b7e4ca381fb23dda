import { etherTypeLayer, serviceHeader } from './ether-type.ts';
import { ETHERNET_LAYER, GRE_LAYER, IP_LAYER, IPV6_LAYER, MPLS_LAYER, PPP_LAYER, SKIP_MALFORMED, SKIP_NOT_IP, SKIP_NOT_TCP, SKIP_TRUNCATED, SKIP_TUNNEL, WLAN_LAYER, WLAN_SWAPPED_LAYER } from './layer.ts';
import type { Packet } from './packet.ts';

const UDP_HEADER = 8;
const GTP_PACKET = 255;
/** A GTP user plane goes through one server after another, its extension headers do not. */
const MAX_GTP_EXTENSIONS = 8;
const TZSP_PAD = 0;
const TZSP_END = 1;

/** GRE in all its versions (RFC 2784, RFC 2890, RFC 2637 §4.1). */
export function greLayer(packet: Packet): number {
	if (!packet.has(4)) return SKIP_TRUNCATED;
	const flags = packet.u16(0);
	const type = packet.u16(2);
	const hasSequence = (flags & 0x1000) !== 0;
	let span = 4;
	if ((flags & 0xc000) !== 0) span += 4;
	if ((flags & 0x2000) !== 0) span += 4;
	if (hasSequence) span += 4;
	// PPTP's acknowledgement
	if ((flags & 7) === 1 && (flags & 0x80) !== 0) span += 4;
	packet.at += span;
	if (packet.at >= packet.end) return SKIP_TRUNCATED;
	packet.tunnels++;
	return greType(packet, type, hasSequence);
}

function greType(packet: Packet, type: number, hasSequence: boolean): number {
	switch (type) {
		case 0x880b: return PPP_LAYER;
		case 0x6400: return ETHERNET_LAYER;
		// WCCP: a redirect header goes before IP, but older versions have none.
		case 0x883e: if (packet.u8(0) >> 4 !== 4) packet.at += 4; return IP_LAYER;
		// ERSPAN type I has no header and no GRE sequence number, type II has 8 bytes.
		case 0x88be: if (hasSequence) packet.at += 8; return packet.at < packet.end ? ETHERNET_LAYER : SKIP_TRUNCATED;
		case 0x22eb: return erspan3(packet);
		default:
	}
	// Aruba sends 802.11 frames, one type for each of its tunnels.
	if (type >= 0x8200 && type <= 0x8370 && (type & 15) === 0) return WLAN_LAYER;
	const layer = etherTypeLayer(packet, type);
	return layer === SKIP_NOT_IP ? SKIP_TUNNEL : layer;
}

/** ERSPAN type III: 12 bytes, and 8 more where the last bit says so. */
function erspan3(packet: Packet): number {
	if (!packet.has(12)) return SKIP_TRUNCATED;
	packet.at += 12 + ((packet.u8(11) & 1) === 1 ? 8 : 0);
	return packet.at < packet.end ? ETHERNET_LAYER : SKIP_TRUNCATED;
}

/** UDP: only the ports of tunnels are of interest here. */
export function udpLayer(packet: Packet): number {
	if (!packet.has(UDP_HEADER)) return SKIP_TRUNCATED;
	const source = packet.u16(0);
	const destination = packet.u16(2);
	const length = packet.u16(4);
	if (length >= UDP_HEADER) packet.limit(length);
	packet.at += UDP_HEADER;
	const layer = portLayer(packet, destination);
	return layer === SKIP_NOT_TCP && source !== destination ? portLayer(packet, source) : layer;
}

function portLayer(packet: Packet, port: number): number {
	switch (port) {
		case 4789: return inside(packet, 8, ETHERNET_LAYER);
		case 4790: return genericVxlan(packet);
		case 6081: return geneve(packet);
		case 4754: return inside(packet, 0, GRE_LAYER);
		case 6635: return inside(packet, 0, MPLS_LAYER);
		case 2152: return gtp(packet);
		case 3386: return gtpFirst(packet);
		case 4341: return lisp(packet);
		case 5072: return ayiya(packet);
		case 37008: return tazmen(packet);
		case 5247: return capwap(packet);
		case 1701: return l2tp(packet);
		case 3544: return teredo(packet);
		default: return SKIP_NOT_TCP;
	}
}

function inside(packet: Packet, span: number, layer: number): number {
	packet.at += span;
	packet.tunnels++;
	return packet.at < packet.end ? layer : SKIP_NOT_TCP;
}

/** VXLAN-GPE: the last byte of the third word names what follows. */
function genericVxlan(packet: Packet): number {
	if (!packet.has(8)) return SKIP_NOT_TCP;
	const next = packet.u8(3);
	if (next === 4) {
		packet.at += 8;
		return serviceHeader(packet);
	}
	return inside(packet, 8, next === 1 ? IP_LAYER : next === 2 ? IPV6_LAYER : next === 3 ? ETHERNET_LAYER : SKIP_TUNNEL);
}

/** Geneve: options of a given length, and an EtherType (RFC 8926 §3.4). */
function geneve(packet: Packet): number {
	if (!packet.has(8) || packet.u8(0) >> 6 !== 0) return SKIP_NOT_TCP;
	const options = (packet.u8(0) & 0x3f) * 4;
	const type = packet.u16(2);
	packet.at += 8 + options;
	packet.tunnels++;
	return packet.at < packet.end ? etherTypeLayer(packet, type) : SKIP_TRUNCATED;
}

/** GTP version 1, user plane: optional fields and a chain of extension headers (3GPP TS 29.281 §5). */
function gtp(packet: Packet): number {
	if (!packet.has(8)) return SKIP_NOT_TCP;
	const flags = packet.u8(0);
	if (flags >> 4 !== 3 || packet.u8(1) !== GTP_PACKET) return SKIP_NOT_TCP;
	packet.limit(8 + packet.u16(2));
	let span = 8;
	if ((flags & 7) !== 0) {
		if (!packet.has(12)) return SKIP_TRUNCATED;
		let next = (flags & 4) !== 0 ? packet.u8(11) : 0;
		span = 12;
		for (let i = 0; next !== 0; i++) {
			if (!packet.has(span + 4)) return SKIP_TRUNCATED;
			const length = packet.u8(span) * 4;
			if (length === 0 || i === MAX_GTP_EXTENSIONS) return SKIP_MALFORMED;
			if (!packet.has(span + length)) return SKIP_TRUNCATED;
			next = packet.u8(span + length - 1);
			span += length;
		}
	}
	if (!packet.has(span + 1)) return SKIP_NOT_TCP;
	const nibble = packet.u8(span) >> 4;
	return inside(packet, span, nibble === 4 ? IP_LAYER : nibble === 6 ? IPV6_LAYER : PPP_LAYER);
}

/** CAPWAP's data channel: 802.11 or 802.3 frames; Cisco's have both bytes of the frame control swapped (RFC 5415 §4.3). */
function capwap(packet: Packet): number {
	if (!packet.has(8) || packet.u8(0) !== 0) return SKIP_TUNNEL;
	const isFragment = (packet.u8(3) & 0x80) !== 0;
	const isKeepAlive = (packet.u8(3) & 0x08) !== 0;
	if (isFragment || isKeepAlive) return SKIP_TUNNEL;
	const isNative = (packet.u8(2) & 1) !== 0;
	return inside(packet, (packet.u8(1) >> 3) * 4, isNative ? WLAN_SWAPPED_LAYER : ETHERNET_LAYER);
}

/** L2TP version 2, data messages: PPP (RFC 2661 §3.1). */
function l2tp(packet: Packet): number {
	if (!packet.has(8)) return SKIP_NOT_TCP;
	const flags = packet.u16(0);
	if ((flags & 0x800f) !== 2) return SKIP_NOT_TCP;
	let span = 6;
	if ((flags & 0x4000) !== 0) span += 2;
	if ((flags & 0x0800) !== 0) span += 4;
	if ((flags & 0x0200) !== 0) {
		if (!packet.has(span + 2)) return SKIP_TRUNCATED;
		span += 2 + packet.u16(span);
	}
	return inside(packet, span, PPP_LAYER);
}

/** Teredo: authentication and origin may go before IPv6 (RFC 4380 §5.1.1). */
function teredo(packet: Packet): number {
	if (packet.has(4) && packet.u16(0) === 1) packet.at += 13 + packet.u8(2) + packet.u8(3);
	if (packet.has(8) && packet.u16(0) === 0) packet.at += 8;
	return packet.has(40) && packet.u8(0) >> 4 === 6 ? inside(packet, 0, IPV6_LAYER) : SKIP_NOT_TCP;
}

/** GTP version 0: a header of 20 bytes (3GPP TS 09.60 §6). */
function gtpFirst(packet: Packet): number {
	if (!packet.has(21) || packet.u8(0) >> 5 !== 0 || packet.u8(1) !== GTP_PACKET) return SKIP_NOT_TCP;
	return inside(packet, 20, IP_LAYER);
}

/** LISP: 8 bytes, then IP (RFC 9300 §5). */
function lisp(packet: Packet): number {
	if (!packet.has(9)) return SKIP_NOT_TCP;
	const nibble = packet.u8(8) >> 4;
	return nibble === 4 || nibble === 6 ? inside(packet, 8, IP_LAYER) : SKIP_NOT_TCP;
}

/** AYIYA: an identity of 2ⁿ bytes and a signature of so many words, then what an IP protocol number says (draft-massar-v6ops-ayiya §3). */
function ayiya(packet: Packet): number {
	if (!packet.has(8)) return SKIP_NOT_TCP;
	const identity = 1 << (packet.u8(0) >> 4);
	const signature = (packet.u8(1) >> 4) * 4;
	const isForwarded = (packet.u8(2) & 15) === 1;
	const next = packet.u8(3);
	if (!isForwarded || (next !== 4 && next !== 41)) return SKIP_NOT_TCP;
	return inside(packet, 8 + identity + signature, IP_LAYER);
}

/** TZSP: a version, a kind, what it carries, tagged fields down to the end tag. */
function tazmen(packet: Packet): number {
	if (!packet.has(5) || packet.u8(0) !== 1 || packet.u16(2) !== 1) return SKIP_NOT_TCP;
	packet.at += 4;
	while (packet.has(2) && packet.u8(0) !== TZSP_END) packet.at += packet.u8(0) === TZSP_PAD ? 1 : 2 + packet.u8(1);
	return packet.has(2) ? inside(packet, 1, ETHERNET_LAYER) : SKIP_TRUNCATED;
}
