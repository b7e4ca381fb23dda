import { cubeRoot } from './cubic.ts';
import type { Tcp } from './engine.ts';

// CUBIC where the window counts whole segments: RFC 9438's function in integers,
// with time in 1024ths of a second, seen once a millisecond at most. All
// numbers of the `cubic` group are segments here, but for `epochAt`.

/** C = 0.4, 1024ths; β; octaves by which K³ is scaled. */
const C = 410, BETA = 717, ONE = 1024, SCALE = 40;
/** Segments that Reno needs for one more, eighths, as a part of its window (RFC 9438 §4.3). */
const RENO = 15;
/** How long the function's price holds where the window has not changed, ms; the least there is; the most where the path is not known yet. */
const STALE = 31, LEAST_PRICE = 2, UNKNOWN_PRICE = 20;

/** Milliseconds of the machine's clock. */
function clock(t: Tcp): number { return Math.floor(t.now / 1000); }

/** A new epoch begins (RFC 9438 §4.2). */
function begin(t: Tcp, cwnd: number, acks: number): void {
	const { cubic } = t.tcb;
	cubic.epochAt = clock(t);
	cubic.acks = acks;
	cubic.estimate = cwnd;
	if (cubic.plateau <= cwnd) {
		cubic.k = 0;
		cubic.origin = cwnd;
	} else {
		cubic.k = Math.floor(cubeRoot(Math.floor(2 ** SCALE / C) * (cubic.plateau - cwnd)));
		cubic.origin = cubic.plateau;
	}
}

/** How many segments have to be acknowledged for one more: from the cubic function. */
function priceOf(t: Tcp, cwnd: number): number {
	const { cubic, rack } = t.tcb;
	const elapsed = Math.floor(((clock(t) - cubic.epochAt + Math.ceil(rack.minRtt / 1000)) * ONE) / 1000);
	const off = Math.abs(elapsed - cubic.k);
	const delta = Math.floor((C * off * off * off) / 2 ** SCALE);
	const target = elapsed < cubic.k ? cubic.origin - delta : cubic.origin + delta;
	const price = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
	return cubic.plateau === 0 ? Math.min(price, UNKNOWN_PRICE) : price;
}

/** The Reno-friendly region (RFC 9438 §4.3): never slower than Reno would be. */
function befriendReno(t: Tcp, cwnd: number): void {
	const { cubic } = t.tcb;
	const window = (cwnd * RENO) >> 3;
	while (cubic.acks > window) {
		cubic.acks -= window;
		cubic.estimate++;
	}
	if (cubic.estimate > cwnd) cubic.price = Math.min(cubic.price, Math.floor(cwnd / (cubic.estimate - cwnd)));
}

function reprice(t: Tcp, cwnd: number, acks: number): void {
	const { cubic } = t.tcb;
	const now = clock(t);
	cubic.acks += acks;
	if (cubic.lastCwnd === cwnd && now - cubic.lastAt <= STALE) return;
	if (cubic.epochAt === 0 || now !== cubic.lastAt) {
		cubic.lastCwnd = cwnd;
		cubic.lastAt = now;
		if (cubic.epochAt === 0) begin(t, cwnd, acks);
		cubic.price = priceOf(t, cwnd);
	}
	befriendReno(t, cwnd);
	cubic.price = Math.max(cubic.price, LEAST_PRICE);
}

/** Congestion avoidance (RFC 9438 §4.2–4.5). */
export function growSegments(t: Tcp, octets: number): void {
	const { cubic, cc, snd } = t.tcb;
	const acks = Math.ceil(octets / snd.mss);
	reprice(t, Math.floor(cc.cwnd / snd.mss), acks);
	// What was saved up when a segment cost more counts for one.
	if (cc.credit >= cubic.price) {
		cc.credit = 0;
		cc.cwnd += snd.mss;
	}
	cc.credit += acks;
	const more = Math.floor(cc.credit / cubic.price);
	cc.credit -= more * cubic.price;
	cc.cwnd += more * snd.mss;
}

/** Nothing was sent for a while: the function goes on where it stood (RFC 9438 §5.8). */
export function skipIdle(t: Tcp, idle: number): void {
	const { cubic } = t.tcb;
	if (cubic.epochAt !== 0) cubic.epochAt = Math.min(cubic.epochAt + Math.floor(idle / 1000), clock(t));
}

/** A loss (RFC 9438 §4.6, §4.7). Returns the threshold, octets. */
export function segmentThreshold(t: Tcp): number {
	const { cubic, cc, snd } = t.tcb;
	const cwnd = Math.floor(cc.cwnd / snd.mss);
	cubic.epochAt = 0;
	cubic.plateau = cwnd < cubic.plateau ? Math.floor((cwnd * (ONE + BETA)) / (2 * ONE)) : cwnd;
	return Math.floor((cwnd * BETA) / ONE) * snd.mss;
}

/** A time-out: nothing that was known of the path counts any more. */
export function forgetSegments(t: Tcp): void {
	const { cubic } = t.tcb;
	cubic.plateau = 0;
	cubic.epochAt = 0;
	cubic.price = 0;
	cubic.acks = 0;
	cubic.lastCwnd = 0;
	cubic.lastAt = 0;
}
