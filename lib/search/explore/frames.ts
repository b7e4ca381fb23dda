import { Hash } from '../../sim/index.ts';

/** A frame that was met, once for all places and times. */
export interface Frame {
	readonly id: number;
	readonly bytes: Uint8Array;
}

/** Every frame met, by its bytes. */
export class Frames {
	readonly #known: Map<string, Frame> = new Map();

	get size(): number { return this.#known.size; }

	/** The frame with these bytes, which are borrowed. */
	of(bytes: Uint8Array, at: number, length: number): Frame {
		const hash = new Hash();
		hash.bytes(bytes, at, length);
		const key = hash.hex();
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const frame = { id: this.#known.size, bytes: bytes.slice(at, at + length) };
		this.#known.set(key, frame);
		return frame;
	}
}
