import type { Tape } from './tape.ts';

/** Columns of a row. */
export const TIME = 0;
/** The number of its scheduling: decides between rows of one time. */
export const SEQ = 1;
/** A lane's number for a frame in flight, −1 for an action. */
export const LANE = 2;
/** Index of the event this is about; −1 without a trace. */
export const CAUSE = 3;
/** 1 for the second of a duplicated frame. */
export const COPY = 4;
/** 1 when a bit was flipped on the way. */
export const ALTERED = 5;
/** Where the frame lies in the frame store. */
export const ADDRESS = 6;
/** Bytes of it. */
export const LENGTH = 7;
/** Columns of a row. */
export const WIDTH = 8;

/**
 * Rows of a flat table, and those of them that are due some time in a binary
 * heap by (time, number of scheduling): one order, whatever was put in first.
 */
export class Agenda {
	/** The table; another array after it had to grow. Row `r`, column `c`: `rows[r * WIDTH + c]`. */
	rows: Float64Array = new Float64Array(64 * WIDTH);
	/** Row numbers in heap order. */
	#heap: Int32Array = new Int32Array(64);
	#size = 0;
	#used = 0;
	#free: number[] = [];

	/** Rows that are due. */
	get size(): number {
		return this.#size;
	}

	/** A row to be filled in and scheduled, or kept aside. */
	row(): number {
		const free = this.#free.pop();
		if (free !== undefined) return free;
		const row = this.#used++;
		if (this.#used * WIDTH > this.rows.length) this.#grow();
		return row;
	}

	/** Gives a row back that is not due (any more). */
	free(row: number): void {
		this.#free.push(row);
	}

	/** Makes a row due at the time and number it bears. */
	schedule(row: number): void {
		const heap = this.#heap;
		let at = this.#size++;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = heap[parent]!;
			if (this.#before(above, row)) break;
			heap[at] = above;
			at = parent;
		}
		heap[at] = row;
	}

	/** The row that is due first, or −1. */
	first(): number {
		return this.#size === 0 ? -1 : this.#heap[0]!;
	}

	/** Takes the first row off; its columns stay readable until it is given back. */
	pop(): void {
		const heap = this.#heap;
		const row = heap[--this.#size]!;
		const size = this.#size;
		let at = 0;
		for (;;) {
			let child = at * 2 + 1;
			if (child >= size) break;
			if (child + 1 < size && this.#before(heap[child + 1]!, heap[child]!)) child++;
			if (this.#before(row, heap[child]!)) break;
			heap[at] = heap[child]!;
			at = child;
		}
		heap[at] = row;
	}

	/** Every row that is due, in the order of being due. */
	inOrder(): number[] {
		return [...this.#heap.subarray(0, this.#size)].sort((a, b) => (this.#before(a, b) ? -1 : 1));
	}

	/** Takes those rows off for which `gone` says so, and returns them in the order of being due. */
	withdraw(gone: (row: number) => boolean): number[] {
		const order = this.inOrder();
		this.#size = 0;
		for (const row of order) if (!gone(row)) this.#heap[this.#size++] = row;
		// A sorted array is a heap.
		return order.filter(gone);
	}

	/** Writes what is due. */
	save(tape: Tape, row: (tape: Tape, row: number) => void): void {
		tape.put(this.#size);
		for (let i = 0; i < this.#size; i++) row(tape, this.#heap[i]!);
	}

	/** Forgets everything, then reads what is due; `row` makes a row of what it reads. */
	restore(tape: Tape, row: (tape: Tape) => number): void {
		this.#size = 0;
		this.#used = 0;
		this.#free = [];
		const size = tape.get();
		for (let i = 0; i < size; i++) {
			const made = row(tape);
			this.#heap[this.#size++] = made;
		}
	}

	#before(a: number, b: number): boolean {
		const rows = this.rows;
		const earlier = rows[a * WIDTH + TIME]! - rows[b * WIDTH + TIME]!;
		return earlier !== 0 ? earlier < 0 : rows[a * WIDTH + SEQ]! < rows[b * WIDTH + SEQ]!;
	}

	#grow(): void {
		const rows = new Float64Array(this.rows.length * 2);
		rows.set(this.rows);
		this.rows = rows;
		const heap = new Int32Array(this.#heap.length * 2);
		heap.set(this.#heap);
		this.#heap = heap;
	}
}
