import { etherTypeLayer } from './ether-type.ts';
import { ETHERNET_LAYER, IP_LAYER, IPV6_LAYER, LLC_LAYER, SKIP_LINK_TYPE, SKIP_NOT_IP, SKIP_TRUNCATED, SKIP_TUNNEL } from './layer.ts';
import type { Packet } from './packet.ts';

// Headers that were never on a wire: the system that captured put them in
// front, to say where and how the packet was seen.

const NFLOG_HEADER = 4;
const NFULA_PAYLOAD = 9;
const PFLOG_LEAST = 4;
const ENC_SPAN = 12;
const JUNIPER_MAGIC = 0x4d47;
const JUNIPER_HAS_EXTENSIONS = 0x80;
const JUNIPER_HAS_NO_LINK_LAYER = 0x02;

/** The layer of a BSD address family; systems differ in their number of IPv6, and tshark knows these. */
export function familyLayer(family: number): number {
	if (family === 2) return IP_LAYER;
	return family === 24 || family === 28 || family === 30 ? IPV6_LAYER : SKIP_NOT_IP;
}

/** Linux netfilter's log: a family, and attributes, one of which is the packet (linux/netfilter/nfnetlink_log.h). */
export function netfilterLog(packet: Packet): number {
	if (!packet.has(NFLOG_HEADER)) return SKIP_TRUNCATED;
	const family = packet.u8(0);
	packet.at += NFLOG_HEADER;
	while (packet.has(4)) {
		// In the byte order of the machine that captured: no length reaches 256 in one order and is sane in the other.
		const isLittle = packet.u8(3) === 0;
		const length = isLittle ? packet.u8(0) | (packet.u8(1) << 8) : packet.u16(0);
		const type = (isLittle ? packet.u8(2) | (packet.u8(3) << 8) : packet.u16(2)) & 0x7fff;
		if (length < 4) return SKIP_NOT_IP;
		if (type === NFULA_PAYLOAD) {
			packet.limit(length);
			packet.at += 4;
			return family === 2 ? IP_LAYER : family === 10 ? IPV6_LAYER : SKIP_NOT_IP;
		}
		packet.at += (length + 3) & ~3;
	}
	return SKIP_NOT_IP;
}

/** OpenBSD's packet filter: a length of the header, padded to a word, and the address family. */
export function packetFilterLog(packet: Packet): number {
	if (!packet.has(PFLOG_LEAST)) return SKIP_TRUNCATED;
	const family = packet.u8(1);
	packet.at += (packet.u8(0) + 3) & ~3;
	return packet.at <= packet.end ? familyLayer(family) : SKIP_TRUNCATED;
}

/** OpenBSD's decrypted packets: an address family in the byte order of the machine, a parameter index, flags. */
export function decrypted(packet: Packet): number {
	if (!packet.has(ENC_SPAN)) return SKIP_TRUNCATED;
	const family = packet.u16(0) === 0 ? packet.u16(2) : packet.u8(0) | (packet.u8(1) << 8);
	packet.at += ENC_SPAN;
	return familyLayer(family);
}

/** A Juniper router's Ethernet: a magic number, flags, extensions with a length of their own. */
export function juniperEthernet(packet: Packet): number {
	if (!packet.has(6)) return SKIP_TRUNCATED;
	if (packet.u16(0) !== JUNIPER_MAGIC) return SKIP_LINK_TYPE;
	const flags = packet.u8(3);
	if ((flags & JUNIPER_HAS_NO_LINK_LAYER) !== 0) return SKIP_LINK_TYPE;
	packet.at += 4 + ((flags & JUNIPER_HAS_EXTENSIONS) !== 0 ? 2 + packet.u16(4) : 0);
	return packet.at <= packet.end ? ETHERNET_LAYER : SKIP_TRUNCATED;
}

/** Token Ring: control, addresses, and a source route where the first bit of the source says so (IEEE 802.5 §3). */
export function tokenRing(packet: Packet): number {
	if (!packet.has(16)) return SKIP_TRUNCATED;
	const hasRoute = (packet.u8(8) & 0x80) !== 0;
	packet.at += 14 + (hasRoute ? packet.u8(14) & 31 : 0);
	return packet.at <= packet.end ? LLC_LAYER : SKIP_TRUNCATED;
}

/** Frame relay: two bytes of address, then a protocol identifier, or an EtherType as Cisco has it (RFC 2427 §4). */
export function frameRelay(packet: Packet): number {
	if (!packet.has(6)) return SKIP_TRUNCATED;
	const isControl = packet.u8(2) === 3;
	packet.at += 2;
	if (!isControl) {
		const type = packet.u16(0);
		packet.at += 2;
		return etherTypeLayer(packet, type);
	}
	// A pad may go before the identifier.
	packet.at += packet.u8(1) === 0 ? 2 : 1;
	const identifier = packet.u8(0);
	packet.at++;
	if (identifier === 0xcc) return IP_LAYER;
	if (identifier === 0x8e) return IPV6_LAYER;
	if (identifier !== 0x80) return SKIP_TUNNEL;
	if (!packet.has(5)) return SKIP_TRUNCATED;
	const type = packet.u16(3);
	packet.at += 5;
	return etherTypeLayer(packet, type);
}
