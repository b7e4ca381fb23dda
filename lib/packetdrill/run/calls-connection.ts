import { CLOSED, CLOSE_WAIT, ESTABLISHED, FAST_OPEN, FIN_WAIT_2, SYN_RECEIVED, SYN_SENT, UNREAD, abortConnection, accept, connect, connectWith, listen, release, roomInSyn, setOptions, shutdown, socket } from '../../../tcp/index.ts';
import type { Args } from './args.ts';
import { Flow } from './flow.ts';
import { done, fail } from './subject.ts';
import type { File, Process } from './process.ts';
import type { Attempt, Outcome, Plain } from './subject.ts';
import { Unsupported } from './verdict.ts';

/** Where sockets of one file are changed over to a fresh record after a failed attempt. */
function freshRecord(p: Process, file: File): boolean {
	const at = socket(p.tcp);
	if (at === 0) return false;
	if (p.isAlive(file)) release(p.tcp, file.tcb);
	file.tcb = at;
	file.tag = p.lab.image.tag(at);
	file.isErrorTaken = false;
	file.isConnecting = false;
	return true;
}

/** Does a call on a socket, or says that the number means none. */
export function onSocket(p: Process, args: Args, run: (file: File) => Outcome | Attempt): Attempt {
	const file = p.files.get(args.number(0));
	if (file === undefined) return () => fail('EBADF');
	if (!file.isSocket) return () => fail('ENOTSOCK');
	const result = run(file);
	return typeof result === 'function' ? result : () => result;
}

export function callSocket(p: Process, args: Args): Attempt {
	const domain = args.number(0, p.addressing.domain);
	const type = args.number(1);
	const protocol = args.number(2, 0);
	if ((type & 0xf) !== 1 || (protocol !== 0 && protocol !== 6)) throw new Unsupported('a socket that is not TCP');
	if (domain !== p.addressing.domain) throw new Unsupported('a socket of another address family');
	const file = p.open();
	if (file === null) return () => fail('ENOBUFS');
	file.nonBlocking = (type & 0x800) !== 0;
	return () => done(file.fd);
}

export function callBind(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		if (file.port !== 0) return fail('EINVAL');
		const port = args.port(1) ?? p.addressing.bindPort;
		const isTaken = [...p.files.values()].some((other) => other.port === port && port !== 0 && (p.isListening(other) || !other.kept.has('SO_REUSEADDR')) && !other.kept.has('SO_REUSEPORT'));
		if (isTaken) return fail('EADDRINUSE');
		file.port = port;
		return done(0);
	});
}

export function callListen(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const backlog = args.number(1);
		if (p.isListening(file)) {
			p.tcp.tcb.go(file.tcb);
			p.tcp.tcb.listen.backlog = backlogOf(p, backlog);
			return done(0);
		}
		if (p.state(file) !== CLOSED || file.isConnecting) return fail('EINVAL');
		listen(p.tcp, 0, file.port === 0 ? 49_151 : file.port, backlogOf(p, backlog), file.tcb);
		// Bits of `tcp_fastopen`: servers may use it, and need not ask for it.
		if (p.profile === 'linux' && (p.fastOpen & 0x402) === 0x402) setOptions(p.tcp, file.tcb, FAST_OPEN | p.tcp.tcb.options);
		p.listener = file;
		p.current = null;
		return done(0);
	});
}

/** BSD lets half as many again wait; Linux one more. */
function backlogOf(p: Process, backlog: number): number {
	return p.profile === 'freebsd' ? Math.max(1, Math.floor((backlog * 3) / 2) + 1) : Math.max(0, backlog) + 1;
}

