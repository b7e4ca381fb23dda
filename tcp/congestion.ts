import { CUBIC, NEWRENO, grow } from './controller.ts';
import { skipIdle } from './cubic-segments.ts';
import type { Tcp } from './engine.ts';
import { slowed, watchSlowStart } from './hystart.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY, OPEN } from './phases.ts';
import { inFlight } from './scoreboard.ts';
import { lt } from './seq.ts';

const LARGEST = 0x3fff_ffff;

/** IW (RFC 6928 §2), or where the profile wants it the older formula (RFC 5681 §3.1, eq. 1). */
function initialWindow(t: Tcp): number {
	const { mss } = t.tcb.snd;
	const { initialWindow: segments } = t.profile;
	if (t.profile.window === 'segments') return segments * mss;
	if (segments === 0) return (mss > 2190 ? 2 : mss > 1095 ? 3 : 4) * mss;
	return Math.min(segments * mss, Math.max(2 * mss, 14600));
}

/** What a connection's congestion control begins with. */
export function initialCwnd(t: Tcp): void {
	const { cc, rack } = t.tcb;
	cc.control = t.profile.congestion === 'cubic' ? CUBIC : NEWRENO;
	cc.cwnd = initialWindow(t);
	cc.ssthresh = LARGEST;
	cc.reordering = t.profile.dupThresh;
	rack.quarters = 1;
}

/**
 * The handshake had to be repeated: if its loss is not forgiven, the first
 * window is one segment (RFC 5681 §3.1). The threshold stays high, for nothing
 * is known of the path yet.
 *
 * @param lost  how often the time-out has struck
 */
export function restartCwnd(t: Tcp, lost: number): void {
	const { cc } = t.tcb;
	initialCwnd(t);
	if (lost > t.profile.synLossesForgiven) cc.cwnd = t.tcb.snd.mss;
	cc.phase = OPEN;
	cc.recover = t.tcb.snd.iss;
	t.tcb.undo.on = 0;
	t.tcb.frto = 0;
}

/**
 * New data was acknowledged outside of recovery: slow start counts octets, of one
 * ACK no more than the profile lets (RFC 3465 §2.3); above the threshold the
 * controller decides.
 *
 * @param octets  newly acknowledged
 * @param arrived what of them no duplicate ACK and no SACK has told of before
 * @param flight  octets in flight before this ACK
 */
export function openCwnd(t: Tcp, octets: number, arrived: number, flight: number): void {
	const { cc, snd } = t.tcb;
	if (cc.cwnd < cc.ssthresh) {
		if (cc.ssthresh === LARGEST) watchSlowStart(t);
		// Half the window in use is enough: it is to double each round trip.
		if (cc.held === 0 && 2 * cc.used <= cc.cwnd) return;
		const { slowStartPerAck } = t.profile;
		// After a time-out an ACK may stand for much that was sent long ago: it counts for one segment (RFC 3465 §2.3).
		const most = (cc.phase === AFTER_TIMEOUT ? 1 : slowStartPerAck) * snd.mss;
		const before = cc.cwnd;
		cc.cwnd = Math.min(LARGEST, cc.cwnd + slowed(t, slowStartPerAck === 0 ? arrived : Math.min(octets, most)));
		if (cc.cwnd <= cc.ssthresh || t.profile.window === 'octets') return;
		// What is left of this ACK counts above the threshold.
		cc.cwnd = cc.ssthresh;
		if (cc.held !== 0) grow(t, before + arrived - cc.ssthresh);
	} else if (t.profile.window === 'segments') {
		if (cc.held !== 0) grow(t, arrived);
	} else if (cc.held !== 0 || flight + snd.mss >= cc.cwnd) grow(t, octets);
}

/**
 * Remembers how much of the window was in use in this round trip: one that was
 * not is not opened (RFC 7661 §3).
 *
 * @param isHeld   whether the window held something back
 * @param hasSent  whether something was sent
 */
export function noteUse(t: Tcp, isHeld: boolean, hasSent: boolean): void {
	const { cc, snd } = t.tcb;
	const used = (snd.nxt - snd.una) | 0;
	if (t.profile.window === 'segments') {
		// A window that is full is one that holds back, whether there is more or not.
		isHeld ||= cwndRoom(t) < snd.mss;
		if (!isHeld && (!hasSent || (lt(snd.una, cc.usedUntil) && (cc.held !== 0 || used <= cc.used)))) return;
	} else if (!isHeld && used <= cc.used && lt(snd.una, cc.usedUntil)) return;
	cc.used = used;
	cc.held = isHeld ? 1 : 0;
	cc.usedUntil = snd.nxt;
}

/** Before text is sent after an idle time: what the window knew of the path is old (RFC 5681 §4.1). */
export function restartIdle(t: Tcp): void {
	const { cc, snd, rtt, silent, info } = t.tcb;
	if (snd.una !== snd.nxt) return;
	if (t.profile.window === 'segments' && info.textAt !== 0) restartSegments(t, t.now - info.textAt);
	else if (t.profile.slowStartAfterIdle && silent !== 0 && t.now - silent > rtt.rto) cc.cwnd = Math.min(cc.cwnd, initialWindow(t));
}

/** The same where segments are counted: half as many for each time-out of silence, and the threshold remembers three quarters (RFC 7661 §4.3); CUBIC's clock has stood still. */
function restartSegments(t: Tcp, idle: number): void {
	const { cc, snd, rtt } = t.tcb;
	if (cc.control === CUBIC) skipIdle(t, idle);
	if (!t.profile.slowStartAfterIdle || idle <= rtt.rto) return;
	const least = Math.min(initialWindow(t), cc.cwnd);
	if (cc.ssthresh < LARGEST) cc.ssthresh = Math.max(cc.ssthresh, threeQuarters(t));
	let segments = Math.floor(cc.cwnd / snd.mss);
	for (let left = idle - rtt.rto; left > 0 && segments * snd.mss > least; left -= rtt.rto) segments >>= 1;
	cc.cwnd = Math.max(segments * snd.mss, least);
}

/** Three quarters of the window, in whole segments. */
export function threeQuarters(t: Tcp): number {
	const segments = Math.floor(t.tcb.cc.cwnd / t.tcb.snd.mss);
	return ((segments >> 1) + (segments >> 2)) * t.tcb.snd.mss;
}

/** Octets that are out in the network, as far as we know. */
export function pipe(t: Tcp): number {
	const { cc, snd, sack } = t.tcb;
	// A duplicate ACK says that a segment has left the network: this is the
	// window's inflation of RFC 6582 §3.2 and the limited transmit of RFC 3042,
	// said as less in flight. With SACK the scoreboard knows better; after a
	// time-out it is the segments sent before that are told of (RFC 6582 §4).
	const told = sack.on !== 0 || cc.phase === AFTER_TIMEOUT ? 0 : cc.dupacks * snd.mss;
	// No more can have left than was out when the loss was told: a peer may send more of them than that (RFC 5681 §3.2, step 4).
	const left = cc.phase === FAST_RECOVERY ? Math.min(told, Math.max(0, (cc.recover - snd.una) | 0)) : told;
	return Math.max(0, inFlight(t) - left);
}

/** Octets that may be put into the network now. */
export function cwndRoom(t: Tcp): number { return t.tcb.cc.cwnd - pipe(t); }
