import { OPTION_END, OPTION_NOP } from '../wire/tcp.ts';

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
