import { ACK, FIN, PSH, SYN } from '../lib/wire/tcp.ts';
import { burstEnd, burstNow, burstSize, isDeferred } from './burst.ts';
import { cwndRoom, noteUse, restartIdle } from './congestion.ts';
import { noteAnswer } from './delayed-ack.ts';
import { emit, textOffset } from './emit.ts';
import type { Tcp } from './engine.ts';
import { textOfSyn } from './fast-cookies.ts';
import { FAST_TAKEN } from './fast-phases.ts';
import { PUSHES, beforeMark } from './marks.ts';
import { schedule } from './pacing.ts';
import { dropProbeOfPath, noteProbeOfPath, probeOfPath } from './path-probe.ts';
import { FAST_RECOVERY, REDUCING } from './phases.ts';
import { ackNumber } from './reset.ts';
import { ENDS_WRITE, RESENT, SACKED } from './run-flags.ts';
import { appendRun, firstLost, hasRunRoom, joinBehind, resendRun, splitRun } from './runs.ts';
import { diff, gt, leq } from './seq.ts';
import { CLOSED, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, LAST_ACK, LISTEN, SYN_RECEIVED, SYN_SENT } from './states.ts';
import { freeIfForgotten } from './lifecycle.ts';
import { noteProbe, onSent, startRetransmission } from './tail-probe.ts';
import { PERSIST, REORDER } from './timer-kinds.ts';
import { noteRepeat } from './undo.ts';
import { CORK, NO_DELAY, PUSHED } from './user-options.ts';
import { noteWait } from './waits.ts';
import { WANT_ACK, WANT_RESEND, WANT_MORE, LISTED } from './wants.ts';

/** Octets of text the peer has not been sent; −1 once the FIN behind them was. */
export function unsent(t: Tcp): number {
	return t.tcb.sendq.length - textOffset(t, t.tcb.snd.nxt);
}

/** Whether our FIN has a sequence number below SND.NXT. */
export function hasFinSent(t: Tcp): boolean {
	return t.tcb.snd.fin !== 0 && t.tcb.snd.una !== t.tcb.snd.iss && unsent(t) < 0;
}

/** Sends whatever the connections of this host have to send, in the order in which they came to have it. */
export function drainTcp(t: Tcp): void {
	while (t.nextWanting()) sendWanted(t);
}

function sendWanted(t: Tcp): void {
	const { tcb } = t;
	const want = tcb.want;
	tcb.want = want & WANT_ACK;
	if (tcb.state === CLOSED || tcb.state === LISTEN) {
		tcb.want = 0;
		freeIfForgotten(t);
		return;
	}
	// While F-RTO tries new text, what is marked lost waits (RFC 5682 §2.1, step 2b).
	if (tcb.runs.lost !== 0 && (tcb.frto !== 2 || unsent(t) <= 0)) resendLost(t, (want & WANT_RESEND) !== 0);
	sendNew(t, (want & WANT_MORE) !== 0);
	noteWait(t);
	// A full segment has no room to report a duplicate, or to tell a user timeout.
	if ((tcb.want & WANT_ACK) !== 0 || tcb.sack.dsack !== 0 || (tcb.uto.owed !== 0 && tcb.state >= ESTABLISHED)) emitOwedAck(t);
	tcb.want &= LISTED;
}

/** The ACK that is owed; with some profiles our FIN, while it is out, is said again with it. */
function emitOwedAck(t: Tcp): void {
	const { tcb, run } = t;
	const isFinOut = t.profile.repeatsFin && (tcb.state === FIN_WAIT_1 || tcb.state === CLOSING || tcb.state === LAST_ACK) && hasFinSent(t);
	if (!isFinOut) {
		emit(t, ACK, ackNumber(t), 0);
		return;
	}
	// No round trip can be told from its acknowledgement any more (Karn).
	run.go(tcb.runs.last);
	run.flags |= RESENT;
	emit(t, ACK | FIN, (tcb.snd.nxt - 1) | 0, 0);
}

