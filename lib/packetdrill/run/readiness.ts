import { CLOSED, LISTEN, SYN_RECEIVED, SYN_SENT, sendRoom } from '../../../tcp/index.ts';
import type { File, Process } from './process.ts';

export const POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32, POLLRDNORM = 0x40, POLLWRNORM = 0x100, POLLRDHUP = 0x2000;
/** What is told whether it was asked for or not. */
export const ALWAYS: number = POLLERR | POLLHUP | POLLNVAL;

/** What a file is ready for. */
export function readiness(p: Process, file: File): number {
	if (!file.isSocket) return file.plain === null ? 0 : POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	if (file.fastPort !== null) return POLLOUT | POLLWRNORM;
	const state = p.state(file);
	if (state === LISTEN) {
		p.tcp.tcb.go(file.tcb);
		return p.tcp.tcb.listen.first !== 0 ? POLLIN | POLLRDNORM : 0;
	}
	const isEarly = state === SYN_RECEIVED && p.isFast(file);
	if (state === SYN_SENT || (state === SYN_RECEIVED && !isEarly)) return 0;
	if (!file.isConnecting) return POLLOUT | POLLWRNORM | POLLHUP;
	let events = 0;
	const isEnd = p.isFinished(file) || file.isReadShut || state === CLOSED;
	if (p.readable(file) >= file.lowWater || isEnd) events |= POLLIN | POLLRDNORM;
	if (isEnd) events |= POLLRDHUP;
	if (p.error(file) !== null || !file.errors.isEmpty) events |= POLLERR;
	if (state === CLOSED || (isEnd && file.isWriteShut)) events |= POLLHUP;
	// What would fail at once is ready, too.
	if (state === CLOSED || file.isWriteShut || hasRoom(p, file)) events |= POLLOUT | POLLWRNORM;
	return events;
}

/** A third of the buffer is free, so that there are fewer wake-ups than octet by octet; and little enough waits to be sent. */
export function hasRoom(p: Process, file: File): boolean {
	const room = sendRoom(p.tcp, file.tcb);
	const { sendq } = p.tcp.tcb;
	// Who waits is woken once half of it is gone, so that there is something to do.
	if (2 * unsent(p, file) >= file.unsentLowWater) return false;
	return room * 3 >= sendq.quota;
}

/** Octets that are written and not acknowledged. */
export function queued(p: Process, file: File): number {
	if (!p.isAlive(file)) return 0;
	p.tcp.tcb.go(file.tcb);
	return p.tcp.tcb.sendq.length;
}

/** Those of them that were never sent. */
export function unsent(p: Process, file: File): number {
	const { snd, state } = p.tcp.tcb;
	const all = queued(p, file);
	return state <= SYN_SENT ? all : Math.max(0, all - Math.max(0, (snd.nxt - snd.una) | 0));
}
