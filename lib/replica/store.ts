import type { Views } from '../memory/index.ts';

/**
 * The memory a replica keeps outside its machine: one buffer, so that bytes go
 * from the log into a message without a view being made.
 */
export class Store implements Views {
	readonly u8: Uint8Array;
	readonly u16: Uint16Array;
	readonly i32: Int32Array;
	readonly f64: Float64Array;
	#carved = 0;

	/** @param bytes  all that will be carved from it, each part rounded up to 8 */
	constructor(bytes: number) {
		const buffer = new ArrayBuffer((bytes + 7) & ~7);
		this.u8 = new Uint8Array(buffer);
		this.u16 = new Uint16Array(buffer);
		this.i32 = new Int32Array(buffer);
		this.f64 = new Float64Array(buffer);
	}

	/** Address of a part of its own, a multiple of 8. */
	carve(bytes: number): number {
		const at = this.#carved;
		this.#carved = (at + bytes + 7) & ~7;
		if (this.#carved > this.u8.length) throw new RangeError('more was carved from this store than it was made for');
		return at;
	}
}
