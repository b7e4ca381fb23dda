import type { Luggage } from './luggage.ts';

const align = (length: number): number => (length + 7) & ~7;

/**
 * Records of bytes in a ring, numbered without a gap; the oldest go first.
 * Every record lies in one piece. How full it is depends on what it holds
 * alone, never on where that came to lie, so that restoring is exact.
 */
export class ByteRing {
	readonly u8: Uint8Array;
	/** bytes it can hold, every record rounded up to 8 */
	readonly capacity: number;
	/** records it can hold, a power of two */
	readonly slots: number;
	/** number of the oldest record held; `next` where there is none */
	first: number;
	/** number the next record will get */
	next: number;
	/** bytes in use */
	used: number;
	readonly #at: number;
	readonly #size: number;
	#tail: number;
	readonly #places: Int32Array;
	readonly #lengths: Int32Array;

	/** Bytes of memory a ring takes. */
	static sizeOf(capacity: number, longest: number): number {
		// A gap may be left before the end, and the record being written may be cut short: twice the longest.
		return align(capacity) + 2 * align(longest);
	}

	/**
	 * @param at       where its `ByteRing.sizeOf(capacity, longest)` bytes begin
	 * @param longest  bytes of the longest record
	 * @param slots    records, a power of two
	 * @param first    number of the first record
	 */
	constructor(u8: Uint8Array, at: number, capacity: number, longest: number, slots: number, first: number) {
		if ((slots & (slots - 1)) !== 0 || slots <= 0) throw new RangeError(`a ring of ${slots} records: give a power of two`);
		this.u8 = u8;
		this.capacity = align(capacity);
		this.slots = slots;
		this.first = first;
		this.next = first;
		this.used = 0;
		this.#at = at;
		this.#size = ByteRing.sizeOf(capacity, longest);
		this.#tail = 0;
		this.#places = new Int32Array(slots);
		this.#lengths = new Int32Array(slots);
	}

	/** Whether a record of that length can be added now. */
	fits(length: number): boolean {
		return this.used + align(length) <= this.capacity && this.next - this.first < this.slots;
	}

	/** Bytes still free. */
	get room(): number {
		return this.next - this.first < this.slots ? this.capacity - this.used : 0;
	}

	/** Where a record of at most `length` bytes may be written; `close` then makes it one. */
	open(length: number): number {
		if (this.first === this.next) this.#tail = 0;
		if (this.#tail + length > this.#size) this.#tail = 0;
		return this.#at + this.#tail;
	}

	/** Adds what was written where `open` said. The caller has asked `fits`. */
	close(length: number): void {
		const slot = this.next & (this.slots - 1);
		this.#places[slot] = this.#at + this.#tail;
		this.#lengths[slot] = length;
		this.#tail += align(length);
		this.used += align(length);
		this.next++;
	}

	/** Address of a record held. */
	placeOf(number: number): number {
		return this.#places[number & (this.slots - 1)]!;
	}

	/** Bytes of a record held. */
	lengthOf(number: number): number {
		return this.#lengths[number & (this.slots - 1)]!;
	}

	/** Bytes a record held takes of the ring. */
	weightOf(number: number): number {
		return align(this.lengthOf(number));
	}

	/** Lets go of every record below `first`. */
	trim(first: number): void {
		const until = Math.min(first, this.next);
		while (this.first < until) {
			this.used -= this.weightOf(this.first);
			this.first++;
		}
	}

	/** Takes back the newest records, from number `next` on. */
	truncate(next: number): void {
		const until = Math.max(next, this.first);
		while (this.next > until) {
			this.next--;
			this.used -= this.weightOf(this.next);
			this.#tail = this.placeOf(this.next) - this.#at;
		}
	}

	/** Empties it, and goes on with another number. */
	reset(first: number): void {
		this.first = first;
		this.next = first;
		this.used = 0;
	}

	carry(luggage: Luggage): void {
		const first = luggage.number(this.first);
		const next = luggage.number(this.next);
		if (luggage.restoring) this.reset(first);
		for (let number = first; number < next; number++) this.#carryRecord(luggage, number);
	}

	#carryRecord(luggage: Luggage, number: number): void {
		const { restoring } = luggage;
		const length = luggage.number(restoring ? 0 : this.lengthOf(number));
		luggage.bytes(this.u8, restoring ? this.open(length) : this.placeOf(number), length);
		if (restoring) this.close(length);
	}
}
