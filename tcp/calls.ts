import { isReadAcknowledged } from './delayed-ack.ts';
import type { Tcp } from './engine.ts';
import { ERROR_ABORTED, NO_ERROR } from './errors.ts';
import { beginFastOpen } from './fast-open.ts';
import { FAST_TAKEN } from './fast-phases.ts';
import { portOffset } from './isn.ts';
import { FREE_ON_END, HELD_BY_USER } from './hold.ts';
import { destroy, freeIfForgotten, freeReceiveQueue, freeSendQueue, limitFinWait2 } from './lifecycle.ts';
import { beginConnection, beginListen } from './listen.ts';
import { emitSyn } from './output.ts';
import { PUSHES, RECORD_END, addMark } from './marks.ts';
import { copyIn, copyOut, freeUpTo, pageAt } from './pages.ts';
import { abort } from './reset.ts';
import { initialCwnd } from './congestion.ts';
import { CLOSED, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT, maySend } from './states.ts';
import { FAST_OPEN, KEEP_ALIVE, NO_DELAY, PUSHED } from './user-options.ts';
import { isWindowUpdateDue } from './window.ts';
import { WANT_ACK, WANT_SEND, WANT_MORE } from './wants.ts';

// The user's calls (RFC 9293 §3.9.1). A connection is named by the address of
// its record, and it is the caller that keeps the tag to know whether it is
// still the same one.

const FIRST_EPHEMERAL = 49152, EPHEMERAL_PORTS = 16384;

/**
 * Makes a socket: the record of a connection that is CLOSED still, so that its
 * user can say what it wants of it before `listen` or `connect`.
 *
 * @returns 0 where no record is left
 */
export function socket(t: Tcp): number {
	const at = t.image.alloc(t.tcbs);
	if (at === 0) return 0;
	t.tcb.go(at);
	t.tcb.held = HELD_BY_USER;
	t.tcb.sendq.quota = t.profile.sendBuffer;
	t.tcb.recvq.quota = t.profile.receiveBuffer;
	t.tcb.sendq.most = t.profile.sendBufferMax;
	t.tcb.recvq.most = t.profile.receiveBufferMax;
	return at;
}

/**
 * OPEN, passive (§3.9.1.1).
 *
 * @param localAt  address of 16 bytes of ours; 0 for any
 * @param backlog  connections that may wait for their handshake or to be accepted
 * @param at       the socket; a new one where none is given
 * @returns        the listener, 0 where no record is left
 */
export function listen(t: Tcp, localAt: number, port: number, backlog: number, at: number = socket(t)): number {
	if (at === 0) return 0;
	t.tcb.go(at);
	if (localAt !== 0) t.image.copy(t.tcb.local.addr, localAt, 16);
	t.tcb.local.port = port;
	beginListen(t, backlog);
	return at;
}

/** The next connection a listener has for its user; 0 where none waits. */
export function accept(t: Tcp, listener: number): number {
	const { other, tcb } = t;
	other.go(listener);
	const at = other.listen.first;
	if (at === 0) return 0;
	tcb.go(at);
	other.listen.first = tcb.link.accept;
	if (other.listen.first === 0) other.listen.last = 0;
	other.listen.waiting--;
	tcb.link.accept = 0;
	tcb.link.listener = 0;
	tcb.held = HELD_BY_USER;
	const news = tcb.events;
	tcb.events = 0;
	t.tell(news);
	return at;
}

/**
 * OPEN, active (§3.9.1.1): sends a SYN.
 *
 * @param localAt   address of 16 bytes of ours, 0: chosen by the route
 * @param port      ours, 0: an ephemeral one (RFC 6056 §3.3.3)
 * @param at        the socket; a new one where none is given
 * @returns         the connection; 0 where no record, route or port is left: then the socket is gone
 */
