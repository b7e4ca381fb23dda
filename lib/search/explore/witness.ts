import type { TraceEvent } from '../../trace/index.ts';
import type { Frame } from './frames.ts';
import type { Facts, Watch } from './watch.ts';

/** What is remembered of histories, each state of it once and by its number; 0 is that of the beginning. */
export class Witness {
	readonly #watch: Watch<unknown>;
	readonly #states: unknown[];
	readonly #numbers: Map<string, number>;
	readonly #events: Map<readonly TraceEvent[], Map<number, number>> = new Map();
	readonly #sent: Map<string, number> = new Map();

	constructor(watch: Watch<unknown>) {
		this.#watch = watch;
		this.#states = [watch.initial];
		this.#numbers = new Map([[watch.keyOf(watch.initial), 0]]);
	}

	#number(state: unknown): number {
		const key = this.#watch.keyOf(state);
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		this.#numbers.set(key, this.#states.length);
		return this.#states.push(state) - 1;
	}

	/** What is remembered behind the events of one step; the same array of events every time it is met. */
	events(before: number, events: readonly TraceEvent[]): number {
		if (events.length === 0) return before;
		let behind = this.#events.get(events);
		if (behind === undefined) this.#events.set(events, behind = new Map());
		const known = behind.get(before);
		if (known !== undefined) return known;
		let state = this.#states[before];
		for (const event of events) state = this.#watch.event(state, event);
		const number = this.#number(state);
		behind.set(before, number);
		return number;
	}

	sent(before: number, place: string, port: number, frame: Frame): number {
		const key = `${before} ${place} ${port} ${frame.id}`;
		const known = this.#sent.get(key);
		if (known !== undefined) return known;
		const number = this.#number(this.#watch.sent(this.#states[before], place, port, frame.bytes));
		this.#sent.set(key, number);
		return number;
	}

	crashed(before: number, place: string): number {
		return this.#number(this.#watch.crashed(this.#states[before], place));
	}

	until(number: number): number {
		return this.#watch.until(this.#states[number]);
	}

	ended(number: number, facts: ReadonlyMap<string, Facts>): void {
		this.#watch.ended(this.#states[number], facts);
	}
}
