import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Numbers written at once: a piece of 32 KiB or 16 KiB. */
const PIECE = 4096;

/** Little endian on every machine, so that the digest is the same on every machine. */
function littleFloats(numbers: Float64Array, take: (bytes: Uint8Array) => void): void {
	const view = new DataView(new ArrayBuffer(PIECE * 8));
	for (let from = 0; from < numbers.length; from += PIECE) {
		const count = Math.min(PIECE, numbers.length - from);
		for (let i = 0; i < count; i++) view.setFloat64(i * 8, numbers[from + i]!, true);
		take(new Uint8Array(view.buffer, 0, count * 8));
	}
}

function littleInts(numbers: Int32Array, take: (bytes: Uint8Array) => void): void {
	const view = new DataView(new ArrayBuffer(PIECE * 4));
	for (let from = 0; from < numbers.length; from += PIECE) {
		const count = Math.min(PIECE, numbers.length - from);
		for (let i = 0; i < count; i++) view.setInt32(i * 4, numbers[from + i]!, true);
		take(new Uint8Array(view.buffer, 0, count * 4));
	}
}

/** The code units of a string, two bytes each. */
function codeUnits(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length * 2);
	for (let i = 0; i < text.length; i++) {
		bytes[i * 2] = text.charCodeAt(i) & 0xff;
		bytes[i * 2 + 1] = text.charCodeAt(i) >>> 8;
	}
	return bytes;
}

/**
 * SHA-256 over the parts of a trace, each preceded by its length, so that
 * nothing can pass from one part into the next.
 *
 * @returns 64 hex digits
 */
export function digestOf(head: string, floats: Float64Array, ints: Int32Array, store: Uint8Array): string {
	const hash = sha256.create();
	const take = (bytes: Uint8Array): void => {
		hash.update(bytes);
	};
	littleFloats(Float64Array.of(head.length, floats.length, ints.length, store.length), take);
	take(codeUnits(head));
	littleFloats(floats, take);
	littleInts(ints, take);
	take(store);
	return bytesToHex(hash.digest());
}
