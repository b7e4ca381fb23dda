import type { Tcp } from './engine.ts';
import { diff, gt } from './seq.ts';
import { SYN_RECEIVED } from './states.ts';

/** Octets the receive queue can still take from RCV.NXT on. */
function space(t: Tcp): number {
	const { recvq } = t.tcb;
	return Math.max(0, recvq.quota - recvq.length);
}

/** RCV.WND: octets from RCV.NXT to the right edge last announced. */
export function receiveWindow(t: Tcp): number {
	const { rcv } = t.tcb;
	return diff(rcv.edge, rcv.nxt);
}

/** Number of the first octet that is not taken: the right edge announced, or with some profiles what there is room for. */
export function acceptEdge(t: Tcp): number {
	const { rcv, state, passive } = t.tcb;
	// What a LISTEN was asked for has no buffer yet.
	if (!t.profile.takesBeyondEdge || (state === SYN_RECEIVED && passive !== 0)) return rcv.edge;
	const roomy = (rcv.nxt + space(t)) | 0;
	return gt(roomy, rcv.edge) ? roomy : rcv.edge;
}

/** The window of a SYN, which is never scaled (RFC 7323 §2.2). */
export function initialWindow(t: Tcp): number {
	const { rcv } = t.tcb;
	const wnd = Math.min(0xffff, space(t));
	rcv.edge = (rcv.nxt + wnd) | 0;
	return wnd;
}

/**
 * The window for a segment being sent, as the header wants it. The right edge
 * moves in steps worth a segment or half the buffer (silly window avoidance of
 * the receiver, RFC 9293 §3.8.6.2.2), and never left (§3.8.6).
 */
export function announceWindow(t: Tcp): number {
	const { rcv, recvq } = t.tcb;
	const open = space(t);
	let wnd = receiveWindow(t);
	const isWorthIt = t.profile.announcesAll ? open >= recvq.quota >> 2 || open >= rcv.mss : open - wnd >= Math.min(recvq.quota >> 1, rcv.mss);
	if (open > wnd && isWorthIt) wnd = open;
	const scale = rcv.scaling === 0 ? 0 : rcv.scale;
	// Rounded up, so that a coarse scale does not pull the edge back.
	const field = Math.min(0xffff, (wnd + (1 << scale) - 1) >> scale);
	rcv.edge = (rcv.nxt + (field << scale)) | 0;
	return field;
}

/** Whether reading has opened the window so far that the peer should hear of it. */
export function isWindowUpdateDue(t: Tcp): boolean {
	const { rcv, recvq } = t.tcb;
	const wnd = receiveWindow(t);
	const gain = space(t) - wnd;
	if (t.profile.tellsDoubled) return 2 * wnd <= recvq.quota && gain > 0 && gain >= wnd;
	return gain >= Math.min(recvq.quota >> 1, 2 * rcv.mss) && (wnd < recvq.quota >> 1 || gain >= recvq.quota >> 1);
}
