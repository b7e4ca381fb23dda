import { stateNamed, stateOfNumber } from './code-constants.ts';
import type { StateName } from './code-constants.ts';
import { parseShell } from './shell.ts';
import type { Pipeline } from './shell.ts';

/** What one command of a script asks for. */
export type Command =
	/** Sets `name` (dots between its parts) to `value`. */
	| { readonly kind: 'sysctl'; readonly name: string; readonly value: string }
	/** Google's `defaults.sh`: the settings that the linux profile stands for. */
	| { readonly kind: 'defaults' }
	/** Looks at the table of sockets; fails the script unless {@link sockstatHolds}. */
	| { readonly kind: 'sockstat'; readonly query: SockstatQuery }
	/** Looks at a counter of Linux's; fails the script unless its number since the start, with blanks around it, contains `value`; null: unless it has counted. */
	| { readonly kind: 'counter'; readonly name: string; readonly value: string | null }
	/** Aborts connections: those in a state, all of them, or one by its addresses and ports. */
	| { readonly kind: 'tcpdrop'; readonly state: StateName | null; readonly connection: readonly string[] | null }
	/** Lets time pass, µs. */
	| { readonly kind: 'sleep'; readonly us: number }
	/** Changes nothing that a script can see. */
	| { readonly kind: 'nothing'; readonly text: string }
	| { readonly kind: 'unsupported'; readonly text: string; readonly why: string };

/** `sockstat … | grep STATE | grep -c … | grep N`. */
export interface SockstatQuery {
	readonly family: 4 | 6 | null;
	readonly port: number | null;
	/** Every line counted has all of these; a spelling of a TCP state is one. */
	readonly states: readonly StateName[];
	/** The count as digits must contain this (as `grep` finds it); null where at least one line is asked for. */
	readonly count: string | null;
}

/** Reads what stands between backticks. It never throws: what is not understood is `unsupported`. */
export function interpretCommand(text: string): Command[] {
	return parseShell(text).flatMap(interpretPipeline);
}

function interpretPipeline(pipeline: Pipeline): Command[] {
	const { text, beyond, into } = pipeline;
	const [program = [], ...filters] = pipeline.programs;
	// What Google's scripts wrote down before they changed settings, to be set again.
	if (/\/sysctl_restore_[^/]*\.sh$/.test(program[0] ?? '') && filters.length === 0) return [{ kind: 'nothing', text }];
	if (beyond !== null) return [unsupported(text, `the shell's ${beyond}`)];
	const [path = '', ...args] = program;
	const name = path.slice(path.lastIndexOf('/') + 1);
	if (name === 'nstat' && filters.length > 0) return [counter(text, args, filters)];
	if (name === 'grep' && into === null && /^\/proc\/net\/tcp6?$/.test(args.at(-1) ?? '')) return [procSockets(text, args, filters)];
	if (name === 'sockstat') return [sockstat(text, args, filters)];
	if (filters.length > 0) return [unsupported(text, `a pipe from ${name}`)];
	if (name === 'echo' && into !== null) return [echoInto(text, args, into)];
	if (into !== null) return [unsupported(text, `output into ${into}`)];
	return interpretProgram(text, name, args);
}

/** Programs that only show something, or wait for nothing that exists here. */
const HARMLESS: ReadonlySet<string> = new Set(['true', ':', 'sync', 'echo', 'cat', 'ss', 'netstat', 'nstat', 'date', 'uname', 'dmesg', 'lsmod', 'ls', 'pwd', 'set', 'modprobe', 'kldload', 'kldstat', 'ethtool', 'unset', 'export']);

function interpretProgram(text: string, name: string, args: readonly string[]): Command[] {
	switch (name) {
		case 'sysctl':
			return sysctl(text, args);
		case 'defaults.sh':
			return [{ kind: 'defaults' }];
		case 'set_sysctls.py':
			return args.map((arg) => setting(text, arg));
		case 'tcpdrop':
			return [tcpdrop(text, args)];
		case 'sleep':
			return [sleep(text, args)];
		case 'ip':
		case 'tc':
			return [isShow(name, args) || isPlainQueue(name, args) ? { kind: 'nothing', text } : unsupported(text, `${name} ${args.join(' ')}`.trim())];
		default:
			return [HARMLESS.has(name) ? { kind: 'nothing', text } : unsupported(text, `the program ${name}`)];
	}
}

