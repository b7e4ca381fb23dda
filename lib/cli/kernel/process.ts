import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import type { Caller } from '../../live/caller.ts';
import { libc } from '../../live/libc.ts';
import { interpretCommand, meaningOfSysctl } from '../../packetdrill/index.ts';
import type { Command } from '../../packetdrill/index.ts';
import type { CallAction } from '../../packetdrill/index.ts';
import { Args } from '../../packetdrill/run/args.ts';
import { LINUX_DEFAULTS } from '../../packetdrill/run/defaults.ts';
import type { Flow } from '../../packetdrill/run/flow.ts';
import { Actor, fail } from '../../packetdrill/run/subject.ts';
import type { AnyFile, Attempt, Outcome } from '../../packetdrill/run/subject.ts';
import { Mismatch, Unsupported } from '../../packetdrill/run/verdict.ts';
import { prepare } from './calls.ts';
import { errnoName } from '../../live/libc.ts';
import { TCP_INFO_SIZE, tcpInfoField } from './tcp-info.ts';
import { writeSetting } from './wire.ts';
import type { KernelWire } from './wire.ts';

/** A file of this process that the script knows by a number of its own. */
export interface KernelFile extends AnyFile {
	/** the kernel's number for it */
	readonly live: number;
	readonly isSocket: boolean;
}

const IPPROTO_TCP = 6, TCP_INFO = 11, TCP_CONGESTION = 13;
const CONTROL = 'net.ipv4.tcp_congestion_control';
/** Programs that look at and change the network of their namespace alone. */
const NETWORK_PROGRAMS = /^(?:ip|tc|ss|nstat|ethtool)\b/;

/** The script's system calls, made on the kernel this runs on. */
export class KernelProcess extends Actor<KernelFile> {
	readonly wire: KernelWire;
	readonly caller: Caller;
	/** the socket whose connection the next new flow is */
	#opening: KernelFile | null = null;
	/** what controls the congestion of sockets, where the namespace may not say so: names that a machine keeps for its administrator */
	#control: string | null = null;

	constructor(wire: KernelWire, caller: Caller) {
		super();
		this.wire = wire;
		this.caller = caller;
		wire.poller.add(caller);
		this.#set(CONTROL, 'cubic');
	}

	/** Keeps a file under the lowest number that the script does not use. */
	keep(live: number, isSocket: boolean, port = 0): KernelFile {
		const file = { fd: this.lowest(), live, isSocket, port };
		this.files.set(file.fd, file);
		return file;
	}

	override addFlow(flow: Flow): Flow {
		if (this.#opening !== null) {
			flow.fd = this.#opening.fd;
			this.#opening = null;
		}
		return super.addFlow(flow);
	}

	/** The SYN of this socket is to come. */
	expectFlow(file: KernelFile): void { if (this.flowOfFile(file) === null || this.#isNew(file)) this.#opening = file; }

	/** A socket that was disconnected has no peer: its next connection is another. */
	#isNew(file: KernelFile): boolean { return libc().getpeername(file.live, new Uint8Array(28), Int32Array.of(28)) < 0; }

	begin(call: CallAction): Attempt {
		const { caller } = this;
		caller.reset();
		const prepared = prepare(this, new Args(call, 'linux'));
		if ('outcome' in prepared) return () => prepared.outcome;
		caller.ask(prepared.name, prepared.args);
		let outcome: Outcome | null = null;
		return () => {
			if (outcome !== null) return outcome;
			const returned = caller.returned;
			if (returned === null) return null;
			outcome = returned.value < 0 ? fail(errnoName(returned.errno)) : prepared.finish(returned.value);
			if (returned.value < 0) prepared.failed?.();
			return outcome;
		};
	}

	command(text: string): void {
		for (const command of interpretCommand(text)) this.#one(command);
	}

	#one(command: Command): void {
		switch (command.kind) {
			case 'defaults':
				for (const [name, value] of LINUX_DEFAULTS) this.#set(`net.ipv4.tcp_${name}`, value);
				return;
			case 'sysctl':
				this.#set(command.name, command.value);
				return;
			case 'counter': {
				const count = counter(command.name);
				if (` ${count} `.includes(command.value ?? '') && (command.value !== null || count > 0)) return;
				throw new Mismatch(`${command.name} is ${count}${command.value === null ? '' : `, not ${command.value.trim()}`}`);
			}
			case 'sleep':
				this.wire.advance(this.wire.now + command.us);
				return;
			case 'nothing':
				return;
			case 'unsupported':
				return network(command.text, command.why);
			default:
				throw new Unsupported(`${command.kind} against a kernel`);
		}
	}

	#set(name: string, value: string): void {
		const isTaken = writeSetting(name, value);
		if (name === CONTROL) this.#control = isTaken ? null : value;
		// What is known to change nothing may be missing in this kernel.
		else if (!isTaken && meaningOfSysctl(name, value)?.length !== 0) throw new Unsupported(`the setting ${name} = ${value} on this kernel`);
	}

	/** A socket is new: it is as the settings say. */
	configure(live: number): void {
		if (this.#control === null) return;
		const text = new TextEncoder().encode(this.#control);
		if (libc().setsockopt(live, IPPROTO_TCP, TCP_CONGESTION, text, text.length) < 0) throw new Unsupported(`the congestion control ${this.#control} on this kernel`);
	}

	info(name: string): number | undefined {
		const file = this.asked();
		if (file === null) return undefined;
		const bytes = new Uint8Array(TCP_INFO_SIZE), length = Int32Array.of(TCP_INFO_SIZE);
		if (libc().getsockopt(file.live, IPPROTO_TCP, TCP_INFO, bytes, length) < 0) return undefined;
		return tcpInfoField(name, bytes.subarray(0, length[0]));
	}

	remembers({ localPort, remotePort }: Flow): boolean {
		const ends = (line: string): string => line.trim().split(/\s+/).slice(1, 3).map((end) => end.slice(end.lastIndexOf(':') + 1)).join(' ');
		const wanted = [localPort, remotePort].map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join(' ');
		return ['tcp', 'tcp6'].some((name) => read(`/proc/net/${name}`).split('\n').some((line) => ends(line) === wanted));
	}
}

function read(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return '';
	}
}

/** A counter by the name nstat gives it: the group, then the name in it. */
function counter(name: string): number {
	for (const path of ['/proc/net/netstat', '/proc/net/snmp', '/proc/net/snmp6']) {
		const lines = read(path).split('\n');
		for (let i = 0; i + 1 < lines.length; i += 2) {
			const [group, ...names] = lines[i]!.split(' ');
			const at = names.findIndex((one) => `${group!.replace(':', '')}${one}` === name);
			if (at >= 0) return Number(lines[i + 1]!.split(' ')[at + 1]);
		}
	}
	throw new Unsupported(`the counter ${name}`);
}

function network(text: string, why: string): void {
	if (!NETWORK_PROGRAMS.test(text)) throw new Unsupported(why);
	const { status, stderr } = spawnSync('sh', ['-c', text], { encoding: 'utf8' });
	if (status !== 0) throw new Mismatch(`'${text}' failed: ${stderr.trim()}`);
}
