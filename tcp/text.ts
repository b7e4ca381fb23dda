import { FIN } from '../lib/wire/tcp.ts';
import { tuneReceive } from './autotune.ts';
import { ackQuickly, oweAck, oweFin } from './delayed-ack.ts';
import { emitResetReply } from './emit.ts';
import type { Tcp } from './engine.ts';
import { ERROR_ABORTED } from './errors.ts';
import { EVENT_DATA, EVENT_FIN } from './events.ts';
import { FREE_ON_END } from './hold.ts';
import { destroy, enterTimeWait, freeRanges } from './lifecycle.ts';
import { copyIn, pageAt } from './pages.ts';
import { holdEarly, mergeEarly, oweOverlap } from './reassembly.ts';
import { abort, emitAck } from './reset.ts';
import { diff, geq, gt, leq, lt } from './seq.ts';
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, SYN_RECEIVED, mayReceive } from './states.ts';
import { UNREAD } from './user-options.ts';
import { acceptEdge } from './window.ts';
import { WANT_ACK } from './wants.ts';

/**
 * The seventh and eighth check: text and FIN of the segment at hand
 * (RFC 9293 §3.10.7.4). The segment overlaps the window.
 */
export function takeText(t: Tcp): void {
	const { seg, tcb, counters } = t;
	const { rcv } = tcb;
	let left = seg.seq, right = (seg.seq + seg.textLength) | 0, from = seg.textAt;
	let fin = seg.has(FIN);
	if (!mayReceive(tcb.state)) {
		if (seg.textLength > 0 || fin) counters.textAfterFin++;
		return;
	}
	if (lt(left, rcv.nxt)) {
		const old = leq(right, rcv.nxt) ? right : rcv.nxt;
		if (old !== left) owe(t, left, old);
		from += diff(old, left);
		left = old;
	}
	const edge = acceptEdge(t);
	if (gt(right, edge) && !(left === rcv.nxt && t.profile.takesAcrossEdge)) {
		counters.textBeyondWindow++;
		right = edge;
		fin = false;
		if (leq(right, left) && seg.textLength > 0) t.wants(WANT_ACK);
	}
	const length = diff(right, left);
	if (length > 0) {
		if (tcb.held === FREE_ON_END || ((tcb.options & UNREAD) !== 0 && tcb.state !== ESTABLISHED)) {
			// Nobody will ever read it: the peer is told so (RFC 9293 §3.10.7.4, RFC 2525 §2.17).
			counters.textAfterClose++;
			if (t.profile.forgetsUnread) {
				emitResetReply(t);
				destroy(t, ERROR_ABORTED);
			} else abort(t);
			return;
		}
		if (left !== rcv.nxt) {
			takeEarly(t, left, right, from, fin);
			return;
		}
		if (tcb.early.first !== 0) {
			oweOverlap(t, left, right);
			// Nothing can lie behind a FIN: who said so before was wrong, and must not hide the end from the user.
			if (fin) freeRanges(t);
		}
		if (takeInOrder(t, from, length, fin) < length) fin = false;
	} else if (fin && gt(right, rcv.nxt)) {
		takeEarly(t, right, right, from, true);
		return;
	}
	if (fin && right === rcv.nxt) takeFin(t);
	else if (rcv.finEarly !== 0 && tcb.recvq.finAt === rcv.nxt) takeFin(t);
}

/** Owes the peer a report of a duplicate (RFC 2883 §4). */
export function owe(t: Tcp, left: number, right: number): void {
	const { sack } = t.tcb;
	t.counters.duplicate++;
	ackQuickly(t);
	t.wants(WANT_ACK);
	if (sack.on === 0 || !lt(left, right)) return;
	sack.dsack = 1;
	sack.left = left;
	sack.right = right;
}

/** Out of order: held, and acknowledged at once, each segment for itself (RFC 5681 §4.2). */
function takeEarly(t: Tcp, left: number, right: number, from: number, fin: boolean): void {
	const { tcb } = t;
	tcb.info.early++;
	if (left !== right) holdEarly(t, left, right, from);
	if (fin && (tcb.rcv.finEarly === 0 || gt(right, tcb.recvq.finAt))) {
		tcb.rcv.finEarly = 1;
		tcb.recvq.finAt = right;
	}
	emitAck(t);
}

/** Puts text at RCV.NXT, behind which a FIN may be, into the receive queue; returns how much found room. */
function takeInOrder(t: Tcp, from: number, length: number, fin: boolean): number {
	const { tcb, image } = t;
	const { rcv, recvq } = tcb;
	if (recvq.head === 0) {
		recvq.head = image.allocPage();
		recvq.page = recvq.head;
		if (recvq.head === 0) {
			t.counters.noPage++;
			return 0;
		}
	}
	const end = recvq.from + recvq.length;
	let done: number;
	if (recvq.page !== 0) {
		const within = end & (image.chunk - 1);
		done = copyIn(t.intake, recvq.page, within, image.u8, from, length);
		recvq.page = pageAt(image, recvq.page, within + done);
	} else {
		done = copyIn(t.intake, recvq.head, end, image.u8, from, length);
		recvq.page = pageAt(image, recvq.head, end + done);
	}
	if (done < length) t.counters.noPage++;
	recvq.length += done;
	rcv.nxt = (rcv.nxt + done) | 0;
	tcb.info.received += done;
	if (recvq.quota < recvq.most) tuneReceive(t);
	if (done > 0) t.tell(EVENT_DATA);
	if (tcb.early.first !== 0) {
		// What fills a gap is acknowledged at once (RFC 5681 §4.2).
		mergeEarly(t);
		t.wants(WANT_ACK);
	} else oweAck(t, done, fin && done === length);
	if (gt(rcv.nxt, rcv.edge)) rcv.edge = rcv.nxt;
	return done;
}

/** What came with the SYN of a connection that both sides opened becomes readable. */
export function takeHeld(t: Tcp): void {
	const { rcv, recvq } = t.tcb;
	const before = recvq.length;
	mergeEarly(t);
	const gained = recvq.length - before;
	if (gained === 0) return;
	if (gt(rcv.nxt, rcv.edge)) rcv.edge = rcv.nxt;
	t.tell(EVENT_DATA);
	oweAck(t, gained);
}

/** The peer's FIN has its turn (RFC 9293 §3.10.7.4, eighth check). */
function takeFin(t: Tcp): void {
	const { tcb } = t;
	const { rcv } = tcb;
	rcv.fin = 1;
	rcv.finEarly = 0;
	if (tcb.early.first !== 0) freeRanges(t);
	rcv.nxt = (rcv.nxt + 1) | 0;
	if (geq(rcv.nxt, rcv.edge)) rcv.edge = rcv.nxt;
	oweFin(t);
	t.tell(EVENT_FIN);
	switch (tcb.state) {
		case SYN_RECEIVED:
		case ESTABLISHED:
			tcb.state = CLOSE_WAIT;
			break;
		case FIN_WAIT_1:
			tcb.state = CLOSING;
			break;
		case FIN_WAIT_2:
			enterTimeWait(t);
			break;
		default:
	}
}