function unsupported(text: string, why: string): Command {
	return { kind: 'unsupported', text, why };
}

function sysctl(text: string, args: readonly string[]): Command[] {
	const commands: Command[] = [];
	for (const arg of args) {
		if (/^-[a-zA-Z]+$/.test(arg)) {
			if (/[fp]/.test(arg)) commands.push(unsupported(text, `sysctl ${arg}`));
		} else {
			// Without a value it is only read.
			commands.push(arg.includes('=') ? setting(text, arg) : { kind: 'nothing', text });
		}
	}
	return commands.length === 0 ? [{ kind: 'nothing', text }] : commands;
}

/** `net.ipv4.tcp_x=1`, `net/ipv4/tcp_x=1` or `/proc/sys/net/ipv4/tcp_x=1`. */
function setting(text: string, assignment: string): Command {
	const equals = assignment.indexOf('=');
	const name = sysctlName(assignment.slice(0, Math.max(equals, 0)));
	if (name === '') return unsupported(text, `the setting ${assignment}`);
	return { kind: 'sysctl', name, value: assignment.slice(equals + 1).trim() };
}

function sysctlName(path: string): string {
	return path.trim().replace(/^\/proc\/sys\//, '').replaceAll('/', '.');
}

function echoInto(text: string, args: readonly string[], into: string): Command {
	if (!into.startsWith('/proc/sys/')) return unsupported(text, `output into ${into}`);
	return { kind: 'sysctl', name: sysctlName(into), value: args.filter((arg) => !/^-[neE]+$/.test(arg)).join(' ') };
}

function tcpdrop(text: string, args: readonly string[]): Command {
	if (args.length === 2 && args[0] === '-s') {
		const state = stateNamed(args[1] ?? '');
		return state === undefined ? unsupported(text, `the state ${args[1]}`) : { kind: 'tcpdrop', state, connection: null };
	}
	if (args.length === 1 && args[0] === '-a') return { kind: 'tcpdrop', state: null, connection: null };
	if (args.length === 4 && !args.some((arg) => arg.startsWith('-'))) return { kind: 'tcpdrop', state: null, connection: args };
	return unsupported(text, `tcpdrop ${args.join(' ')}`.trim());
}

function sleep(text: string, args: readonly string[]): Command {
	const seconds = Number(args[0]);
	if (args.length !== 1 || !/^\d{1,6}(?:\.\d+)?$/.test(args[0] ?? '')) return unsupported(text, `sleep ${args.join(' ')}`.trim());
	return { kind: 'sleep', us: Math.round(seconds * 1e6) };
}

function isShow(name: string, args: readonly string[]): boolean {
	const words = args.filter((arg) => !arg.startsWith('-'));
	// There is nothing a fresh stack remembers about a peer.
	if (name === 'ip' && words[0] === 'tcp_metrics') return true;
	return words.length === 1 || (words.length >= 2 && ['show', 'list', 'ls', 'get'].includes(words[1] ?? ''));
}

/** A plain queue on the device, or the default one again: there is nothing else here. */
function isPlainQueue(name: string, args: readonly string[]): boolean {
	return name === 'tc' && /^qdisc (?:del|add|replace|change) dev \w+ root(?: handle \w*:)?(?: [pb]fifo| noqueue)?(?: limit \d+)?$/.test(args.join(' '));
}

function sockstat(text: string, args: readonly string[], filters: readonly (readonly string[])[]): Command {
	let family: 4 | 6 | null = null;
	let port: number | null = null;
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		if (arg === '-4' || arg === '-6') family = arg === '-4' ? 4 : 6;
		else if (arg === '-p' && /^\d{1,5}$/.test(args[i + 1] ?? '')) port = Number(args[++i]);
		else if (arg === '-P' && args[i + 1] === 'tcp') i++;
		else if (!/^-[sncL46l]+$/.test(arg)) return unsupported(text, `sockstat ${arg}`);
	}
	return sockstatFilters(text, family, port, filters);
}

