import { done } from '../../packetdrill/run/subject.ts';
import type { Outcome, Plain } from '../../packetdrill/run/subject.ts';
import { Unsupported } from '../../packetdrill/run/verdict.ts';
import { plain, withOut } from './preparation.ts';
import type { Preparation, Prepare, Prepared } from './preparation.ts';

function poll(p: Preparation): Prepared {
	const { args, structs } = p;
	const list = args.value(0);
	if (list.kind !== 'array') throw new Unsupported('poll without a list of files');
	const at = p.process.caller.room(8 * list.items.length);
	const asked = list.items.map((item, i) => {
		if (item.kind !== 'struct') throw new Unsupported('a poll entry that is no struct');
		const fd = args.memberNumber(item.members, 'fd') ?? -1, events = args.memberNumber(item.members, 'events') ?? 0;
		structs.put32(at + 8 * i, p.process.files.get(fd)?.live ?? 1 << 20);
		structs.put16(at + 8 * i + 4, events);
		return { fd, events };
	});
	const finish = (value: number): Outcome => withOut(value, 0, asked.map(({ fd, events }, i) => ({ fd, events, revents: structs.get16(at + 8 * i + 6) })));
	return { name: 'poll', args: [p.address(at), asked.length, args.number(2)], finish };
}

function epollCreate(p: Preparation): Prepared {
	return { name: 'epoll_create1', args: [0], finish: (live) => done(p.process.keep(live, false).fd) };
}

/** The struct is packed on one architecture and on no other. */
const EVENT = process.arch === 'x64' ? { size: 12, data: 4 } : { size: 16, data: 8 };

/** The member that a script gives with an event, by the number the kernel gives back. */
const members = new Map<number, string>();

function epollControl(p: Preparation): Prepared {
	const { args, structs } = p;
	const at = p.process.caller.room(EVENT.size);
	const { live } = p.file();
	const watched = p.file(2);
	const given = args.members(3);
	if (given !== null) {
		structs.put32(at, args.memberNumber(given, 'events') ?? 0);
		const name = ['fd', 'ptr', 'u32', 'u64'].find((one) => args.memberNumber(given, one) !== null) ?? 'fd';
		const value = args.memberNumber(given, name) ?? watched.fd;
		members.set(value, name);
		structs.put64(at + EVENT.data, BigInt(value));
	}
	return { name: 'epoll_ctl', args: [live, args.number(1), watched.live, p.address(at)], finish: plain };
}

function epollWait(p: Preparation): Prepared {
	const { args, structs } = p;
	const most = args.number(2, 1);
	const at = p.process.caller.room(EVENT.size * Math.max(1, most));
	const finish = (count: number): Outcome => {
		const found: Plain[] = [];
		for (let i = 0; i < count; i++) {
			const value = structs.get64(at + EVENT.size * i + EVENT.data);
			found.push({ events: structs.get32(at + EVENT.size * i) >>> 0, [members.get(value) ?? 'fd']: value });
		}
		return count === 0 ? done(0) : withOut(count, 1, count === 1 ? found[0]! : found);
	};
	return { name: 'epoll_wait', args: [p.file().live, p.address(at), most, args.number(3)], finish };
}

export const waitCalls: Readonly<Record<string, Prepare>> = { poll, epoll_create: epollCreate, epoll_create1: epollCreate, epoll_ctl: epollControl, epoll_wait: epollWait, epoll_pwait: epollWait };
