/** How captured times become moments of the machine's clock. */
export type Pace =
	/** pauses are left out: what is played next comes as soon as what it answers was sent, `step` µs after the last at the earliest */
	| { readonly kind: 'virtual'; readonly step?: number }
	/** pauses as captured, times a factor; 1: as recorded */
	| { readonly kind: 'scaled'; readonly factor: number };

/** Between two segments where pauses are left out and nothing else is said, µs. */
const VIRTUAL_STEP = 10;
/** No pause is longer than this, µs: what is longer is a clock that was set, or silence in which nothing happens. */
const LONGEST_PAUSE = 60e6;

/** Moments of the schedule for captured times, µs from 0 on; time that ran backwards stands still. */
export function schedule(times: readonly number[], pace: Pace): Float64Array {
	const moments = new Float64Array(times.length);
	let moment = 0;
	for (let k = 0; k < times.length; k++) {
		const pause = k === 0 ? 0 : Math.min(LONGEST_PAUSE, Math.max(0, times[k]! - times[k - 1]!));
		moment += pace.kind === 'virtual' ? pace.step ?? VIRTUAL_STEP : pause * pace.factor;
		moments[k] = Math.round(moment);
	}
	return moments;
}
