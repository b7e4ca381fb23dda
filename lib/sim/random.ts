/**
 * The key of one random source. A source is a permutation of the integers under
 * its key: draw `n` is a function of key and `n` alone, so that a source has no
 * state but a count, and what one source gave never moves what another gives.
 */
export interface StreamKey {
	readonly low: number;
	readonly high: number;
}

/** Spreads every bit of a 32-bit integer over all of them (the finalizer of MurmurHash3). */
function mix(h: number): number {
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return h ^ (h >>> 16);
}

/**
 * The key of the source that belongs to these names in a world of this seed.
 *
 * @param seed   any integer
 * @param names  what the source is for, from the whole to the part
 */
export function streamKey(seed: number, ...names: readonly string[]): StreamKey {
	let low = mix(seed | 0);
	let high = mix(Math.floor(seed / 0x1_0000_0000) ^ 0x2545f491);
	for (const name of names) {
		for (let i = 0; i <= name.length; i++) {
			// One past the end is a mark of its own: 'ab','c' is not 'a','bc'.
			const unit = i < name.length ? name.charCodeAt(i) : 0x1_0000;
			low = mix(low ^ unit);
			high = mix((high + Math.imul(unit, 0x27d4eb2f)) ^ low);
		}
	}
	return { low, high };
}

/** Draw `n` of a source: 0 … 2³²−1. */
export function draw(key: StreamKey, n: number): number {
	const first = mix((key.low + Math.imul(n, 0x9e3779b9)) | 0);
	return mix((first + key.high) | 0) >>> 0;
}

/** What a draw has to stay below to happen with probability `p`. */
export function threshold(p: number): number {
	return p >= 1 ? 0x1_0000_0000 : p > 0 ? Math.floor(p * 0x1_0000_0000) : 0;
}

/** A random source that is drawn from in order: for scenarios, clients, entropy. */
export class Random {
	readonly #key: StreamKey;
	/** Draws so far: the whole state. */
	count: number;

	constructor(seed: number, ...names: readonly string[]) {
		this.#key = streamKey(seed, ...names);
		this.count = 0;
	}

	/** The next integer, 0 … 2³²−1. */
	next(): number {
		return draw(this.#key, this.count++);
	}

	/** An integer 0 … `bound`−1, `bound` ≤ 2³² (the multiply-shift reduction; bias below `bound`/2³²). */
	below(bound: number): number {
		return Math.floor((this.next() * bound) / 0x1_0000_0000);
	}

	/** Whether something of probability `p` happens. */
	chance(p: number): boolean {
		return this.next() < threshold(p);
	}

	/** `length` random bytes. */
	bytes(length: number): Uint8Array {
		const bytes = new Uint8Array(length);
		for (let i = 0; i < length; i++) bytes[i] = this.next() >>> 24;
		return bytes;
	}
}