/** Sends again what is taken for lost, as the congestion window allows; the first of it in any case where `first` is set. */
function resendLost(t: Tcp, first: boolean): void {
	const { tcb, run } = t;
	const { mss } = tcb.snd;
	const most = t.profile.burst > 0 && !t.paces ? burstSize(t) : 1;
	let free = first;
	while (firstLost(t)) {
		const isSyn = run.left === tcb.snd.iss;
		// What went with the SYN, or right behind it, goes again once the SYN is answered.
		if (tcb.snd.una === tcb.snd.iss && !isSyn) return;
		if (t.profile.joinsRepeats && !isSyn && diff(run.right, run.left) < mss) joinBehind(t);
		let octets = isSyn ? 1 : Math.min(diff(burstEnd(t), run.left), most * mss);
		const room = cwndRoom(t);
		if (room < (t.profile.window === 'segments' ? Math.max(octets, mss) : octets)) octets = Math.min(octets, Math.max(free ? 1 : 0, Math.floor(room / mss)) * mss);
		if (t.profile.repeatsInWindow) octets = withinWindow(t, octets);
		if (octets <= 0) return;
		free = false;
		schedule(t, octets);
		resendRun(t, octets);
		emitAgain(t);
	}
}

/** Of so many octets of the run at hand those within the peer's window, in whole segments where it is one at least; the oldest segment has its turn all the same. */
function withinWindow({ tcb, run }: Tcp, octets: number): number {
	const { snd } = tcb;
	const room = (snd.una + snd.wnd - run.left) | 0;
	if (room >= octets) return octets;
	if (room <= 0) return run.left === snd.una ? Math.min(octets, snd.mss) : 0;
	return room < snd.mss ? room : room - (room % snd.mss);
}

/** Sends the run the cursor stands on again, which is one burst. */
export function emitAgain(t: Tcp): void {
	const { tcb, run } = t;
	const { left, right } = run;
	const { mss } = tcb.snd;
	if (tcb.cc.phase === FAST_RECOVERY || tcb.cc.phase === REDUCING) tcb.prr.sent += diff(right, left);
	// What the peer waits for is on its way again: its round trip begins anew, and ends in a sample.
	if (left === tcb.snd.una && t.profile.roundTrips === 'all' && tcb.cc.phase === FAST_RECOVERY && tcb.timer.kind !== REORDER) startRetransmission(t);
	else onSent(t);
	if (left === tcb.snd.iss) {
		noteAgain(t);
		emit(t, tcb.state === SYN_SENT ? SYN : SYN | ACK, left, 0);
		return;
	}
	const offset = textOffset(t, left), queued = tcb.sendq.length;
	const octets = diff(right, left), text = Math.min(octets, queued - offset);
	const isWritten = (run.flags & ENDS_WRITE) !== 0;
	let done = 0;
	do {
		const length = Math.min(text - done, mss), isLast = done + length === text;
		const withFin = isLast && octets > text;
		const isPushed = isLast && length > 0 && (t.profile.burst === 0 ? offset + text === queued : done > 0 || isWritten);
		noteAgain(t);
		emit(t, ACK | (withFin ? FIN : 0) | (isPushed ? PSH : 0), (left + done) | 0, length);
		done += length;
	} while (done < text);
}

/** A segment is sent again. */
function noteAgain(t: Tcp): void {
	t.counters.retransmits++;
	t.tcb.info.retransmits++;
	noteRepeat(t);
	if (t.tcb.plp.size !== 0) dropProbeOfPath(t);
}

function maySendText(state: number): boolean {
	return state === ESTABLISHED || state === CLOSE_WAIT || state === FIN_WAIT_1 || state === CLOSING || state === LAST_ACK;
}

