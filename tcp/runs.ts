import type { Tcp } from './engine.ts';
import { RECORD_END, markAt } from './marks.ts';
import { noteDelivered } from './rack.ts';
import { ENDS_WRITE, LOST, REPAIRED, RESENT, SACKED } from './run-flags.ts';
import { highestSacked, markRun } from './scoreboard.ts';
import { diff, geq, gt, leq, lt } from './seq.ts';

// The runs of a connection cover [SND.UNA, SND.NXT) in order and without gaps.
// What was sent at one time with the same fate is one run, however many
// segments it took: a burst costs one record, and a SACK or a retransmission
// splits it where it must (the scoreboard of RFC 6675 §3, with the transmission
// times that RFC 8985 §5.1 asks for).

/** Enters what is sent for the first time; false where the quota of runs is used up. */
export function appendRun(t: Tcp, left: number, right: number): boolean {
	const { tcb, run } = t;
	const now = t.now + t.delay;
	const last = tcb.runs.last;
	if (last !== 0) {
		run.go(last);
		if (run.flags === 0 && run.sentAt === now && run.right === left && isWhole(t, left) && (tcb.marks.first === 0 || markAt(t, left) === 0)) {
			run.right = right;
			return true;
		}
	}
	const at = t.image.alloc(t.runs);
	if (at === 0) return false;
	if (last === 0) tcb.runs.first = at;
	else run.next = at;
	tcb.runs.last = at;
	run.go(at);
	run.left = left;
	run.right = right;
	run.base = left;
	run.sentAt = now;
	return true;
}

/** Whether the run at hand, which ends at `right`, may be made longer: where segments are counted, only what fills them can share a run. */
function isWhole({ profile, run, tcb }: Tcp, right: number): boolean {
	return profile.window === 'octets' || diff(right, run.left) % tcb.snd.mss === 0;
}

/** Whether a run could be entered now: a segment must not be sent that nobody remembers. */
export function hasRunRoom(t: Tcp): boolean {
	return t.image.live(t.runs) + 4 < t.runs.spec.max;
}

function uncount(t: Tcp, flags: number, octets: number): void {
	if ((flags & SACKED) !== 0) t.tcb.runs.sacked -= octets;
	if ((flags & LOST) !== 0) t.tcb.runs.lost -= octets;
}

/**
 * Takes off everything below `una`. Leaves in `t.acked` how many octets were
 * new, how many of these were SACKed before, and the latest time something was
 * sent that has now been acknowledged and was never sent twice (Karn's rule,
 * RFC 6298 §3).
 */
export function acknowledgeRuns(t: Tcp, una: number): void {
	const { tcb, run, acked } = t;
	acked.octets = (una - tcb.snd.una) | 0;
	for (let at = tcb.runs.first; at !== 0;) {
		run.go(at);
		if (geq(run.left, una)) break;
		const whole = leq(run.right, una);
		const octets = whole ? (run.right - run.left) | 0 : (una - run.left) | 0;
		uncount(t, run.flags, octets);
		if ((run.flags & SACKED) === 0) noteDelivered(t, run.sentAt, whole ? run.right : una, run.flags);
		if ((run.flags & SACKED) !== 0) acked.sacked += octets;
		else if ((run.flags & RESENT) !== 0) acked.clean = false;
		else {
			if (acked.firstAt === 0) acked.firstAt = run.sentAt;
			acked.sentAt = run.sentAt;
			noteOriginal(t, acked.high, whole ? run.right : una);
		}
		if (!whole) {
			run.left = una;
			break;
		}
		const next = run.next;
		t.image.free(t.runs, at);
		tcb.runs.first = next;
		if (next === 0) tcb.runs.last = 0;
		at = next;
	}
}

/** Something sent but once has arrived, up to `right`: late where it lies below `high`. */
function noteOriginal({ acked, run, tcb }: Tcp, high: number, right: number): void {
	if (leq(right, tcb.cc.recover)) acked.original = true;
	if (!lt(run.left, high) || (acked.late && leq(acked.lowest, run.left))) return;
	acked.late = true;
	acked.lowest = run.left;
}

/** Splits the run the cursor stands on at `seq`, which lies inside it; the cursor stays on the left part. False where no record is to be had. */
export function splitRun(t: Tcp, seq: number): boolean {
	const { run, runBehind, tcb } = t;
	const at = t.image.alloc(t.runs);
	if (at === 0) return false;
	runBehind.go(at);
	runBehind.left = seq;
	runBehind.right = run.right;
	runBehind.next = run.next;
	runBehind.flags = run.flags;
	runBehind.base = run.base;
	runBehind.burst = run.burst;
	runBehind.sentAt = run.sentAt;
	run.flags &= ~ENDS_WRITE;
	run.right = seq;
	run.next = at;
	if (runBehind.next === 0) tcb.runs.last = at;
	return true;
}

