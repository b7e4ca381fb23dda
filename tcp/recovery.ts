import { openCwnd } from './congestion.ts';
import { forget, lowerThreshold } from './controller.ts';
import { WANT_SEND } from './engine.ts';
import type { Tcp } from './engine.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY, OPEN } from './phases.ts';
import { beginReduction, reduce } from './prr.ts';
import { detectLosses, noteDsack, noteRecoveryEnd } from './rack.ts';
import { LOST, RESENT, SACKED } from './run-flags.ts';
import { forgetLosses, inFlight, markLost, sackRuns } from './runs.ts';
import { read32 } from './segment.ts';
import { diff, earliest, geq, gt, leq, lt } from './seq.ts';
import { noteNeedless, rememberWindow, takeBack, wasNeedless } from './undo.ts';

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
	t.acked.dsack = false;
	for (let i = 0; i < seg.sackCount; i++) {
		const left = read32(image.u8, seg.sackAt + i * 8), right = read32(image.u8, seg.sackAt + i * 8 + 4);
		if (i === 0 && isDsack(t, left, right)) {
			t.counters.dsacksTaken++;
			t.acked.dsack = true;
			noteDsack(t);
			noteNeedless(t);
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

/** Whether losses are told by time (RFC 8985); that needs SACK. */
function tellsByTime(t: Tcp): boolean { return t.profile.rack && t.tcb.sack.on !== 0; }

/**
 * Marks as lost what lies below more than DupThresh − 1 segments' worth of
 * SACKed octets (RFC 6675 §4, `IsLost`).
 */
function markBySack(t: Tcp): void {
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
}

/** Looks for losses in what the scoreboard says now. */
function findLosses(t: Tcp): void {
	if (tellsByTime(t)) detectLosses(t);
	else if (t.tcb.sack.on !== 0) markBySack(t);
}

/** Takes the first segment's worth that was not SACKed for lost. */
function markFirst(t: Tcp): void {
	const { tcb } = t;
	markLost(t, earliest((tcb.snd.una + tcb.snd.mss) | 0, tcb.snd.nxt), false);
}

/** The window is to come down to a lower threshold, over a round trip where the profile reduces by proportion. */
function lower(t: Tcp): void {
	const { cc } = t.tcb;
	rememberWindow(t);
	lowerThreshold(t);
	if (t.profile.rateReduction) beginReduction(t);
	else cc.cwnd = cc.ssthresh;
}

function enterFastRecovery(t: Tcp, delivered: number): void {
	const { cc, snd } = t.tcb;
	lower(t);
	cc.recover = snd.nxt;
	cc.phase = FAST_RECOVERY;
	if (!tellsByTime(t)) markFirst(t);
	if (t.profile.rateReduction) reduce(t, delivered, false);
	t.counters.fastRetransmits++;
	t.wants(WANT_SEND | WANT_RESEND);
}

/** Congestion was signalled without anything left to repair: the window comes down (RFC 8985 §7.4.2). */
export function enterReduction(t: Tcp): void {
	const { cc } = t.tcb;
	if (cc.phase !== OPEN) return;
	lowerThreshold(t);
	cc.cwnd = cc.ssthresh;
}

/** Whether what has come in by now tells of a loss. */
function isLossTold(t: Tcp): boolean {
	const { cc, runs, snd, sack } = t.tcb;
	if (sack.on === 0) return cc.dupacks >= t.profile.dupThresh && gt(snd.una, cc.recover);
	return runs.lost > 0 || (!tellsByTime(t) && cc.dupacks >= t.profile.dupThresh);
}

/**
 * A duplicate ACK (RFC 5681 §2), or one with news from SACK.
 *
 * @param sacked  octets newly SACKed
 */
export function onDuplicateAck(t: Tcp, sacked: number): void {
	const { cc, snd, sack } = t.tcb;
	const delivered = sack.on !== 0 ? sacked : snd.mss;
	t.counters.duplicateAcks++;
	cc.dupacks++;
	findLosses(t);
	if (cc.phase === OPEN) {
		if (isLossTold(t)) enterFastRecovery(t, delivered);
	} else if (cc.phase === FAST_RECOVERY && t.profile.rateReduction) reduce(t, delivered, false);
	else if (cc.phase === AFTER_TIMEOUT && t.tcb.frto !== 0) endForwardRecovery(t);
	t.wants(WANT_SEND);
}

/** The reordering timer has struck: what it waited for is lost now (RFC 8985 §6.3). */
export function onReorderTimeout(t: Tcp): void {
	if (!detectLosses(t)) return;
	if (t.tcb.cc.phase === OPEN) enterFastRecovery(t, 0);
	else if (t.tcb.cc.phase === FAST_RECOVERY && t.profile.rateReduction) reduce(t, 0, false);
	t.wants(WANT_SEND | WANT_RESEND);
}

/**
 * The ACK at hand acknowledged new data; SND.UNA has moved already.
 *
 * @param octets     newly acknowledged
 * @param delivered  octets it says have arrived: these less what was SACKed before, and what is SACKed by it
 * @param flight     octets in flight before
 */
export function onNewAck(t: Tcp, octets: number, delivered: number, flight: number): void {
	const { cc } = t.tcb;
	if (cc.phase !== OPEN || t.tcb.runs.sacked > 0) findLosses(t);
	switch (cc.phase) {
		case OPEN:
			whileOpen(t, octets, delivered, flight);
			break;
		case FAST_RECOVERY:
			whileRepairing(t, octets, delivered);
			break;
		default:
			afterTimeout(t, octets);
	}
}

function whileOpen(t: Tcp, octets: number, delivered: number, flight: number): void {
	const { cc, snd, undo } = t.tcb;
	if (t.profile.undo && undo.on !== 0 && t.acked.dsack && wasNeedless(t)) takeBack(t);
	const arrived = t.tcb.sack.on !== 0 ? delivered : Math.max(Math.min(octets, snd.mss), octets - cc.dupacks * snd.mss);
	cc.dupacks = 0;
	// Follows along, so that it is never half the sequence space behind.
	cc.recover = (snd.una - 1) | 0;
	if (t.tcb.sack.on !== 0 && t.tcb.runs.lost > 0) enterFastRecovery(t, delivered);
	else if (!isHeldByEcn(t)) openCwnd(t, octets, arrived, flight);
}

/** In the round trip after congestion was echoed the window stays (RFC 3168 §6.1.2). */
function isHeldByEcn(t: Tcp): boolean {
	const { ecn, snd } = t.tcb;
	if (ecn.on === 0) return false;
	if (leq(snd.una, ecn.until)) return true;
	ecn.until = (snd.una - 1) | 0;
	return false;
}

function whileRepairing(t: Tcp, octets: number, delivered: number): void {
	const { cc, snd } = t.tcb;
	if (t.profile.undo && wasNeedless(t)) {
		reopen(t);
		return;
	}
	if (geq(snd.una, cc.recover)) {
		// All of what was out when recovery began has arrived (RFC 6582 §3.2, step 3).
		noteRecoveryEnd(t);
		cc.cwnd = t.profile.rateReduction ? cc.ssthresh : Math.min(cc.ssthresh, Math.max(inFlight(t), snd.mss) + snd.mss);
		cc.phase = OPEN;
		cc.dupacks = 0;
		return;
	}
	// A partial acknowledgement. Without the word of time the hole behind it is
	// lost too, unless it was just sent again.
	cc.dupacks = Math.max(0, cc.dupacks - Math.max(0, Math.ceil(octets / snd.mss) - 1));
	if (!tellsByTime(t)) markFirst(t);
	if (t.profile.rateReduction) reduce(t, delivered, true);
	t.wants(WANT_SEND | WANT_RESEND);
}

/** Nothing was lost: the window is as it was, and what was marked goes on being in flight. */
function reopen(t: Tcp): void {
	const { cc } = t.tcb;
	forgetLosses(t);
	takeBack(t);
	cc.phase = OPEN;
	cc.dupacks = 0;
	t.tcb.frto = 0;
	t.wants(WANT_SEND);
}

function afterTimeout(t: Tcp, octets: number): void {
	const { cc, snd } = t.tcb;
	if (t.profile.undo && isTimeoutSpurious(t)) {
		reopen(t);
		return;
	}
	const over = geq(snd.una, cc.recover);
	if (t.tcb.frto === 1 && !over) t.tcb.frto = 2;
	else endForwardRecovery(t);
	openCwnd(t, octets, octets, cc.cwnd);
	if (!over) return;
	cc.phase = OPEN;
	cc.dupacks = 0;
}

/**
 * Whether the time-out was for nothing: an echo of what was sent before it
 * (RFC 3522), or a second ACK for something that was never sent again
 * (RFC 5682 §2.1, step 3b).
 */
function isTimeoutSpurious(t: Tcp): boolean {
	return wasNeedless(t) || (t.tcb.frto === 2 && t.acked.clean && t.acked.sentAt !== 0);
}

/** The time-out was no mistake: what is lost is sent again (RFC 5682 §2.1, step 3a). */
function endForwardRecovery(t: Tcp): void {
	if (t.tcb.frto === 0) return;
	t.tcb.frto = 0;
	t.wants(WANT_SEND);
}

/** The retransmission timer has struck (RFC 5681 §3.1, RFC 6582 §4): everything out is taken for lost. */
export function onTimeout(t: Tcp): void {
	const { cc, snd, rtt } = t.tcb;
	if (cc.phase !== AFTER_TIMEOUT || rtt.backoff === 0) {
		rememberWindow(t);
		lowerThreshold(t);
		t.tcb.frto = t.profile.undo && cc.phase === OPEN ? 1 : 0;
	} else t.tcb.frto = 0;
	forget(t);
	cc.cwnd = snd.mss;
	cc.recover = snd.nxt;
	cc.dupacks = 0;
	cc.phase = AFTER_TIMEOUT;
	t.tcb.tlp.on = 0;
	markLost(t, snd.nxt, true);
	t.wants(WANT_SEND | WANT_RESEND);
}