export function callAccept(p: Process, args: Args): Attempt {
	return onSocket(p, args, (listener) => {
		const flags = args.number(3, 0);
		return () => {
			if (!p.isListening(listener)) return fail('EINVAL');
			const tcb = accept(p.tcp, listener.tcb);
			if (tcb === 0) return listener.nonBlocking ? fail('EAGAIN') : null;
			const file = p.open(tcb)!;
			file.isConnecting = true;
			file.isToldOpen = true;
			file.port = listener.port;
			// FreeBSD's accepted sockets begin as their listener is.
			file.nonBlocking = (flags & 0x800) !== 0 || (p.profile === 'freebsd' && listener.nonBlocking);
			for (const [name, value] of listener.kept) file.kept.set(name, value);
			file.linger = listener.linger;
			file.unsentLowWater = listener.unsentLowWater;
			file.copiesNothing = listener.copiesNothing;
			p.tcp.tcb.go(tcb);
			const flow = p.flowOf(p.tcp.tcb.local.port, p.tcp.tcb.remote.port);
			if (flow !== null) {
				flow.fd = file.fd;
				p.current = flow;
			}
			return done(file.fd, new Map<number, Plain>([[1, addressOf(p, file, false)], [2, p.addressing.domain === 2 ? 16 : 28]]));
		};
	});
}

/** An end of a connection as scripts write it; of addresses they know only those of the script. */
function addressOf(p: Process, file: File, isLocal: boolean): Plain {
	const { tcb } = p.tcp;
	tcb.go(file.tcb);
	const flow = p.flowOfFile(file)?.written ?? null;
	const port = flow !== null ? (isLocal ? flow.local : flow.remote) : isLocal ? tcb.local.port : tcb.remote.port;
	const address = isLocal ? p.addressing.localText : p.addressing.remoteText;
	return p.addressing.domain === 2 ? { sa_family: 2, sin_port: port, sin_addr: address } : { sa_family: 10, sin6_port: port, sin6_addr: address };
}

/** `getsockname` and `getpeername`. */
export function callName(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const isLocal = args.call.name === 'getsockname';
		if (!isLocal && (!file.isConnecting || p.state(file) < ESTABLISHED)) return fail('ENOTCONN');
		if (!p.isAlive(file) || !file.isConnecting) throw new Unsupported(`${args.call.name} of a socket without a connection`);
		return done(0, new Map<number, Plain>([[1, addressOf(p, file, isLocal)], [2, p.addressing.domain === 2 ? 16 : 28]]));
	});
}

/** A file of plain octets: it is empty, whatever its name. */
export function callOpen(p: Process, args: Args): Attempt {
	if (args.text(0) === null) throw new Unsupported('open without a name');
	const file = p.openPlain();
	return () => done(file.fd);
}

/** Sends a SYN with the text it may bear (RFC 7413 §4.2.2); `taken` is how much of it that is, −1 where there is no way. */
export function connectFast(p: Process, file: File, bytes: Uint8Array, port: number): { taken: number; knowsServer: boolean } {
	const { tcp, lab } = p;
	const to = lab.image.scratch;
	lab.image.u8.set(p.addressing.remote, to);
	const room = roomInSyn(tcp, to);
	const taken = Math.max(0, Math.min(room, bytes.length));
	const at = connectWith(tcp, 0, file.port, to, port, bytes, 0, taken, file.tcb);
	if (at === 0) return { taken: -1, knowsServer: false };
	adopt(p, file, port);
	return { taken, knowsServer: room >= 0 };
}

/** The connection of a file has begun: packets without ports belong to it. */
function adopt(p: Process, file: File, port: number): void {
	const { tcb } = p.tcp;
	file.isConnecting = true;
	file.isToldOpen = !file.nonBlocking;
	tcb.go(file.tcb);
	file.port = tcb.local.port;
	p.addFlow(new Flow(file.port, port)).fd = file.fd;
}

/** `connect` to AF_UNSPEC: what there is of a connection is reset, and the socket is as new. */
function disconnect(p: Process, file: File): Outcome {
	if (p.isAlive(file)) abortConnection(p.tcp, file.tcb);
	return freshRecord(p, file) ? done(0) : fail('ENOBUFS');
}

