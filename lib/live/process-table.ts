import { readFileSync, readdirSync } from 'node:fs';

/** Fields behind the name in /proc/PID/stat: the state is the first, the start time the 20th of them. */
const STATE = 0, START_TIME = 19;

function statOf(pid: number): readonly string[] | null {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// The name may hold anything, brackets and blanks too: what follows the last one counts.
		return text.slice(text.lastIndexOf(')') + 2).split(' ');
	} catch {
		return null;
	}
}

/** When a process started, in ticks since the machine did; '' where there is none. With its id it names a process for good. */
export function startedAt(pid: number): string {
	return statOf(pid)?.[START_TIME] ?? '';
}

/** Whether that very process runs, and no later one that was given its number. */
export function isAlive(pid: number, started: string): boolean {
	const stat = statOf(pid);
	return stat !== null && stat[START_TIME] === started && stat[STATE] !== 'Z' && stat[STATE] !== 'X';
}

/** Whether a process is stopped. */
export function isStopped(pid: number): boolean {
	return statOf(pid)?.[STATE] === 'T';
}

/** What a process holds. */
export interface Holdings {
	/** bytes of memory that are its own, without the files it has mapped */
	readonly memory: number;
	/** open files */
	readonly files: number;
}

/** What a process holds now; null where there is none. */
export function holdings(pid: number): Holdings | null {
	try {
		const [, memory = '0'] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
		return { memory: Number(memory) * 1024, files: readdirSync(`/proc/${pid}/fd`).length };
	} catch {
		return null;
	}
}
