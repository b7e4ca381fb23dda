import { ETHERNET, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_RARP } from './ethernet.ts';
import { get16, put16 } from './bytes.ts';
import { WIRE } from './drop.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const packet = {
	hardware: 2, protocol: 2, hardwareLength: 1, protocolLength: 1, operation: 2, senderMac: 6, sender: 4, targetMac: 6, target: 4,
} as const;

/** Offsets in an ARP packet for Ethernet and IPv4 (RFC 826; RARP's is the same, RFC 903). */
export const ARP: Offsets<typeof packet> = offsetsOf(packet);

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;
export const RARP_REQUEST = 3;
export const RARP_REPLY = 4;

const HARDWARE_ETHERNET = 1;

/**
 * Checks that a packet is ARP between Ethernet and IPv4, and whole. What is
 * behind it is padding.
 *
 * @returns  0, or why it is dropped
 */
export function parseArp(u8: Uint8Array, at: number, length: number): number {
	if (length < ARP.operation + 2) return WIRE.arpShort;
	if (get16(u8, at + ARP.hardware) !== HARDWARE_ETHERNET || u8[at + ARP.hardwareLength] !== 6) return WIRE.arpHardware;
	if (get16(u8, at + ARP.protocol) !== ETHERTYPE_IPV4 || u8[at + ARP.protocolLength] !== 4) return WIRE.arpProtocol;
	if (length < ARP.end) return WIRE.arpShort;
	return 0;
}

/** Writes the fixed part of a packet; the caller puts the four addresses. */
export function putArp(u8: Uint8Array, at: number, operation: number): void {
	put16(u8, at + ARP.hardware, HARDWARE_ETHERNET);
	put16(u8, at + ARP.protocol, ETHERTYPE_IPV4);
	u8[at + ARP.hardwareLength] = 6;
	u8[at + ARP.protocolLength] = 4;
	put16(u8, at + ARP.operation, operation);
}

function broadcastFrame(mac: Uint8Array, type: number, operation: number): Uint8Array {
	const frame = new Uint8Array(ETHERNET.end + ARP.end);
	frame.fill(0xff, ETHERNET.destination, ETHERNET.destination + 6);
	frame.set(mac, ETHERNET.source);
	put16(frame, ETHERNET.type, type);
	putArp(frame, ETHERNET.end, operation);
	frame.set(mac, ETHERNET.end + ARP.senderMac);
	return frame;
}

/**
 * A gratuitous ARP frame: "this address is here", to all (RFC 5227 §3 calls it
 * an announcement and makes it a request).
 *
 * @param mac      6 bytes
 * @param address  16 bytes of a v4-mapped address, or its 4
 */
export function gratuitousArp(mac: Uint8Array, address: Uint8Array, operation: number = ARP_REQUEST): Uint8Array {
	const frame = broadcastFrame(mac, ETHERTYPE_ARP, operation);
	const ipv4 = address.subarray(address.length - 4);
	frame.set(ipv4, ETHERNET.end + ARP.sender);
	frame.set(ipv4, ETHERNET.end + ARP.target);
	// RFC 5944 §4.6: in a reply the target hardware address is that of the sender; a request leaves it 0.
	if (operation === ARP_REPLY) frame.set(mac, ETHERNET.end + ARP.targetMac);
	return frame;
}

/**
 * A RARP request for the sender itself (RFC 903), as hypervisors send it after a
 * move: it names no IP address, and teaches switches alone where the MAC is.
 *
 * @param mac  6 bytes
 */
export function rarpAnnouncement(mac: Uint8Array): Uint8Array {
	const frame = broadcastFrame(mac, ETHERTYPE_RARP, RARP_REQUEST);
	frame.set(mac, ETHERNET.end + ARP.targetMac);
	return frame;
}
