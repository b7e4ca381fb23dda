import type { Views } from '../../memory/record.ts';

/** Bytes of one slab; no segment is longer. */
const SLAB = 0x40_0000;

/** One large piece of memory, seen as bytes and as words. */
export interface Slab extends Views {
	readonly u8: Uint8Array;
}

/** Memory of `length` bytes, a multiple of 8. */
export function newSlab(length: number = SLAB): Slab {
	const buffer = new ArrayBuffer(length);
	return { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
}

/** Keeps what was captured: each segment lies in one slab and begins on a word, so that sums over it are fast. */
export class Slabs {
	readonly slabs: Slab[] = [];
	/** where the segment put last begins, in the last slab */
	at: number = 0;
	#end: number = SLAB;

	/** Number of the last slab. */
	get last(): number { return this.slabs.length - 1; }

	/** Bytes kept, whole slabs. */
	get size(): number { return this.slabs.length * SLAB; }

	/** Copies bytes; they then lie at `at` of the last slab. */
	put(bytes: Uint8Array, from: number, length: number): void {
		if (this.#end + length > SLAB) {
			this.slabs.push(newSlab());
			this.#end = 0;
		}
		this.at = this.#end;
		// Not `subarray`, which would make another of whatever kind of array `bytes` is.
		this.slabs[this.last]!.u8.set(new Uint8Array(bytes.buffer, bytes.byteOffset + from, length), this.at);
		this.#end = (this.at + length + 3) & ~3;
	}
}
