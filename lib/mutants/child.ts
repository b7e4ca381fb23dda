import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** What came of a process. */
export interface Ended {
	/** exit code; null where a signal ended it */
	readonly code: number | null;
	readonly output: string;
	/** it used up its time */
	readonly late: boolean;
}

/** Wall time after which a process is given up that uses no CPU time, ms. */
const PATIENCE = 600_000;
/** Memory of a process, MB: a leak must not become the machine's. */
const MEMORY = 1024;

const running = new Set<ChildProcess>();

/** Kills every process that was begun here. */
export function killAll(): void {
	for (const child of running) child.kill('SIGKILL');
}

/**
 * Runs a script with Node. Its limit is one of CPU time, so that what comes of
 * it does not depend on what else the machine does.
 *
 * @param seconds  CPU time it may use
 */
export function runNode(args: readonly string[], cwd: string, seconds: number, env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
	const child = spawn('/bin/sh', ['-c', `ulimit -t ${Math.ceil(seconds)}; exec "$@"`, 'sh', process.execPath, `--max-old-space-size=${MEMORY}`, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
	running.add(child);
	let output = '', late = false;
	const keep = (chunk: Buffer): void => { if (output.length < 1_000_000) output += chunk.toString(); };
	child.stdout.on('data', keep);
	child.stderr.on('data', keep);
	const timer = setTimeout(() => { late = true; child.kill('SIGKILL'); }, PATIENCE);
	return new Promise((resolve) => {
		child.on('close', (code, signal) => {
			clearTimeout(timer);
			running.delete(child);
			resolve({ code, output, late: late || signal === 'SIGXCPU' || signal === 'SIGKILL' });
		});
	});
}
