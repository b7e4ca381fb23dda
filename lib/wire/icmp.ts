import { WIRE } from './drop.ts';
import { offsetsOf } from './offsets.ts';
import type { Offsets } from './offsets.ts';

const message = { type: 1, code: 1, checksum: 2, id: 2, sequence: 2 } as const;

/**
 * Offsets in an ICMP message (RFC 792); behind its end come the echo's data or
 * the datagram in error. `sequence` is also the next hop's MTU in
 * "fragmentation needed" (RFC 1191 §4).
 */
export const ICMP: Offsets<typeof message> = offsetsOf(message);

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;

// Codes of "destination unreachable" (RFC 792, RFC 1122 §3.2.2.1).
export const ICMP_PROTOCOL_UNREACHABLE = 2;
export const ICMP_PORT_UNREACHABLE = 3;
export const ICMP_FRAGMENTATION_NEEDED = 4;
/** Code of "time exceeded": fragments were missing (RFC 792). */
export const ICMP_REASSEMBLY_TIME = 1;

/** Whether a message is about a datagram in error, which draws no other error (RFC 1122 §3.2.2). */
export function isIcmpError(type: number): boolean {
	return type === ICMP_UNREACHABLE || type === ICMP_SOURCE_QUENCH || type === ICMP_REDIRECT || type === ICMP_TIME_EXCEEDED || type === ICMP_PARAMETER_PROBLEM;
}

/** @returns 0, or why it is dropped: every message we read has 8 bytes before its body */
export function parseIcmp(length: number): number {
	return length < ICMP.end ? WIRE.icmpShort : 0;
}
