import { ETHERNET } from '../wire/ethernet.ts';
import { decrypted, familyLayer, frameRelay, juniperEthernet, netfilterLog, packetFilterLog, tokenRing } from './capture-header.ts';
import { etherTypeLayer } from './ether-type.ts';
import { ETHERNET_LAYER, IP_LAYER, IPV6_LAYER, LLC_LAYER, MPLS_LAYER, PPP_LAYER, PPPOE_LAYER, SKIP_LINK_TYPE, SKIP_NOT_IP, SKIP_TRUNCATED, SKIP_TUNNEL, WLAN_LAYER } from './layer.ts';
import {
	DLT_ATM_RFC1483, DLT_RAW, DLT_RAW_OPENBSD, LINKTYPE_APPLE_IP_OVER_IEEE1394, LINKTYPE_ARCNET_BSD, LINKTYPE_ARCNET_LINUX, LINKTYPE_ATM_CLIP,
	LINKTYPE_ATM_RFC1483, LINKTYPE_C_HDLC, LINKTYPE_ENC, LINKTYPE_ETHERNET, LINKTYPE_FDDI, LINKTYPE_FRELAY, LINKTYPE_IEEE802_11,
	LINKTYPE_IEEE802_11_AVS, LINKTYPE_IEEE802_11_PRISM, LINKTYPE_IEEE802_11_RADIOTAP, LINKTYPE_IP_OVER_FC, LINKTYPE_IPOIB, LINKTYPE_IPV4,
	LINKTYPE_IPV6, LINKTYPE_JUNIPER_ETHER, LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2, LINKTYPE_LOOP, LINKTYPE_NFLOG, LINKTYPE_NULL,
	LINKTYPE_PFLOG, LINKTYPE_PKTAP, LINKTYPE_PPI, LINKTYPE_PPP, LINKTYPE_PPP_ETHER, LINKTYPE_PPP_HDLC, LINKTYPE_PPP_WITH_DIR,
	LINKTYPE_RAW, LINKTYPE_TOKEN_RING,
} from './link-type.ts';
import type { Packet } from './packet.ts';
import { avs, prism, radiotap } from './radio-layer.ts';

/** Cisco FabricPath: a tag, and then the Ethernet header proper. */
const FABRIC_PATH = 0x8903;
const FABRIC_PATH_SPAN = 16;
const ETHERNET_HEADER = 14;
/** Below it a type is a length (IEEE 802.3 §3.2.6). */
const LEAST_ETHER_TYPE = 0x600;
/** of BSD's address families only those below are looked for in half a word */
const LEAST_OTHER_FAMILY = 6;
const FRAME_CHECK_SPAN = 4;
const FDDI_SPAN = 13;
/** a global routing header, then a type */
const IPOIB_SPAN = 44;
/** two addresses of 8 bytes; with them, a type */
const FIBRE_CHANNEL_SPAN = 16;
const FIREWIRE_SPAN = 18;
/** of SNAP: an unnumbered frame without a number */
const UNNUMBERED = 3;
const ARPHRD_NETLINK = 824;
const PKTAP_LEAST = 12;
/** Radiotap and PPI may hold another link type, but not without end. */
const MAX_NESTING = 4;