/** Sends text and FIN for the first time, as far as both windows, Nagle and the avoidance of silly windows allow. */
function sendNew(t: Tcp, more: boolean): void {
	const { tcb } = t;
	if (!maySendText(tcb.state) && tcb.fast !== FAST_TAKEN) return;
	const left = unsent(t);
	// Nothing is known of a window that nobody wants to use.
	if (left < 0 || (left === 0 && tcb.snd.fin === 0)) return;
	restartIdle(t);
	const before = tcb.snd.nxt;
	if (tcb.plp.on !== 0 && !tryProbeOfPath(t, left)) return;
	const isHeld = sendBursts(t, more);
	if (tcb.snd.nxt !== before) onSent(t);
	noteUse(t, isHeld, tcb.snd.nxt !== before);
}

/** Sends a segment longer than the others, where one is due (RFC 4821 §7.3); false where everything has to wait for that. */
function tryProbeOfPath(t: Tcp, left: number): boolean {
	const length = probeOfPath(t, left);
	// A record is not made part of it.
	if (length > 0 && t.tcb.marks.first !== 0 && beforeMark(t, left) < length) return true;
	if (length > 0 && hasRunRoom(t) && sendOne(t, length, false, false)) noteProbeOfPath(t, length);
	return length >= 0;
}

/** @returns whether the congestion window alone holds back what is left */
function sendBursts(t: Tcp, more: boolean): boolean {
	const { tcb } = t;
	const { snd } = tcb;
	// What is urgent goes out segment by segment.
	const isPushed = t.profile.burst > 0 && !isUrgent(t), most = isPushed ? burstSize(t) : 0;
	// The FIN waits until our SYN is acknowledged.
	const fin = snd.fin !== 0 && snd.una !== snd.iss;
	// Where segments are counted, a FIN without text is one too.
	const countsFin = t.profile.window === 'segments';
	for (let count = 0, size = 0; ; count++) {
		const left = unsent(t);
		if (left < 0 || (left === 0 && !fin)) return false;
		const window = (snd.una + snd.wnd - snd.nxt) | 0;
		const apart = tcb.marks.first === 0 ? left : beforeMark(t, left);
		const length = Math.min(apart, snd.mss, window);
		const withFin = fin && length === left && window > length;
		// Nothing can make the end of a record longer that others stand behind.
		const isEnd = length === apart && apart < left;
		if ((length <= 0 && !withFin) || !(isEnd || isWorthSending(t, length, apart, withFin, more, count < size && count > 0))) {
			armProbe(t);
			return false;
		}
		if ((length > 0 || countsFin) && cwndRoom(t) < Math.max(1, length)) {
			// The congestion window opens by an acknowledgement, which must be able to come.
			if (snd.una === snd.nxt) armProbe(t);
			return true;
		}
		if (isPushed && count === size) {
			if (isDeferred(t, most, apart, window, apart < left)) return cwndRoom(t) < window;
			count = 0;
			size = burstNow(t, most);
		}
		const isWritten = isEnd ? (t.mark.flags & PUSHES) !== 0 : length === left && !more;
		const isBurst = isPushed && count > 0 && (count + 1 === size || endsBurst(t, length, apart, window));
		if (!hasRunRoom(t) || !sendOne(t, length, withFin, isWritten, isBurst)) {
			t.counters.noRun++;
			armProbe(t);
			return false;
		}
		if (isPushed && t.run.burst === 0) t.run.burst = size * snd.mss;
		if (isEnd) size = count + 1;
	}
}

/** Whether nothing more can be sent for now behind a segment of this length. */
function endsBurst(t: Tcp, length: number, left: number, window: number): boolean {
	const next = Math.min(left - length, t.tcb.snd.mss, window - length);
	return next < t.tcb.snd.mss || cwndRoom(t) - length < next;
}

