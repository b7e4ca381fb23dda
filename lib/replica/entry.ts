import { get16, put16, put32 } from '../wire/bytes.ts';
import { offsetsOf } from '../wire/offsets.ts';
import type { Offsets } from '../wire/offsets.ts';
import { get64, getU32, put64 } from './number.ts';

const header = {
	/** bytes of the whole entry, a multiple of 4 */
	length: 4,
	kind: 1,
	/** control entries: which; else 0 */
	detail: 1,
	/** frames: how many; else bytes of the body */
	count: 2,
	epoch: 4,
	/** the lecture's "instruction number", from 1 */
	index: 8,
	/** machine time, µs */
	time: 8,
} as const;

/** Offsets in an entry; its body begins at `end`. All numbers are in network byte order. */
export const ENTRY: Offsets<typeof header> = offsetsOf(header);

/** Bytes before each frame of a `frames` entry: its length. */
export const FRAME_HEAD = 4;
/** Bytes of the longest body of an entropy or control entry. */
export const LONGEST_BODY = 256;

/** Kinds of entries. */
export const ENTRY_FRAMES = 1;
export const ENTRY_WAKE = 2;
export const ENTRY_ENTROPY = 3;
export const ENTRY_CONTROL = 4;

/** What a control entry says. */
export const CONTROL_GO_LIVE = 1;
/** The pair is switched off: nobody takes over. */
export const CONTROL_STOP = 2;
/** The primary ends in order and the backup goes on. */
export const CONTROL_HAND_OVER = 3;
/** A new backup became a member; body: its machine id. */
export const CONTROL_JOINED = 4;
/** Body: the digest of the image before this entry, 8 bytes. */
export const CONTROL_DIGEST = 5;

const kindNames = ['', 'frames', 'wake', 'entropy', 'control'];
const controlNames = ['', 'go-live', 'stop', 'hand-over', 'joined', 'digest'];

/** What an entry is, for people: `frames`, `wake`, `go-live` … */
export function entryName(kind: number, detail: number): string {
	return (kind === ENTRY_CONTROL ? controlNames[detail] : kindNames[kind]) ?? `kind ${kind}`;
}

/** An entry's fields, read from its bytes. */
export interface EntryHead {
	readonly length: number;
	readonly kind: number;
	readonly detail: number;
	readonly count: number;
	readonly epoch: number;
	readonly index: number;
	readonly time: number;
	/** for people */
	readonly name: string;
}

/** Reads an entry's head; for views and tests, not for the hot path. */
export function entryHead(u8: Uint8Array, at: number = 0): EntryHead {
	const kind = u8[at + ENTRY.kind]!;
	const detail = u8[at + ENTRY.detail]!;
	return {
		length: getU32(u8, at + ENTRY.length), kind, detail, count: get16(u8, at + ENTRY.count),
		epoch: getU32(u8, at + ENTRY.epoch), index: get64(u8, at + ENTRY.index), time: get64(u8, at + ENTRY.time), name: entryName(kind, detail),
	};
}

/** The frames of a `frames` entry, borrowed from it; empty for other kinds. */
export function entryFrames(u8: Uint8Array, at: number = 0): Uint8Array[] {
	const frames: Uint8Array[] = [];
	if (u8[at + ENTRY.kind] !== ENTRY_FRAMES) return frames;
	let next = at + ENTRY.end;
	for (let left = get16(u8, at + ENTRY.count); left > 0; left--) {
		const length = getU32(u8, next);
		frames.push(u8.subarray(next + FRAME_HEAD, next + FRAME_HEAD + length));
		next += FRAME_HEAD + length;
	}
	return frames;
}

/** Rounds the length of an entry up to a multiple of 4. */
export function padded(length: number): number {
	return (length + 3) & ~3;
}

/**
 * Writes an entry's head. What it is padded with is zeroed, so that equal
 * entries are equal bytes.
 *
 * @param end  bytes written so far, head included
 * @returns    bytes of the whole entry
 */
export function putEntryHead(u8: Uint8Array, at: number, end: number, kind: number, detail: number, count: number, epoch: number, index: number, time: number): number {
	const length = padded(end);
	for (let i = end; i < length; i++) u8[at + i] = 0;
	put32(u8, at + ENTRY.length, length);
	u8[at + ENTRY.kind] = kind;
	u8[at + ENTRY.detail] = detail;
	put16(u8, at + ENTRY.count, count);
	put32(u8, at + ENTRY.epoch, epoch);
	put64(u8, at + ENTRY.index, index);
	put64(u8, at + ENTRY.time, time);
	return length;
}

/**
 * Whether bytes that came from outside are one whole, sound entry.
 *
 * @param available  bytes there are from `at` on
 * @returns          bytes of the entry; 0 where it is none
 */
export function checkEntry(u8: Uint8Array, at: number, available: number): number {
	if (available < ENTRY.end) return 0;
	const length = getU32(u8, at + ENTRY.length);
	if (length < ENTRY.end || length > available || (length & 3) !== 0) return 0;
	const kind = u8[at + ENTRY.kind]!;
	const count = get16(u8, at + ENTRY.count);
	if (kind === ENTRY_FRAMES) return checkFrames(u8, at, length, count) ? length : 0;
	if (kind < ENTRY_FRAMES || kind > ENTRY_CONTROL || padded(ENTRY.end + count) !== length) return 0;
	return length;
}

function checkFrames(u8: Uint8Array, at: number, length: number, count: number): boolean {
	const end = at + length;
	let next = at + ENTRY.end;
	for (let left = count; left > 0; left--) {
		if (next + FRAME_HEAD > end) return false;
		const frame = getU32(u8, next);
		if (frame > end - next - FRAME_HEAD) return false;
		next += FRAME_HEAD + frame;
	}
	return padded(next - at) === length;
}