/** Goes through what a link type puts in front of the network layer. */
export function linkLayer(packet: Packet, linkType: number, nesting: number = 0): number {
	switch (linkType) {
		case LINKTYPE_ETHERNET: return ETHERNET_LAYER;
		case LINKTYPE_RAW: case DLT_RAW: case DLT_RAW_OPENBSD: case LINKTYPE_IPV4: case LINKTYPE_ATM_CLIP: return IP_LAYER;
		case LINKTYPE_IPV6: return IPV6_LAYER;
		case LINKTYPE_NULL: return hostLoopback(packet);
		case LINKTYPE_LOOP: return loopback(packet);
		case LINKTYPE_LINUX_SLL: return cooked(packet, 14, 16);
		case LINKTYPE_LINUX_SLL2: return cooked(packet, 0, 20);
		case LINKTYPE_PPP: case LINKTYPE_PPP_HDLC: return PPP_LAYER;
		case LINKTYPE_PPP_WITH_DIR: return skipTo(packet, 1, PPP_LAYER);
		case LINKTYPE_PPP_ETHER: return PPPOE_LAYER;
		case LINKTYPE_C_HDLC: return typed(packet, 2, 4);
		case LINKTYPE_FDDI: return skipTo(packet, FDDI_SPAN, LLC_LAYER);
		case LINKTYPE_IPOIB: return typed(packet, IPOIB_SPAN - 4, IPOIB_SPAN);
		case LINKTYPE_ARCNET_BSD: return arcnet(packet, 2);
		case LINKTYPE_ARCNET_LINUX: return arcnet(packet, 4);
		case LINKTYPE_IEEE802_11: return WLAN_LAYER;
		case LINKTYPE_IEEE802_11_RADIOTAP: return radiotap(packet);
		case LINKTYPE_IEEE802_11_PRISM: return prism(packet);
		case LINKTYPE_IEEE802_11_AVS: return avs(packet);
		case LINKTYPE_PPI: return perPacketInformation(packet, nesting);
		case LINKTYPE_PKTAP: return packetTap(packet, nesting);
		case LINKTYPE_NFLOG: return netfilterLog(packet);
		case LINKTYPE_PFLOG: return packetFilterLog(packet);
		case LINKTYPE_ENC: return decrypted(packet);
		case LINKTYPE_JUNIPER_ETHER: return juniperEthernet(packet);
		case LINKTYPE_TOKEN_RING: return tokenRing(packet);
		case LINKTYPE_FRELAY: return frameRelay(packet);
		case LINKTYPE_ATM_RFC1483: case DLT_ATM_RFC1483: return LLC_LAYER;
		case LINKTYPE_IP_OVER_FC: return skipTo(packet, FIBRE_CHANNEL_SPAN, LLC_LAYER);
		case LINKTYPE_APPLE_IP_OVER_IEEE1394: return typed(packet, FIREWIRE_SPAN - 2, FIREWIRE_SPAN);
		default: return SKIP_LINK_TYPE;
	}
}

/** Ethernet: two addresses and a type (IEEE 802.3 §3.1). */
export function ethernetLayer(packet: Packet): number {
	if (!packet.has(ETHERNET_HEADER)) return SKIP_TRUNCATED;
	const type = packet.u16(ETHERNET.type);
	if (type === FABRIC_PATH) {
		// The frame inside ends with its own check sequence.
		packet.limit(packet.wireEnd - packet.at - FRAME_CHECK_SPAN);
		return skipTo(packet, FABRIC_PATH_SPAN, ETHERNET_LAYER);
	}
	packet.at += ETHERNET_HEADER;
	return etherTypeLayer(packet, type);
}

/** LLC: IP by its SAP, or SNAP with an EtherType (IEEE 802.2, RFC 1042). */
export function llcLayer(packet: Packet): number {
	if (!packet.has(3)) return SKIP_TRUNCATED;
	const sap = packet.u16(0);
	if (sap === 0x0606) return skipTo(packet, 3, IP_LAYER);
	if (sap !== 0xaaaa || packet.u8(2) !== UNNUMBERED) return SKIP_NOT_IP;
	if (!packet.has(8)) return SKIP_TRUNCATED;
	const organisation = (packet.u8(3) << 16) | packet.u16(4);
	// Encapsulated Ethernet, and 802.1H's bridge tunnel
	if (organisation !== 0 && organisation !== 0xf8) return SKIP_NOT_IP;
	return typed(packet, 6, 8);
}

/** PPP, with or without its HDLC framing and a compressed protocol field (RFC 1661 §2, RFC 1662 §3.1). */
export function pppLayer(packet: Packet): number {
	if (!packet.has(2)) return SKIP_TRUNCATED;
	const first = packet.u8(0);
	// Cisco HDLC in a file that says PPP
	if (first === 0x0f || first === 0x8f) return typed(packet, 2, 4);
	if (packet.u16(0) === 0xff03) packet.at += 2;
	if (!packet.has(2)) return SKIP_TRUNCATED;
	const isShort = (packet.u8(0) & 1) === 1;
	const protocol = isShort ? packet.u8(0) : packet.u16(0);
	packet.at += isShort ? 1 : 2;
	switch (protocol) {
		case 0x21: return IP_LAYER;
		case 0x57: return IPV6_LAYER;
		case 0x281: case 0x283: return MPLS_LAYER;
		// Multilink and compressed datagrams would have to be put together first.
		case 0x3d: case 0xfd: case 0x53: return SKIP_TUNNEL;
		default: return SKIP_NOT_IP;
	}
}

/** PPP over Ethernet, session stage (RFC 2516 §4). */
export function pppoeLayer(packet: Packet): number {
	if (!packet.has(6)) return SKIP_TRUNCATED;
	const length = packet.u16(4);
	packet.at += 6;
	packet.limit(length);
	return PPP_LAYER;
}

/** MPLS labels down to the bottom of the stack; what follows tells by its first nibble (RFC 3032 §2.1, RFC 4928 §2). */
export function mplsLayer(packet: Packet): number {
	for (;;) {
		if (!packet.has(5)) return SKIP_TRUNCATED;
		const isBottom = (packet.u8(2) & 1) === 1;
		packet.at += 4;
		if (isBottom) break;
	}
	const nibble = packet.u8(0) >> 4;
	return nibble === 4 ? IP_LAYER : nibble === 6 ? IPV6_LAYER : SKIP_TUNNEL;
}

