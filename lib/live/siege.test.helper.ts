import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { announcement, judge } from '../replica/index.ts';
import type { OracleVerdict } from '../replica/index.ts';
import { kinds } from '../trace/index.ts';
import { readJournal } from './journal.ts';
import { identityOf, makeMachine } from './machine-order.ts';
import { LivePair } from './pair.ts';
import type { UpOptions } from './pair.ts';

/** What a script of Node's inside the namespace says, a line at a time. */
export interface Script {
	/** resolves when it has ended, with its exit code */
	readonly ended: Promise<number>;
	readonly lines: string[];
	kill(): void;
}

let count = 0;

/** A pair for a test; it is taken down however the test ends. */
export async function withPair(options: Omit<UpOptions, 'name'>, work: (pair: LivePair) => Promise<void>): Promise<void> {
	const pair = await LivePair.up({ name: `dkpair-${process.pid}-${++count}`, ...options });
	try {
		await work(pair);
	} finally {
		pair.down();
	}
}

/** Starts a program inside the namespace and keeps what it says. */
export function begin(pair: LivePair, command: readonly string[], input: string = ''): Script {
	const [program, ...rest] = [...pair.namespace.prefix, ...command];
	const child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines: string[] = [];
	createInterface({ input: child.stdout }).on('line', (line) => { lines.push(line); });
	child.stdin.end(input);
	const ended = new Promise<number>((resolve) => { child.once('close', (code) => resolve(code ?? -1)); });
	return { ended, lines, kill: () => { child.kill('SIGKILL'); } };
}

/** Starts a script of Node's inside. */
export function script(pair: LivePair, text: string): Script {
	return begin(pair, [process.execPath, '--input-type=module', '-'], text);
}

/** The one criterion over what was logged by all replicas and seen at the client's end (DESIGN.md §0). */
export async function verdictOf(pair: LivePair): Promise<OracleVerdict & { readonly seen: number }> {
	await pair.sniffed();
	const { machine } = pair.state;
	const logged = pair.members.flatMap(({ id }) => readJournal(pair.journal(`replica-${id}`)).records.filter(({ kind }) => kind === kinds.entryLogged.code).map(({ bytes }) => bytes));
	const mac = identityOf(machine).mac;
	const frames = readJournal(pair.journal('client')).records
		.filter(({ kind, bytes }) => kind === kinds.frameArrived.code && mac.every((byte, i) => bytes[6 + i] === byte)).map(({ bytes }) => bytes);
	const announced = announcement('gratuitous-arp', identityOf(machine));
	return { ...judge({ host: makeMachine(machine), logged, frames, announcements: announced === null ? [] : [announced] }), seen: frames.length };
}
