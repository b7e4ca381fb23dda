/** Where in a chunked body one is (RFC 9112 §7.1). */
export const CHUNK_SIZE = 1;
export const CHUNK_DATA = 2;
export const CHUNK_BEHIND = 3;
export const CHUNK_TRAILER = 4;
export const CHUNK_OVER = 5;

/** Longest line of a size or a trailer. */
const LONGEST_LINE = 4096;
const LF = 10, CR = 13;

/** Reads one step of a chunked body: a size, what stands behind a chunk, a trailer. One object, filled again and again. */
export class ChunkReader {
	/** where one is behind the step */
	phase: number = CHUNK_SIZE;
	/** after a size: bytes of the chunk */
	size: number = 0;

	/**
	 * @param phase  where one is; not in the middle of a chunk's bytes
	 * @returns      bytes the step takes; 0 where it has not wholly come; −1 where it is none
	 */
	step(phase: number, bytes: Uint8Array, at: number, length: number): number {
		const end = lineEnd(bytes, at, Math.min(length, LONGEST_LINE));
		if (end === 0) return length >= LONGEST_LINE ? -1 : 0;
		const text = end > 1 && bytes[at + end - 2] === CR ? end - 2 : end - 1;
		switch (phase) {
			case CHUNK_SIZE: return this.#size(bytes, at, text) ? end : -1;
			case CHUNK_BEHIND: this.phase = CHUNK_SIZE; return text === 0 ? end : -1;
			default: this.phase = text === 0 ? CHUNK_OVER : CHUNK_TRAILER; return end;
		}
	}

	#size(bytes: Uint8Array, at: number, length: number): boolean {
		let size = 0, digits = 0;
		for (let i = at; i < at + length; i++) {
			const digit = hexDigit(bytes[i]!);
			// What follows a size, an extension, is of no use here.
			if (digit < 0) { if (bytes[i] === 59 || bytes[i] === 32 || bytes[i] === 9) break; return false; }
			if (++digits > 8) return false;
			size = size * 16 + digit;
		}
		this.size = size;
		this.phase = size === 0 ? CHUNK_TRAILER : CHUNK_DATA;
		return digits > 0;
	}
}

function hexDigit(code: number): number {
	if (code >= 48 && code <= 57) return code - 48;
	const letter = code | 32;
	return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Bytes of the line at `at`, its newline included; 0 where it has none. */
function lineEnd(bytes: Uint8Array, at: number, length: number): number {
	for (let i = at; i < at + length; i++) if (bytes[i] === LF) return i + 1 - at;
	return 0;
}