function skipTo(packet: Packet, span: number, layer: number): number {
	packet.at += span;
	return packet.at <= packet.end ? layer : SKIP_TRUNCATED;
}

/** A header that holds an EtherType. */
function typed(packet: Packet, typeAt: number, span: number): number {
	if (!packet.has(span)) return SKIP_TRUNCATED;
	const type = packet.u16(typeAt);
	packet.at += span;
	return etherTypeLayer(packet, type);
}

/** Linux cooked capture, v1 and v2: small protocol numbers are kinds of frames without a type of their own. */
function cooked(packet: Packet, typeAt: number, span: number): number {
	if (!packet.has(span)) return SKIP_TRUNCATED;
	const type = packet.u16(typeAt);
	const hardware = packet.u16(typeAt === 0 ? 8 : 2);
	packet.at += span;
	if (hardware === ARPHRD_NETLINK) return SKIP_NOT_IP;
	// ETH_P_802_2 of linux/if_ether.h
	if (type === 4) return LLC_LAYER;
	return type < LEAST_ETHER_TYPE ? SKIP_NOT_IP : etherTypeLayer(packet, type);
}

/** OpenBSD's loopback: an address family in the byte order of the network. */
function loopback(packet: Packet): number {
	if (!packet.has(4)) return SKIP_TRUNCATED;
	const family = packet.u16(0) === 0 ? packet.u16(2) : -1;
	packet.at += 4;
	return familyLayer(family);
}

/**
 * BSD's loopback: an address family in the byte order of the machine that
 * captured, or an EtherType. As tshark does, a word is read as little-endian,
 * else as one of 16 bits that stands at either end of it, else as big-endian.
 */
function hostLoopback(packet: Packet): number {
	if (!packet.has(4)) return SKIP_TRUNCATED;
	if (packet.u16(0) === 0xff03) return PPP_LAYER;
	const high = packet.u16(0), low = packet.u16(2);
	let family = low;
	if (low === 0) family = high < LEAST_OTHER_FAMILY ? high : (high >> 8) | ((high & 0xff) << 8);
	else if ((low & 0xff) === 0 && low >> 8 < LEAST_OTHER_FAMILY) family = low >> 8;
	else if (high !== 0 && low < LEAST_ETHER_TYPE) return SKIP_NOT_IP;
	packet.at += 4;
	return family >= LEAST_ETHER_TYPE ? etherTypeLayer(packet, family) : familyLayer(family);
}

/** ARCNET: RFC 1051 puts IP right behind its type, RFC 1201 a fragment header between. */
function arcnet(packet: Packet, typeAt: number): number {
	if (!packet.has(typeAt + 5)) return SKIP_TRUNCATED;
	const type = packet.u8(typeAt);
	if (type === 240) return skipTo(packet, typeAt + 1, IP_LAYER);
	if (type !== 212 && type !== 196) return SKIP_NOT_IP;
	// An exception frame repeats type and split flag behind a pad (RFC 1201 §3.2.3).
	const header = packet.u8(typeAt + 1) === 0xff ? 8 : 4;
	return skipTo(packet, typeAt + header, type === 212 ? IP_LAYER : IPV6_LAYER);
}

/** PPI: a length, and the link type of what follows it. */
function perPacketInformation(packet: Packet, nesting: number): number {
	if (!packet.has(8)) return SKIP_TRUNCATED;
	const length = packet.u8(2) | (packet.u8(3) << 8);
	const linkType = packet.u8(4) | (packet.u8(5) << 8);
	packet.at += length;
	if (packet.at > packet.end) return SKIP_TRUNCATED;
	return length < 8 || nesting >= MAX_NESTING ? SKIP_LINK_TYPE : linkLayer(packet, linkType, nesting + 1);
}

/** Darwin's tap: a length, and at its third word the link type of what follows, in the byte order of the machine, which is little-endian. */
function packetTap(packet: Packet, nesting: number): number {
	if (!packet.has(PKTAP_LEAST)) return SKIP_TRUNCATED;
	const length = packet.u8(0) | (packet.u8(1) << 8);
	const linkType = packet.u8(8) | (packet.u8(9) << 8);
	packet.at += length;
	if (packet.at > packet.end) return SKIP_TRUNCATED;
	return length < PKTAP_LEAST || nesting >= MAX_NESTING ? SKIP_LINK_TYPE : linkLayer(packet, linkType, nesting + 1);
}
