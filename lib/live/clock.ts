/** Nanoseconds of the machine's monotonic clock now. */
function monotonic(): bigint {
	return process.hrtime.bigint();
}

/** Tries at reading two clocks at once: whoever is interrupted between the readings tries again. */
const TRIES = 50;

/** How far the clock that counts from `base` is ahead of `performance.now`, µs. */
function offsetFrom(base: bigint): number {
	let offset = 0, tightest = Infinity;
	for (let i = 0; i < TRIES; i++) {
		const before = performance.now();
		const time = monotonic();
		const after = performance.now();
		if (after - before >= tightest) continue;
		tightest = after - before;
		offset = Number(time - base) / 1000 - (before + after) * 500;
	}
	return offset;
}

/**
 * The machine's monotonic clock in µs since a moment of it. All processes of a
 * machine that agree on the moment tell the same time.
 */
export class Clock {
	/** the moment counted from, as text: nanoseconds of the monotonic clock */
	readonly base: string;
	readonly #offset: number;

	/** @param base  what another clock's `base` was; default: from now on */
	constructor(base: string = String(monotonic())) {
		this.base = base;
		// `performance.now` reads the same clock and makes no big integers.
		this.#offset = offsetFrom(BigInt(base));
	}

	now(): number {
		return Math.floor(performance.now() * 1000 + this.#offset);
	}
}

