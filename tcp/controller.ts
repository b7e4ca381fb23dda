import { forgetSegments, growSegments, segmentThreshold } from './cubic-segments.ts';
import { cubicGrow, cubicThreshold, cubicTimeout } from './cubic.ts';
import type { Tcp } from './engine.ts';

/** Controllers of the congestion window, as `cc.control` numbers them. */
export const NEWRENO = 0;
export const CUBIC = 1;

const LARGEST = 0x3fff_ffff;

/** RFC 5681 §3.1: a segment for every window acknowledged. */
function renoGrow(t: Tcp, octets: number): void {
	const { cc, snd } = t.tcb;
	cc.credit += octets;
	if (cc.credit < cc.cwnd) return;
	cc.credit -= cc.cwnd;
	cc.cwnd = Math.min(LARGEST, cc.cwnd + snd.mss);
}

/** Opens the window in congestion avoidance. */
export function grow(t: Tcp, octets: number): void {
	if (t.tcb.cc.control !== CUBIC) renoGrow(t, octets);
	else if (t.profile.window === 'segments') growSegments(t, octets);
	else cubicGrow(t, octets);
}

/** Sets the slow start threshold on a sign of congestion (RFC 5681 §3.1, eq. 4; RFC 9438 §4.6). */
export function lowerThreshold(t: Tcp): void {
	const { cc, snd } = t.tcb;
	cc.credit = 0;
	cc.ssthresh = Math.max(2 * snd.mss, thresholdOf(t));
}

function thresholdOf(t: Tcp): number {
	const { cc, snd } = t.tcb;
	if (t.profile.window === 'octets') return cc.control === CUBIC ? cubicThreshold(t) : renoThreshold(t);
	return cc.control === CUBIC ? segmentThreshold(t) : Math.floor(cc.cwnd / snd.mss / 2) * snd.mss;
}

/** Half of what is in flight, in whole segments; never more than half the window. */
function renoThreshold(t: Tcp): number {
	const { cc, snd } = t.tcb;
	return Math.min((snd.nxt - snd.una) | 0, cc.cwnd) >> 1;
}

/** What a controller forgets when the retransmission timer strikes. */
export function forget(t: Tcp): void {
	if (t.tcb.cc.control !== CUBIC) return;
	if (t.profile.window === 'segments') forgetSegments(t);
	else cubicTimeout(t);
}
