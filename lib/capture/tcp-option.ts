import { get32 } from '../wire/bytes.ts';
import { OPTION_END, OPTION_NOP, OPTION_SACK, TCP_HEADER } from '../wire/tcp.ts';
import type { Segment } from './segment.ts';

/** Two NOPs and timestamps: what most segments carry, and nothing else. */
const NOP_NOP_TIMESTAMPS = 0x0101_080a;
const SACK_BLOCK = 8;

/**
 * Where a TCP option begins (RFC 9293 §3.1), or −1. A wrong length ends the
 * search: what lies behind it cannot be found.
 *
 * @param at      first byte of the options
 * @param length  bytes of options
 * @param span    the length that the option has to have; 0 for any
 */
export function findOption(bytes: Uint8Array, at: number, length: number, kind: number, span: number): number {
	const end = at + length;
	let next = at;
	while (next < end) {
		const found = bytes[next]!;
		if (found === OPTION_END) return -1;
		if (found === OPTION_NOP) { next++; continue; }
		const size = next + 1 < end ? bytes[next + 1]! : 0;
		if (size < 2 || next + size > end) return -1;
		if (found === kind && (span === 0 || size === span)) return next;
		next += size;
	}
	return -1;
}

/**
 * Whether tshark reads a header through: it stops short where it needs a byte
 * of an option that was not captured. A wrong length ends the options, and it
 * needs no more.
 */
export function areOptionsReadable(segment: Segment): boolean {
	const { bytes, headerLength, optionsLength, isHeaderWhole } = segment;
	if (headerLength < TCP_HEADER) return false;
	const at = segment.at + TCP_HEADER, captured = at + optionsLength;
	if (isHeaderWhole && (optionsLength === 0 || get32(bytes, at) === NOP_NOP_TIMESTAMPS)) return true;
	const end = segment.at + headerLength;
	for (let next = at; next < end;) {
		if (next >= captured) return false;
		const kind = bytes[next]!;
		// It looks whether what pads the header is zero.
		if (kind === OPTION_END) return isHeaderWhole;
		if (kind === OPTION_NOP) { next++; continue; }
		if (next + 1 === end) return true;
		if (next + 1 >= captured) return false;
		const length = bytes[next + 1]!;
		if (length < 2 || next + length > end) return true;
		// Of half a block of SACK it misses the other half.
		if (kind === OPTION_SACK && (length - 2) % SACK_BLOCK !== 0) return false;
		if (next + length > captured) return false;
		next += length;
	}
	return true;
}
