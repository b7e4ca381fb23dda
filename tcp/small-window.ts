import type { Tcp } from './engine.ts';
import { optionBytes } from './headers.ts';

/** A window up to this is small altogether, octets: it is filled by one segment. */
const SMALL = 536;
/** Least text of a segment without options, octets. */
const LEAST = 48;
/** What stands for a threshold that was never set. */
const LARGEST = 0x3fff_ffff;

/**
 * Segments are made to fit half the largest window the peer has announced, so
 * that two of them can be out and the second draws an ACK. The congestion window
 * keeps their number.
 */
export function fitSegments(t: Tcp): void {
	const { snd, cc } = t.tcb;
	const whole = snd.whole === 0 ? snd.mss : snd.whole, before = snd.mss;
	const most = snd.max > SMALL ? snd.max >> 1 : snd.max;
	const isWhole = most === 0 || whole <= most;
	snd.mss = isWhole ? whole : Math.max(most, LEAST - optionBytes(t));
	snd.whole = isWhole ? 0 : whole;
	if (snd.mss === before) return;
	cc.cwnd = Math.floor(cc.cwnd / before) * snd.mss;
	if (cc.ssthresh < LARGEST) cc.ssthresh = Math.floor(cc.ssthresh / before) * snd.mss;
}