export function connect(t: Tcp, localAt: number, port: number, remoteAt: number, remotePort: number, at: number = socket(t)): number {
	if (at === 0) return 0;
	const { tcb, image } = t;
	tcb.go(at);
	image.copy(tcb.remote.addr, remoteAt, 16);
	tcb.remote.port = remotePort;
	if (localAt !== 0) image.copy(tcb.local.addr, localAt, 16);
	else if (!t.lower.source(remoteAt, tcb.local.addr)) return giveUp(t);
	tcb.local.port = port !== 0 ? port : ephemeralPort(t);
	if (tcb.local.port === 0 || (port !== 0 && isTaken(t, port))) return giveUp(t);
	t.demux.add(at);
	beginConnection(t);
	tcb.state = SYN_SENT;
	beginFastOpen(t);
	initialCwnd(t);
	if (!emitSyn(t)) {
		t.demux.remove(at);
		tcb.state = CLOSED;
		return giveUp(t);
	}
	return at;
}

/**
 * OPEN, active, with octets that may go with the SYN: they do where this server
 * has given us a cookie before, and else behind the handshake (RFC 7413 §4.2).
 * They are to be such that it does no harm when they are executed twice (§2.1).
 *
 * @returns the connection; 0 as `connect` does
 */
export function connectWith(t: Tcp, localAt: number, port: number, remoteAt: number, remotePort: number, bytes: Uint8Array, from: number, length: number, at: number = socket(t)): number {
	if (at === 0) return 0;
	t.tcb.go(at);
	t.tcb.options |= FAST_OPEN;
	enqueue(t, bytes, from, length);
	return connect(t, localAt, port, remoteAt, remotePort, at);
}

function giveUp(t: Tcp): number {
	freeSendQueue(t);
	t.image.free(t.tcbs, t.tcb.at);
	return 0;
}

function isTaken(t: Tcp, port: number): boolean {
	const { tcb } = t;
	return t.demux.find(tcb.local.addr, port, tcb.remote.addr, tcb.remote.port) !== 0;
}

function ephemeralPort(t: Tcp): number {
	const offset = portOffset(t);
	for (let i = 0; i < EPHEMERAL_PORTS; i++) {
		const port = FIRST_EPHEMERAL + ((offset + t.root.port) % EPHEMERAL_PORTS);
		t.root.port = (t.root.port + 1) % EPHEMERAL_PORTS;
		if (!isTaken(t, port)) return port;
	}
	return 0;
}

/**
 * SEND (§3.9.1.2): queues octets.
 *
 * @param more  more is about to be written: what does not fill a segment waits for it
 * @param ends  they end a record: where the profile keeps those apart, what is written next shares no segment with them
 * @returns octets taken, fewer than `length` where the queue or the pages are full; −1 where nothing may be sent any more
 */
export function send(t: Tcp, at: number, bytes: Uint8Array, from: number, length: number, more: boolean = false, ends: boolean = false): number {
	const { tcb } = t;
	tcb.go(at);
	if (!maySend(tcb.state) || tcb.snd.fin !== 0) return -1;
	const done = enqueue(t, bytes, from, length);
	if (done === 0) return 0;
	if (ends && done === length && t.profile.keepsRecords) addMark(t, more ? RECORD_END : RECORD_END | PUSHES);
	tcb.options &= ~PUSHED;
	tcb.want &= ~WANT_MORE;
	if (tcb.state >= ESTABLISHED || tcb.fast === FAST_TAKEN) t.wants(more ? WANT_SEND | WANT_MORE : WANT_SEND);
	return done;
}

/** Puts octets behind those that wait to be sent; returns how many found room. */
function enqueue(t: Tcp, bytes: Uint8Array, from: number, length: number): number {
	const { tcb, image } = t;
	const { sendq } = tcb;
	const wanted = Math.min(length, sendq.quota - sendq.length);
	tcb.waits.full = wanted < length ? 1 : 0;
	if (wanted <= 0) return 0;
	if (sendq.head === 0) {
		sendq.head = image.allocPage();
		sendq.tail = sendq.head;
		sendq.page = 0;
		if (sendq.head === 0) return 0;
	}
	// The tail is the page with the last octet: where it is full the next one follows.
	const within = (sendq.from + sendq.length) & (image.chunk - 1);
	const offset = within === 0 && sendq.length > 0 ? image.chunk : within;
	const done = copyIn(t.intake, sendq.tail, offset, bytes, from, wanted);
	if (done > 0) sendq.tail = pageAt(image, sendq.tail, offset + done - 1);
	if (done < wanted) t.counters.noPage++;
	sendq.length += done;
	return done;
}

