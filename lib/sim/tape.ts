/**
 * What a saved world is written on and read from: numbers in order, and bytes.
 * Each part saves and restores itself in two functions that mirror each other.
 */
export class Tape {
	readonly numbers: number[];
	/** All the frames, one after the other; cut to size by `done`. */
	bytes: Uint8Array;
	#read: number;
	#at: number;

	constructor(numbers: number[] = [], bytes: Uint8Array = new Uint8Array(1024)) {
		this.numbers = numbers;
		this.bytes = bytes;
		this.#read = 0;
		this.#at = 0;
	}

	/** Writes a number. */
	put(value: number): void {
		this.numbers.push(value);
	}

	/** Reads the next number. */
	get(): number {
		return this.numbers[this.#read++]!;
	}

	/** Writes bytes; their length is the writer's to remember. */
	putBytes(from: Uint8Array, at: number, length: number): void {
		if (this.#at + length > this.bytes.length) {
			const more = new Uint8Array(Math.max(this.#at + length, this.bytes.length * 2));
			more.set(this.bytes);
			this.bytes = more;
		}
		this.bytes.set(from.subarray(at, at + length), this.#at);
		this.#at += length;
	}

	/** Reads bytes into `to`. */
	getBytes(to: Uint8Array, at: number, length: number): void {
		to.set(this.bytes.subarray(this.#at, this.#at + length), at);
		this.#at += length;
	}

	/** What was written, to be kept. */
	done(): { readonly numbers: number[]; readonly bytes: Uint8Array } {
		return { numbers: this.numbers, bytes: this.bytes.slice(0, this.#at) };
	}
}
