import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LivePair } from './pair.ts';

/** A program inside the namespace, and what it says on stdout, a line at a time. */
export interface Program {
	/** resolves when it has ended, with its exit code */
	readonly ended: Promise<number>;
	readonly lines: string[];
	kill(): void;
}

/** Starts a program inside the namespace and keeps what it says. */
export function begin(pair: LivePair, command: readonly string[], input: string = ''): Program {
	const [program, ...rest] = [...pair.namespace.prefix, ...command];
	const child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
	const lines: string[] = [];
	createInterface({ input: child.stdout }).on('line', (line) => { lines.push(line); });
	// One that ends before it has read everything is no error here.
	child.stdin.on('error', () => {});
	child.stdin.end(input);
	const ended = new Promise<number>((resolve) => { child.once('close', (code) => resolve(code ?? -1)); });
	return { ended, lines, kill: () => { child.kill('SIGKILL'); } };
}
