import type { Tcp } from './engine.ts';
import { diff } from './seq.ts';
import { timestampNow } from './timestamps.ts';

// Buffers grow with the path, within what the profile allows: a receiver's as
// it sees how much its user reads in a round trip (dynamic right-sizing), a
// sender's as the congestion window opens. They never shrink, and with them
// no window does (RFC 9293 §3.8.6).

/** Segments a window may grow by while it is being measured. */
const HEADROOM = 16;
/** Segments of a first window (RFC 6928 §2). */
const FIRST_WINDOW = 10;
/** The timestamp clock's, µs. */
const TICK = 1000;
/** One connection grows to so small a part of all pages, and none does once half of them are in use. */
const SHARE = 4;

/** The largest a buffer may become now. */
function limit(t: Tcp, most: number): number {
	const { livePages, maxPages, chunk } = t.image;
	return 2 * livePages > maxPages ? 0 : Math.min(most, Math.floor((maxPages * chunk) / SHARE));
}

/** Text has arrived in order: once a round trip the buffer is held against what was read in it. */
export function tuneReceive(t: Tcp): void {
	const { rcv, recvq, drs } = t.tcb;
	const read = (rcv.nxt - recvq.length) | 0;
	if (drs.on === 0) {
		drs.on = 1;
		// As much as a first window brings says nothing yet.
		drs.space = Math.min(recvq.quota >> 1, FIRST_WINDOW * rcv.mss);
		beginRound(t, read);
		return;
	}
	if (!isRoundOver(t)) return;
	const taken = diff(read, drs.seq);
	if (taken > drs.space) {
		// Twice what came, for the sender may double it, and more by what it has grown already.
		const twice = 2 * taken + HEADROOM * rcv.mss;
		const wanted = twice + 2 * Math.floor((twice * (taken - drs.space)) / drs.space);
		// More than the scale lets us say would be room for nothing.
		const sayable = 0xffff << (rcv.scaling !== 0 ? rcv.scale : 0);
		recvq.quota = Math.max(recvq.quota, Math.min(wanted, sayable, limit(t, recvq.most)));
		drs.space = taken;
	}
	beginRound(t, read);
}

function beginRound(t: Tcp, read: number): void {
	const { drs } = t.tcb;
	drs.seq = read;
	drs.at = t.now;
	drs.stamp = timestampNow(t);
}

/** The peer echoes what we sent since the round began; without timestamps a round is as long as the handshake took. */
function isRoundOver(t: Tcp): boolean {
	const { tcb, seg } = t;
	const elapsed = t.now - tcb.drs.at;
	if (tcb.ts.on !== 0 && seg.hasTs) return elapsed >= TICK && diff(seg.tsEcr, tcb.drs.stamp) >= 0;
	return tcb.rtt.has !== 0 && elapsed >= tcb.rtt.srtt >> 3;
}

/** New data was acknowledged: what waits to be sent and to be acknowledged may fill two windows. */
export function tuneSend(t: Tcp): void {
	const { sendq, cc } = t.tcb;
	if (2 * cc.cwnd > sendq.quota) sendq.quota = Math.max(sendq.quota, Math.min(2 * cc.cwnd, limit(t, sendq.most)));
}
