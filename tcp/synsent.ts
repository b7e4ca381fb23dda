import { ACK, FIN, RST, SYN } from '../lib/wire/tcp.ts';
import { acknowledgeSyn } from './acknowledge.ts';
import { restartCwnd } from './congestion.ts';
import { emitResetReply } from './emit.ts';
import type { Tcp } from './engine.ts';
import { ERROR_REFUSED } from './errors.ts';
import { endActive } from './fast-open.ts';
import { destroy, establish } from './lifecycle.ts';
import { takeOffer } from './listen.ts';
import { emitAgain } from './output.ts';
import { distrustHandshake } from './rtt.ts';
import { holdEarly } from './reassembly.ts';
import { resendRun } from './runs.ts';
import { gt, leq } from './seq.ts';
import { SYN_RECEIVED } from './states.ts';
import { takeText } from './text.ts';
import { WANT_ACK, WANT_SEND } from './wants.ts';

/** §3.10.7.3: SYN-SENT, check by check. */
export function synSentArrives(t: Tcp): void {
	const { seg, tcb, counters } = t;
	const { snd } = tcb;
	if (seg.has(ACK) && (leq(seg.ack, snd.iss) || gt(seg.ack, snd.nxt))) {
		counters.synSentBadAck++;
		emitResetReply(t);
		return;
	}
	if (seg.has(RST)) {
		// Without an acceptable ACK it could be anybody's.
		if (seg.has(ACK)) {
			counters.resetsTaken++;
			destroy(t, ERROR_REFUSED);
		} else counters.resetIgnored++;
		return;
	}
	if (!seg.has(SYN)) {
		counters.synSentIgnored++;
		return;
	}
	if (t.profile.dropsSynFin && seg.has(FIN)) {
		counters.synFin++;
		return;
	}
	takeOffer(t);
	if (seg.has(ACK)) openActive(t);
	else openBoth(t);
}

/** <SYN,ACK> has come: ESTABLISHED, with its text and FIN taken right away. */
function openActive(t: Tcp): void {
	const { seg, tcb } = t;
	const lost = tcb.rtt.backoff;
	if (lost > 0) {
		distrustHandshake(t);
		restartCwnd(t, lost);
	}
	acknowledgeSyn(t);
	endActive(t);
	establish(t);
	t.wants(WANT_ACK | WANT_SEND);
	// The window that our SYN announced is open: text may be right behind the answer (RFC 7413 §4.2.2).
	tcb.rcv.edge = (tcb.rcv.nxt + Math.min(0xffff, tcb.recvq.quota)) | 0;
	if (seg.textLength > 0 || seg.has(FIN)) {
		// The SYN is taken: what follows it has the next number.
		seg.seq = tcb.rcv.nxt;
		takeText(t);
	}
}

/** A bare SYN: both sides open at once (§3.5, figure 8); ours is sent again with an ACK. */
function openBoth(t: Tcp): void {
	const { tcb, run } = t;
	tcb.state = SYN_RECEIVED;
	// Text that came with the SYN waits for ESTABLISHED (§3.10.7.3); a FIN so early is left to be repeated.
	if (t.seg.textLength > 0) {
		const edge = Math.min(t.seg.textLength, 0xffff, tcb.recvq.quota);
		holdEarly(t, tcb.rcv.nxt, (tcb.rcv.nxt + edge) | 0, t.seg.textAt);
	}
	run.go(tcb.runs.first);
	resendRun(t, 1);
	emitAgain(t);
}
