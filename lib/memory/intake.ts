import type { Image } from './image.ts';

/** So many octets are copied faster by words than through a view of them. */
const LONGEST_BY_WORDS = 256;

/**
 * Copies octets of one lender into an image. A view of a part costs more than
 * the octets of a short frame do: where they come again and again from one
 * array, and lie there as they will lie here, they are copied by words.
 */
export class Intake {
	readonly image: Image;
	#lender: Uint8Array | null = null;
	/** the lender's octets as words; null where it came once only, or begins between two words */
	#words: Int32Array | null = null;

	constructor(image: Image) {
		this.image = image;
	}

	/** Copies `length` octets to the image's address `to`. */
	take(to: number, bytes: Uint8Array, from: number, length: number): void {
		const { u8, i32 } = this.image;
		const words = length > LONGEST_BY_WORDS || ((to ^ from) & 3) !== 0 ? null : this.#wordsOf(bytes);
		if (words === null) {
			u8.set(from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length), to);
			return;
		}
		const end = to + length;
		let at = to, source = from;
		for (; (at & 3) !== 0 && at < end; at++) u8[at] = bytes[source++]!;
		for (; at + 4 <= end; at += 4, source += 4) i32[at >> 2] = words[source >> 2]!;
		for (; at < end; at++) u8[at] = bytes[source++]!;
	}

	#wordsOf(bytes: Uint8Array): Int32Array | null {
		if (bytes !== this.#lender) {
			this.#lender = bytes;
			this.#words = null;
			return null;
		}
		if (this.#words === null && (bytes.byteOffset & 3) === 0) this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
		return this.#words;
	}
}
