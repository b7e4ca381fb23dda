/** What a tape held when it was cut. */
export interface Recording {
	readonly numbers: Float64Array;
	/** All the frames, one after the other. */
	readonly bytes: Uint8Array;
}

/**
 * What a saved world is written on and read from: numbers in order, and bytes.
 * Each part saves and restores itself in two functions that mirror each other.
 * A tape is used again and again: `rewind`, write, `cut`; or `load`, read.
 */
export class Tape {
	#numbers: Float64Array = new Float64Array(256);
	#bytes: Uint8Array = new Uint8Array(4096);
	#number = 0;
	#byte = 0;

	/** Begins a new recording. */
	rewind(): void {
		this.#number = 0;
		this.#byte = 0;
	}

	/** A copy of what was written since `rewind`. */
	cut(): Recording {
		return { numbers: this.#numbers.slice(0, this.#number), bytes: this.#bytes.slice(0, this.#byte) };
	}

	/** Makes what was cut readable from its beginning. */
	load(recording: Recording): void {
		this.rewind();
		while (recording.numbers.length > this.#numbers.length) this.#moreNumbers();
		this.#numbers.set(recording.numbers);
		this.#roomFor(recording.bytes.length);
		this.#bytes.set(recording.bytes);
	}

	/** Writes a number. */
	put(value: number): void {
		if (this.#number === this.#numbers.length) this.#moreNumbers();
		this.#numbers[this.#number++] = value;
	}

	/** Reads the next number. */
	get(): number {
		return this.#numbers[this.#number++]!;
	}

	/** Writes bytes; their length is the writer's to remember. */
	putBytes(from: Uint8Array, at: number, length: number): void {
		this.#roomFor(this.#byte + length);
		const start = this.#byte;
		const to = this.#bytes;
		if (length <= 128) for (let i = 0; i < length; i++) to[start + i] = from[at + i]!;
		else to.set(from.subarray(at, at + length), start);
		this.#byte += length;
	}

	/** Reads bytes into `to`. */
	getBytes(to: Uint8Array, at: number, length: number): void {
		const start = this.#byte;
		const from = this.#bytes;
		if (length <= 128) for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
		else to.set(from.subarray(start, start + length), at);
		this.#byte += length;
	}

	#moreNumbers(): void {
		const numbers = new Float64Array(this.#numbers.length * 2);
		numbers.set(this.#numbers);
		this.#numbers = numbers;
	}

	#roomFor(end: number): void {
		if (end <= this.#bytes.length) return;
		const bytes = new Uint8Array(Math.max(end, this.#bytes.length * 2));
		bytes.set(this.#bytes);
		this.#bytes = bytes;
	}
}
