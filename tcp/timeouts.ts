import { ACK } from '../lib/wire/tcp.ts';
import { onDelayOver } from './delayed-ack.ts';
import { emit } from './emit.ts';
import type { Tcp } from './engine.ts';
import { ERROR_TIMEOUT, NO_ERROR } from './errors.ts';
import { FREE_ON_END } from './hold.ts';
import { destroy } from './lifecycle.ts';
import { emitProbe, emitTailProbe, overrideSilly, waitToProbe } from './output.ts';
import { onReorderTimeout, onTimeout } from './recovery.ts';
import { isPatienceOver } from './patience.ts';
import { suspectBlackHole } from './path-mtu.ts';
import { abort } from './reset.ts';
import { backOff } from './rtt.ts';
import { SACKED } from './run-flags.ts';
import { forgetSacks } from './runs.ts';
import { countFromHead, startRetransmission } from './tail-probe.ts';
import { PERSIST, REORDER, RETRANSMIT, TAIL_PROBE } from './timer-kinds.ts';
import { CLOSED, ESTABLISHED, SYN_RECEIVED, SYN_SENT } from './states.ts';
import { KEEP_ALIVE } from './user-options.ts';
import { WANT_ACK } from './wants.ts';

/** The earliest deadline of all connections, µs. */
export function nextDeadline(t: Tcp): number { return t.timers.next(); }

/** Record of the connection the earliest deadline belongs to; valid right after `nextDeadline`. */
export function nextRecord(t: Tcp): number { return t.timers.top(); }

/** Does what is due on that connection. */
export function fireNext(t: Tcp): void {
	t.tcb.go(t.timers.top());
	const { tcb, now } = t;
	const { timer } = tcb;
	if (timer.delack !== 0 && timer.delack <= now) {
		timer.delack = 0;
		onDelayOver(t);
		t.counters.delayedAcks++;
		t.wants(WANT_ACK);
	}
	if (timer.rexmt !== 0 && timer.rexmt <= now) {
		retransmission(t);
	}
	if (tcb.state !== CLOSED && timer.keep !== 0 && timer.keep <= now) keepAlive(t);
	if (tcb.state !== CLOSED && timer.wait !== 0 && timer.wait <= now) destroy(t, NO_ERROR);
	t.arm();
}

/** The retransmission timer has struck, whatever it was set for. */
function retransmission(t: Tcp): void {
	const { tcb } = t;
	if (tcb.timer.kind === TAIL_PROBE) {
		if (emitTailProbe(t)) {
			// A time-out is a whole one away from here (RFC 8985 §7.3).
			startRetransmission(t);
		} else {
			tcb.timer.kind = RETRANSMIT;
			tcb.timer.rexmt = Math.max(tcb.timer.rto, t.now + 1);
		}
	} else if (tcb.timer.kind === REORDER) {
		tcb.timer.kind = RETRANSMIT;
		tcb.timer.rexmt = tcb.timer.rto;
		onReorderTimeout(t);
		if (tcb.timer.kind === RETRANSMIT) countFromHead(t);
	} else if (tcb.timer.kind === PERSIST || (tcb.snd.wnd === 0 && tcb.state >= ESTABLISHED && !t.profile.repeatsInWindow)) probeWindow(t);
	else timeOut(t);
}

/** RFC 6298 §5.4–5.6. */
function timeOut(t: Tcp): void {
	const { tcb, profile, counters } = t;
	const opening = tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED;
	const most = !opening ? profile.retries : tcb.limit.syns || (tcb.state === SYN_SENT ? profile.synRetries : profile.synAckRetries);
	const { strikes } = tcb.rtt;
	// Who has acknowledged our SYN is waited for as long as was asked for.
	const isWaited = tcb.defer.acked !== 0 && opening;
	if ((strikes >= most && (!isWaited || strikes >= tcb.defer.timeouts) && !isWindowAwaited(t)) || isPatienceOver(t)) {
		destroy(t, ERROR_TIMEOUT);
		return;
	}
	if (isWaited && strikes + 1 < tcb.defer.timeouts) {
		waitLonger(t);
		return;
	}
	counters.timeouts++;
	tcb.info.timeouts++;
	t.run.go(tcb.runs.first);
	// The oldest segment was SACKed and is still not acknowledged: the peer has
	// thrown away what it held (RFC 2018 §8).
	if ((t.run.flags & SACKED) !== 0) forgetSacks(t);
	onTimeout(t);
	backOff(t);
	if (tcb.rtt.strikes < 255) tcb.rtt.strikes++;
	if (tcb.rtt.strikes === profile.blackHoleAfter && !opening) suspectBlackHole(t);
	// Not from the middle of a sample: nothing sent before counts (Karn).
	if (profile.roundTrips === 'one') tcb.rtt.from = tcb.snd.nxt;
	startRetransmission(t);
}

/** The text that the end of the handshake waits for has not come yet: nothing is sent for that. */
function waitLonger(t: Tcp): void {
	backOff(t);
	t.tcb.rtt.strikes++;
	startRetransmission(t);
}

/** Whether the peer has closed its window over what is out, for whose user it is asked again, and answers. */
function isWindowAwaited({ tcb, profile, now }: Tcp): boolean {
	return profile.repeatsInWindow && tcb.snd.wnd === 0 && tcb.state >= ESTABLISHED && tcb.held !== FREE_ON_END && now - tcb.heard <= 2 * profile.rtoMax;
}

/** The peer's window is closed: it is asked again, ever more seldom, for as long as it answers (RFC 9293 §3.8.6.1). */
function probeWindow(t: Tcp): void {
	const { tcb, profile } = t;
	if (tcb.probe.count >= profile.retries || isPatienceOver(t)) {
		destroy(t, ERROR_TIMEOUT);
		return;
	}
	if (overrideSilly(t)) return;
	tcb.timer.kind = PERSIST;
	tcb.probe.count++;
	backOff(t);
	emitProbe(t);
	waitToProbe(t);
}

/** RFC 9293 §3.8.4: asks a silent peer with a segment below its window, which it must answer. */
function keepAlive(t: Tcp): void {
	const { tcb, profile, now } = t;
	if ((tcb.options & KEEP_ALIVE) === 0) {
		tcb.timer.keep = 0;
		return;
	}
	const idle = tcb.limit.idle || profile.keepIdle;
	if (tcb.snd.una !== tcb.snd.nxt || tcb.sendq.length > 0) {
		// What is out finds out by itself whether the peer is there (MUST-26).
		tcb.timer.keep = now + idle;
		return;
	}
	if (now - tcb.heard < idle) {
		tcb.probe.keep = 0;
		tcb.timer.keep = tcb.heard + idle;
		return;
	}
	if (isPeerGone(t)) {
		if (profile.keepAliveResets) abort(t, ERROR_TIMEOUT);
		else destroy(t, ERROR_TIMEOUT);
		return;
	}
	tcb.probe.keep++;
	t.counters.keepAlives++;
	emit(t, ACK, (tcb.snd.una - 1) | 0, 0);
	tcb.timer.keep = now + (tcb.limit.interval || profile.keepInterval);
}

/** Whether probes enough have gone without an answer. */
function isPeerGone({ tcb, profile, now }: Tcp): boolean {
	const { limit, probe } = tcb;
	if (profile.keepAliveResets && limit.silence !== 0) return probe.keep > 0 && now - tcb.heard >= limit.silence;
	return probe.keep >= (limit.probes || profile.keepProbes);
}
