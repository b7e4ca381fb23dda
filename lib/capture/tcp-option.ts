import { get32 } from '../wire/bytes.ts';
import { OPTION_END, OPTION_NOP, TCP_HEADER } from '../wire/tcp.ts';
import type { MultipathSessions } from './multipath-sessions.ts';
import { OPTION_MULTIPATH, optionNeed } from './option-need.ts';
import type { Segment } from './segment.ts';

/** Two NOPs and timestamps: what most segments carry, and nothing else. */
const NOP_NOP_TIMESTAMPS = 0x0101_080a;
const TIMESTAMPS_ALONE = 12;

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
 *
 * @param paths  learns what the flow says of Multipath TCP
 */
export function areOptionsReadable(segment: Segment, flow: number, paths: MultipathSessions): boolean {
	const { bytes, headerLength, optionsLength, isHeaderWhole } = segment;
	if (headerLength < TCP_HEADER) return false;
	const at = segment.at + TCP_HEADER, captured = at + optionsLength;
	if (isHeaderWhole && (optionsLength === 0 || (optionsLength === TIMESTAMPS_ALONE && get32(bytes, at) === NOP_NOP_TIMESTAMPS))) return true;
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
		if (length < 2) return true;
		// It shows what is left of an option that goes past the end, but for as much as a kind and a length have.
		if (next + length > end) return end - 2 <= captured;
		const there = Math.min(length, captured - next);
		const isRead = optionNeed(bytes, next, length, there) <= there;
		if (kind === OPTION_MULTIPATH && there > 2 && !paths.take(flow, bytes, next, length, isRead)) return false;
		if (!isRead) return false;
		next += length;
	}
	return true;
}
