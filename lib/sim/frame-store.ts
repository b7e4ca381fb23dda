/** The smallest piece handed out, bytes; the others are its doubles. */
const SMALLEST = 64;

/**
 * Memory for the frames that wait in a world: one array, handed out in pieces
 * of power-of-two size. Where a frame lies is not observable and not saved.
 */
export class FrameStore {
	/** The memory; another array after it had to grow. */
	bytes: Uint8Array = new Uint8Array(0x1_0000);
	#used = 0;
	/** Free pieces by size class. */
	readonly #free: number[][] = Array.from({ length: 26 }, () => []);

	/** Takes a piece of at least `length` bytes; returns its address. */
	take(length: number): number {
		const size = sizeClass(length);
		const free = this.#free[size]!.pop();
		if (free !== undefined) return free;
		const at = this.#used;
		this.#used += SMALLEST << size;
		if (this.#used > this.bytes.length) this.#grow();
		return at;
	}

	/** Takes a piece and copies a frame into it. */
	keep(from: Uint8Array, at: number, length: number): number {
		const address = this.take(length);
		const to = this.bytes;
		if (length <= 128) for (let i = 0; i < length; i++) to[address + i] = from[at + i]!;
		else to.set(from.subarray(at, at + length), address);
		return address;
	}

	/** Gives a piece back. */
	give(address: number, length: number): void {
		this.#free[sizeClass(length)]!.push(address);
	}

	/** Gives everything back. */
	clear(): void {
		this.#used = 0;
		for (const list of this.#free) if (list.length > 0) list.length = 0;
	}

	#grow(): void {
		const bytes = new Uint8Array(Math.max(this.#used, this.bytes.length * 2));
		bytes.set(this.bytes);
		this.bytes = bytes;
	}
}

function sizeClass(length: number): number {
	return length <= SMALLEST ? 0 : 26 - Math.clz32(length - 1);
}