function sockstatFilters(text: string, family: 4 | 6 | null, port: number | null, filters: readonly (readonly string[])[]): Command {
	const states: StateName[] = [];
	let counting = false;
	let count: string | null = null;
	for (const [name, ...args] of filters) {
		const pattern = args.at(-1) ?? '';
		const flags = args.slice(0, -1);
		if (name !== 'grep' || count !== null || flags.some((flag) => flag !== '-c' && flag !== '-q')) return unsupported(text, `${name} ${args.join(' ')}`);
		if (counting) {
			if (!/^\d+$/.test(pattern)) return unsupported(text, `a count of ${pattern}`);
			count = pattern;
			continue;
		}
		counting = flags.includes('-c');
		// Every socket here belongs to the script, so the name of its process picks none.
		if (pattern.startsWith('packetdril')) continue;
		const state = stateNamed(pattern);
		if (state === undefined) return unsupported(text, `sockets that match ${pattern}`);
		states.push(state);
	}
	return { kind: 'sockstat', query: { family, port, states, count } };
}

/** `nstat | grep NAME | grep -q VALUE`. */
function counter(text: string, args: readonly string[], filters: readonly (readonly string[])[]): Command {
	if (args.some((arg) => !/^-[asrz]+$/.test(arg))) return unsupported(text, `nstat ${args.join(' ')}`);
	let name: string | null = null;
	let value: string | null = null;
	for (const [program, ...rest] of filters) {
		const pattern = rest.at(-1) ?? '';
		if (program !== 'grep' || rest.slice(0, -1).some((flag) => flag !== '-q' && flag !== '-w')) return unsupported(text, `${program} ${rest.join(' ')}`);
		if (/^(?:TcpExt|Tcp|IpExt)[A-Za-z]\w*$/.test(pattern)) name = pattern;
		else if (/^ *\d+ *$/.test(pattern)) value = pattern;
		else return unsupported(text, `counters that match ${pattern}`);
	}
	return name === null ? unsupported(text, 'nstat without a name') : { kind: 'counter', name, value };
}

/** `grep " 0A " /proc/net/tcp /proc/net/tcp6 | grep ":1F90"`: states and ports in hex. */
function procSockets(text: string, args: readonly string[], filters: readonly (readonly string[])[]): Command {
	const patterns = [args.find((arg) => !arg.startsWith('-') && !arg.startsWith('/')) ?? '', ...filters.map((filter) => filter.at(-1) ?? '')];
	if (filters.some(([program]) => program !== 'grep')) return unsupported(text, 'a pipe from grep');
	const states: StateName[] = [];
	let port: number | null = null;
	for (const pattern of patterns) {
		const digits = pattern.trim();
		const state = /^0[1-9A-Ba-b]$/.test(digits) ? stateOfNumber(Number.parseInt(digits, 16)) : undefined;
		if (/^:[0-9A-Fa-f]{4}$/.test(digits)) port = Number.parseInt(digits.slice(1), 16);
		else if (state !== undefined) states.push(state);
		else return unsupported(text, `sockets that match ${pattern}`);
	}
	return { kind: 'sockstat', query: { family: null, port, states, count: null } };
}

/** A socket as `sockstat` lists it. */
export interface SocketRow {
	readonly family: 4 | 6;
	readonly localPort: number;
	readonly remotePort: number;
	readonly state: StateName;
}

/** Whether the pipeline would have succeeded with these sockets. */
export function sockstatHolds(query: SockstatQuery, sockets: Iterable<SocketRow>): boolean {
	let count = 0;
	for (const { family, localPort, remotePort, state } of sockets) {
		if (query.family !== null && query.family !== family) continue;
		if (query.port !== null && query.port !== localPort && query.port !== remotePort) continue;
		if (query.states.every((wanted) => wanted === state)) count++;
	}
	return query.count === null ? count > 0 : String(count).includes(query.count);
}
