import { CUBIC } from './controller.ts';
import type { Tcp } from './engine.ts';
import { geq, gt } from './seq.ts';

// Slow start ends before it overfills the path: a round trip that grows longer
// says that a queue builds up. HyStart++ (RFC 9406) then goes on slowly for some
// rounds, in case it was mistaken; the older HyStart that Linux has ends at once.

/** RFC 9406 §4.3: bounds of what counts as longer, µs; what part of the round trip that is; samples that make a round count. */
const MIN_RTT_THRESH = 4000, MAX_RTT_THRESH = 16_000, MIN_RTT_DIVISOR = 8, N_RTT_SAMPLE = 8;
/** How much slower conservative slow start (CSS) grows, and for how many rounds. */
const CSS_GROWTH_DIVISOR = 4, CSS_ROUNDS = 5;
/** Linux: ACKs that follow each other so soon are one train, µs, which may be longer by what bursts take to go through; no end below so many segments. */
const TRAIN_GAP = 2000, TRAIN_SLACK = 1000, LOW_WINDOW = 16;

/** What is added to a round trip before it counts as longer (RFC 9406 §4.2). */
function threshold(rtt: number): number {
	return Math.max(MIN_RTT_THRESH, Math.min(Math.floor(rtt / MIN_RTT_DIVISOR), MAX_RTT_THRESH));
}

/** Takes the ACK at hand into what is known of this round of slow start, which may end slow start. */
export function watchSlowStart(t: Tcp): void {
	const { hystart, snd, cc } = t.tcb;
	const { slowStartExit } = t.profile;
	const isLinux = slowStartExit === 'hystart';
	if (slowStartExit === 'loss' || (isLinux && cc.control !== CUBIC)) return;
	// The handshake is no round: what answers it is not what answers text.
	if (snd.una === ((snd.iss + 1) | 0)) return;
	if (hystart.on === 0) {
		hystart.on = 1;
		beginRound(t);
	} else if (isLinux && gt(snd.una, hystart.until)) beginRound(t);
	const { acked, now } = t;
	const rtt = acked.clean && acked.sentAt !== 0 ? Math.max(1, now - acked.sentAt) : 0;
	if (rtt !== 0) {
		if (hystart.shortest === 0 || rtt < hystart.shortest) hystart.shortest = rtt;
		if (hystart.current === 0 || rtt < hystart.current) hystart.current = rtt;
		if (hystart.samples < 255) hystart.samples++;
	}
	if (isLinux) {
		if (cc.cwnd >= LOW_WINDOW * snd.mss && (isTrainLong(t) || isDelayed(t))) cc.ssthresh = cc.cwnd;
		return;
	}
	judgeRound(t);
	if (geq(snd.una, hystart.until)) endRound(t);
}

function beginRound(t: Tcp): void {
	const { hystart, snd } = t.tcb;
	hystart.until = snd.nxt;
	hystart.current = 0;
	hystart.samples = 0;
	hystart.beganAt = t.now;
	hystart.ackAt = t.now;
}

/** RFC 9406 §4.2: whether to go into CSS, or back out of it. */
function judgeRound(t: Tcp): void {
	const { hystart } = t.tcb;
	const { current, last } = hystart;
	if (hystart.samples < N_RTT_SAMPLE || current === 0) return;
	if (hystart.rounds > 0) {
		// The longer round trips were none of a queue.
		if (current < hystart.baseline) hystart.rounds = 0;
	} else if (last !== 0 && current >= last + threshold(last)) {
		hystart.baseline = current;
		hystart.rounds = CSS_ROUNDS;
	}
}

function endRound(t: Tcp): void {
	const { hystart, cc } = t.tcb;
	hystart.last = hystart.current;
	beginRound(t);
	if (hystart.rounds > 0 && --hystart.rounds === 0) cc.ssthresh = cc.cwnd;
}

/** What of an increase of the window CSS lets through (RFC 9406 §4.2). */
export function slowed(t: Tcp, octets: number): number {
	return t.tcb.hystart.rounds > 0 ? Math.floor(octets / CSS_GROWTH_DIVISOR) : octets;
}

/** Whether ACKs in close order have come for half the shortest round trip: as much as the path holds is out. */
function isTrainLong(t: Tcp): boolean {
	const { hystart } = t.tcb;
	if (t.now - hystart.ackAt > TRAIN_GAP) return false;
	hystart.ackAt = t.now;
	// Where text is paced it takes its half of a round trip to leave as it is.
	return t.now - hystart.beganAt > (hystart.shortest + TRAIN_SLACK) >> (t.profile.pacing ? 0 : 1);
}

/** Whether even the shortest of this round's trips was longer than the shortest of all. */
function isDelayed(t: Tcp): boolean {
	const { hystart } = t.tcb;
	return hystart.samples > N_RTT_SAMPLE && hystart.current > hystart.shortest + threshold(hystart.shortest);
}
