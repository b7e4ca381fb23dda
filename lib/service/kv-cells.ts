import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';

/** Bytes a cell holds: with its head it makes 256. */
export const ROOM = 248;

/** Bytes used of the last cell of a string that is not empty. */
function usedOf(length: number): number {
	return length - Math.floor((length - 1) / ROOM) * ROOM;
}

const shape = {
	/** the cell behind it; 0 for the last */
	next: 'i32',
	bytes: `bytes ${ROOM}`,
} as const;
const Cell: RecordType<typeof shape> = record(shape);

/**
 * Keeps byte strings of any length in the image, in chains of cells. A string
 * is named by its first cell, 0 for an empty one; its length is its owner's to
 * remember.
 */
export class Cells {
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #cell: Cursor<typeof shape>;

	/** @param most  cells there can be */
	static pool(most: number): PoolSpec {
		return pool('cell', Cell, most);
	}

	constructor(image: Image) {
		this.#image = image;
		this.#pool = image.pool('cell');
		this.#cell = new Cell(image);
	}

	/** Cells that are free. */
	get available(): number { return this.#pool.spec.max - this.#image.live(this.#pool); }

	/** Cells a string of that length takes. */
	static needed(length: number): number {
		return Math.ceil(length / ROOM);
	}

	/** Whether strings that take so many cells fit. */
	fits(cells: number): boolean { return cells <= this.available; }

	/** Puts bytes into new cells; there have to be enough. Returns the first. */
	put(bytes: Uint8Array, at: number, length: number): number {
		if (length === 0) return 0;
		const first = this.#take();
		this.#fill(first, 0, bytes, at, length);
		return first;
	}

	#take(): number {
		const at = this.#image.alloc(this.#pool);
		if (at === 0) throw new RangeError('no cell is left: ask whether it fits before');
		return at;
	}

	/** Writes bytes from `offset` of a cell on, and into new ones behind it; returns the last. */
	#fill(start: number, offset: number, bytes: Uint8Array, at: number, length: number): number {
		const cell = this.#cell, { u8 } = this.#image;
		let here = start, within = offset, done = 0;
		for (;;) {
			cell.go(here);
			const piece = Math.min(ROOM - within, length - done);
			const to = cell.bytes + within;
			for (let i = 0; i < piece; i++) u8[to + i] = bytes[at + done + i]!;
			done += piece;
			if (done === length) return here;
			const next = this.#take();
			cell.go(here);
			cell.next = next;
			here = next;
			within = 0;
		}
	}

	/** Puts bytes behind a string of `length` bytes; there have to be enough cells. Returns the first. */
	append(first: number, length: number, bytes: Uint8Array, at: number, more: number): number {
		if (first === 0) return this.put(bytes, at, more);
		if (more === 0) return first;
		const cell = this.#cell;
		cell.go(first);
		while (cell.next !== 0) cell.go(cell.next);
		this.#fill(cell.at, usedOf(length), bytes, at, more);
		return first;
	}

	/**
	 * As `append`, for one who remembers the last cell and need not look for it.
	 *
	 * @param last  of a string that is not empty
	 * @returns     the last cell now
	 */
	extend(last: number, length: number, bytes: Uint8Array, at: number, more: number): number {
		return this.#fill(last, usedOf(length), bytes, at, more);
	}

	/** The cell that holds byte `from` of a string, counted from the start of a cell of it. */
	seek(start: number, from: number): number {
		let here = start;
		for (let skip = from; skip >= ROOM; skip -= ROOM) {
			this.#cell.go(here);
			here = this.#cell.next;
		}
		return here;
	}

	/** Cells that `append` takes beyond those the string has. */
	static neededMore(length: number, more: number): number {
		return Cells.needed(length + more) - Cells.needed(length);
	}

	/** Copies `length` bytes of a string, from byte `from` on. */
	copy(first: number, from: number, length: number, to: Uint8Array, toAt: number): void {
		const cell = this.#cell, { u8 } = this.#image;
		let skip = from, done = 0;
		for (let here = first; done < length; here = cell.next) {
			cell.go(here);
			if (skip >= ROOM) { skip -= ROOM; continue; }
			const piece = Math.min(ROOM - skip, length - done);
			const at = cell.bytes + skip;
			for (let i = 0; i < piece; i++) to[toAt + done + i] = u8[at + i]!;
			done += piece;
			skip = 0;
		}
	}

	/** Gives a string's cells back. */
	free(first: number): void {
		for (let here = first; here !== 0;) {
			this.#cell.go(here);
			const { next } = this.#cell;
			this.#image.free(this.#pool, here);
			here = next;
		}
	}
}
