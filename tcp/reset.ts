import { ACK, RST } from '../lib/wire/tcp.ts';
import { emit } from './emit.ts';
import type { Tcp } from './engine.ts';
import type { Tcb } from './tcb.ts';
import { ERROR_ABORTED } from './errors.ts';
import { destroy } from './lifecycle.ts';
import { PERSIST } from './timer-kinds.ts';
import { WANT_ACK } from './wants.ts';

const SECOND = 1_000_000;

/**
 * Whether another challenge ACK may be sent in this second: they are limited
 * over all connections together, so that nobody can use us to flood a third
 * party, and no two hosts answer each other for ever (RFC 5961 §7).
 */
function mayChallenge(t: Tcp): boolean {
	const { challenge } = t.root;
	if (t.now - challenge.since >= SECOND || challenge.since === 0) {
		challenge.since = t.now;
		challenge.left = t.profile.challengeAcks;
	}
	if (challenge.left === 0) {
		t.counters.challengesWithheld++;
		return false;
	}
	challenge.left--;
	return true;
}

/**
 * SEG.SEQ of an ACK without text. While a closed window is probed SND.NXT lies
 * behind the octet that the peer has no room for, and two such peers would find
 * each other's ACKs unacceptable, and answer them.
 */
export function ackNumber({ tcb, profile }: Tcp): number {
	const { snd, timer } = tcb;
	if (profile.acksInWindow) return numberInWindow(tcb);
	return timer.kind === PERSIST && timer.rexmt !== 0 && snd.wnd === 0 ? snd.una : snd.nxt;
}

/** SND.NXT, or the right edge of a window that the peer has taken back, unless that is but a rounding of its scale. */
function numberInWindow({ snd, rcv }: Tcb): number {
	const beyond = (snd.nxt - snd.una - snd.wnd) | 0;
	// No window holds a SYN back: what stands on its number has not heard of it.
	return snd.una === snd.iss || beyond <= 0 || (rcv.scaling !== 0 && beyond < 1 << rcv.scale) ? snd.nxt : (snd.nxt - beyond) | 0;
}

/**
 * <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, sent now and not at the next drain: each
 * segment that draws one gets its own. Only behind paced text that is still to
 * leave it is owed, and the drain gives it its time.
 */
export function emitAck(t: Tcp): void {
	if (t.tcb.paced.at > t.now) t.wants(WANT_ACK);
	else emit(t, ACK, ackNumber(t), 0);
}

/** As `emitAck`, within the limit (RFC 5961 §3.2, §4.2, §5.2). */
export function challenge(t: Tcp): void {
	if (!mayChallenge(t)) return;
	t.counters.challengesSent++;
	emitAck(t);
}

/** Whether the connection at hand may answer another segment out of place that has no text, which nothing would ever repeat: so many in so long. */
export function mayAnswer(t: Tcp): boolean {
	const { tcb, profile, now } = t;
	if (tcb.answered === 0 || now - tcb.answered >= profile.answerEvery) {
		tcb.answered = now;
		tcb.answers = 0;
	}
	if (tcb.answers >= profile.answerMost) {
		t.counters.challengesWithheld++;
		return false;
	}
	tcb.answers++;
	return true;
}

/** Answers such a segment: the connection's own limit, then that of all. */
export function answerBare(t: Tcp): void {
	if (mayAnswer(t)) challenge(t);
}

/** Aborts the connection at hand: <SEQ=SND.NXT><CTL=RST,ACK>, and it is gone (RFC 9293 §3.10.5). */
export function abort(t: Tcp, error: number = ERROR_ABORTED): void {
	emit(t, RST | ACK, t.profile.acksInWindow ? ackNumber(t) : t.tcb.snd.nxt, 0);
	t.counters.resetsSent++;
	destroy(t, error);
}