export function callConnect(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const members = args.members(1);
		if (members !== null && args.memberNumber(members, 'sa_family') === 0) return disconnect(p, file);
		if (p.isListening(file)) return fail(p.profile === 'freebsd' ? 'EOPNOTSUPP' : 'EISCONN');
		if (file.isConnecting) {
			const state = p.state(file);
			if (state === SYN_SENT || state === SYN_RECEIVED) return file.nonBlocking ? fail('EALREADY') : whenOpen(p, file);
			if (state !== CLOSED) {
				// Whoever began without waiting is told once that it has worked.
				const isTold = p.profile !== 'linux' || file.isToldOpen;
				file.isToldOpen = true;
				return isTold ? fail('EISCONN') : done(0);
			}
			const error = p.takeError(file);
			if (error !== null) return fail(error);
			if (!freshRecord(p, file)) return fail('ENOBUFS');
		}
		return begin(p, file, args.port(1) ?? p.addressing.connectPort);
	});
}

function begin(p: Process, file: File, port: number): Outcome | Attempt {
	const { tcp, lab } = p;
	const to = lab.image.scratch;
	lab.image.u8.set(p.addressing.remote, to);
	tcp.tcb.go(file.tcb);
	// The cookie is known: the SYN waits for the first octets.
	if ((tcp.tcb.options & FAST_OPEN) !== 0 && roomInSyn(tcp, to) >= 0) {
		file.isConnecting = true;
		file.fastPort = port;
		return done(0);
	}
	const at = connect(tcp, 0, file.port, to, port, file.tcb);
	if (at === 0) {
		file.tcb = 0;
		return fail(file.port === 0 ? 'ENETUNREACH' : 'EADDRINUSE');
	}
	adopt(p, file, port);
	return file.nonBlocking ? fail('EINPROGRESS') : whenOpen(p, file);
}

export function whenOpen(p: Process, file: File): Attempt {
	return () => {
		const state = p.state(file);
		if (state === SYN_SENT || state === SYN_RECEIVED) return null;
		const error = p.takeError(file);
		return error === null ? done(0) : fail(error);
	};
}

export function callShutdown(p: Process, args: Args): Attempt {
	return onSocket(p, args, (file) => {
		const how = args.number(1);
		if (how < 0 || how > 2) return fail('EINVAL');
		const state = p.state(file);
		// Linux gives an opening connection up, and the socket is as new.
		if (state === SYN_SENT && p.profile === 'linux') return disconnect(p, file);
		if (state === CLOSED || state === SYN_SENT) return fail('ENOTCONN');
		if (how !== 1) {
			file.isReadShut = true;
			if (p.profile === 'linux') setOptions(p.tcp, file.tcb, p.tcp.tcb.options | UNREAD);
		}
		if (how !== 0) {
			file.isWriteShut = true;
			shutdown(p.tcp, file.tcb);
		}
		return done(0);
	});
}

export function callClose(p: Process, args: Args): Attempt {
	const file = p.files.get(args.number(0));
	if (file === undefined) return () => fail('EBADF');
	p.files.delete(file.fd);
	if (p.listener === file) p.listener = null;
	for (const { watched } of p.files.values()) watched?.delete(file.fd);
	if (!file.isSocket || !p.isAlive(file)) return () => done(0);
	if (file.linger === 0) abortConnection(p.tcp, file.tcb);
	const state = p.state(file);
	release(p.tcp, file.tcb);
	if (file.linger === null || file.linger === 0 || file.nonBlocking || state < ESTABLISHED || state > CLOSE_WAIT) return () => done(0);
	return untilSent(p, file, p.lab.now + file.linger * 1_000_000);
}

/** With SO_LINGER the close comes back once all is acknowledged, or the time is over. */
function untilSent(p: Process, file: File, deadline: number): Attempt {
	p.lab.alarm = deadline;
	return () => {
		const state = p.state(file);
		const isOver = state === CLOSED || state === FIN_WAIT_2 || state > CLOSE_WAIT + 1 || p.lab.now >= deadline;
		return isOver ? done(0) : null;
	};
}
