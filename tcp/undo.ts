import { threeQuarters } from './congestion.ts';
import type { Tcp } from './engine.ts';
import { FAST_RECOVERY, REDUCING } from './phases.ts';
import { RESENT, SACKED } from './run-flags.ts';
import { diff } from './seq.ts';
import { timestampNow } from './timestamps.ts';

// Loss recovery that turns out to have been for nothing is taken back: the
// original arrived after all, as a timestamp (Eifel, RFC 3522) or DSACKs for
// everything sent again (RFC 3708) show.

/** Remembers the window before it is lowered. */
export function rememberWindow(t: Tcp): void {
	const { undo, cc } = t.tcb;
	undo.on = 1;
	undo.cwnd = cc.cwnd;
	undo.ssthresh = thresholdNow(t);
	undo.repeats = repeatsOut(t);
	// What was sent again before and is still out is answered with an echo older
	// than the repeats to come, which says nothing of an original.
	if (undo.repeats === 0) undo.stamped = 0;
}

/** The threshold to come back to; where the window counts segments, one that lies below what was reached is moved up there. */
function thresholdNow(t: Tcp): number {
	const { cc } = t.tcb;
	if (t.profile.window === 'octets' || cc.phase === FAST_RECOVERY || cc.phase === REDUCING) return cc.ssthresh;
	return Math.max(cc.ssthresh, threeQuarters(t));
}

/** Segments that were sent again and are not known to have arrived. */
function repeatsOut(t: Tcp): number {
	const { tcb, run } = t;
	let count = 0;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & (RESENT | SACKED)) === RESENT) count += Math.ceil(diff(run.right, run.left) / tcb.snd.mss);
	}
	return count;
}

/** Something is sent again: the earliest such timestamp is what an echo is held against (RFC 3522 §3.2, step 2). */
export function noteRepeat(t: Tcp): void {
	const { undo } = t.tcb;
	undo.repeats++;
	if (undo.stamped === 0) {
		undo.stamped = 1;
		undo.stamp = timestampNow(t);
	}
}

/** A DSACK tells that one of the repeats was not needed. */
export function noteNeedless(t: Tcp): void {
	const { undo } = t.tcb;
	if (undo.on !== 0 && undo.repeats > 0) undo.repeats--;
}

/** Whether the ACK at hand answers the original and not what was sent again (RFC 3522 §3.2, step 5). */
function answersOriginal(t: Tcp): boolean {
	const { tcb, seg } = t;
	return tcb.undo.stamped !== 0 && tcb.ts.on !== 0 && seg.hasTs && seg.tsEcr !== 0 && diff(seg.tsEcr, tcb.undo.stamp) < 0;
}

/** Whether what was done about a loss was done for nothing. */
export function wasNeedless(t: Tcp): boolean {
	const { undo } = t.tcb;
	return undo.on !== 0 && ((undo.repeats === 0 && undo.stamped !== 0) || answersOriginal(t));
}

/** Gives the window back (RFC 4015 §3.2, RFC 5681's bounds kept). */
export function takeBack(t: Tcp): void {
	const { undo, cc } = t.tcb;
	cc.cwnd = Math.max(cc.cwnd, undo.cwnd);
	cc.ssthresh = Math.max(cc.ssthresh, undo.ssthresh);
	undo.on = 0;
	t.counters.undone++;
}
