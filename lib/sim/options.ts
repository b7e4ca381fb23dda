import type { Trace } from '../trace/index.ts';
import type { ClockOptions } from './clock.ts';
import type { World } from './world.ts';

/** How a world is made. */
export interface WorldOptions {
	/** an integer: everything that is drawn comes from it */
	readonly seed: number;
	readonly trace?: Trace | null;
	/** kills the machine at a place before a step */
	readonly crashBefore?: { readonly place: string; readonly step: number };
}

/** How a machine is set up at its place. */
export interface PlaceOptions extends ClockOptions {
	/** how many frames of one instant it is handed before it is drained; 1 by default */
	readonly batch?: number;
}

/** Something a scenario does to the world; no step of a machine. */
export type Action = (world: World) => void;

/** When a run is to end. */
export interface RunOptions {
	/** world time, µs: nothing later happens, and the clock stands there afterwards */
	readonly until?: number;
	/** steps of this run; 1,000,000 by default */
	readonly maxSteps?: number;
	/** asked after each step */
	readonly done?: (world: World) => boolean;
}

/** How a run ended. */
export interface RunResult {
	/**
	 * `quiet`: nothing was left to happen · `until`: the time was reached ·
	 * `done`: the caller said so · `steps`: the bound was reached, see `pending`
	 */
	readonly ended: 'quiet' | 'until' | 'done' | 'steps';
	/** steps of this run */
	readonly steps: number;
	/** world time, µs */
	readonly time: number;
	/** what was still going on, soonest first, at most 20 lines */
	readonly pending: readonly string[];
}
