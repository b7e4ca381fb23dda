/** Nanoseconds of the machine's monotonic clock now. */
function monotonic(): bigint {
	return process.hrtime.bigint();
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
		this.#offset = Number(monotonic() - BigInt(base)) / 1000 - performance.now() * 1000;
	}

	now(): number {
		return Math.floor(performance.now() * 1000 + this.#offset);
	}
}

