import type { Tcp } from './engine.ts';
import { inFlight } from './scoreboard.ts';
import { headerBytes, optionBytes } from './headers.ts';
import { AFTER_TIMEOUT, OPEN } from './phases.ts';
import { LOST, SACKED } from './run-flags.ts';
import { splitRun } from './runs.ts';
import { markRun } from './scoreboard.ts';
import { diff, geq, lt } from './seq.ts';
import { WANT_SEND } from './wants.ts';

// Packetization layer path MTU discovery (RFC 4821): segments begin small, and
// one larger than the others is sent now and then. What arrives becomes the
// size of all; what is lost says nothing of congestion. No router needs to help.

/** Windows below so many segments are not risked; what is too near to be worth a probe, bytes; when it is tried again, µs (§7.2, §7.4, §7.7). */
const LEAST_WINDOW = 11, NEAR = 8, AGAIN = 600_000_000;

/** Bytes of a packet around its text. */
function around(t: Tcp): number { return headerBytes(t) + optionBytes(t); }

/**
 * A connection begins to search.
 *
 * @param most  octets of text of the largest segment both sides could bear, options included
 */
export function beginSearch(t: Tcp, most: number): void {
	const { plp, snd } = t.tcb;
	const { pathProbeBase } = t.profile;
	plp.on = 1;
	plp.size = 0;
	plp.high = most + headerBytes(t);
	plp.low = Math.min(plp.high, pathProbeBase + around(t));
	plp.at = t.now;
	snd.mss = Math.min(snd.mss, plp.low - around(t));
}

/**
 * What a probe would be: half way between what is known to arrive and what is
 * not known to be lost, with enough behind it to tell its loss by.
 *
 * @returns octets of text; 0: none now; −1: nothing is to be sent until there is room for one
 */
export function probeOfPath(t: Tcp, unsent: number): number {
	const { plp, cc, snd, runs, early, sack } = t.tcb;
	if (plp.size !== 0 || cc.phase !== OPEN || runs.sacked > 0 || cc.dupacks > 0 || early.first !== 0 || sack.dsack !== 0) return 0;
	if (Math.floor(cc.cwnd / snd.mss) < LEAST_WINDOW) return 0;
	if (plp.high - plp.low < NEAR) {
		searchAgain(t);
		return 0;
	}
	const length = ((plp.high + plp.low) >> 1) - around(t);
	const needed = length + (cc.reordering + 1) * snd.mss;
	if (unsent < needed || snd.wnd < needed) return 0;
	if (lt((snd.una + snd.wnd) | 0, (snd.nxt + needed) | 0)) return -1;
	const out = inFlight(t);
	if (out + 2 * snd.mss > cc.cwnd) return out === 0 ? 0 : -1;
	return length;
}

/** A router has named the size: it is not searched any more for a while. */
export function endSearch(t: Tcp): void {
	const { plp, snd } = t.tcb;
	plp.low = snd.mss + around(t);
	plp.high = plp.low;
	plp.size = 0;
	plp.at = t.now;
}

/** The path may have changed since: the search goes up from what arrives now (§7.7). */
function searchAgain(t: Tcp): void {
	const { plp, snd, rcv } = t.tcb;
	if (t.now - plp.at < AGAIN) return;
	plp.high = rcv.mss + headerBytes(t);
	plp.low = snd.mss + around(t);
	plp.at = t.now;
}

/** A probe of so many octets was sent just now. It counts as two segments, as it is nearly that. */
export function noteProbeOfPath(t: Tcp, length: number): void {
	const { plp, cc, snd } = t.tcb;
	plp.size = length + around(t);
	plp.start = (snd.nxt - length) | 0;
	cc.cwnd += length - 2 * snd.mss;
}

/** SND.UNA has moved: where the probe has arrived, segments are as long from now on, and the window keeps its octets. */
export function judgeProbeOfPath(t: Tcp): void {
	const { plp, cc, snd } = t.tcb;
	const length = plp.size - around(t);
	if (lt(snd.una, (plp.start + length) | 0)) return;
	const segments = Math.floor(cc.cwnd / snd.mss);
	const now = Math.max(1, Math.floor((segments * (snd.mss + around(t))) / plp.size));
	plp.low = plp.size;
	plp.size = 0;
	snd.mss = length;
	cc.cwnd = now * length;
	cc.credit = 0;
}

/**
 * A loss was told: whether it is only the probe's, which says nothing of
 * congestion (§7.5). Then its text is sent again in shorter segments.
 */
export function isProbeLost(t: Tcp): boolean {
	const { tcb, run } = t;
	const { plp, snd, cc } = tcb;
	if (plp.size === 0 || snd.una !== plp.start) return false;
	const length = plp.size - around(t), end = (plp.start + length) | 0;
	cc.cwnd += 2 * snd.mss - length;
	plp.high = plp.size - 1;
	plp.size = 0;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if (geq(run.left, end)) break;
		if (diff(run.right, end) > 0 && !splitRun(t, end)) break;
		if ((run.flags & (SACKED | LOST)) === 0) markRun(t);
	}
	beginRepair(t);
	return true;
}

/** Something is sent again: what becomes of a probe that is out tells nothing any more (§7.6.3). */
export function dropProbeOfPath({ tcb }: Tcp): void { tcb.plp.size = 0; }

/** What was too large for the path is repaired as after a time-out, and none has struck. */
export function beginRepair(t: Tcp): void {
	const { cc, snd, undo } = t.tcb;
	if (cc.phase !== AFTER_TIMEOUT) {
		cc.recover = snd.nxt;
		cc.phase = AFTER_TIMEOUT;
		undo.on = 0;
		t.tcb.frto = 0;
	}
	t.wants(WANT_SEND);
}
