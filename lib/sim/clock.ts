import { WorldError } from './error.ts';

/** How a machine's clock differs from the world's. */
export interface ClockOptions {
	/** What it shows when the world begins, µs. */
	readonly offset?: number;
	/** How much faster it runs than the world, parts per million; negative is slower. */
	readonly drift?: number;
}

/** More is not a clock; it bounds the rounding of `toWorld`. */
const MAX_DRIFT = 100_000;

/** A machine's monotonic clock as a function of world time, in integers. */
export class NodeClock {
	/** µs shown at world time 0 */
	readonly offset: number;
	/** parts per million */
	readonly drift: number;

	/** @throws {WorldError} BAD_OPTION */
	constructor(options: ClockOptions = {}) {
		const { offset = 0, drift = 0 } = options;
		if (!Number.isSafeInteger(offset)) throw new WorldError('BAD_OPTION', `A clock's offset is whole microseconds, not ${offset}.`);
		if (!Number.isInteger(drift) || Math.abs(drift) > MAX_DRIFT) {
			throw new WorldError('BAD_OPTION', `A clock's drift is a whole number of ppm within ±${MAX_DRIFT}, not ${drift}.`);
		}
		this.offset = offset;
		this.drift = drift;
	}

	/** What the clock shows at world time `time`, µs; never decreases. */
	toNode(time: number): number {
		const shown = this.offset + time;
		return this.drift === 0 ? shown : shown + Math.floor((time * this.drift) / 1e6);
	}

	/** The first whole µs of world time at which the clock shows `shown` or more. */
	toWorld(shown: number): number {
		const passed = shown - this.offset;
		if (this.drift === 0 || !Number.isFinite(passed)) return Math.ceil(passed);
		let time = Math.floor((passed * 1e6) / (1e6 + this.drift)) - 2;
		while (this.toNode(time) < shown) time++;
		return time;
	}
}
