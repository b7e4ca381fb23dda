import { ACK, FIN, RST, SYN, URG } from '../lib/wire/tcp.ts';
import { checkAck, takeAck, takeFirstWindow } from './acknowledge.ts';
import { restartCwnd } from './congestion.ts';
import { takeCongestion } from './ecn.ts';
import { emitResetReply, isChecksumRight } from './emit.ts';
import type { Tcp } from './engine.ts';
import { ERROR_PIPE, ERROR_REFUSED, ERROR_RESET, NO_ERROR } from './errors.ts';
import { EVENT_URGENT } from './events.ts';
import { FAST_TAKEN } from './fast-phases.ts';
import { destroy, enterTimeWait, establish } from './lifecycle.ts';
import { findListener, listenArrives } from './listen.ts';
import { readOptions } from './options.ts';
import { emitAgain } from './output.ts';
import { answerBare, emitAck, mayAnswer } from './reset.ts';
import { distrustHandshake } from './rtt.ts';
import { resendRun } from './runs.ts';
import { diff, geq, gt, leq, lt } from './seq.ts';
import { CLOSE_WAIT, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from './states.ts';
import { synSentArrives } from './synsent.ts';
import { owe, takeHeld, takeText } from './text.ts';
import { takeUserTimeout } from './user-timeout.ts';
import { acceptEdge } from './window.ts';
import { WANT_ACK } from './wants.ts';

/** Timestamps older than this are no measure any more, µs (RFC 7323 §5.5). */
const TS_TOO_OLD = 24 * 24 * 3600 * 1_000_000;

/**
 * A segment arrives (RFC 9293 §3.10.7).
 *
 * @param srcAt   address of the sender's 16-byte IP address, dstAt of ours
 * @param at      address of the segment
 * @param length  bytes of the segment, as IP says
 * @param ecn     ECN field of its packet
 */
export function segmentArrives(t: Tcp, srcAt: number, dstAt: number, at: number, length: number, ecn: number = 0): void {
	const { seg, counters, image } = t;
	counters.segmentsIn++;
	if (!seg.read(image, at, length)) {
		counters.badHeader++;
		return;
	}
	if (!isChecksumRight(t, srcAt, dstAt, at, length)) {
		counters.badChecksum++;
		return;
	}
	seg.ecn = ecn;
	seg.srcAt = srcAt;
	seg.dstAt = dstAt;
	if (!readOptions(image.u8, seg)) counters.badOptions++;
	if (seg.isSigned && t.profile.dropsSigned) {
		counters.badOptions++;
		return;
	}
	const found = t.demux.find(dstAt, seg.dstPort, srcAt, seg.srcPort);
	if (found !== 0) {
		t.tcb.go(found);
		t.tcb.heard = t.now;
		noteArrival(t);
		if (t.tcb.state === SYN_SENT) synSentArrives(t);
		else synchronizedArrives(t);
		return;
	}
	if (!findListener(t)) closedArrives(t);
	else if (listenArrives(t)) synchronizedArrives(t);
}

/** Counts for `info.ts`. */
function noteArrival({ seg, tcb }: Tcp): void {
	const { info } = tcb;
	info.segmentsIn++;
	if (seg.textLength > 0) info.textIn++;
	if (seg.ecn !== 0) info.ecnSeen = 1;
}

/** §3.10.7.1: nothing is there. */
function closedArrives(t: Tcp): void {
	if (t.seg.has(RST)) t.counters.strayReset++;
	else {
		t.counters.noListener++;
		emitResetReply(t);
	}
}

/** §3.10.7.4: all other states, check by check. */
function synchronizedArrives(t: Tcp): void {
	const { seg, tcb } = t;
	if (tcb.state === TIME_WAIT) {
		timeWaitArrives(t);
		return;
	}
	if (tcb.state === SYN_RECEIVED) stripCrossedSyn(t);
	if (tcb.ts.on !== 0 && seg.hasTs && !checkTimestamp(t)) return;
	if (isSynAgain(t) || (!isAcceptable(t) && !salvage(t) && !isResetNear(t))) {
		refuse(t);
		return;
	}
	if (seg.has(RST)) {
		takeReset(t);
		return;
	}
	if (seg.has(SYN)) {
		takeSyn(t);
		return;
	}
	if (!seg.has(ACK)) {
		t.counters.noAckFlag++;
		return;
	}
	// Closed before the handshake was done, it is in FIN-WAIT-1, and its SYN is still to be acknowledged (§3.10.4).
	const isOpening = tcb.snd.una === tcb.snd.iss;
	if (tcb.state === SYN_RECEIVED && !endHandshake(t)) return;
	// What cannot be an ACK of ours is no measure for others either.
	if (!checkAck(t)) return;
	noteTimestamp(t);
	if (tcb.ecn.on !== 0) takeCongestion(t);
	if (!takeAck(t)) return;
	if (isOpening && tcb.snd.una !== tcb.snd.iss && tcb.early.first !== 0) takeHeld(t);
	if (seg.userTimeout !== 0) takeUserTimeout(t);
	if (seg.has(URG)) takeUrgent(t);
	if (seg.textLength > 0 || seg.has(FIN) || tcb.rcv.finEarly !== 0) takeText(t);
}

/**
 * Both sides opened at once, and the peer's <SYN,ACK> repeats the SYN we have:
 * what counts in it is the ACK (§3.5, figure 8). A RST that says so lies below
 * the window like any other.
 */
function stripCrossedSyn(t: Tcp): void {
	const { seg, tcb } = t;
	if (!seg.has(SYN | ACK) || seg.has(RST) || seg.seq !== tcb.rcv.irs) return;
	seg.seq = tcb.rcv.nxt;
	seg.len--;
	seg.flags &= ~SYN;
	t.wants(WANT_ACK);
}

/**
 * First check: whether the segment overlaps the window. A segment without text
 * may stand at the right edge too: that is where a peer stands that has filled
 * the window, and its acknowledgements are needed.
 */
function isAcceptable(t: Tcp): boolean {
	const { seg, tcb } = t;
	const { rcv } = tcb;
	const edge = acceptEdge(t);
	if (seg.len === 0) return leq(rcv.nxt, seg.seq) && (lt(seg.seq, edge) || (seg.seq === edge && (rcv.nxt === edge || !seg.has(RST))));
	if (rcv.nxt === edge) {
		// A closed window takes no text, but valid ACKs, URGs and RSTs (§3.10.7.4).
		if (seg.seq !== rcv.nxt || seg.has(SYN)) return false;
		if (seg.textLength === 0 && seg.has(FIN) && !seg.has(RST) && t.profile.takesFinAtClosedWindow) t.wants(WANT_ACK);
		else if (seg.textLength > 0 || seg.has(FIN)) {
			t.counters.outOfWindow++;
			shedText(t);
		}
		return true;
	}
	if (t.profile.takesAcrossEdge && tcb.recvq.length > 0 && gt((seg.seq + seg.textLength) | 0, edge)) return false;
	return lt(seg.seq, edge) && gt((seg.seq + seg.len) | 0, rcv.nxt);
}

/** With some profiles an old segment is acknowledged, and then its own ACK counts still. */
function salvage(t: Tcp): boolean {
	const { seg, tcb, profile } = t;
	const end = (seg.seq + seg.len) | 0;
	if (!profile.takesOldAcks || (seg.flags & (ACK | RST | SYN)) !== ACK || gt(end, tcb.rcv.nxt)) return false;
	if (seg.len > 0 || mayAnswer(t)) owe(t, seg.seq, (seg.seq + seg.textLength) | 0);
	seg.seq = tcb.rcv.nxt;
	seg.textLength = 0;
	seg.flags &= ~FIN;
	seg.len = 0;
	return true;
}

/** Leaves the segment its header alone; the peer learns where we stand. */
function shedText(t: Tcp): void {
	const { seg } = t;
	seg.textLength = 0;
	seg.flags &= ~FIN;
	seg.len = 0;
	if (!seg.has(RST)) emitAck(t);
}

/**
 * The SYN that opened the connection, once more. It lies below the window, and
 * text behind it does not make it a new one: what is outside is trimmed off
 * (RFC 9293 §3.10.7.4, first check).
 */
function isSynAgain(t: Tcp): boolean {
	const { seg, tcb } = t;
	return tcb.state === SYN_RECEIVED && seg.has(SYN) && !seg.has(RST) && seg.seq === tcb.rcv.irs;
}

/** Whether the segment says nothing that a connected peer would say, and the profile does not answer such, wherever it stands. */
function isMute(t: Tcp): boolean {
	if (!t.profile.dropsMute || (t.seg.flags & (ACK | RST | SYN)) !== 0) return false;
	t.counters.noAckFlag++;
	return true;
}

/** Answers a segment that is not acceptable: an ACK, unless it is a RST. */
function refuse(t: Tcp): void {
	const { seg, tcb, counters } = t;
	if (seg.has(RST)) {
		counters.resetOutOfWindow++;
		return;
	}
	if (isMute(t)) return;
	if (isSynAgain(t)) {
		// Our answer to it was lost.
		counters.duplicate++;
		t.run.go(tcb.runs.first);
		resendRun(t, 1);
		emitAgain(t);
		return;
	}
	if (seg.len === 0) {
		// Text and FIN are repeated by a timer that gives up; a bare ACK could be answered for ever.
		counters.outOfWindow++;
		answerBare(t);
		return;
	}
	if (seg.has(SYN)) {
		counters.synChallenged++;
		answerBare(t);
		return;
	}
	if (leq((seg.seq + seg.len) | 0, tcb.rcv.nxt)) owe(t, seg.seq, (seg.seq + seg.textLength) | 0);
	else counters.outOfWindow++;
	emitAck(t);
}

/** PAWS (RFC 7323 §5.3): false where the segment is older than what came before it. */
function checkTimestamp(t: Tcp): boolean {
	const { seg, tcb, counters, now } = t;
	if (seg.has(RST) || diff(seg.tsVal, tcb.ts.recent) >= 0) return true;
	if (now - tcb.ts.recentAt > TS_TOO_OLD) return true;
	if (isMute(t)) return false;
	counters.paws++;
	if (seg.len === 0) answerBare(t);
	else {
		if (leq((seg.seq + seg.len) | 0, tcb.rcv.nxt)) owe(t, seg.seq, (seg.seq + seg.textLength) | 0);
		emitAck(t);
	}
	return false;
}

/** TS.Recent from a segment that reaches to what was last acknowledged (RFC 7323 §4.3). */
function noteTimestamp(t: Tcp): void {
	const { seg, tcb } = t;
	if (tcb.ts.on === 0 || !seg.hasTs || gt(seg.seq, tcb.rcv.acked)) return;
	if (diff(seg.tsVal, tcb.ts.recent) < 0 && t.now - tcb.ts.recentAt <= TS_TOO_OLD) return;
	tcb.ts.recent = seg.tsVal;
	tcb.ts.recentAt = t.now;
}

/** Whether a RST stands where a peer may stand that has not heard our last ACKs, for profiles that believe it there. */
function isResetNear(t: Tcp): boolean {
	const { seg, tcb, range } = t;
	if (!t.profile.takesNearResets || !seg.has(RST)) return false;
	if (tcb.rcv.fin !== 0 && seg.seq === ((tcb.rcv.nxt - 1) | 0) && seg.len === 0 && tcb.state !== FIN_WAIT_2) return true;
	if (tcb.early.first === 0) return false;
	// The ranges are in order: the last one reaches furthest.
	for (let at = tcb.early.first; at !== 0; at = range.next) range.go(at);
	return seg.seq === range.right;
}

/** Second check: RST (RFC 5961 §3.2). */
function takeReset(t: Tcp): void {
	const { seg, tcb, counters } = t;
	if (seg.seq !== tcb.rcv.nxt && !isResetNear(t)) {
		counters.resetChallenged++;
		answerBare(t);
		return;
	}
	counters.resetsTaken++;
	destroy(t, resetError(t));
}

/** What the user is told of a RST (§3.10.7.4, second check): nothing once both sides have closed and know it. */
function resetError({ tcb, profile }: Tcp): number {
	const { state, passive } = tcb;
	if (state === SYN_RECEIVED && passive === 0) return ERROR_REFUSED;
	if (state === CLOSE_WAIT && profile.keepsTextOnReset) return ERROR_PIPE;
	return state === TIME_WAIT ? NO_ERROR : ERROR_RESET;
}

/** Fourth check: a SYN in the window draws a challenge ACK (RFC 5961 §4.2); in SYN-RECEIVED of a LISTEN it starts over. */
function takeSyn(t: Tcp): void {
	const { tcb, counters } = t;
	if (tcb.state === SYN_RECEIVED && tcb.passive !== 0) {
		destroy(t, ERROR_RESET);
		return;
	}
	counters.synChallenged++;
	answerBare(t);
}

/** Fifth check in SYN-RECEIVED: the ACK of our SYN opens the connection; another draws a RST. */
function endHandshake(t: Tcp): boolean {
	const { seg, tcb, counters } = t;
	const { snd } = tcb;
	if (!lt(snd.una, seg.ack) || gt(seg.ack, snd.nxt)) {
		counters.ackInSynReceived++;
		emitResetReply(t);
		return false;
	}
	if (isDeferred(t)) {
		counters.deferred++;
		return false;
	}
	if (tcb.rtt.backoff > 0) {
		restartCwnd(t, tcb.rtt.backoff);
		distrustHandshake(t);
	}
	if (tcb.fast === FAST_TAKEN) {
		// Its user has it already.
		tcb.state = ESTABLISHED;
		tcb.info.openedAt = t.now;
		counters.opened++;
	} else establish(t);
	takeFirstWindow(t);
	return true;
}

/** Whether the ACK of our SYN ends nothing: its listener wants text with it, and the time for that is not over. */
function isDeferred({ seg, tcb }: Tcp): boolean {
	const { defer } = tcb;
	if (defer.timeouts === 0 || seg.textLength > 0 || seg.has(FIN) || tcb.rtt.strikes >= defer.timeouts) return false;
	defer.acked = 1;
	return true;
}

/** Sixth check (§3.8.5, RFC 6093): the user hears that urgent data is there; the data stays in line. */
function takeUrgent(t: Tcp): void {
	const { seg, tcb } = t;
	if (tcb.state !== ESTABLISHED && tcb.state !== FIN_WAIT_1 && tcb.state !== FIN_WAIT_2) return;
	const up = (seg.seq + seg.up) | 0;
	if (!gt(up, tcb.rcv.up)) return;
	tcb.rcv.up = up;
	if (gt(up, tcb.rcv.nxt)) t.tell(EVENT_URGENT);
}

/**
 * TIME-WAIT. A RST is ignored where the profile wants it so (RFC 1337); a new
 * SYN may open the connection anew (RFC 9293 §3.10.7.4, RFC 6191 §2); the
 * peer's FIN again starts the wait anew. Whatever else is not the very ACK
 * that is expected draws one of ours: the peer has to learn that we are done.
 */
function timeWaitArrives(t: Tcp): void {
	const { seg, tcb, counters } = t;
	if (seg.has(RST)) {
		if (t.profile.timeWaitIgnoresReset) counters.timeWaitIgnored++;
		else if (isAcceptable(t)) takeReset(t);
		else counters.resetOutOfWindow++;
		return;
	}
	if (seg.has(SYN)) {
		if (seg.has(ACK) || !reopens(t)) {
			counters.synChallenged++;
			answerBare(t);
		}
		return;
	}
	if (!seg.has(ACK)) {
		// No peer that has ever been connected sends that.
		counters.noAckFlag++;
		return;
	}
	if (tcb.ts.on !== 0 && seg.hasTs && !checkTimestamp(t)) return;
	if (seg.len > 0) {
		if (seg.has(FIN) && geq(tcb.rcv.nxt, (seg.seq + seg.len) | 0)) enterTimeWait(t);
		counters.textAfterFin++;
		emitAck(t);
	} else if (seg.seq !== tcb.rcv.nxt || seg.ack !== tcb.snd.nxt) {
		counters.outOfWindow++;
		answerBare(t);
	}
}

/** Whether a SYN opens the connection in TIME-WAIT anew; then it has. */
function reopens(t: Tcp): boolean {
	const { seg, tcb, profile } = t;
	const age = tcb.ts.on !== 0 && seg.hasTs ? diff(seg.tsVal, tcb.ts.recent) : 0;
	// With the same timestamp, or none, it is the number that decides.
	const isNewer = age > 0 || (age === 0 && profile.timeWaitReopensBy === 'number' && gt(seg.seq, tcb.rcv.nxt));
	if (!isNewer || !findListener(t)) return false;
	// The listener was found with the other cursor; the old connection goes first.
	const listener = t.other.at, used = tcb.snd.nxt;
	destroy(t, NO_ERROR);
	t.other.go(listener);
	listenArrives(t, used);
	return true;
}
