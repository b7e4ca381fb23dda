import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveError } from './error.ts';
import type { MachineOrder } from './machine-order.ts';
import type { NamespaceRecord } from './namespace.ts';

/** A process of a run. With its start time the id means that process and no later one. */
export interface ProcessRecord {
	readonly pid: number;
	readonly started: string;
	/** `replica 1`, `sniffer` … */
	readonly what: string;
	/** machine id of a replica; 0 for others */
	readonly id: number;
}

/** What a run is made of: enough to find it again from another process, and to clear it away. */
export interface RunState {
	readonly name: string;
	readonly namespace: NamespaceRecord | null;
	/** that its ports are under; '' where it is not known */
	readonly bridge: string;
	readonly clockBase: string;
	readonly machine: MachineOrder;
	readonly knobs: { readonly [name: string]: unknown };
	readonly journals: boolean;
	/** what the log goes over */
	readonly channel: 'unix' | 'tcp';
	/** port of a relay to the peer; 0 for none */
	readonly relay: number;
	/** folder of the arbiter */
	readonly arbiter: string;
	/** whether frames are recorded at the client's end */
	readonly sniffing: boolean;
	/** a file the frames at the client's end are written to when the run ends; '' for none */
	readonly pcap: string;
	readonly processes: readonly ProcessRecord[];
	/** machine id given last */
	readonly lastId: number;
}

const NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** Where runs are kept: a folder of this user's alone. */
export function runsFolder(): string {
	return process.env['DUPACK_LIVE'] ?? join(tmpdir(), `dupack-live-${process.getuid?.() ?? 0}`);
}

/** The names of the runs there are, running or left behind. */
export function runNames(): string[] {
	return existsSync(runsFolder()) ? readdirSync(runsFolder()).filter((name) => NAME.test(name)) : [];
}

/** The folder of one run: its sockets, its journals, its arbiter, and what it is made of. */
export class RunFolder {
	readonly name: string;
	readonly path: string;

	/** @throws LiveError NAME_INVALID */
	constructor(name: string) {
		if (!NAME.test(name)) throw new LiveError('NAME_INVALID', `'${name}' cannot be a run's name: use at most 31 lower case letters, digits and hyphens.`);
		this.name = name;
		this.path = join(runsFolder(), name);
	}

	get exists(): boolean { return existsSync(this.path); }

	make(): void {
		mkdirSync(runsFolder(), { recursive: true, mode: 0o700 });
		mkdirSync(this.path, { mode: 0o700 });
		mkdirSync(this.file('arbiter'));
	}

	file(name: string): string { return join(this.path, name); }

	/** @throws LiveError RUN_UNKNOWN */
	read(): RunState {
		try {
			return JSON.parse(readFileSync(this.file('state.json'), 'utf8')) as RunState;
		} catch {
			throw new LiveError('RUN_UNKNOWN', `There is no live run '${this.name}'.`, 'Start one: npx dupack live up --service counter');
		}
	}

	/** Whole or not at all, whenever this process dies. */
	write(state: RunState): void {
		const draft = this.file('state.draft');
		writeFileSync(draft, `${JSON.stringify(state, null, '\t')}\n`);
		renameSync(draft, this.file('state.json'));
	}

	remove(): void { rmSync(this.path, { recursive: true, force: true }); }
}
