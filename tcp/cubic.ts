import type { Tcp } from './engine.ts';

// CUBIC (RFC 9438) in the arithmetic every engine rounds alike: + − × ÷. The
// window is counted in octets, time in seconds.

/** RFC 9438 §4.6 and §5: the window is multiplied by β on a loss; C scales the growth. */
const BETA = 717 / 1024, C = 0.4;
/** RFC 9438 §4.3: what makes the estimate of a Reno flow as fast as Reno. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);
const LARGEST = 0x3fff_ffff;

/** Cube root by Newton's method, which converges from above. */
export function cubeRoot(value: number): number {
	if (value <= 0) return 0;
	let x = value < 1 ? 1 : value;
	for (let i = 0; i < 64; i++) {
		const next = (2 * x + value / (x * x)) / 3;
		if (next >= x) return x;
		x = next;
	}
	return x;
}

/** A new epoch of growth begins (RFC 9438 §4.2): K is when the old plateau will be reached again. */
function begin(t: Tcp): void {
	const { cubic, cc, snd } = t.tcb;
	cubic.epochAt = t.now;
	cubic.estimate = cc.cwnd;
	if (cc.cwnd < cubic.plateau) {
		cubic.k = cubeRoot((cubic.plateau - cc.cwnd) / snd.mss / C);
		cubic.origin = cubic.plateau;
	} else {
		cubic.k = 0;
		cubic.origin = cc.cwnd;
	}
}

/** Where the cubic function stands a round trip from now, octets, within RFC 9438 §4.2's bounds. */
function target(t: Tcp): number {
	const { cubic, cc, snd, rack } = t.tcb;
	const elapsed = (t.now - cubic.epochAt + rack.minRtt) / 1e6;
	const d = elapsed - cubic.k;
	const wanted = cubic.origin + C * d * d * d * snd.mss;
	return Math.min(1.5 * cc.cwnd, Math.max(cc.cwnd, wanted));
}

/** Congestion avoidance (RFC 9438 §4.2–4.5). */
export function cubicGrow(t: Tcp, octets: number): void {
	const { cubic, cc, snd } = t.tcb;
	if (cubic.epochAt === 0) begin(t);
	// The Reno-friendly region (§4.3): never slower than Reno would be.
	const alpha = cubic.estimate >= cubic.plateau ? 1 : ALPHA;
	cubic.estimate = Math.min(LARGEST, cubic.estimate + Math.floor((alpha * octets * snd.mss) / cc.cwnd));
	const goal = Math.max(target(t), cubic.estimate);
	if (goal <= cc.cwnd) return;
	// A segment for as many octets as bring the window to its goal within a round trip.
	const price = Math.max(2 * snd.mss, (cc.cwnd * snd.mss) / (goal - cc.cwnd));
	cc.credit += octets;
	if (cc.credit < price) return;
	cc.credit = 0;
	cc.cwnd = Math.min(LARGEST, cc.cwnd + snd.mss);
}

/** A loss (RFC 9438 §4.6, §4.7): the plateau is remembered, a little lower where the flow was still short of the last one. */
export function cubicThreshold(t: Tcp): number {
	const { cubic, cc } = t.tcb;
	cubic.plateau = cc.cwnd < cubic.plateau ? Math.floor((cc.cwnd * (1 + BETA)) / 2) : cc.cwnd;
	cubic.epochAt = 0;
	return Math.floor(cc.cwnd * BETA);
}

/** A time-out (RFC 9438 §4.8): the next growth begins from what is then the window. */
export function cubicTimeout(t: Tcp): void {
	t.tcb.cubic.epochAt = 0;
}
