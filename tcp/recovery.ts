import { openCwnd } from './congestion.ts';
import { forget, lowerThreshold } from './controller.ts';
import type { Tcp } from './engine.ts';
import { isProbeLost } from './path-probe.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY, OPEN, REDUCING } from './phases.ts';
import { beginReduction, reduce } from './prr.ts';
import { detectLosses, noteRecoveryEnd, noteReordering } from './rack.ts';
import { LOST, RESENT, SACKED } from './run-flags.ts';
import { forgetLosses, markLost } from './runs.ts';
import { highestSacked, inFlight, isRepeatOut, markRun, sackedSegments } from './scoreboard.ts';
import { diff, earliest, geq, gt, leq, lt } from './seq.ts';
import { rememberWindow, takeBack, wasNeedless } from './undo.ts';
import { WANT_RESEND, WANT_SEND } from './wants.ts';

/** What is lost is sent again: the first of it in any case, but where a window of segments is reduced by proportion, which leaves room for it when it is to be sent at once. */
function wantResend(t: Tcp): void {
	const { profile } = t;
	t.wants(profile.rateReduction && profile.window === 'segments' ? WANT_SEND : WANT_SEND | WANT_RESEND);
}

/** Whether losses are told by time (RFC 8985); that needs SACK. */
function tellsByTime(t: Tcp): boolean { return t.profile.rack && t.tcb.sack.on !== 0; }

/**
 * Marks as lost what lies below more than DupThresh − 1 segments' worth of
 * SACKed octets (RFC 6675 §4, `IsLost`).
 */
