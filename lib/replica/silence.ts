import type { Luggage } from './luggage.ts';

/**
 * Judges a peer's silence. Time in which the judge itself did not run is not
 * silence: whoever wakes up late first reads what has arrived meanwhile.
 */
export class Silence {
	/** when the peer is silent, own clock in µs; `Infinity` while nothing is awaited */
	due: number = Infinity;
	/** when the peer was heard last */
	since: number = 0;
	readonly #stall: number;

	/** @param stall  lateness that counts as a stall, and what is listened for after one, µs */
	constructor(stall: number) {
		this.#stall = stall;
	}

	/** The peer was heard; it is silent when it is not heard again for `limit`. */
	heard(now: number, limit: number): void {
		this.since = now;
		this.due = now + limit;
	}

	/** Nothing is awaited any more. */
	rest(): void {
		this.due = Infinity;
	}

	/**
	 * Takes into account that one ran at `now` and had wanted to at `wanted`.
	 */
	ran(now: number, wanted: number): void {
		const late = now - wanted;
		if (late > this.#stall) this.due = Math.max(this.due + late, now + this.#stall);
	}

	/** Whether the peer is silent. Asked after `ran`. */
	judged(now: number): boolean {
		return now >= this.due;
	}

	carry(luggage: Luggage): void {
		this.due = luggage.number(this.due);
		this.since = luggage.number(this.since);
	}
}
