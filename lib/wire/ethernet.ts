import { get16, put16 } from './bytes.ts';
import { WIRE } from './drop.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const header = { destination: 6, source: 6, type: 2 } as const;
const tag = { control: 2, type: 2 } as const;

/** Offsets in an Ethernet header (IEEE 802.3 §3.2). */
export const ETHERNET: Offsets<typeof header> = offsetsOf(header);

/** Offsets in what follows a tag's EtherType (IEEE 802.1Q §9.6). */
export const TAG: Offsets<typeof tag> = offsetsOf(tag);

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_RARP = 0x8035;
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_IPV6 = 0x86dd;
/** The outer tag of 802.1ad, "QinQ". */
export const ETHERTYPE_SERVICE_VLAN = 0x88a8;
/** IEEE Std 802 local experimental: the replicas' log channel. */
export const ETHERTYPE_CHANNEL = 0x88b5;
/** IEEE Std 802 local experimental: the arbiter. */
export const ETHERTYPE_ARBITER = 0x88b6;

/** Smaller values of the type field are lengths (IEEE 802.3 §3.2.6). */
export const FIRST_ETHERTYPE = 0x0600;

/** What stands in an Ethernet header; one object, filled again and again. */
export class EthernetHeader {
	at: number = 0;
	/** of what is carried, behind all tags */
	type: number = 0;
	/** VLAN identifier of the innermost tag; 0 where there is none or only a priority */
	vlan: number = 0;
	/** tags: 0, 1, or 2 with QinQ */
	tags: number = 0;
	payloadAt: number = 0;
	payloadLength: number = 0;
}

/**
 * Reads an Ethernet header with up to two tags.
 *
 * @param length  bytes of the frame, without its check sequence
 * @returns       0, or why it is dropped
 */
export function parseEthernet(u8: Uint8Array, at: number, length: number, into: EthernetHeader): number {
	if (length < ETHERNET.end) return WIRE.ethernetShort;
	let type = get16(u8, at + ETHERNET.type);
	let next = at + ETHERNET.end;
	let tags = 0;
	let vlan = 0;
	while (type === ETHERTYPE_VLAN || type === ETHERTYPE_SERVICE_VLAN) {
		if (tags === 2) return WIRE.ethernetTags;
		if (next + TAG.end > at + length) return WIRE.ethernetShort;
		vlan = get16(u8, next + TAG.control) & 0xfff;
		type = get16(u8, next + TAG.type);
		next += TAG.end;
		tags++;
	}
	if (type < FIRST_ETHERTYPE) return WIRE.ethernetLength;
	into.at = at;
	into.type = type;
	into.vlan = vlan;
	into.tags = tags;
	into.payloadAt = next;
	into.payloadLength = at + length - next;
	return 0;
}

/** Writes an untagged header; the addresses are copied from where they lie. */
export function putEthernet(u8: Uint8Array, at: number, destinationAt: number, sourceAt: number, type: number): void {
	u8.copyWithin(at + ETHERNET.destination, destinationAt, destinationAt + 6);
	u8.copyWithin(at + ETHERNET.source, sourceAt, sourceAt + 6);
	put16(u8, at + ETHERNET.type, type);
}

/** Group bit of an Ethernet address: multicast, or broadcast (IEEE 802 §8.2). */
export function isGroup(u8: Uint8Array, at: number): boolean {
	return (u8[at]! & 1) === 1;
}

export function isBroadcast(u8: Uint8Array, at: number): boolean {
	for (let i = 0; i < 6; i++) if (u8[at + i] !== 0xff) return false;
	return true;
}
