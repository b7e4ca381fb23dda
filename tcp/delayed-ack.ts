import { PSH } from '../lib/wire/tcp.ts';
import type { Tcp } from './engine.ts';
import { diff } from './seq.ts';
import { ESTABLISHED, SYN_RECEIVED } from './states.ts';
import { WANT_ACK } from './wants.ts';

/** Longest a delay becomes, µs: where the peer pushes or we answer, and else. */
const LONGEST_PUSHED = 200_000, LONGEST = 500_000;

/** What counts as a full-sized segment: the largest the peer has sent, which leaves room for its options. */
function fullSize(t: Tcp): number {
	const { rcv } = t.tcb;
	return Math.min(rcv.mss, Math.max(rcv.largest, t.profile.mssDefault));
}

/** The next segments are acknowledged at once. */
export function ackQuickly(t: Tcp): void {
	const { rcv } = t.tcb;
	const { quickAcks, delayedAck } = t.profile;
	if (quickAcks === 0) return;
	const worth = Math.max(2, Math.floor(diff(rcv.edge, rcv.nxt) / (2 * fullSize(t))));
	rcv.quick = Math.max(rcv.quick, Math.min(worth, quickAcks));
	rcv.answers = 0;
	rcv.delay = delayedAck;
}

/** Learns from the text at hand how soon the next one may come. */
function learnRhythm(t: Tcp): void {
	const { tcb, now, profile } = t;
	const { rcv } = tcb;
	if (rcv.delay === 0) {
		ackQuickly(t);
		return;
	}
	const gap = now - tcb.heardText, least = profile.delayedAck;
	if (gap <= least >> 1) rcv.delay = (rcv.delay >> 1) + (least >> 1);
	else if (gap < rcv.delay) rcv.delay = Math.min((rcv.delay >> 1) + gap, tcb.rtt.rto);
	else if (gap > tcb.rtt.rto) {
		// The sender begins anew, and needs ACKs to do so.
		const { answers, delay } = rcv;
		ackQuickly(t);
		rcv.answers = answers;
		rcv.delay = delay;
	}
}

/** How long this ACK is withheld, µs. */
function delayNow(t: Tcp): number {
	const { rcv, rtt } = t.tcb;
	const least = t.profile.delayedAck;
	if (rcv.delay <= least) return least;
	const most = rcv.answers !== 0 || rcv.pushed !== 0 ? LONGEST_PUSHED : LONGEST;
	return Math.min(rcv.delay, rtt.has === 0 ? most : Math.min(most, Math.max(rtt.srtt >> 3, least)), LONGEST_PUSHED);
}

/** Takes note of a segment that ends a write, as it seems: who has read it may acknowledge it. */
function notePush(t: Tcp, octets: number): void {
	const { rcv } = t.tcb;
	if (octets < fullSize(t)) rcv.pushed = rcv.pushed === 0 ? 1 : 2;
	else if (t.seg.has(PSH) && rcv.pushed === 0) rcv.pushed = 1;
}

/**
 * An ACK may wait a little, for text or another segment to share it (RFC 9293 §3.8.6.3).
 *
 * @param finFollows  whether a FIN is right behind this text, which then decides for both
 */
export function oweAck(t: Tcp, octets: number, finFollows: boolean = false): void {
	const { tcb, profile } = t;
	const { rcv } = tcb;
	rcv.owed += octets;
	if (octets > rcv.largest) rcv.largest = octets;
	if (profile.quickAcks !== 0) {
		notePush(t, octets);
		learnRhythm(t);
	}
	tcb.heardText = t.now;
	if (finFollows) return;
	if (rcv.quick > 0 && rcv.answers === 0) {
		rcv.quick--;
		t.wants(WANT_ACK);
	} else if (isDue(t)) t.wants(WANT_ACK);
	else withhold(t);
}

/**
 * The peer's FIN has its turn. With some profiles it is our text, or our own FIN,
 * that is expected to bear the ACK, as soon as the peer has sent text before.
 */
export function oweFin(t: Tcp): void {
	const { tcb, profile } = t;
	const { rcv } = tcb;
	const isOpen = tcb.state === ESTABLISHED || tcb.state === SYN_RECEIVED;
	if (profile.quickAcks === 0 || !isOpen || rcv.delay === 0 || (tcb.want & WANT_ACK) !== 0 || rcv.owed + 1 > fullSize(t)) t.wants(WANT_ACK);
	else {
		rcv.answers = 1;
		withhold(t);
	}
}

function isDue({ tcb, profile }: Tcp): boolean {
	if (profile.acksSegments) return tcb.timer.delack !== 0;
	const full = Math.min(tcb.rcv.mss, Math.max(tcb.rcv.largest, profile.mssDefault));
	return profile.acksBeyondOne ? tcb.rcv.owed > full : tcb.rcv.owed >= profile.ackEvery * full;
}

function withhold(t: Tcp): void {
	const { timer } = t.tcb;
	if (t.profile.quickAcks === 0) {
		if (timer.delack !== 0) return;
		timer.delack = t.now + t.profile.delayedAck;
	} else {
		const delay = delayNow(t);
		if (timer.delack !== 0 && timer.delack <= t.now + (delay >> 2)) {
			// It would have gone so soon that it goes now.
			t.wants(WANT_ACK);
			return;
		}
		if (timer.delack === 0 || t.now + delay < timer.delack) timer.delack = t.now + delay;
	}
	t.arm(timer.delack);
}

/** Our text goes out: where it answers the peer's within the delay of an ACK, it bears the ACKs from now on. */
export function noteAnswer(t: Tcp): void {
	const { tcb, now } = t;
	if (tcb.rcv.delay !== 0 && now - tcb.heardText < tcb.rcv.delay) tcb.rcv.answers = 1;
}

/** The delay is over, and nothing came to share the ACK: the next one is longer, unless it was our answer that was hoped for. */
export function onDelayOver(t: Tcp): void {
	const { rcv, rtt } = t.tcb;
	if (rcv.delay === 0) return;
	if (rcv.answers === 0) rcv.delay = Math.min(rcv.delay * 2, rtt.rto);
	else {
		rcv.answers = 0;
		rcv.delay = t.profile.delayedAck;
	}
}

/** The user has read something: whether the peer, which may wait for that, is told now. */
export function isReadAcknowledged(t: Tcp): boolean {
	const { rcv, recvq, timer } = t.tcb;
	if (t.profile.quickAcks === 0 || timer.delack === 0) return false;
	return rcv.owed > fullSize(t) || (recvq.length === 0 && (rcv.pushed === 2 || (rcv.pushed === 1 && rcv.answers === 0)));
}
