import type { Slab } from './slabs.ts';

// What an item of a script is.
export const WRITE = 0;
export const CLOSE = 1;
export const ABORT = 2;

/**
 * What the captured application did, in its order: each piece it wrote, when,
 * and how much it had read by then. Shared by all who play it, and never
 * changed.
 */
export interface Script {
	/** port it listened on; 0 where it opened the connection itself */
	readonly listens: number;
	/** whom it connected to, from which port; '' where it listened */
	readonly address: string;
	readonly port: number;
	readonly localPort: number;
	/** the moment of the schedule at which the connection was open, µs */
	readonly openAt: number;
	/** WRITE, CLOSE or ABORT */
	readonly kinds: Uint8Array;
	/** moment of the schedule, µs: not before it */
	readonly times: Float64Array;
	/** bytes it had read: not before that */
	readonly reads: Float64Array;
	/** bytes to write, and where they lie: a slab's number or UNKNOWN, and the place in it */
	readonly lengths: Float64Array;
	readonly slabOf: Int32Array;
	readonly places: Int32Array;
	readonly slabs: readonly Slab[];
}
