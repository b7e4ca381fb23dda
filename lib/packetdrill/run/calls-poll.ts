import type { Member } from '../tree.ts';
import type { Args } from './args.ts';
import { done, fail } from './subject.ts';
import type { File, Process, Watch } from './process.ts';
import type { Attempt, Plain } from './subject.ts';
import { ALWAYS, POLLIN, POLLNVAL, POLLOUT, POLLRDNORM, POLLWRNORM, readiness } from './readiness.ts';
import { Unsupported } from './verdict.ts';

/** Ends when `look` finds something, or the time is over. */
function wait(p: Process, timeout: number, look: () => { count: number; out: ReadonlyMap<number, Plain> }): Attempt {
	const deadline = timeout < 0 ? Infinity : p.lab.now + timeout * 1000;
	p.lab.alarm = deadline > p.lab.now ? deadline : Infinity;
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
			if (file !== undefined) p.noteRoom(file);
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

const CONTROL_DELETE = 2, CONTROL_CHANGE = 3;
const EDGE = 0x8000_0000, ONE_SHOT = 0x4000_0000;

function has(events: number, bit: number): boolean { return Math.floor(events / bit) % 2 === 1; }

export function callEpollControl(p: Process, args: Args): Attempt {
	const epoll = p.files.get(args.number(0));
	if (epoll === undefined) return () => fail('EBADF');
	if (epoll.watched === null) return () => fail('EINVAL');
	const { watched } = epoll;
	const what = args.number(1), fd = args.number(2);
	if (!p.files.has(fd)) return () => fail('EBADF');
	if (what === CONTROL_DELETE) return () => (watched.delete(fd) ? done(0) : fail('ENOENT'));
	if (watched.has(fd) !== (what === CONTROL_CHANGE)) return () => fail(what === CONTROL_CHANGE ? 'ENOENT' : 'EEXIST');
	const members = args.members(3);
	if (members === null) throw new Unsupported('epoll_ctl without a struct');
	watched.set(fd, { events: args.memberNumber(members, 'events') ?? 0, data: dataOf(args, members, fd), told: -1, known: 0, errors: 0 });
	return () => done(0);
}

/** What the script wants to be given back with an event: a file, a pointer or a number. */
function dataOf(args: Args, members: readonly Member[], fd: number): Watch['data'] {
	for (const name of ['fd', 'ptr', 'u32', 'u64']) {
		const value = args.memberNumber(members, name);
		if (value !== null) return { name, value };
	}
	return { name: 'fd', value: fd };
}

/** What there is to tell of a file: of edges, only what is new since it was told last. */
function newsOf(p: Process, file: File, watch: Watch): number {
	const { events } = watch;
	const all = readiness(p, file);
	const asked = all & ((events & 0xffff) | ALWAYS);
	if (events === 0) return 0;
	if (!has(events, EDGE)) return asked;
	// A message more is an edge, whatever waits already.
	if (file.errors.told !== watch.errors) return asked;
	const came = octetsOf(p, file);
	const fresh = came === watch.told ? asked & ~watch.known : asked & ~(watch.known & ~(POLLIN | POLLRDNORM));
	// That there is no room any more is known to whoever looked for it: `noteRoom`.
	watch.known &= all | POLLOUT | POLLWRNORM;
	return fresh === 0 ? 0 : asked;
}

/** How much has come so far: more of it is an edge, also where there was some to read already. */
function octetsOf(p: Process, file: File): number {
	if (!p.isAlive(file)) return 0;
	p.tcp.tcb.go(file.tcb);
	return p.tcp.tcb.info.received + p.tcp.tcb.rcv.fin + p.tcp.tcb.listen.waiting;
}

export function callEpollWait(p: Process, args: Args): Attempt {
	const epoll = p.files.get(args.number(0));
	if (epoll === undefined) return () => fail('EBADF');
	if (epoll.watched === null) return () => fail('EINVAL');
	const { watched } = epoll;
	const most = args.number(2, 1);
	if (most <= 0) return () => fail('EINVAL');
	return wait(p, args.number(3), () => {
		const found: Plain[] = [];
		for (const [fd, watch] of watched) {
			const file = p.files.get(fd);
			const ready = file === undefined ? 0 : newsOf(p, file, watch);
			if (file === undefined || ready === 0 || found.length >= most) continue;
			watch.told = octetsOf(p, file);
			watch.known = ready;
			watch.errors = file.errors.told;
			if (has(watch.events, ONE_SHOT)) watch.events = 0;
			found.push({ events: ready, [watch.data.name]: watch.data.value });
		}
		return { count: found.length, out: new Map<number, Plain>(found.length === 0 ? [] : [[1, found.length === 1 ? found[0]! : found]]) };
	});
}
