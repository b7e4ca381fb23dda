import type { Host } from '../host/index.ts';
import { Range, Run, Tcb } from '../../tcp/tcb.ts';
import { LOST, SACKED } from '../../tcp/run-flags.ts';
import { stateNames } from '../../tcp/index.ts';
import { diff } from '../../tcp/seq.ts';
import { cover } from './coverage.ts';

const CLOSED = 0, LISTEN = 1, SYN_RECEIVED = 3, TIME_WAIT = 10;

function fail(tcb: Tcb, what: string): never {
	throw new Error(`${stateNames[tcb.state]} connection ${tcb.at}: ${what}`);
}

/** The runs of a connection cover [SND.UNA, SND.NXT) without a gap, and their counts are what the connection says. */
function checkRuns(host: Host, tcb: Tcb): number {
	const run = new Run(host.image);
	let count = 0, at = tcb.runs.first, left = tcb.snd.una, sacked = 0, lost = 0, last = 0;
	for (; at !== 0; last = at, at = run.next) {
		run.go(at);
		const octets = diff(run.right, run.left);
		if (run.left !== left || octets <= 0) fail(tcb, `a run [${run.left}, ${run.right}) does not follow ${left}`);
		if ((run.flags & SACKED) !== 0) sacked += octets;
		if ((run.flags & LOST) !== 0) lost += octets;
		left = run.right;
		if (++count > 100_000) fail(tcb, 'its runs form a circle');
	}
	if (tcb.state !== TIME_WAIT && left !== tcb.snd.nxt) fail(tcb, `its runs end at ${left}, not at SND.NXT ${tcb.snd.nxt}`);
	if (last !== tcb.runs.last) fail(tcb, 'its last run is not the last');
	if (sacked !== tcb.runs.sacked || lost !== tcb.runs.lost) fail(tcb, `${sacked} octets SACKed and ${lost} lost, but it counts ${tcb.runs.sacked} and ${tcb.runs.lost}`);
	return count;
}

/** What is held out of order lies above RCV.NXT, inside the window, sorted and apart. */
function checkRanges(host: Host, tcb: Tcb): number {
	const range = new Range(host.image);
	let count = 0;
	// What came with the SYN of both sides waits at RCV.NXT until ours is acknowledged (RFC 9293 §3.10.7.3).
	let before = tcb.snd.una === tcb.snd.iss ? (tcb.rcv.nxt - 1) | 0 : tcb.rcv.nxt;
	for (let at = tcb.early.first; at !== 0; at = range.next) {
		range.go(at);
		if (diff(range.left, before) <= 0 || diff(range.right, range.left) <= 0) fail(tcb, `range [${range.left}, ${range.right}) is not apart from what lies before ${before}`);
		if (diff(range.right, tcb.rcv.edge) > 0) fail(tcb, `range up to ${range.right} lies beyond the window's edge ${tcb.rcv.edge}`);
		before = range.right;
		count++;
	}
	if (count !== tcb.early.count) fail(tcb, `${count} ranges, but it counts ${tcb.early.count}`);
	return count;
}

function checkNumbers(tcb: Tcb): void {
	const { snd, rcv, cc, rtt, sendq, recvq } = tcb;
	if (diff(snd.nxt, snd.una) < 0) fail(tcb, `SND.UNA ${snd.una} > SND.NXT ${snd.nxt}`);
	if (diff(rcv.edge, rcv.nxt) < 0) fail(tcb, `RCV.NXT ${rcv.nxt} lies beyond the window's edge ${rcv.edge}`);
	if (sendq.length < 0 || sendq.length > sendq.quota) fail(tcb, `${sendq.length} octets in a send queue of ${sendq.quota}`);
	if (recvq.length < 0 || recvq.length > recvq.quota + rcv.mss) fail(tcb, `${recvq.length} octets in a receive queue of ${recvq.quota}`);
	if (tcb.state > SYN_RECEIVED && cc.cwnd < Math.min(snd.mss, 64)) fail(tcb, `a congestion window of ${cc.cwnd}`);
	if (rtt.rto <= 0) fail(tcb, `a time-out of ${rtt.rto} µs`);
	const outstanding = snd.nxt !== snd.una;
	if (outstanding && tcb.state !== TIME_WAIT && tcb.timer.rexmt === 0 && tcb.want === 0) fail(tcb, 'something is outstanding and no timer runs');
}

/**
 * What must hold of every connection of a host between two calls (RFC 9293
 * §3.3.1, §3.4, §3.8), and that every record belongs to somebody.
 *
 * @throws Error with the sentence that is broken
 */
export function checkTcp(host: Host): void {
	const { image, tcp } = host;
	const tcb = new Tcb(image);
	let runs = 0, ranges = 0;
	for (let at = image.first(tcp.tcbs); at !== 0; at = image.next(tcp.tcbs, at)) {
		tcb.go(at);
		if (tcb.state === CLOSED || tcb.state === LISTEN) continue;
		cover(stateNames[tcb.state]!);
		checkNumbers(tcb);
		runs += checkRuns(host, tcb);
		ranges += checkRanges(host, tcb);
	}
	if (runs !== image.live(tcp.runs)) throw new Error(`${image.live(tcp.runs)} run records live, and connections hold ${runs}`);
	if (ranges !== image.live(tcp.ranges)) throw new Error(`${image.live(tcp.ranges)} range records live, and connections hold ${ranges}`);
}
