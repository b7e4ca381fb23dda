import { FAST_OPEN_MAGIC, OPTION_END, OPTION_EXPERIMENT, OPTION_FAST_OPEN, OPTION_MSS, OPTION_NOP, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_SIGNATURE, OPTION_TIMESTAMPS, OPTION_USER_TIMEOUT, OPTION_WINDOW_SCALE, SYN, TCP_HEADER } from '../lib/wire/tcp.ts';
import type { OptionName } from './profile.ts';
import { read32, write16, write32 } from './segment.ts';
import type { Segment } from './segment.ts';
import { UTO_BYTES, readUserTimeout, writeUserTimeout } from './user-timeout.ts';

/** The largest shift RFC 7323 §2.3 allows. */
const MAX_SCALE = 14;
/** Bytes of options a header has room for (RFC 9293 §3.1). */
const MOST_OPTIONS = 40;

/** The commonest options: two NOPs and timestamps, read as words. */
const NOP_NOP_TS = (OPTION_NOP << 24) | (OPTION_NOP << 16) | (OPTION_TIMESTAMPS << 8) | 10;

function clear(segment: Segment): void {
	segment.mss = 0;
	segment.scale = -1;
	segment.sackPermitted = false;
	segment.hasTs = false;
	segment.sackCount = 0;
	segment.cookieLength = -1;
	segment.userTimeout = 0;
	segment.isSigned = false;
}

/**
 * Reads the options of a segment into it. An option whose length is wrong ends
 * the reading, since nothing behind it can be found; what came before counts
 * (RFC 9293 §3.2, MUST-7). Of a repeated option the first counts.
 *
 * @returns false where the options are malformed
 */
export function readOptions(u8: Uint8Array, segment: Segment): boolean {
	clear(segment);
	const end = segment.at + segment.headerLength;
	let at = segment.at + TCP_HEADER;
	if (end - at === 12 && read32(u8, at) === NOP_NOP_TS) {
		segment.hasTs = true;
		segment.tsVal = read32(u8, at + 4);
		segment.tsEcr = read32(u8, at + 8);
		return true;
	}
	while (at < end) {
		const kind = u8[at]!;
		if (kind === OPTION_END) return true;
		if (kind === OPTION_NOP) { at++; continue; }
		if (at + 1 >= end) return false;
		const length = u8[at + 1]!;
		if (length < 2 || at + length > end) return false;
		readOption(u8, segment, kind, at, length);
		at += length;
	}
	return true;
}

function readOption(u8: Uint8Array, segment: Segment, kind: number, at: number, length: number): void {
	const isSyn = (segment.flags & SYN) !== 0;
	switch (kind) {
		case OPTION_MSS:
			if (length === 4 && isSyn && segment.mss === 0) segment.mss = (u8[at + 2]! << 8) | u8[at + 3]!;
			break;
		case OPTION_WINDOW_SCALE:
			// A shift above 14 is taken as 14 (RFC 7323 §2.3).
			if (length === 3 && isSyn && segment.scale < 0) segment.scale = Math.min(u8[at + 2]!, MAX_SCALE);
			break;
		case OPTION_SACK_PERMITTED:
			if (length === 2 && isSyn) segment.sackPermitted = true;
			break;
		case OPTION_TIMESTAMPS:
			if (length === 10 && !segment.hasTs) {
				segment.hasTs = true;
				segment.tsVal = read32(u8, at + 2);
				segment.tsEcr = read32(u8, at + 6);
			}
			break;
		case OPTION_SACK:
			if (length >= 10 && (length - 2) % 8 === 0 && segment.sackCount === 0) {
				segment.sackAt = at + 2;
				segment.sackCount = (length - 2) / 8;
			}
			break;
		case OPTION_FAST_OPEN:
			if (isSyn) readCookie(segment, at + 2, length - 2, false);
			break;
		case OPTION_EXPERIMENT:
			if (isSyn && length >= 4 && ((u8[at + 2]! << 8) | u8[at + 3]!) === FAST_OPEN_MAGIC) readCookie(segment, at + 4, length - 4, true);
			break;
		case OPTION_USER_TIMEOUT:
			if (length === UTO_BYTES && segment.userTimeout === 0) segment.userTimeout = readUserTimeout((u8[at + 2]! << 8) | u8[at + 3]!);
			break;
		case OPTION_SIGNATURE:
			segment.isSigned = true;
			break;
		default:
	}
}