/** @returns false where it could not be remembered, and was not sent */
function sendOne(t: Tcp, length: number, withFin: boolean, isWritten: boolean, isBurst: boolean = false): boolean {
	const { tcb } = t;
	const { snd } = tcb;
	const seq = snd.nxt;
	const end = (seq + length + (withFin ? 1 : 0)) | 0;
	schedule(t, length);
	if (!appendRun(t, seq, end)) {
		t.delay = 0;
		return false;
	}
	if (isWritten && t.profile.burst > 0) t.run.flags |= ENDS_WRITE;
	if (snd.una === seq) tcb.silent = t.now;
	tcb.info.sent += length;
	if (length > 0 && length < snd.mss) snd.small = end;
	noteAnswer(t);
	// The text is found by SND.NXT, so it moves only once the segment is built; ACKs and windows do not depend on it.
	emit(t, ACK | (withFin ? FIN : 0) | ((isWritten || isBurst) && length > 0 ? PSH : 0), seq, length);
	snd.nxt = end;
	if (tcb.cc.phase === FAST_RECOVERY || tcb.cc.phase === REDUCING) tcb.prr.sent += length;
	return true;
}

/**
 * Sender's silly window avoidance (RFC 9293 §3.8.6.2.1) with Nagle's rule (§3.7.4).
 *
 * @param more      more is about to be written
 * @param continues  whether it follows others in a burst
 */
function isWorthSending(t: Tcp, length: number, left: number, withFin: boolean, more: boolean, continues: boolean): boolean {
	const { snd, options } = t.tcb;
	if (length >= snd.mss || withFin) return true;
	if (length === left) {
		if ((options & PUSHED) !== 0) return true;
		return (options & CORK) === 0 && !more && !isHeldByNagle(t);
	}
	// A burst that the peer's window ends is cut there, if it is longer than a segment.
	return length > 0 && (length >= snd.max >> 1 || (continues && t.profile.nagleWaitsFor === 'small' && !isHeldByNagle(t)));
}

/** Whether the peer is still to be told of urgent data (RFC 9293 §3.8.5). */
function isUrgent({ tcb }: Tcp): boolean { return gt(tcb.snd.up, tcb.snd.una); }

function isHeldByNagle(t: Tcp): boolean {
	const { snd, options } = t.tcb;
	// A SYN that is out is no data (RFC 7413 §4.2.2).
	if ((options & NO_DELAY) !== 0 || isUrgent(t) || snd.una === snd.nxt || (snd.una === snd.iss && ((snd.nxt - snd.iss) | 0) === 1)) return false;
	return t.profile.nagleWaitsFor === 'all' || (gt(snd.small, snd.una) && leq(snd.small, snd.nxt));
}

/** Nothing is out, and yet nothing may be sent: the peer's window is probed, since its update may have been lost (RFC 9293 §3.8.6.1). */
function armProbe(t: Tcp): void {
	const { tcb } = t;
	if (tcb.snd.una !== tcb.snd.nxt || tcb.timer.rexmt !== 0) return;
	tcb.timer.kind = PERSIST;
	tcb.silent = t.now;
	waitToProbe(t);
}

/** Sets when the next probe is due: the time-out from now on, doublings included. */
export function waitToProbe(t: Tcp): void {
	const { tcb, profile } = t;
	tcb.timer.rexmt = t.now + Math.min(profile.persistMax, Math.max(profile.persistMin, tcb.rtt.rto));
	t.arm();
}

/** Sends one octet beyond the window, or the FIN where no text is left: the peer must answer it. */
export function emitProbe(t: Tcp): void {
	const { tcb, run } = t;
	const { snd } = tcb;
	t.counters.probes++;
	if (t.profile.probesBelow) {
		emit(t, ACK, (snd.una - 1) | 0, 0);
		return;
	}
	if (snd.una !== snd.nxt) {
		run.go(tcb.runs.first);
		resendRun(t, 1);
		const isText = textOffset(t, run.left) < tcb.sendq.length;
		emit(t, ACK | (isText ? 0 : FIN), run.left, isText ? 1 : 0);
		return;
	}
	const left = unsent(t);
	if (left < 0 || (left === 0 && snd.fin === 0) || !hasRunRoom(t)) return;
	const end = (snd.nxt + 1) | 0;
	if (!appendRun(t, snd.nxt, end)) return;
	emit(t, ACK | (left === 0 ? FIN : 0), snd.nxt, left === 0 ? 0 : 1);
	snd.nxt = end;
}