/**
 * Marks [left, right) as selectively acknowledged (RFC 2018 §4).
 *
 * @returns octets that had not been SACKed before
 */
export function sackRuns(t: Tcp, left: number, right: number): number {
	const { tcb, run, acked } = t;
	const high = highestSacked(t);
	let fresh = 0;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if (geq(run.left, right)) break;
		if (leq(run.right, left) || (run.flags & SACKED) !== 0) continue;
		if (lt(run.left, left)) {
			if (!splitRun(t, left)) break;
			continue;
		}
		if (gt(run.right, right) && !splitRun(t, right)) break;
		const octets = (run.right - run.left) | 0;
		uncount(t, run.flags, octets);
		noteDelivered(t, run.sentAt, run.right, run.flags);
		if ((run.flags & RESENT) === 0) {
			if (acked.sackFirstAt === 0) acked.sackFirstAt = run.sentAt;
			acked.sackLastAt = run.sentAt;
			noteOriginal(t, high, run.right);
		}
		run.flags = (run.flags & ~(LOST | REPAIRED)) | SACKED;
		tcb.runs.sacked += octets;
		fresh += octets;
	}
	if (fresh > 0 && (tcb.runs.sacked === fresh || gt(right, tcb.runs.high))) tcb.runs.high = right;
	return fresh;
}

/** Takes everything in [SND.UNA, until) that is not SACKed, and not sent again since `before`, for lost. */
export function markLost(t: Tcp, until: number, alsoResent: boolean): void {
	const { tcb, run } = t;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if (geq(run.left, until)) break;
		if ((run.flags & (SACKED | LOST)) !== 0 || (!alsoResent && (run.flags & RESENT) !== 0)) continue;
		if (gt(run.right, until) && !splitRun(t, until)) break;
		markRun(t);
	}
}

/** After a retransmission time-out what was SACKed counts for nothing: the peer may have reneged (RFC 2018 §8). */
export function forgetSacks(t: Tcp): void {
	const { tcb, run } = t;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		run.flags &= ~SACKED;
	}
	tcb.runs.sacked = 0;
}

/** Nothing is taken for lost any more. */
export function forgetLosses(t: Tcp): void {
	const { tcb, run } = t;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		run.flags &= ~(LOST | REPAIRED);
	}
	tcb.runs.lost = 0;
}

/** Moves the run cursor to the first run taken for lost; false where there is none. */
export function firstLost(t: Tcp): boolean {
	const { tcb, run } = t;
	if (tcb.runs.lost === 0) return false;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & LOST) !== 0) return true;
	}
	return false;
}

/** The lost run at hand takes what was sent behind it along when it is sent again: what fits its segment, and the peer's window, and belongs to the same record. */
export function joinBehind(t: Tcp): void {
	const { tcb, run, runBehind } = t;
	const { snd, runs } = tcb;
	while (run.next !== 0) {
		runBehind.go(run.next);
		const { left, right } = runBehind;
		if ((runBehind.flags & SACKED) !== 0 || diff(right, run.left) > snd.mss || gt(right, (snd.una + snd.wnd) | 0)) return;
		if (tcb.marks.first !== 0 && (markAt(t, left) & RECORD_END) !== 0) return;
		if ((runBehind.flags & LOST) === 0) runs.lost += diff(right, left);
		run.flags = (run.flags & ~ENDS_WRITE) | (runBehind.flags & (RESENT | ENDS_WRITE));
		run.right = right;
		run.next = runBehind.next;
		if (run.next === 0) runs.last = run.at;
		t.image.free(t.runs, runBehind.at);
	}
}

/** Enters that the first `octets` of the run the cursor stands on are sent again now. */
export function resendRun(t: Tcp, octets: number): void {
	const { run, tcb } = t;
	const right = (run.left + octets) | 0;
	if (lt(right, run.right) && !splitRun(t, right)) octets = (run.right - run.left) | 0;
	uncount(t, run.flags, octets);
	const wasLost = (run.flags & (LOST | REPAIRED)) !== 0;
	run.flags = RESENT | (run.flags & (SACKED | ENDS_WRITE)) | (wasLost ? REPAIRED : 0);
	run.sentAt = t.now + t.delay;
	if ((run.flags & SACKED) !== 0) tcb.runs.sacked += octets;
}

/** Frees all runs of the connection at hand. */
export function freeRuns(t: Tcp): void {
	const { tcb, run } = t;
	for (let at = tcb.runs.first; at !== 0;) {
		run.go(at);
		const next = run.next;
		t.image.free(t.runs, at);
		at = next;
	}
	tcb.runs.first = 0;
	tcb.runs.last = 0;
	tcb.runs.sacked = 0;
	tcb.runs.lost = 0;
}
