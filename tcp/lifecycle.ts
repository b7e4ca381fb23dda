import type { Tcp } from './engine.ts';
import { ERROR_PIPE, ERROR_RESET, NO_ERROR } from './errors.ts';
import { EVENT_ACCEPT, EVENT_END, EVENT_OPEN, EVENT_ROOM } from './events.ts';
import { FAST_TAKEN, endPassive } from './fast-phases.ts';
import { FREE_ON_END, HELD_BY_LISTENER } from './hold.ts';
import { freeChain } from './pages.ts';
import { freeMarks } from './marks.ts';
import { freeRuns } from './runs.ts';
import { CLOSED, ESTABLISHED, FIN_WAIT_2, LISTEN, SYN_RECEIVED, TIME_WAIT } from './states.ts';
import { LISTED } from './wants.ts';

/** Forgets what came out of order. */
export function freeRanges(t: Tcp): void {
	const { early } = t.tcb;
	for (let at = early.first; at !== 0;) {
		t.range.go(at);
		const next = t.range.next;
		t.image.free(t.ranges, at);
		at = next;
	}
	early.first = 0;
	early.count = 0;
}

/** Frees what waits to be sent. */
export function freeSendQueue(t: Tcp): void {
	const { sendq } = t.tcb;
	freeChain(t.image, sendq.head, sendq.from + sendq.length);
	sendq.head = 0;
	sendq.tail = 0;
	sendq.page = 0;
	sendq.from = 0;
	sendq.length = 0;
	freeMarks(t);
}

/** Frees what waits to be read. */
export function freeReceiveQueue(t: Tcp): void {
	const { recvq, early } = t.tcb;
	// Where text ever came out of order, something may lie behind what is in order.
	freeChain(t.image, recvq.head, early.stamp === 0 ? recvq.from + recvq.length : Infinity);
	recvq.head = 0;
	recvq.page = 0;
	recvq.from = 0;
	recvq.length = 0;
}

function stopTimers(t: Tcp): void {
	const { timer } = t.tcb;
	timer.rexmt = 0;
	timer.delack = 0;
	timer.keep = 0;
	timer.wait = 0;
	t.timers.disarm(t.tcb.at);
}

/** The connection at hand becomes CLOSED. Its record lives on while somebody holds it, and what was received in order can still be read unless it was reset. */
export function destroy(t: Tcp, error: number): void {
	const { tcb } = t;
	let before = tcb.state;
	if (before === CLOSED) return;
	if (tcb.fast === FAST_TAKEN) {
		// Its listener has long handed it over, or has it in its queue.
		endPassive(t);
		before = ESTABLISHED;
	}
	if (before === LISTEN) t.listeners = t.listeners.filter((at) => at !== tcb.at);
	else t.demux.remove(tcb.at);
	if (before === SYN_RECEIVED) leaveHandshake(t);
	tcb.state = CLOSED;
	if (tcb.error === NO_ERROR) tcb.error = error;
	stopTimers(t);
	freeRuns(t);
	freeRanges(t);
	freeSendQueue(t);
	const isLeft = t.profile.keepsTextOnReset && (error === ERROR_RESET || error === ERROR_PIPE);
	if (error !== NO_ERROR && !isLeft) freeReceiveQueue(t);
	t.counters.closed++;
	t.tell(EVENT_END);
	// A connection that its listener never handed over ends with nobody to tell.
	if (tcb.held === HELD_BY_LISTENER && (before === SYN_RECEIVED || (error !== NO_ERROR && !isLeft))) forsake(t, before);
	freeIfForgotten(t);
}

/** Takes a connection off the accept queue of its listener. */
function forsake(t: Tcp, before: number): void {
	const { tcb, other } = t;
	if (before !== SYN_RECEIVED && tcb.link.listener !== 0) unqueue(t);
	other.go(tcb.at);
	tcb.held = FREE_ON_END;
	tcb.events = 0;
}

function unqueue(t: Tcp): void {
	const { tcb, other } = t;
	const wanted = tcb.at;
	other.go(tcb.link.listener);
	const { listen } = other;
	if (listen.first === wanted) {
		listen.first = tcb.link.accept;
		if (listen.first === 0) listen.last = 0;
		listen.waiting--;
		return;
	}
	const listener = other.at;
	for (let at = listen.first; at !== 0; at = other.link.accept) {
		other.go(at);
		if (other.link.accept !== wanted) continue;
		other.link.accept = tcb.link.accept;
		other.go(listener);
		if (other.listen.last === wanted) other.listen.last = at;
		other.listen.waiting--;
		return;
	}
}

function leaveHandshake(t: Tcp): void {
	const { tcb, other } = t;
	if (tcb.passive === 0 || tcb.link.listener === 0) return;
	other.go(tcb.link.listener);
	if (other.state === LISTEN) other.listen.pending--;
}

/** Frees the record of a connection that is CLOSED, that nobody holds, and that is on no list. */
export function freeIfForgotten(t: Tcp): void {
	const { tcb } = t;
	if (tcb.state !== CLOSED || tcb.held !== FREE_ON_END || (tcb.want & LISTED) !== 0 || tcb.events !== 0) return;
	freeReceiveQueue(t);
	t.image.free(t.tcbs, tcb.at);
}

/** The handshake is done (RFC 9293 §3.10.7.4, fifth check): the user hears of it, or the listener. */
export function establish(t: Tcp): void {
	const { tcb } = t;
	if (tcb.state === SYN_RECEIVED) leaveHandshake(t);
	tcb.state = ESTABLISHED;
	tcb.info.openedAt = t.now;
	t.counters.opened++;
	if (tcb.held !== HELD_BY_LISTENER) {
		t.tell(EVENT_OPEN | EVENT_ROOM);
		return;
	}
	queue(t);
}

/** The user of a listener is told of a connection whose handshake is still to be done (RFC 7413 §4.2.2). */
export function queueForUser(t: Tcp): void {
	leaveHandshake(t);
	queue(t);
}

/** Puts the connection at hand into the queue of its listener. */
function queue(t: Tcp): void {
	const { tcb, other } = t;
	tcb.events |= EVENT_OPEN | EVENT_ROOM;
	const at = tcb.at, listener = tcb.link.listener;
	other.go(listener);
	const last = other.listen.last;
	if (last === 0) other.listen.first = at;
	other.listen.last = at;
	other.listen.waiting++;
	if (last !== 0) {
		other.go(last);
		other.link.accept = at;
	}
	tcb.go(listener);
	t.tell(EVENT_ACCEPT);
	tcb.go(at);
}

/** Enters TIME-WAIT for twice the maximum segment lifetime (RFC 9293 §3.4.2); also when its clock starts anew. */
export function enterTimeWait(t: Tcp): void {
	const { tcb } = t;
	tcb.state = TIME_WAIT;
	tcb.timer.rexmt = 0;
	tcb.timer.keep = 0;
	tcb.timer.wait = t.now + 2 * t.profile.msl;
	freeRuns(t);
	freeRanges(t);
	freeSendQueue(t);
	t.arm(tcb.timer.wait);
}

/** Our FIN is acknowledged and the peer's is still to come. Where the user is gone nobody would ever close from here, so the wait is limited. */
export function enterFinWait2(t: Tcp): void {
	t.tcb.state = FIN_WAIT_2;
	if (t.tcb.held === FREE_ON_END) limitFinWait2(t);
}

/** Ends a FIN-WAIT-2 that nobody holds after the profile's time. */
export function limitFinWait2(t: Tcp): void {
	t.tcb.timer.wait = t.now + (t.tcb.limit.finWait2 || t.profile.finWait2);
	t.arm();
}