/** Octets that may be queued now. */
export function sendRoom(t: Tcp, at: number): number {
	t.tcb.go(at);
	if (!maySend(t.tcb.state) || t.tcb.snd.fin !== 0) return 0;
	return t.tcb.sendq.quota - t.tcb.sendq.length;
}

/** Says that what was sent so far is urgent (§3.9.1.2): the pointer stands behind its last octet. */
export function sendUrgent(t: Tcp, at: number): void {
	t.tcb.go(at);
	const { snd, sendq } = t.tcb;
	snd.up = (snd.una + (snd.una === snd.iss ? 1 : 0) + sendq.length) | 0;
	t.wants(WANT_SEND);
}

/** Sets how much may wait to be sent, bytes; from then on it does not grow by itself. */
export function setSendBuffer(t: Tcp, at: number, bytes: number): void {
	t.tcb.go(at);
	t.tcb.sendq.quota = bytes;
	t.tcb.sendq.most = 0;
}

/**
 * Linux's TCP_QUICKACK, for the moment: the peer's text is acknowledged without waiting for ours, and what was read
 * already at once; else our text is expected to bear the ACKs. Nothing where the profile acknowledges by rule.
 */
export function setQuickAck(t: Tcp, at: number, on: boolean): void {
	t.tcb.go(at);
	const { rcv } = t.tcb;
	if (t.profile.quickAcks === 0) return;
	rcv.answers = on ? 0 : 1;
	if (!on) return;
	if (t.tcb.timer.delack !== 0) rcv.pushed = Math.max(1, rcv.pushed);
	if (isReadAcknowledged(t)) t.wants(WANT_ACK);
}

/** Sets how much may wait to be read, bytes; from then on it does not grow by itself. */
export function setReceiveBuffer(t: Tcp, at: number, bytes: number): void {
	t.tcb.go(at);
	t.tcb.recvq.quota = bytes;
	t.tcb.recvq.most = 0;
}

/** Octets in order and unread. */
export function readable(t: Tcp, at: number): number {
	t.tcb.go(at);
	return t.tcb.recvq.length;
}

/** Address of the first unread octet; as many as `readableHere` says lie there in one piece. */
export function readAt(t: Tcp): number {
	const { recvq } = t.tcb;
	return recvq.head + recvq.from;
}

/** Octets in one piece at `readAt`, for the connection at hand. */
export function readableHere(t: Tcp): number {
	const { recvq } = t.tcb;
	return Math.min(recvq.length, t.image.chunk - recvq.from);
}

/** Copies the first `length` unread octets to an address, without taking them off. */
export function peekInto(t: Tcp, at: number, to: number, length: number): void {
	t.tcb.go(at);
	const { recvq } = t.tcb;
	if (length > 0) copyOut(t.image, recvq.head, recvq.from, to, length);
}

/** RECEIVE (§3.9.1.3): takes octets off the queue, at most as many as are readable. */
export function consume(t: Tcp, at: number, length: number): void {
	const { tcb, image } = t;
	tcb.go(at);
	const { recvq } = tcb;
	const taken = Math.min(length, recvq.length);
	if (taken <= 0) return;
	if (taken === recvq.length && tcb.early.first === 0) freeReceiveQueue(t);
	else {
		recvq.length -= taken;
		const offset = recvq.from + taken;
		recvq.head = freeUpTo(image, recvq.head, offset);
		recvq.from = offset & (image.chunk - 1);
		if (recvq.head === 0) recvq.page = 0;
	}
	if (tcb.state !== ESTABLISHED && tcb.state !== FIN_WAIT_1 && tcb.state !== FIN_WAIT_2) return;
	if (isWindowUpdateDue(t) || isReadAcknowledged(t)) t.wants(WANT_ACK);
}

