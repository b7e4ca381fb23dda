import type { Tcp } from './engine.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY } from './phases.ts';
import { LOST, RESENT, SACKED } from './run-flags.ts';
import { highestSacked, markRun, sackedSegments } from './scoreboard.ts';
import { diff, gt, lt } from './seq.ts';
import { REORDER, RETRANSMIT } from './timer-kinds.ts';
import { timestampAt } from './timestamps.ts';

/** Reordering windows grow in quarters of the shortest round trip, and fall back after so many recoveries (RFC 8985 §6.2, step 4). */
const PERSIST = 16;

/** Whether what was sent at `aAt` up to `aEnd` left after what was sent at `bAt` up to `bEnd`. */
function sentAfter(aAt: number, aEnd: number, bAt: number, bEnd: number): boolean {
	return aAt > bAt || (aAt === bAt && gt(aEnd, bEnd));
}

/**
 * Something sent was delivered: RFC 8985 §6.2, steps 1 to 3.
 *
 * @param sentAt  when it was last sent, µs
 * @param right   where it ends, sequence space
 */
export function noteDelivered(t: Tcp, sentAt: number, right: number, flags: number): void {
	const { tcb, seg, now } = t;
	const { rack } = tcb;
	const rtt = now - sentAt;
	if ((flags & RESENT) !== 0) {
		// Perhaps it was the first sending that arrived: then this tells nothing of the second.
		if (tcb.ts.on !== 0 && seg.hasTs && diff(seg.tsEcr, timestampAt(t, sentAt)) < 0) return;
		if (rtt < rack.minRtt) return;
	}
	rack.rtt = rtt;
	if (sentAfter(sentAt, right, rack.at, rack.end)) {
		rack.at = sentAt;
		rack.end = right;
	}
}

/**
 * Something has arrived after what was sent behind it, the first time it was
 * sent (RFC 8985 §6.2, step 3); with some profiles it then takes more
 * duplicate ACKs to tell a loss.
 *
 * @param low  the lowest such number
 */
export function noteReordering(t: Tcp, low: number): void {
	const { tcb, profile } = t;
	const { cc, snd } = tcb;
	const distance = diff(highestSacked(t), low);
	if (distance <= 0) return;
	if (distance > cc.reordering * snd.mss) cc.reordering = Math.max(cc.reordering, Math.min(Math.ceil(distance / snd.mss), profile.dupThreshMost));
	tcb.rack.reordered = 1;
	tcb.info.reorderings++;
}

/** How long something may be overtaken before it counts as lost, µs (RFC 8985 §6.2, step 4). */
function reorderingWindow(t: Tcp): number {
	const { tcb, profile } = t;
	const { rack, rtt, cc } = tcb;
	if (rack.reordered === 0) {
		if (cc.phase === FAST_RECOVERY || cc.phase === AFTER_TIMEOUT) return 0;
		const isEnough = profile.window === 'octets' ? tcb.runs.sacked > (cc.reordering - 1) * tcb.snd.mss : sackedSegments(t) >= cc.reordering;
		if (isEnough) return 0;
	}
	return Math.min((rack.quarters * rack.minRtt) >> 2, rtt.srtt >> 3);
}

/**
 * Takes for lost what was sent before something that has arrived, long enough
 * ago (RFC 8985 §6.2, step 5). Where that is still to come a timer waits for it.
 *
 * @returns whether anything was newly taken for lost
 */
export function detectLosses(t: Tcp): boolean {
	const { tcb, run, now } = t;
	const { rack } = tcb;
	if (rack.at === 0) return false;
	const patience = rack.rtt + reorderingWindow(t);
	let wait = 0, found = false;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & (SACKED | LOST)) !== 0 || !sentAfter(rack.at, rack.end, run.sentAt, run.right)) continue;
		const left = run.sentAt + patience - now;
		if (left <= 0) {
			markRun(t);
			found = true;
		} else if (left > wait) wait = left;
	}
	if (wait > 0) {
		if (tcb.timer.rto !== 0 && now + wait >= tcb.timer.rto) return found;
		tcb.timer.rexmt = now + wait;
		tcb.timer.kind = REORDER;
		t.arm();
	} else if (tcb.timer.kind === REORDER) {
		tcb.timer.kind = RETRANSMIT;
		tcb.timer.rexmt = tcb.timer.rto;
		t.arm();
	}
	return found;
}

/** A DSACK says that we sent something again too early: the window grows, once a round trip (RFC 8985 §6.2, step 4). */
export function noteDsack(t: Tcp): void {
	const { tcb } = t;
	const { rack } = tcb;
	if (lt(t.seg.ack, rack.dsackRound)) return;
	rack.dsackRound = tcb.snd.nxt;
	if (rack.quarters < 255) rack.quarters++;
	rack.persist = PERSIST;
}

/** A recovery has ended without a DSACK: after some of them the window is small again. */
export function noteRecoveryEnd(t: Tcp): void {
	const { rack, cc } = t.tcb;
	if (cc.phase !== FAST_RECOVERY || rack.persist === 0) return;
	if (--rack.persist === 0) rack.quarters = 1;
}
