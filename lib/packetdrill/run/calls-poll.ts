import { CLOSED, LISTEN, SYN_RECEIVED, SYN_SENT, sendRoom } from '../../../tcp/index.ts';
import type { Args } from './args.ts';
import { done, fail } from './process.ts';
import type { Attempt, File, Plain, Process } from './process.ts';
import { Unsupported } from './verdict.ts';

const POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32, POLLRDNORM = 0x40, POLLWRNORM = 0x100, POLLRDHUP = 0x2000;
const ALWAYS = POLLERR | POLLHUP | POLLNVAL;

/** What a file is ready for. */
export function readiness(p: Process, file: File): number {
	const state = p.state(file);
	if (state === LISTEN) {
		p.tcp.tcb.go(file.tcb);
		return p.tcp.tcb.listen.first !== 0 ? POLLIN | POLLRDNORM : 0;
	}
	if (state === SYN_SENT || state === SYN_RECEIVED) return 0;
	if (!file.isConnecting) return POLLOUT | POLLWRNORM | POLLHUP;
	let events = 0;
	const isEnd = p.isFinished(file) || file.isReadShut || state === CLOSED;
	if (p.readable(file) > 0 || isEnd) events |= POLLIN | POLLRDNORM;
	if (isEnd) events |= POLLRDHUP;
	if (p.error(file) !== null) events |= POLLERR;
	if (state === CLOSED || (isEnd && file.isWriteShut)) events |= POLLHUP;
	// What would fail at once is ready, too.
	if (state === CLOSED || file.isWriteShut || hasRoom(p, file)) events |= POLLOUT | POLLWRNORM;
	return events;
}

/** A third of the buffer is free: fewer wake-ups than octet by octet. */
function hasRoom(p: Process, file: File): boolean {
	const room = sendRoom(p.tcp, file.tcb);
	return room * 3 >= p.tcp.tcb.sendq.quota;
}

/** Ends when `look` finds something, or the time is over. */
function wait(p: Process, timeout: number, look: () => { count: number; out: ReadonlyMap<number, Plain> }): Attempt {
	const deadline = timeout < 0 ? Infinity : p.lab.now + timeout * 1000;
	return () => {
		const { count, out } = look();
		return count > 0 || p.lab.now >= deadline ? done(count, out) : null;
	};
}

export function callPoll(p: Process, args: Args): Attempt {
	const list = args.value(0);
	if (list.kind !== 'array') throw new Unsupported('poll without a list of files');
	const asked = list.items.map((item) => {
		if (item.kind !== 'struct') throw new Unsupported('a poll entry that is no struct');
		return { fd: args.memberNumber(item.members, 'fd') ?? -1, events: args.memberNumber(item.members, 'events') ?? 0 };
	});
	return wait(p, args.number(2), () => {
		const found = asked.map(({ fd, events }) => {
			const file = p.files.get(fd);
			const revents = file === undefined ? POLLNVAL : readiness(p, file) & (events | ALWAYS);
			return { fd, events, revents };
		});
		return { count: found.filter(({ revents }) => revents !== 0).length, out: new Map<number, Plain>([[0, found]]) };
	});
}

export function callEpollCreate(p: Process): Attempt {
	const file = p.openEpoll();
	return () => done(file.fd);
}

export function callEpollControl(p: Process, args: Args): Attempt {
	const epoll = p.files.get(args.number(0));
	if (epoll === undefined || epoll.watched === null) return () => fail('EBADF');
	const what = args.number(1), fd = args.number(2);
	const members = args.members(3);
	const events = members === null ? 0 : args.memberNumber(members, 'events') ?? 0;
	if (what === 2) epoll.watched.delete(fd);
	else epoll.watched.set(fd, events);
	return () => done(0);
}

/** Level-triggered; of edges one is told a call. */
export function callEpollWait(p: Process, args: Args): Attempt {
	const epoll = p.files.get(args.number(0));
	if (epoll === undefined || epoll.watched === null) return () => fail('EBADF');
	const { watched } = epoll;
	if ([...watched.values()].some((events) => events >= 0x4000_0000)) throw new Unsupported('an epoll instance that tells edges');
	return wait(p, args.number(3), () => {
		const found: Plain[] = [];
		for (const [fd, events] of watched) {
			const file = p.files.get(fd);
			const ready = file === undefined ? 0 : readiness(p, file) & (events | ALWAYS);
			if (ready !== 0) found.push({ events: ready, fd });
		}
		return { count: found.length, out: new Map<number, Plain>(found.length === 0 ? [] : [[1, found.length === 1 ? found[0]! : found]]) };
	});
}
