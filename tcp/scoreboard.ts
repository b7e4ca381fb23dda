import type { Tcp } from './engine.ts';
import { LOST, REPAIRED, RESENT, SACKED } from './run-flags.ts';
import { diff } from './seq.ts';

// What the runs of a connection say, taken together.

/** The number behind the highest SACKed octet; SND.UNA where there is none. */
export function highestSacked({ tcb }: Tcp): number {
	return tcb.runs.sacked > 0 ? tcb.runs.high : tcb.snd.una;
}

/** Takes the run at hand for lost. */
export function markRun({ tcb, run, acked }: Tcp): void {
	const octets = diff(run.right, run.left);
	if ((run.flags & RESENT) !== 0) acked.lostAgain = true;
	run.flags = (run.flags & ~REPAIRED) | LOST;
	tcb.runs.lost += octets;
	acked.lost += octets;
}

/** Segments that were SACKed. */
export function sackedSegments(t: Tcp): number {
	const { tcb, run } = t;
	let count = 0;
	for (let at = tcb.runs.sacked > 0 ? tcb.runs.first : 0; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & SACKED) !== 0) count += Math.ceil(diff(run.right, run.left) / tcb.snd.mss);
	}
	return count;
}

/** Whether something is out that was sent again, and is neither known to have arrived nor to be lost. */
export function isRepeatOut(t: Tcp): boolean {
	const { tcb, run } = t;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & (RESENT | LOST | SACKED)) === RESENT) return true;
	}
	return false;
}

/** Octets that are out in the network, as far as we know (RFC 6675 §4, `pipe`). */
export function inFlight(t: Tcp): number {
	const { snd, runs } = t.tcb;
	return ((snd.nxt - snd.una) | 0) - runs.sacked - runs.lost;
}
