import type { Tcp } from './engine.ts';
import { headerBytes, isIpv4, optionBytes } from './headers.ts';
import { beginRepair, beginSearch, endSearch } from './path-probe.ts';
import { LOST, SACKED } from './run-flags.ts';
import { markLost } from './runs.ts';
import { highestSacked, markRun } from './scoreboard.ts';
import { diff } from './seq.ts';
import { SYN_SENT } from './states.ts';
import { WANT_SEND, WANT_RESEND } from './wants.ts';

/** Smallest packet every link carries (RFC 8200 §5), bytes. */
const LEAST_6 = 1280;
/** What stands for a threshold that was never set. */
const LARGEST = 0x3fff_ffff;
/** What is tried where a path swallows large packets without a word (RFC 2923 §2.1). */
const PLATEAU_4 = 536, PLATEAU_6 = 1220;

/** Next lower plateau where a router names no MTU (RFC 1191 §7.1). */
const plateaus = [17914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68];

/** Text is cut shorter from now on; what was out in longer segments is sent again at once, and the window is kept: nothing was congested (RFC 1191 §6.4). */
function shrink(t: Tcp, mss: number): void {
	const { tcb } = t;
	const before = tcb.snd.mss;
	tcb.snd.mss = mss;
	if (tcb.snd.whole !== 0) tcb.snd.whole = 0;
	if (tcb.plp.on !== 0) endSearch(t);
	if (t.profile.window === 'segments') {
		shrinkSegments(t, before);
		return;
	}
	if (tcb.snd.una === tcb.snd.nxt) return;
	markLost(t, tcb.snd.nxt, true);
	t.wants(WANT_SEND | WANT_RESEND);
}

/** The same where the window counts segments: it keeps their number, and until all is repaired it is as after a time-out, but none has struck. */
function shrinkSegments(t: Tcp, before: number): void {
	const { tcb, run } = t;
	const { cc, snd } = tcb;
	cc.cwnd = Math.floor(cc.cwnd / before) * snd.mss;
	if (cc.ssthresh < LARGEST) cc.ssthresh = Math.floor(cc.ssthresh / before) * snd.mss;
	t.acked.begin(highestSacked(t));
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & (SACKED | LOST)) === 0 && diff(run.right, run.left) > snd.mss) markRun(t);
	}
	if (tcb.runs.lost > 0) beginRepair(t);
}

/**
 * A router says that a packet of the connection at hand was too big
 * (RFC 1191 §4, RFC 8201 §4). The caller has held the message against the
 * connection (RFC 5927 §7).
 *
 * @param mtu  of the next hop, bytes; 0 where the router names none
 */
export function packetTooBig(t: Tcp, mtu: number): void {
	const { tcb, counters } = t;
	const v4 = isIpv4(t.image.i32, tcb.remote.addr);
	const headers = headerBytes(t);
	const now = tcb.snd.mss + optionBytes(t) + headers;
	const named = mtu !== 0 ? mtu : plateaus.find((size) => size < now) ?? 0;
	const path = Math.max(named, v4 ? t.profile.leastPathMtu : LEAST_6);
	if (!v4 && t.profile.announcesPathMtu6 && tcb.state === SYN_SENT) tcb.rcv.mss = Math.min(tcb.rcv.mss, path - headers);
	if (path >= now) {
		counters.icmpSoft++;
		return;
	}
	counters.pathShrunk++;
	shrink(t, Math.max(path - headers - optionBytes(t), 8));
}

/** Several time-outs in a row: where it is long segments that do not arrive, the path may swallow them without a word. */
export function suspectBlackHole(t: Tcp): void {
	const { tcb, run } = t;
	const plateau = (isIpv4(t.image.i32, tcb.remote.addr) ? PLATEAU_4 : PLATEAU_6) - optionBytes(t);
	run.go(tcb.runs.first);
	if (t.profile.pathProbes === 'black hole') {
		const before = tcb.snd.mss;
		if (tcb.plp.on === 0) beginSearch(t, tcb.rcv.mss);
		if (tcb.snd.mss < before) t.counters.pathShrunk++;
		tcb.cc.cwnd = tcb.snd.mss;
		return;
	}
	if (Math.min(tcb.snd.mss, diff(run.right, run.left)) <= plateau) return;
	t.counters.pathShrunk++;
	tcb.snd.mss = plateau;
	// The window after a time-out is a segment as they are now.
	tcb.cc.cwnd = plateau;
}
