import { Hash } from '../../sim/index.ts';
import type { Cell } from './cells.ts';
import type { Frame } from './frames.ts';
import type { Spending } from './system.ts';

/** A frame on its way. */
export interface Flight {
	readonly frame: Frame;
	/** 0: in order, and before time passes; else delayed: any time up to then, world µs */
	readonly until: number;
}

/** Everything there is at a moment between two steps. */
export interface Situation {
	/** world µs */
	readonly now: number;
	/** the state of each machine, by place */
	readonly cells: readonly Cell[];
	/** what is on its way on each lane (twice its link's number, plus one for the way back), in the order of sending */
	readonly lanes: readonly (readonly Flight[])[];
	/** bit set of links that are cut */
	readonly down: number;
	/** number of what is remembered of the history */
	readonly watched: number;
	readonly spent: Spending;
	/** frames handed over since time moved last */
	readonly hops: number;
}

/** A number for a situation: equal for those that have the same future, what may still befall them left aside. */
export function keyOf({ now, cells, lanes, down, watched }: Situation): number {
	const hash = new Hash();
	hash.number(now);
	for (const { id } of cells) hash.word(id);
	for (let lane = 0; lane < lanes.length; lane++) {
		const flights = lanes[lane]!;
		if (flights.length === 0) continue;
		hash.word(-1 - lane);
		for (const { frame, until } of flights) {
			hash.word(frame.id);
			hash.number(until);
		}
	}
	hash.word(down);
	hash.word(watched);
	return hash.whole();
}

/** Whether of two histories the first has left at least as much to befall it. */
export function atMost(a: Spending, b: Spending): boolean {
	return a.frames <= b.frames && a.crashes <= b.crashes && a.cuts <= b.cuts;
}
