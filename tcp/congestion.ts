import type { Tcp } from './engine.ts';
import { inFlight } from './runs.ts';

const LARGEST = 0x3fff_ffff;

/** IW (RFC 6928 §2), or where the profile wants it the older formula (RFC 5681 §3.1, eq. 1). */
export function initialCwnd(t: Tcp): void {
	const { cc, snd } = t.tcb;
	const { initialWindow } = t.profile;
	const classic = snd.mss > 2190 ? 2 : snd.mss > 1095 ? 3 : 4;
	cc.cwnd = initialWindow === 0 ? classic * snd.mss : Math.min(initialWindow * snd.mss, Math.max(2 * snd.mss, 14600));
	cc.ssthresh = LARGEST;
}

/**
 * New data was acknowledged outside of recovery: slow start counts octets, two
 * segments' worth an ACK at most (RFC 3465 §2.3), congestion avoidance a
 * segment a window (RFC 5681 §3.1). A window that was not in use is not opened.
 *
 * @param octets  newly acknowledged
 * @param flight  octets in flight before this ACK
 */
export function openCwnd(t: Tcp, octets: number, flight: number): void {
	const { cc, snd } = t.tcb;
	if (flight + snd.mss < cc.cwnd) return;
	if (cc.cwnd < cc.ssthresh) {
		cc.cwnd = Math.min(LARGEST, cc.cwnd + Math.min(octets, 2 * snd.mss));
		return;
	}
	cc.credit += octets;
	if (cc.credit >= cc.cwnd) {
		cc.credit -= cc.cwnd;
		cc.cwnd = Math.min(LARGEST, cc.cwnd + snd.mss);
	}
}

/** Half of what is in flight, two segments at least (RFC 5681 §3.1, eq. 4). */
export function halve(t: Tcp): void {
	const { cc, snd } = t.tcb;
	cc.ssthresh = Math.max((snd.nxt - snd.una) >> 1, 2 * snd.mss);
	cc.credit = 0;
}

/** Octets that may be put into the network now. */
export function cwndRoom(t: Tcp): number {
	const { cc, snd, sack } = t.tcb;
	// A duplicate ACK says that a segment has left the network: this is the
	// window's inflation of RFC 6582 §3.2 and the limited transmit of RFC 3042,
	// said as less in flight. With SACK the scoreboard knows better.
	const left = sack.on !== 0 ? 0 : cc.dupacks * snd.mss;
	return cc.cwnd - Math.max(0, inFlight(t) - left);
}
