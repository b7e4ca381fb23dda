import { closeSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { LiveError } from './error.ts';
import { libc } from './libc.ts';

/** Bytes before the body of a record: its length and kind, a time, four numbers. */
export const RECORD_HEAD = 48;
/** A name's number and its text: later records refer to it. */
export const RECORD_NAME = 0xf0;
/** Room for a run of some minutes; of a sparse file only what is written takes any. */
const CAPACITY = 0x1000_0000;

/**
 * What a process did, in a file that is also its memory: a record that was
 * written is in the file, and stays there whatever kills the process next. No
 * call is made for it.
 */
export class Journal {
	readonly path: string;
	/** records that found it full */
	missed: number = 0;
	readonly #u8: Uint8Array;
	readonly #i32: Int32Array;
	readonly #f64: Float64Array;
	#end = 0;

	/** @throws LiveError  where the file cannot be made */
	constructor(path: string, capacity: number = CAPACITY) {
		this.path = path;
		let file: number;
		try {
			file = openSync(path, 'w+');
			ftruncateSync(file, capacity);
		} catch (error) {
			throw new LiveError('JOURNAL_FAILED', `The journal ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`);
		}
		this.#u8 = libc().map(file, capacity);
		closeSync(file);
		this.#i32 = new Int32Array(this.#u8.buffer);
		this.#f64 = new Float64Array(this.#u8.buffer);
	}

	/** Writes one record: a kind from 1 to 255, a time in µs, four numbers, and bytes, which are copied. */
	put(kind: number, time: number, a: number, b: number, c: number, d: number, bytes: Uint8Array, at: number, length: number): void {
		const start = this.#end;
		const end = start + RECORD_HEAD + ((length + 7) & ~7);
		if (end > this.#u8.length) {
			this.missed++;
			return;
		}
		const word = (start + 8) >> 3;
		const f64 = this.#f64;
		f64[word] = time;
		f64[word + 1] = a;
		f64[word + 2] = b;
		f64[word + 3] = c;
		f64[word + 4] = d;
		if (length > 0) this.#u8.set(at === 0 && length === bytes.length ? bytes : bytes.subarray(at, at + length), start + RECORD_HEAD);
		this.#i32[start >> 2] = length;
		// The kind comes last: without it there is no record.
		this.#i32[(start >> 2) + 1] = kind;
		this.#end = end;
	}

	/** Says what a name's number means. */
	name(number: number, text: string): void {
		const bytes = Buffer.from(text);
		this.put(RECORD_NAME, 0, number, 0, 0, 0, bytes, 0, bytes.length);
	}
}

/** Read at once; no record is so long. */
const PIECE = 0x10_0000;

/** The part of a journal's file that was written to; the rest of it is empty and long. */
export function loadJournal(path: string): Uint8Array {
	const file = openSync(path, 'r');
	const pieces: Buffer[] = [];
	try {
		for (;;) {
			const piece = Buffer.alloc(PIECE);
			const length = readSync(file, piece, 0, PIECE, null);
			if (length === 0 || piece.every((byte) => byte === 0)) break;
			pieces.push(piece.subarray(0, length));
		}
	} finally {
		closeSync(file);
	}
	return Buffer.concat(pieces);
}

/** One record as it is read. */
export interface JournalRecord {
	readonly kind: number;
	/** µs */
	readonly time: number;
	readonly slots: readonly [number, number, number, number];
	readonly bytes: Uint8Array;
}

/** Reads a journal: its records in order, and its names by number. A record begun when the process died is none. */
export function readJournal(file: Uint8Array): { readonly records: readonly JournalRecord[]; readonly names: readonly string[] } {
	const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
	const decoder = new TextDecoder();
	const records: JournalRecord[] = [];
	const names: string[] = [];
	for (let at = 0; at + RECORD_HEAD <= file.length;) {
		const length = view.getUint32(at, true), kind = view.getUint32(at + 4, true);
		if (kind === 0 || at + RECORD_HEAD + length > file.length) break;
		const slot = (n: number): number => view.getFloat64(at + 16 + 8 * n, true);
		const bytes = file.subarray(at + RECORD_HEAD, at + RECORD_HEAD + length);
		if (kind === RECORD_NAME) names[slot(0)] = decoder.decode(bytes);
		else records.push({ kind, time: view.getFloat64(at + 8, true), slots: [slot(0), slot(1), slot(2), slot(3)], bytes });
		at += RECORD_HEAD + ((length + 7) & ~7);
	}
	return { records, names };
}