/** CLOSE (§3.9.1.4, §3.10.4): no more will be sent; what is queued goes first. Receiving goes on. */
export function shutdown(t: Tcp, at: number): void {
	const { tcb } = t;
	tcb.go(at);
	switch (tcb.state) {
		case SYN_SENT:
			destroy(t, ERROR_ABORTED);
			return;
		case SYN_RECEIVED:
		case ESTABLISHED:
			tcb.snd.fin = 1;
			tcb.state = FIN_WAIT_1;
			break;
		case CLOSE_WAIT:
			tcb.snd.fin = 1;
			tcb.state = LAST_ACK;
			break;
		default:
			return;
	}
	t.wants(WANT_SEND);
}

/**
 * The user is done with a connection or listener. Where octets stay unread the
 * peer is reset, since it would believe they were taken (RFC 2525 §2.17);
 * otherwise it is closed in order, and its record lives as long as TCP needs it.
 */
export function release(t: Tcp, at: number): void {
	const { tcb } = t;
	tcb.go(at);
	if (tcb.state === LISTEN) {
		releaseListener(t);
		return;
	}
	const unread = tcb.recvq.length > 0;
	if (tcb.state >= SYN_RECEIVED && tcb.state !== LAST_ACK && unread && (tcb.rcv.fin === 0 || tcb.state === CLOSE_WAIT)) abort(t);
	else shutdown(t, at);
	tcb.go(at);
	tcb.held = FREE_ON_END;
	if (tcb.state === FIN_WAIT_2) {
		if (tcb.limit.finWait2 < 0) {
			abort(t);
			return;
		}
		limitFinWait2(t);
	}
	freeIfForgotten(t);
}

function releaseListener(t: Tcp): void {
	const { tcb } = t;
	const listener = tcb.at;
	for (let at = t.image.first(t.tcbs); at !== 0; at = t.image.next(t.tcbs, at)) {
		tcb.go(at);
		if (tcb.link.listener !== listener || tcb.state === CLOSED) continue;
		abort(t);
	}
	tcb.go(listener);
	destroy(t, NO_ERROR);
	tcb.held = FREE_ON_END;
	freeIfForgotten(t);
}

/** ABORT (§3.9.1.5): the peer is reset, what was queued is lost. */
export function abortConnection(t: Tcp, at: number): void {
	t.tcb.go(at);
	const { state } = t.tcb;
	if (state === CLOSED || state === LISTEN) return;
	// Where both sides have closed there is nothing to reset (§3.10.5).
	if (state === SYN_SENT || state === CLOSING || state === LAST_ACK || state === TIME_WAIT) destroy(t, ERROR_ABORTED);
	else abort(t);
}

/** Sets or clears options of the user: bits of `user-options.ts`. */
export function setOptions(t: Tcp, at: number, options: number): void {
	const { tcb } = t;
	tcb.go(at);
	// Switched on, it lets go what is held back, corked or not.
	if ((options & ~tcb.options & NO_DELAY) !== 0) options |= PUSHED;
	tcb.options = options;
	if ((options & KEEP_ALIVE) !== 0 && tcb.timer.keep === 0) startKeepAlive(t);
	if (tcb.state >= ESTABLISHED) t.wants(WANT_SEND);
}

function startKeepAlive(t: Tcp): void {
	const { tcb } = t;
	tcb.timer.keep = Math.max(t.now, tcb.heard + (tcb.limit.idle || t.profile.keepIdle));
	t.arm();
}

/** Sets how long a connection may be idle before keep-alive probes it, µs; one that counts already begins anew. */
export function setKeepIdle(t: Tcp, at: number, idle: number): void {
	const { tcb } = t;
	tcb.go(at);
	tcb.limit.idle = idle;
	if (tcb.timer.keep !== 0) startKeepAlive(t);
}

/** The next connection with news for its user; 0 where there is none. The news is in `t.news`. */
export function nextReady(t: Tcp): number {
	const { root, tcb } = t;
	while (root.ready.first !== 0) {
		const at = root.ready.first;
		tcb.go(at);
		root.ready.first = tcb.link.ready;
		if (root.ready.first === 0) root.ready.last = 0;
		tcb.link.ready = 0;
		t.news = tcb.events;
		tcb.events = 0;
		if (tcb.held !== FREE_ON_END) return at;
		freeIfForgotten(t);
	}
	return 0;
}
