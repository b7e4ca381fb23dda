/** How far back an echoed timestamp is looked for, entries. */
const FARTHEST = 1024;

/** Timestamps one side sent, each with the place it first stood at. */
class Stamps {
	count = 0;
	readonly #values: number[] = [];
	readonly #places: number[] = [];

	clear(): void {
		this.count = 0;
		this.#values.length = 0;
		this.#places.length = 0;
	}

	add(value: number, place: number): void {
		if (this.count > 0 && this.#values[this.count - 1] === value) return;
		this.#values.push(value);
		this.#places.push(place);
		this.count++;
	}

	/** The place at which a value stood; NaN where it is not known. */
	placeOf(value: number): number {
		const until = Math.max(0, this.count - FARTHEST);
		for (let nth = this.count - 1; nth >= until; nth--) if (this.#values[nth] === value) return this.#places[nth]!;
		return NaN;
	}

	/** The last value that stood at that place or before it; the first of those looked at where there is none. */
	valueAt(place: number): number {
		const until = Math.max(0, this.count - FARTHEST);
		for (let nth = this.count - 1; nth >= until; nth--) if (this.#places[nth]! <= place) return this.#values[nth]!;
		return this.#values[until] ?? 0;
	}
}

/**
 * Turns the TSecr of a captured segment into what it has to echo of our
 * stack's (RFC 7323 §3.2): the captured TSval stood at some place of the
 * stream, and so did one of our stack's.
 */
export class Echo {
	readonly captured: Stamps = new Stamps();
	readonly live: Stamps = new Stamps();

	clear(): void {
		this.captured.clear();
		this.live.clear();
	}

	/** @param tsEcr  captured, int32 */
	translate(tsEcr: number): number {
		const place = this.captured.placeOf(tsEcr);
		return this.live.valueAt(Number.isNaN(place) ? Infinity : place);
	}
}
