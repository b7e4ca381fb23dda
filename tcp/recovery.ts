import { halve, openCwnd } from './congestion.ts';
import { WANT_SEND } from './engine.ts';
import type { Tcp } from './engine.ts';
import { LOST, RESENT, SACKED, inFlight, markLost, sackRuns } from './runs.ts';
import { read32 } from './segment.ts';
import { diff, earliest, geq, gt, leq, lt } from './seq.ts';

/** Phases of loss recovery. */
export const OPEN = 0;
export const FAST_RECOVERY = 1;
export const AFTER_TIMEOUT = 2;

/** Bit of `want`: the first octets taken for lost are sent again whatever the congestion window says. */
export const WANT_RESEND = 4;

/**
 * Takes the SACK blocks of the segment at hand into the scoreboard (RFC 2018
 * §5, RFC 6675 §5). A first block at or below SEG.ACK, or inside the second, is
 * a DSACK: it tells of a duplicate and marks nothing (RFC 2883 §4).
 *
 * @returns octets newly known to have arrived
 */
export function takeSacks(t: Tcp): number {
	const { seg, tcb, image } = t;
	let fresh = 0;
	for (let i = 0; i < seg.sackCount; i++) {
		const left = read32(image.u8, seg.sackAt + i * 8), right = read32(image.u8, seg.sackAt + i * 8 + 4);
		if (i === 0 && isDsack(t, left, right)) {
			t.counters.dsacksTaken++;
			continue;
		}
		if (!lt(left, right) || lt(left, seg.ack) || lt(left, tcb.snd.una) || gt(right, tcb.snd.nxt)) continue;
		fresh += sackRuns(t, left, right);
	}
	return fresh;
}

function isDsack(t: Tcp, left: number, right: number): boolean {
	const { seg, image } = t;
	if (leq(right, seg.ack)) return true;
	if (seg.sackCount < 2) return false;
	const left2 = read32(image.u8, seg.sackAt + 8), right2 = read32(image.u8, seg.sackAt + 12);
	return geq(left, left2) && leq(right, right2);
}

/**
 * Marks as lost what lies below more than DupThresh − 1 segments' worth of
 * SACKed octets (RFC 6675 §4, `IsLost`).
 *
 * @returns whether anything is now taken for lost
 */
function markBySack(t: Tcp): boolean {
	const { tcb, run } = t;
	const enough = (t.profile.dupThresh - 1) * tcb.snd.mss;
	let above = tcb.runs.sacked;
	for (let at = tcb.runs.first; at !== 0 && above > enough; at = run.next) {
		run.go(at);
		const octets = diff(run.right, run.left);
		if ((run.flags & SACKED) !== 0) above -= octets;
		else if ((run.flags & (LOST | RESENT)) === 0) {
			run.flags |= LOST;
			tcb.runs.lost += octets;
		}
	}
	return tcb.runs.lost > 0;
}

/** Takes the first segment's worth that was not SACKed for lost. */
function markFirst(t: Tcp): void {
	const { tcb } = t;
	markLost(t, earliest((tcb.snd.una + tcb.snd.mss) | 0, tcb.snd.nxt), false);
}

function enterFastRecovery(t: Tcp): void {
	const { cc, snd } = t.tcb;
	halve(t);
	cc.cwnd = cc.ssthresh;
	cc.recover = snd.nxt;
	cc.phase = FAST_RECOVERY;
	markFirst(t);
	t.counters.fastRetransmits++;
	t.wants(WANT_SEND | WANT_RESEND);
}

/** A duplicate ACK (RFC 5681 §2), or one with news from SACK. */
export function onDuplicateAck(t: Tcp, sacked: number): void {
	const { cc, snd, sack } = t.tcb;
	t.counters.duplicateAcks++;
	cc.dupacks++;
	if (cc.phase === OPEN && (cc.dupacks >= t.profile.dupThresh || (sack.on !== 0 && sacked > 0 && markBySack(t)))) {
		// Not twice for one window: RFC 6582 §3.2, step 1, and RFC 6675 §5.
		if (gt(snd.una, cc.recover)) enterFastRecovery(t);
	} else if (cc.phase !== OPEN && sack.on !== 0) markBySack(t);
	t.wants(WANT_SEND);
}

/**
 * The ACK at hand acknowledged new data; SND.UNA has moved already.
 *
 * @param octets  newly acknowledged
 * @param flight  octets in flight before
 */
export function onNewAck(t: Tcp, octets: number, flight: number): void {
	const { cc, snd, sack } = t.tcb;
	if (cc.phase === OPEN) {
		cc.dupacks = 0;
		// Follows along, so that it is never half the sequence space behind.
		cc.recover = (snd.una - 1) | 0;
		openCwnd(t, octets, flight);
		return;
	}
	if (geq(snd.una, cc.recover)) {
		// All of what was out when recovery began has arrived (RFC 6582 §3.2, step 3).
		if (cc.phase === FAST_RECOVERY) cc.cwnd = Math.min(cc.ssthresh, Math.max(inFlight(t), snd.mss) + snd.mss);
		else openCwnd(t, octets, cc.cwnd);
		cc.phase = OPEN;
		cc.dupacks = 0;
		return;
	}
	// A partial acknowledgement.
	if (cc.phase === AFTER_TIMEOUT) {
		openCwnd(t, octets, cc.cwnd);
		return;
	}
	cc.dupacks = Math.max(0, cc.dupacks - Math.max(0, Math.ceil(octets / snd.mss) - 1));
	if (sack.on !== 0) markBySack(t);
	// The hole behind it is lost too, unless it was just sent again.
	markFirst(t);
	t.wants(WANT_SEND | WANT_RESEND);
}

/** The retransmission timer has struck (RFC 5681 §3.1, RFC 6582 §4): everything out is taken for lost. */
export function onTimeout(t: Tcp): void {
	const { cc, snd, rtt } = t.tcb;
	if (rtt.backoff === 0 || cc.phase !== AFTER_TIMEOUT) halve(t);
	cc.cwnd = snd.mss;
	cc.recover = snd.nxt;
	cc.dupacks = 0;
	cc.phase = AFTER_TIMEOUT;
	markLost(t, snd.nxt, true);
	t.wants(WANT_SEND | WANT_RESEND);
}
