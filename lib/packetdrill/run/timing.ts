import type { EventTime, ScriptOption } from '../tree.ts';
import { numberOf } from './addressing.ts';
import { lastOf } from './last.ts';

/** When an event is due, µs since the script began: outbound packets may come anywhere between. */
export interface Due {
	readonly from: number;
	readonly to: number;
	/** How far before and after a packet may come and a call may return. */
	readonly tolerance: number;
}

/** Scripts allow 4 ms, or an eighth of the time since the event before where that is more. */
const LEAST_TOLERANCE = 4000, TOLERANCE_SHARE = 0.125;

/** Keeps what times of a script are counted from. */
export class Timing {
	readonly #slack: number;
	readonly #fixed: number | null;
	readonly #share: number;
	/** When the event before was over, and when it was due. */
	#ended = 0;
	#due = 0;
	#wasInbound = false;

	/** @param slack  by how much times may be off whatever the script says, µs */
	constructor(options: readonly ScriptOption[], slack: number) {
		this.#slack = slack;
		const given = (name: string): string | null => lastOf(options, (option) => option.name === name)?.value ?? null;
		const fixed = given('tolerance_usecs');
		this.#fixed = fixed === null ? null : numberOf(fixed, 0);
		const percent = given('tolerance_percent');
		this.#share = percent === null || !/^\d+(\.\d+)?$/.test(percent) ? TOLERANCE_SHARE : Number(percent) / 100;
	}

	/**
	 * When an event is due. Relative times count from the end of the event
	 * before, except that a burst of inbound packets keeps its own rhythm.
	 */
	dueOf(time: EventTime, isInbound: boolean): Due {
		const base = isInbound && this.#wasInbound ? this.#due : this.#ended;
		switch (time.kind) {
			case 'absolute': return this.#within(time.at, time.at);
			case 'after': return this.#within(base + time.by, base + time.by);
			case 'absolute-range': return this.#within(time.from, time.to);
			case 'after-range': return this.#within(base + time.from, base + time.to);
			case 'any': return { from: base, to: Infinity, tolerance: Infinity };
		}
	}

	#within(from: number, to: number): Due {
		return { from, to, tolerance: this.#slack + this.#tolerance(from - this.#ended) };
	}

	#tolerance(gap: number): number {
		const share = Math.max(LEAST_TOLERANCE, gap * this.#share);
		// Timers of real time are not as exact as scripts may want them.
		return this.#fixed === null ? share : this.#slack === 0 ? this.#fixed : Math.max(this.#fixed, share);
	}

	/** The event is over. */
	end(due: Due, now: number, isInbound: boolean): void {
		this.#ended = now;
		this.#due = due.from;
		this.#wasInbound = isInbound;
	}
}
