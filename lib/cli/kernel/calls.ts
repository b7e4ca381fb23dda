import type { Args } from '../../packetdrill/run/args.ts';
import { done, fail } from '../../packetdrill/run/subject.ts';
import type { Outcome, Plain } from '../../packetdrill/run/subject.ts';
import { Unsupported } from '../../packetdrill/run/verdict.ts';
import { dataCalls } from './calls-data.ts';
import { optionCalls } from './calls-option.ts';
import { waitCalls } from './calls-wait.ts';
import { NoFile, Preparation, plain } from './preparation.ts';
import type { Prepare, Prepared } from './preparation.ts';
import type { KernelProcess } from './process.ts';

function socket({ process, args }: Preparation): Prepared {
	const domain = args.number(0, process.wire.addressing.domain);
	const finish = (live: number): Outcome => {
		process.configure(live);
		return done(process.keep(live, true).fd);
	};
	return { name: 'socket', args: [domain, args.number(1), args.number(2, 0)], finish };
}

function bind(p: Preparation): Prepared {
	const { process, args, structs } = p;
	const { addressing } = process.wire;
	const file = p.file();
	const { at, length } = structs.address(args, args.value(1), addressing, { text: addressing.localText, port: addressing.bindPort });
	const finish = (value: number): Outcome => {
		file.port = structs.portAt(at);
		return done(value);
	};
	return { name: 'bind', args: [file.live, p.address(at), length], finish };
}

function listen(p: Preparation): Prepared {
	const file = p.file();
	const finish = (value: number): Outcome => {
		p.process.listener = file;
		p.process.current = null;
		return done(value);
	};
	return { name: 'listen', args: [file.live, p.args.number(1)], finish };
}

function accept(p: Preparation): Prepared {
	const { process, args, structs } = p;
	const listener = p.file();
	const at = process.caller.room(28), lengthAt = structs.int(28);
	const finish = (live: number): Outcome => {
		const file = process.keep(live, true, listener.port);
		const flow = process.flowOf(listener.port, structs.portAt(at));
		if (flow !== null) {
			flow.fd = file.fd;
			process.current = flow;
		}
		return done(file.fd, new Map<number, Plain>([[1, structs.plainAddress(at)], [2, structs.get32(lengthAt)]]));
	};
	return { name: 'accept4', args: [listener.live, p.address(at), p.address(lengthAt), args.number(3, 0)], finish };
}

function connect(p: Preparation): Prepared {
	const { process, args, structs } = p;
	const { addressing } = process.wire;
	const file = p.file();
	const { at, length } = structs.address(args, args.value(1), addressing, { text: addressing.remoteText, port: addressing.connectPort });
	if (structs.get16(at) !== 0) process.expectFlow(file);
	return { name: 'connect', args: [file.live, p.address(at), length], finish: plain };
}

function name(p: Preparation): Prepared {
	const { structs, args } = p;
	const at = p.process.caller.room(28), lengthAt = structs.int(28);
	const finish = (value: number): Outcome => done(value, new Map<number, Plain>([[1, structs.plainAddress(at)], [2, structs.get32(lengthAt)]]));
	return { name: args.call.name, args: [p.file().live, p.address(at), p.address(lengthAt)], finish };
}

function shutdown(p: Preparation): Prepared {
	return { name: 'shutdown', args: [p.file().live, p.args.number(1)], finish: plain };
}

function close(p: Preparation): Prepared {
	const { process } = p;
	const file = p.file();
	process.files.delete(file.fd);
	if (process.listener === file) process.listener = null;
	return { name: 'close', args: [file.live], finish: plain };
}

/** Files of plain octets lie in memory, whatever their name. */
function open(p: Preparation): Prepared {
	const at = p.process.caller.room(8);
	p.structs.caller.bytes.set([0x66], at);
	return { name: 'memfd_create', args: [p.address(at), 0], finish: (live) => done(p.process.keep(live, false).fd) };
}

const CALLS: Readonly<Record<string, Prepare>> = {
	socket, bind, listen, accept, accept4: accept, connect, getsockname: name, getpeername: name, shutdown, close, open,
	...dataCalls, ...optionCalls, ...waitCalls,
};

/** Lays a call out in memory. @throws Unsupported for one, or for an argument, that is not known */
export function prepare(process: KernelProcess, args: Args): Prepared | { readonly outcome: Outcome } {
	const { name: called } = args.call;
	if (called === 'unlink') return { outcome: done(0) };
	if (!Object.hasOwn(CALLS, called)) throw new Unsupported(`the call ${called} against a kernel`);
	try {
		return CALLS[called]!(new Preparation(process, args));
	} catch (error) {
		if (error instanceof NoFile) return { outcome: fail('EBADF') };
		throw error;
	}
}
