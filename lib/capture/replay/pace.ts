/** How captured times become moments of the machine's clock. */
export type Pace =
	/** pauses are left out: what is played next comes as soon as what it answers was sent */
	| { readonly kind: 'virtual' }
	/** pauses as captured, times a factor; 1: as recorded */
	| { readonly kind: 'scaled'; readonly factor: number };

/** Between two segments where pauses are left out, µs. */
export const VIRTUAL_STEP = 10;
/** No pause is longer than this: a clock that was set in the midst of a capture is none, µs. */
const LONGEST_PAUSE = 3600e6;

/** Moments of the schedule for captured times, µs from 0 on; time that ran backwards stands still. */
export function schedule(times: readonly number[], pace: Pace): Float64Array {
	const moments = new Float64Array(times.length);
	let moment = 0;
	for (let k = 0; k < times.length; k++) {
		const pause = k === 0 ? 0 : Math.min(LONGEST_PAUSE, Math.max(0, times[k]! - times[k - 1]!));
		moment += pace.kind === 'virtual' ? VIRTUAL_STEP : pause * pace.factor;
		moments[k] = Math.round(moment);
	}
	return moments;
}
