import { enterReduction } from './recovery.ts';
import type { Tcp } from './engine.ts';
import { untilPatienceEnds } from './patience.ts';
import { OPEN, REDUCING } from './phases.ts';
import { gt, lt } from './seq.ts';
import { ESTABLISHED } from './states.ts';
import { RETRANSMIT, TAIL_PROBE } from './timer-kinds.ts';

/** Worst case of a peer's delayed ACK, and least time-out, µs (RFC 8985 §7.2). */
const DELAYED_ACK = 200_000, LEAST = 2000, WITHOUT_SAMPLE = 1_000_000;

/** Starts the retransmission timer, or starts it anew (RFC 6298 §5.1, §5.3). */
export function startRetransmission(t: Tcp): void {
	t.tcb.timer.rto = untilPatienceEnds(t, Math.max(t.now, t.tcb.paced.at) + t.tcb.rtt.rto);
	armRetransmission(t);
}

/**
 * The timer ran for something else until now: with some profiles the time-out
 * is counted from when the oldest that is out was sent last, as it would have
 * been without that.
 */
export function countFromHead(t: Tcp): void {
	const { tcb, run, profile } = t;
	if (!profile.timesOutFromHead) return;
	run.go(tcb.runs.first);
	tcb.timer.rto = untilPatienceEnds(t, Math.max(t.now + 1, run.sentAt + tcb.rtt.rto));
	armRetransmission(t);
}

/** Nothing is outstanding, or nobody is to be bothered (RFC 6298 §5.2). */
export function stopRetransmission(t: Tcp): void {
	const { timer } = t.tcb;
	timer.rexmt = 0;
	timer.rto = 0;
	timer.kind = RETRANSMIT;
}

/**
 * Something was sent: the timer runs from now on, if it did not (RFC 6298
 * §5.1); a probe of the tail is put off, for there is a new tail (RFC 8985 §7.2).
 */
export function onSent(t: Tcp): void {
	const { timer } = t.tcb;
	if (timer.rto === 0) startRetransmission(t);
	else if (timer.kind === TAIL_PROBE) armRetransmission(t);
}

/** Sets the one timer: for a probe of the tail where one is allowed (RFC 8985 §7.2), else for the time-out. */
export function armRetransmission(t: Tcp): void {
	const { tcb } = t;
	const { timer } = tcb;
	const now = Math.max(t.now, tcb.paced.at);
	timer.rexmt = timer.rto;
	timer.kind = RETRANSMIT;
	if (mayProbe(t)) {
		// Where the time-out would come first, the probe goes in its place (RFC 8985 §7.2).
		timer.rexmt = Math.min(now + probeTimeout(t), timer.rto);
		timer.kind = TAIL_PROBE;
	}
	t.arm(timer.rexmt);
}

function mayProbe(t: Tcp): boolean {
	const { tcb, profile } = t;
	return profile.tailProbe && tcb.sack.on !== 0 && (tcb.cc.phase === OPEN || tcb.cc.phase === REDUCING) && tcb.runs.sacked === 0 && tcb.state >= ESTABLISHED && tcb.tlp.on === 0;
}

function probeTimeout(t: Tcp): number {
	const { snd, rtt, runs } = t.tcb;
	if (rtt.has === 0) return WITHOUT_SAMPLE;
	// Short segments that left at different times have a run each, and more than one of them is acknowledged at once.
	const alone = ((snd.nxt - snd.una) | 0) <= snd.mss && runs.first === runs.last;
	return (rtt.srtt >> 2) + (alone ? DELAYED_ACK : LEAST);
}

/** Notes that a probe went out (RFC 8985 §7.3). */
export function noteProbe(t: Tcp, isRepeat: boolean): void {
	const { tcb } = t;
	tcb.tlp.on = isRepeat ? 2 : 1;
	tcb.tlp.end = tcb.snd.nxt;
}

/**
 * What an ACK says of the probe (RFC 8985 §7.4.2): a repeat that was needed has
 * hidden a loss from congestion control, which must hear of it.
 *
 * @param dsack  whether the ACK reports a duplicate
 */
export function judgeProbe(t: Tcp, dsack: boolean): void {
	const { tcb, seg } = t;
	const { tlp } = tcb;
	if (tlp.on === 0 || lt(seg.ack, tlp.end)) return;
	const repaired = tlp.on === 2 && !dsack && gt(seg.ack, tlp.end);
	if (tlp.on === 1 || dsack) tlp.on = 0;
	else if (repaired) {
		tlp.on = 0;
		enterReduction(t);
	} else if (seg.isPlainAck && seg.sackCount === 0 && seg.ack === tcb.snd.una) tlp.on = 0;
}
