import { get16, put16 } from './bytes.ts';
import { WIRE } from './drop.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const header = { source: 2, destination: 2, length: 2, checksum: 2 } as const;

/** Offsets in a UDP header (RFC 768). */
export const UDP: Offsets<typeof header> = offsetsOf(header);

/** What stands in a UDP header; one object, filled again and again. */
export class UdpHeader {
	at: number = 0;
	source: number = 0;
	destination: number = 0;
	/** header and payload; what IP has behind it is none of it */
	length: number = 0;
	/** 0: the sender made none (IPv4 only) */
	checksum: number = 0;
	payloadAt: number = 0;
	payloadLength: number = 0;
}

/**
 * Reads a UDP header; its checksum is the caller's, who knows the addresses.
 *
 * @param length  bytes of IP's payload
 * @returns       0, or why it is dropped
 */
export function parseUdp(u8: Uint8Array, at: number, length: number, into: UdpHeader): number {
	if (length < UDP.end) return WIRE.udpShort;
	const total = get16(u8, at + UDP.length);
	if (total < UDP.end || total > length) return WIRE.udpLength;
	into.at = at;
	into.source = get16(u8, at + UDP.source);
	into.destination = get16(u8, at + UDP.destination);
	into.length = total;
	into.checksum = get16(u8, at + UDP.checksum);
	into.payloadAt = at + UDP.end;
	into.payloadLength = total - UDP.end;
	// Port 0 as destination is reserved (RFC 1122 §4.1.3.5 keeps 0 for "no port").
	return into.destination === 0 ? WIRE.udpPort : 0;
}

/** Writes a header with a checksum of 0. */
export function putUdp(u8: Uint8Array, at: number, source: number, destination: number, payloadLength: number): void {
	put16(u8, at + UDP.source, source);
	put16(u8, at + UDP.destination, destination);
	put16(u8, at + UDP.length, UDP.end + payloadLength);
	put16(u8, at + UDP.checksum, 0);
}
