import type { Knobs } from './knobs.ts';
import type { Luggage } from './luggage.ts';

/** The part of the longest pause that is begun with. */
const FIRST = 64;

/**
 * A slow feedback loop: while the backup lags too far behind, the primary waits
 * longer and longer between two entries, and while it does not, less and less.
 * What arrives in a pause becomes one entry behind it.
 */
export class Throttle {
	/** pause between two entries, µs; 0 while there is none */
	pause: number = 0;
	/** no entry of frames or timers is made before, own clock in µs */
	at: number = -Infinity;
	#reviewAt: number = -Infinity;
	readonly #lag: number;
	readonly #every: number;
	readonly #longest: number;

	constructor(knobs: Pick<Knobs, 'throttleLag' | 'throttleEvery' | 'throttlePause'>) {
		this.#lag = knobs.throttleLag;
		this.#every = knobs.throttleEvery;
		this.#longest = knobs.throttlePause;
	}

	/** An entry was made at `now`, with the backup `lag` entries behind. */
	logged(now: number, lag: number): void {
		if (this.#lag === 0) return;
		if (now >= this.#reviewAt) {
			this.#reviewAt = now + this.#every;
			const { pause } = this;
			this.pause = lag > this.#lag ? Math.min(this.#longest, pause + (pause >> 1) + Math.ceil(this.#longest / FIRST)) : pause - ((pause + 3) >> 2);
		}
		this.at = now + this.pause;
	}

	/** Nobody lags any more. */
	rest(): void {
		this.pause = 0;
		this.at = -Infinity;
		this.#reviewAt = -Infinity;
	}

	carry(luggage: Luggage): void {
		this.pause = luggage.number(this.pause);
		this.at = luggage.number(this.at);
		this.#reviewAt = luggage.number(this.#reviewAt);
	}
}