/** A cookie has 4 to 16 bytes, and an even number of them (RFC 7413 §4.1.1); none asks for one. */
function readCookie(segment: Segment, at: number, length: number, isExperiment: boolean): void {
	if (segment.cookieLength >= 0 || (length !== 0 && (length < 4 || length > 16 || (length & 1) !== 0))) return;
	segment.cookieAt = at;
	segment.cookieLength = length;
	segment.isCookieExperiment = isExperiment;
}

/** Writes NOP NOP and a timestamps option, 12 bytes. */
export function writeTimestamps(u8: Uint8Array, at: number, tsVal: number, tsEcr: number): void {
	write32(u8, at, NOP_NOP_TS);
	write32(u8, at + 4, tsVal);
	write32(u8, at + 8, tsEcr);
}

/** Writes NOP NOP and the head of a SACK option for `count` blocks, 4 bytes. */
export function writeSackHead(u8: Uint8Array, at: number, count: number): void {
	u8[at] = OPTION_NOP;
	u8[at + 1] = OPTION_NOP;
	u8[at + 2] = OPTION_SACK;
	u8[at + 3] = 2 + count * 8;
}

/** What a SYN offers, or a SYN-ACK agrees to. */
export class SynOffer {
	/** 0: none is announced */
	mss = 0;
	/** −1: no window scaling */
	scale = -1;
	sackPermitted = false;
	timestamps = false;
	tsVal = 0;
	tsEcr = 0;
	/** Fast Open: bytes of the cookie, 0 to ask for one; −1: no such option */
	cookieLength = -1;
	isCookieExperiment = false;
	readonly cookie: Uint8Array = new Uint8Array(16);
	/** user timeout, µs (RFC 5482); 0: no such option */
	userTimeout = 0;
}

/**
 * Writes the options of a SYN in the order a stack is known by. Padding that
 * stands directly before an option left out is left out with it.
 *
 * @returns bytes written, a multiple of 4
 */
export function writeSynOptions(u8: Uint8Array, start: number, order: readonly OptionName[], offer: SynOffer): number {
	let at = start, padding = 0;
	for (const name of order) {
		if (name === 'nop') { padding++; continue; }
		if (name === 'end') break;
		const wanted = (name === 'mss' && offer.mss > 0) || (name === 'wscale' && offer.scale >= 0) || (name === 'sackOk' && offer.sackPermitted) || (name === 'ts' && offer.timestamps);
		if (wanted) {
			for (; padding > 0; padding--) u8[at++] = OPTION_NOP;
			at = writeSynOption(u8, at, name, offer);
		}
		padding = 0;
	}
	if (offer.cookieLength >= 0) at = writeCookie(u8, at, offer);
	if (offer.userTimeout !== 0 && at - start + UTO_BYTES <= MOST_OPTIONS) {
		writeUserTimeout(u8, at, offer.userTimeout);
		at += UTO_BYTES;
	}
	for (; ((at - start) & 3) !== 0; at++) u8[at] = order.includes('end') ? OPTION_END : OPTION_NOP;
	return at - start;
}

/** The Fast Open option stands behind all others (RFC 7413 §4.1.1). */
function writeCookie(u8: Uint8Array, at: number, { cookie, cookieLength, isCookieExperiment }: SynOffer): number {
	const head = isCookieExperiment ? 4 : 2;
	u8[at] = isCookieExperiment ? OPTION_EXPERIMENT : OPTION_FAST_OPEN;
	u8[at + 1] = head + cookieLength;
	if (isCookieExperiment) write16(u8, at + 2, FAST_OPEN_MAGIC);
	for (let i = 0; i < cookieLength; i++) u8[at + head + i] = cookie[i]!;
	return at + head + cookieLength;
}

function writeSynOption(u8: Uint8Array, at: number, name: OptionName, offer: SynOffer): number {
	switch (name) {
		case 'mss':
			u8[at] = OPTION_MSS;
			u8[at + 1] = 4;
			write16(u8, at + 2, offer.mss);
			return at + 4;
		case 'wscale':
			u8[at] = OPTION_WINDOW_SCALE;
			u8[at + 1] = 3;
			u8[at + 2] = offer.scale;
			return at + 3;
		case 'sackOk':
			u8[at] = OPTION_SACK_PERMITTED;
			u8[at + 1] = 2;
			return at + 2;
		default:
			u8[at] = OPTION_TIMESTAMPS;
			u8[at + 1] = 10;
			write32(u8, at + 2, offer.tsVal);
			write32(u8, at + 6, offer.tsEcr);
			return at + 10;
	}
}