function markBySack(t: Tcp): void {
	const { tcb, run } = t;
	const enough = (tcb.cc.reordering - 1) * tcb.snd.mss;
	let above = tcb.runs.sacked;
	for (let at = tcb.runs.first; at !== 0 && above > enough; at = run.next) {
		run.go(at);
		const octets = diff(run.right, run.left);
		if ((run.flags & SACKED) !== 0) above -= octets;
		else if ((run.flags & (LOST | RESENT)) === 0) markRun(t);
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
	const { cc, snd } = t.tcb;
	rememberWindow(t);
	cc.recover = snd.nxt;
	t.tcb.tlp.on = 0;
	// Before the threshold: a window counted in segments is measured against what it was.
	beginReduction(t);
	lowerThreshold(t);
	if (!t.profile.rateReduction) cc.cwnd = cc.ssthresh;
}

function enterFastRecovery(t: Tcp): void {
	const { cc, plp } = t.tcb;
	if (plp.size !== 0 && cc.phase === OPEN && isProbeLost(t)) return;
	// A reduction that goes on already is not taken back for what a loss turns out to be.
	if (cc.phase === REDUCING) t.tcb.undo.on = 0;
	else lower(t);
	cc.phase = FAST_RECOVERY;
	if (!tellsByTime(t)) markFirst(t);
	t.counters.fastRetransmits++;
	wantResend(t);
}

/** Congestion was signalled without anything left to repair: the window comes down (RFC 8985 §7.4.2). */
export function enterReduction(t: Tcp): void {
	const { cc } = t.tcb;
	if (cc.phase !== OPEN) return;
	lowerThreshold(t);
	cc.cwnd = cc.ssthresh;
}

/** The same, over a round trip where the window counts segments. */
export function beginToReduce(t: Tcp): void {
	const { cc, undo } = t.tcb;
	if (t.profile.window === 'octets' || !t.profile.rateReduction) {
		enterReduction(t);
		return;
	}
	if (cc.phase !== OPEN) return;
	lower(t);
	undo.on = 0;
	cc.phase = REDUCING;
}

/** Whether what has come in by now tells of a loss. */
function isLossTold(t: Tcp): boolean {
	const { cc, runs, snd, sack } = t.tcb;
	if (sack.on === 0) return cc.dupacks >= cc.reordering && gt(snd.una, cc.recover);
	return runs.lost > 0 || (!tellsByTime(t) && cc.dupacks >= cc.reordering);
}

/**
 * More duplicate ACKs than segments they could be for: some of them have
 * overtaken each other. The first of what is out has not arrived.
 */
function limitDuplicates(t: Tcp): void {
	const { cc, snd, runs } = t.tcb;
	const out = Math.ceil(diff(snd.nxt, snd.una) / snd.mss);
	const most = out - Math.min(out, Math.max(1, Math.ceil(runs.lost / snd.mss)));
	if (cc.dupacks <= most) return;
	cc.dupacks = most;
	cc.reordering = Math.max(cc.reordering, Math.min(out, t.profile.dupThreshMost));
	t.tcb.rack.reordered = 1;
	t.tcb.info.reorderings++;
}

/**
 * A duplicate ACK (RFC 5681 §2), or one with news from SACK.
 *
 * @param sacked  octets newly SACKed
 */
export function onDuplicateAck(t: Tcp, sacked: number): void {
	const { cc, snd, sack } = t.tcb;
	t.counters.duplicateAcks++;
	cc.dupacks++;
	if (sack.on === 0 && t.profile.dupThreshMost > t.profile.dupThresh) limitDuplicates(t);
	if (t.acked.late) noteReordering(t, t.acked.lowest);
	if (cc.phase === AFTER_TIMEOUT) afterTimeout(t, 0);
	else {
		if (t.acked.dsack) undoNeedless(t);
		findLosses(t);
		if (cc.phase !== FAST_RECOVERY && isLossTold(t)) enterFastRecovery(t);
	}
	moveWindow(t, 0, sack.on !== 0 ? sacked : snd.mss, 0, false);
	t.wants(WANT_SEND);
}

/** An ACK without news but that something arrived twice. */
export function onDsack(t: Tcp): void {
	if (t.tcb.cc.phase !== AFTER_TIMEOUT) undoNeedless(t);
}

/** The reordering timer has struck: what it waited for is lost now (RFC 8985 §6.3). */
export function onReorderTimeout(t: Tcp): void {
	t.acked.begin(highestSacked(t));
	if (!detectLosses(t)) return;
	const { cc, snd } = t.tcb;
	if (cc.phase !== FAST_RECOVERY && (cc.phase !== AFTER_TIMEOUT || t.profile.window === 'segments')) {
		enterFastRecovery(t);
		if (t.profile.rateReduction) reduce(t, t.profile.window === 'segments' ? snd.mss : 0, false);
	} else if (cc.phase === FAST_RECOVERY && t.profile.rateReduction) reduce(t, 0, false);
	wantResend(t);
}

/** Where segments are known to overtake each other, what arrives opens the window in whatever order it does. */
function isPathUnordered({ tcb, profile }: Tcp, arrived: number): boolean {
	return arrived > 0 && tcb.sack.on !== 0 && tcb.cc.reordering > profile.dupThresh;
}

/** What this ACK does to the window, after it was found out what it says of losses; `progress` as `reduce` has it. */
function moveWindow(t: Tcp, octets: number, arrived: number, flight: number, progress: boolean): void {
	const { cc } = t.tcb;
	if (cc.phase === FAST_RECOVERY || cc.phase === REDUCING) {
		if (t.profile.rateReduction) reduce(t, arrived, progress);
	} else if ((octets > 0 || isPathUnordered(t, arrived)) && (cc.phase === AFTER_TIMEOUT || !isHeldByEcn(t))) openCwnd(t, octets, arrived, cc.phase === AFTER_TIMEOUT ? cc.cwnd : flight);
}

/**
 * The ACK at hand acknowledged new data; SND.UNA has moved already.
 *
 * @param octets     newly acknowledged
 * @param delivered  octets it says have arrived: these less what was SACKed before, and what is SACKed by it
 * @param flight     octets in flight before
 * @param before     SND.UNA before
 */
export function onNewAck(t: Tcp, octets: number, delivered: number, flight: number, before: number): void {
	const { cc, snd, sack } = t.tcb;
	const arrived = sack.on !== 0 ? delivered : Math.max(Math.min(octets, snd.mss), octets - cc.dupacks * snd.mss);
	if (t.acked.late) noteReordering(t, t.acked.lowest);
	if (cc.phase === REDUCING && gt(snd.una, cc.recover)) {
		// What was sent after the window began to come down has been heard of.
		cc.cwnd = cc.ssthresh;
		cc.phase = OPEN;
	}
	const wasRepairing = cc.phase === FAST_RECOVERY;
	switch (cc.phase) {
		case FAST_RECOVERY:
			whileRepairing(t, octets, before);
			break;
		case AFTER_TIMEOUT:
			afterTimeout(t, octets);
			break;
		default:
			whileOpen(t);
	}
	// The ACK that ends a recovery opens the window only where it counts segments.
	if (wasRepairing && cc.phase === OPEN && t.profile.window === 'octets') return;
	moveWindow(t, octets, arrived, flight, t.profile.window === 'segments' ? t.acked.lost === 0 : wasRepairing);
}

function whileOpen(t: Tcp): void {
	const { cc, snd } = t.tcb;
	if (t.acked.dsack) undoNeedless(t);
	cc.dupacks = 0;
	// Follows along, so that it is never half the sequence space behind.
	if (cc.phase === OPEN) cc.recover = (snd.una - 1) | 0;
	if (t.tcb.runs.sacked > 0) findLosses(t);
	if (t.tcb.sack.on !== 0 && t.tcb.runs.lost > 0) enterFastRecovery(t);
}

/** In the round trip after congestion was echoed the window stays (RFC 3168 §6.1.2). */
function isHeldByEcn(t: Tcp): boolean {
	const { ecn, snd } = t.tcb;
	if (ecn.on === 0) return false;
	if (leq(snd.una, ecn.until)) return true;
	ecn.until = (snd.una - 1) | 0;
	return false;
}

/** Whether all that was sent again is now known to have been sent for nothing: then the window is as it was. */
function undoNeedless(t: Tcp): void {
	const { cc, undo } = t.tcb;
	if (!t.profile.undo || undo.on === 0 || !wasNeedless(t)) return;
	if (cc.phase === FAST_RECOVERY) reopen(t);
	else takeBack(t);
}

function whileRepairing(t: Tcp, octets: number, before: number): void {
	const { cc, snd, sack } = t.tcb;
	if (t.profile.undo && wasNeedless(t)) {
		if (lt(snd.una, cc.recover) && !t.acked.dsack) {
			noteReordering(t, before);
			// What is still on its way a second time is waited for.
			if (t.profile.window === 'segments' && isRepeatOut(t)) return;
		}
		reopen(t);
		return;
	}
	if (geq(snd.una, cc.recover)) {
		// All of what was out when recovery began has arrived (RFC 6582 §3.2, step 3).
		// Without SACK more duplicate ACKs may come for it, which must not begin another.
		if (sack.on === 0 && snd.una === cc.recover && t.profile.window === 'segments') {
			cc.dupacks = 0;
			return;
		}
		endRecovery(t);
		return;
	}
	// A partial acknowledgement. Without the word of time the hole behind it is
	// lost too, unless it was just sent again.
	cc.dupacks = Math.max(0, cc.dupacks - Math.max(0, Math.ceil(octets / snd.mss) - 1));
	findLosses(t);
	if (!tellsByTime(t)) markFirst(t);
	wantResend(t);
}

function endRecovery(t: Tcp): void {
	const { cc, snd } = t.tcb;
	noteRecoveryEnd(t);
	cc.cwnd = t.profile.rateReduction ? cc.ssthresh : Math.min(cc.ssthresh, Math.max(inFlight(t), snd.mss) + snd.mss);
	cc.phase = OPEN;
	cc.dupacks = 0;
	if (t.profile.window === 'octets') return;
	findLosses(t);
	if (t.tcb.sack.on !== 0 && t.tcb.runs.lost > 0) enterFastRecovery(t);
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

/**
 * An ACK after a time-out, new or duplicate.
 *
 * @param octets  newly acknowledged
 */
function afterTimeout(t: Tcp, octets: number): void {
	const { cc, snd, sack } = t.tcb;
	if (t.profile.undo && isTimeoutSpurious(t, octets)) {
		reopen(t);
		return;
	}
	const over = geq(snd.una, cc.recover);
	if (t.tcb.frto !== 0) stepForward(t, octets, over);
	if (over) {
		// As in recovery, without SACK.
		if (sack.on === 0 && snd.una === cc.recover && t.profile.window === 'segments') return;
		cc.phase = OPEN;
		cc.dupacks = 0;
		return;
	}
	findLosses(t);
	// What was sent again is lost again.
	if (tellsByTime(t) && t.acked.lostAgain) enterFastRecovery(t);
	t.wants(WANT_SEND);
}

/**
 * Whether the time-out was for nothing: an echo of what was sent before it
 * (RFC 3522), DSACKs for all that was sent again (RFC 3708), or an ACK for
 * something that was sent before and never again (RFC 5682 §2.1, step 3b, §3.1).
 */
function isTimeoutSpurious(t: Tcp, octets: number): boolean {
	// Without SACK it cannot be told which of what one ACK covers has arrived first.
	return (octets > 0 && wasNeedless(t)) || (t.tcb.frto !== 0 && t.acked.original && (t.tcb.sack.on !== 0 || t.acked.clean || t.profile.window === 'octets'));
}

/**
 * F-RTO (RFC 5682 §2.1, and §3.1 where there is SACK): the first new ACK after
 * the time-out lets new text go out, if there is some, and the ACKs for that
 * tell; until then what is marked lost waits.
 */
function stepForward(t: Tcp, octets: number, over: boolean): void {
	const { tcb } = t;
	const { cc, snd, sendq } = tcb;
	if (gt(snd.nxt, cc.recover)) {
		// A second try that tells of no original: the loss was real (step 3a).
		if (octets === 0 || t.acked.fresh > 0) tcb.frto = 0;
		else if (tcb.frto === 2) tcb.frto = 1;
		return;
	}
	if (octets === 0 || over) return;
	cc.recover = snd.nxt;
	const isMore = sendq.length > diff(snd.nxt, snd.una) && gt((snd.una + snd.wnd) | 0, snd.nxt);
	tcb.frto = isMore ? 2 : 0;
}

/**
 * The retransmission timer has struck (RFC 5681 §3.1, RFC 6582 §4): everything
 * out is taken for lost, or by time all but what was sent of late (RFC 8985
 * §6.3, `RACK_mark_losses_on_RTO`).
 */
export function onTimeout(t: Tcp): void {
	const { cc, snd, rtt } = t.tcb;
	t.acked.begin(highestSacked(t));
	const isFirst = cc.phase === OPEN || cc.phase === REDUCING;
	if (cc.phase === AFTER_TIMEOUT ? rtt.strikes === 0 : !isLowered(t)) {
		rememberWindow(t);
		lowerThreshold(t);
	}
	t.tcb.frto = t.profile.undo && (isFirst || rtt.strikes > 0) ? 1 : 0;
	// So many duplicates and yet a time-out: segments do not overtake each other as much as was thought.
	if (isFirst && sackedSegments(t) >= t.profile.dupThresh) cc.reordering = Math.min(cc.reordering, t.profile.dupThresh);
	forget(t);
	cc.recover = snd.nxt;
	cc.dupacks = 0;
	cc.phase = AFTER_TIMEOUT;
	t.tcb.tlp.on = 0;
	markOnTimeout(t);
	cc.cwnd = inFlight(t) + snd.mss;
	t.wants(WANT_SEND | WANT_RESEND);
}

/** Whether the threshold has come down already in this round trip. */
function isLowered(t: Tcp): boolean {
	const { cc, snd } = t.tcb;
	return t.profile.window === 'segments' && cc.phase !== OPEN && gt(cc.recover, snd.una);
}

function markOnTimeout(t: Tcp): void {
	const { tcb, run } = t;
	if (!tellsByTime(t) || tcb.rack.at === 0) {
		markLost(t, tcb.snd.nxt, true);
		return;
	}
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & (SACKED | LOST)) !== 0) continue;
		if (at === tcb.runs.first || t.now - run.sentAt >= tcb.rack.rtt) markRun(t);
	}
}