/**
 * A window too small to be worth using has stayed so: it is used all the same
 * (the override of RFC 9293 §3.8.6.2.1).
 *
 * @returns false where the window is closed, or has not been waited for
 */
export function overrideSilly(t: Tcp): boolean {
	const { snd } = t.tcb;
	const left = unsent(t);
	if (snd.wnd === 0 || snd.una !== snd.nxt || left <= 0 || !hasRunRoom(t)) return false;
	const length = Math.min(beforeMark(t, left), snd.mss, snd.wnd);
	if (!sendOne(t, length, snd.fin !== 0 && length === left && snd.wnd > length, length === left)) return false;
	onSent(t);
	return true;
}

/**
 * The window is open, and the octet a probe carried is to be sent again: with
 * the text behind it, so that it is no segment of its own (RFC 9293
 * §3.8.6.2.1). What was sent before the window closed is joined to it, and what
 * was not is added.
 */
export function widenProbe(t: Tcp): void {
	const { tcb, run, runBehind, image } = t;
	const { snd, runs, sendq } = tcb;
	run.go(runs.first);
	if (diff(run.right, run.left) !== 1 || textOffset(t, run.left) >= sendq.length || tcb.marks.first !== 0) return;
	const next = run.next;
	if (next !== 0) {
		runBehind.go(next);
		if ((runBehind.flags & SACKED) !== 0) return;
		run.right = runBehind.right;
		run.next = runBehind.next;
		if (run.next === 0) runs.last = run.at;
		image.free(t.runs, next);
		return;
	}
	const extra = Math.min(snd.mss - 1, unsent(t), snd.wnd - 1);
	if (extra <= 0) return;
	run.right = (run.right + extra) | 0;
	snd.nxt = run.right;
	runs.lost += extra;
	tcb.info.sent += extra;
	sendq.page = 0;
}

/** Probes the tail: with new text where there is some and the window lets it, else with the last segment again (RFC 8985 §7.3); false where nothing could be sent. */
export function emitTailProbe(t: Tcp): boolean {
	const { tcb, run } = t;
	const { snd } = tcb;
	t.counters.tailProbes++;
	const window = (snd.una + snd.wnd - snd.nxt) | 0;
	const left = unsent(t);
	const length = Math.min(beforeMark(t, left), snd.mss, window);
	if (length > 0 && hasRunRoom(t)) {
		sendOne(t, length, snd.fin !== 0 && length === left && window > length, length === left);
		onSent(t);
		noteProbe(t, false);
		return true;
	}
	if (!lastSegment(t) || (t.profile.repeatsInWindow && withinWindow(t, diff(run.right, run.left)) <= 0)) return false;
	resendRun(t, diff(run.right, run.left));
	emitAgain(t);
	noteProbe(t, true);
	return true;
}

/** Moves the run cursor to a run that is the last segment sent, splitting it off where need be. */
function lastSegment(t: Tcp): boolean {
	const { tcb, run } = t;
	run.go(tcb.runs.last);
	const octets = diff(run.right, run.left);
	if (octets <= tcb.snd.mss) return true;
	const last = octets % tcb.snd.mss || tcb.snd.mss;
	if (!splitRun(t, (run.right - last) | 0)) return false;
	run.go(tcb.runs.last);
	return true;
}

/** Sends the first SYN, with what text may go with it, or the SYN-ACK of the connection at hand. */
export function emitSyn(t: Tcp): boolean {
	const { tcb } = t;
	const { snd } = tcb;
	const text = textOfSyn(t), end = (snd.iss + 1 + text) | 0;
	if (!appendRun(t, snd.iss, end)) return false;
	tcb.silent = t.now;
	tcb.info.sent += text;
	emit(t, tcb.state === SYN_RECEIVED ? SYN | ACK : SYN, snd.iss, text);
	snd.nxt = end;
	onSent(t);
	return true;
}
