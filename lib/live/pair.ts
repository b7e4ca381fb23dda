import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Knobs } from '../replica/index.ts';
import { Bridge, LIVE, tapName } from './bridge.ts';
import type { FdbEntry } from './bridge.ts';
import { Clock } from './clock.ts';
import { ask } from './control-client.ts';
import { LiveError } from './error.ts';
import { FileLedger } from './file-ledger.ts';
import { loadJournal } from './journal.ts';
import type { MachineOrder } from './machine-order.ts';
import { Namespace } from './namespace.ts';
import { isAlive, isStopped, startedAt } from './process-table.ts';
import type { ReplicaOrder, ReplicaStatus, Trap } from './replica-order.ts';
import { require } from './requirements.ts';
import { RunFolder } from './run-folder.ts';
import type { ProcessRecord, RunState } from './run-folder.ts';
import { loadService, serviceOf } from './services.ts';

export interface UpOptions {
	/** of the run and of its namespace */
	readonly name: string;
	readonly service: string;
	/** one replica without a backup */
	readonly alone?: boolean;
	/** what the log goes over: a Unix socket, whose end proves death, or TCP, as between two machines; default the former */
	readonly channel?: 'unix' | 'tcp';
	/** the port of a relay at 127.0.0.1 in the namespace, which a backup looks for its peer through; the log goes over TCP then */
	readonly relay?: number;
	/** folder of the arbiter, which has to be there and empty; default: one of the run's own */
	readonly arbiter?: string;
	/** whether each replica writes down what it does */
	readonly journals?: boolean;
	/** whether the frames at the client's end are recorded */
	readonly sniff?: boolean;
	/** where they are written to when the run ends; '' for nowhere */
	readonly pcap?: string;
	readonly knobs?: Partial<Knobs>;
	readonly connections?: number;
	readonly pages?: number;
}

/** A replica as the supervisor sees it: alive, stopped or ended, and what it says of itself. */
export interface MemberStatus {
	readonly id: number;
	readonly pid: number;
	readonly process: 'running' | 'stopped' | 'ended';
	/** null where it does not answer */
	readonly status: ReplicaStatus | null;
	/** how it ended, by its own account; '' where it had no time to say */
	readonly ended: string;
	/** what it wrote last on stderr */
	readonly said: string;
}

/** Wide enough for a bulk transfer; a stream between two processes loses nothing and needs no checksum of its own. */
export const liveKnobs: Partial<Knobs> = { logBytes: 0x40_0000, logEntries: 0x4000, gateBytes: 0x40_0000, gateOutputs: 0x2000, messageBytes: 0x2_0000, checksum: false, meeting: 5_000_000, resend: 200_000 };
const READY_MS = 20_000;
/** Above it every replica has a TCP port of its own to listen for its peer, where the log goes over TCP. */
const CHANNEL_PORT = 17_000;

const extension = extname(import.meta.url);

/** Path of a module of this room. */
export function modulePath(name: string): string {
	return fileURLToPath(new URL(`./${name}${extension}`, import.meta.url));
}

/**
 * A pair of replicas that runs in processes of its own, seen from outside: it
 * lives on when whoever started it ends, and is found again by its name.
 */
export class LivePair {
	readonly folder: RunFolder;
	readonly namespace: Namespace;
	readonly bridge: Bridge;
	#state: RunState;

	private constructor(folder: RunFolder, state: RunState) {
		this.folder = folder;
		this.#state = state;
		this.namespace = new Namespace(state.namespace!);
		this.bridge = new Bridge(this.namespace, state.bridge);
	}

	/**
	 * Sets everything up and starts it; what was begun is taken down again where
	 * that fails.
	 *
	 * @throws LiveError
	 */
	static async up(options: UpOptions): Promise<LivePair> {
		require();
		await loadService(options.service);
		serviceOf(options.service);
		const folder = new RunFolder(options.name);
		if (folder.exists) throw new LiveError('RUN_EXISTS', `There is a live run '${options.name}' already.`, `End it: npx dupack live down --name ${options.name}`);
		folder.make();
		try {
			const first = firstState(options, folder);
			folder.write(first);
			const state: RunState = { ...first, namespace: (await Namespace.make(options.name)).record };
			folder.write(state);
			const pair = new LivePair(folder, state);
			await pair.#begin(options.alone === true);
			return pair;
		} catch (error) {
			clear(folder);
			throw error;
		}
	}

	/** Finds a run by its name. @throws LiveError RUN_UNKNOWN */
	static find(name: string): LivePair {
		const folder = new RunFolder(name);
		const state = folder.read();
		if (state.namespace === null) throw new LiveError('RUN_UNKNOWN', `The live run '${name}' was never finished.`, 'Clear it away: npx dupack live clean');
		return new LivePair(folder, state);
	}

	get state(): RunState { return this.#state; }
	get clock(): Clock { return new Clock(this.#state.clockBase); }

	async #begin(alone: boolean): Promise<void> {
		this.bridge.build();
		const members = alone ? [1] : [1, 2];
		new FileLedger(this.#state.arbiter, false).put({ epoch: 1, winner: 1, members });
		for (const id of members) this.bridge.addPort(tapName(id));
		if (this.#state.sniffing) await this.#sniff();
		if (alone) this.#start(1, 0, 'alone');
		else {
			this.#start(1, 2, 'primary');
			this.#start(2, 1, 'backup');
		}
		await this.settled();
	}

	#change(change: Partial<RunState>): void {
		this.#state = { ...this.#state, ...change };
		this.folder.write(this.#state);
	}

	/** Starts a process inside the namespace that outlives this one. */
	#spawn(what: string, id: number, module: string, args: readonly string[], log: string): void {
		const [program, ...rest] = [...this.namespace.prefix, process.execPath, ...process.execArgv, modulePath(module), ...args];
		const output = openSync(this.folder.file(log), 'a');
		const child = spawn(program!, rest, { detached: true, stdio: ['ignore', output, output] });
		closeSync(output);
		child.unref();
		const pid = child.pid!;
		if (id !== 0) hasten(pid);
		const record: ProcessRecord = { pid, started: startedAt(pid), what, id };
		this.#change({ processes: [...this.#state.processes, record], lastId: Math.max(this.#state.lastId, id) });
	}

	#start(id: number, peer: number, role: ReplicaOrder['role']): void {
		const { folder } = this;
		const { machine, clockBase, knobs, journals } = this.#state;
		const channel = (of: number): string => (of === 0 ? '' : this.#state.channel === 'tcp' ? `tcp:127.0.0.1:${CHANNEL_PORT + of}` : `unix:${folder.file(`channel-${of}`)}`);
		const speaks = role === 'primary' || role === 'alone';
		const { relay } = this.#state;
		const order: ReplicaOrder = {
			id, peer, role, machine, clockBase, knobs, tap: tapName(id), bridge: '', offload: !this.#state.sniffing, peerTap: peer === 0 ? '' : tapName(peer),
			listen: channel(id), connect: speaks ? '' : relay === 0 ? channel(peer) : `tcp:127.0.0.1:${relay}`,
			ledger: this.#state.arbiter, ledgerOutlivesMachine: false,
			control: folder.file(`replica-${id}`), journal: journals ? folder.file(`replica-${id}.journal`) : '', epitaph: folder.file(`replica-${id}.end`),
		};
		writeFileSync(folder.file(`replica-${id}.json`), `${JSON.stringify(order, null, '\t')}\n`);
		this.#spawn(`replica ${id}`, id, 'replica-main', [folder.file(`replica-${id}.json`)], `replica-${id}.log`);
	}

	async #sniff(): Promise<void> {
		const control = this.folder.file('sniffer');
		this.#spawn('sniffer', 0, 'sniffer-main', [LIVE.bridge, this.folder.file('client.journal'), this.#state.clockBase, control], 'sniffer.log');
		await until(READY_MS, () => existsSync(control), () => `The recorder of frames did not start: ${this.#said('sniffer')}.`);
	}

	/** Frames seen at the client's end so far; all of them are in the journal when this returns. @throws LiveError JOURNAL_FULL */
	async sniffed(): Promise<number> {
		const { seen, missed } = await ask<{ seen: number; missed: number }>(this.folder.file('sniffer'), { verb: 'seen' });
		if (missed > 0) throw new LiveError('JOURNAL_FULL', `The journal of what came to the client is full: ${missed} frames are not in it.`, 'Have the clients do less, or let the run be shorter.');
		return seen;
	}

	#said(what: string): string {
		const path = this.folder.file(`${what.replace(' ', '-')}.log`);
		return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').at(-1)! : '';
	}

	/** Replicas started so far, living or not. */
	get members(): readonly ProcessRecord[] {
		return this.#state.processes.filter(({ id }) => id !== 0);
	}

	async #statusOf({ id, pid, started }: ProcessRecord): Promise<MemberStatus> {
		const end = this.folder.file(`replica-${id}.end`);
		const ended = existsSync(end) ? (JSON.parse(readFileSync(end, 'utf8')) as ReplicaStatus).halted : '';
		const said = this.#said(`replica ${id}`);
		if (!isAlive(pid, started)) return { id, pid, process: 'ended', status: null, ended, said };
		if (isStopped(pid)) return { id, pid, process: 'stopped', status: null, ended, said };
		const status = await ask<ReplicaStatus>(this.folder.file(`replica-${id}`), { verb: 'status' }, 2000).catch(() => null);
		return { id, pid, process: 'running', status, ended, said };
	}

	/** How every replica stands that was ever started. */
	async status(): Promise<MemberStatus[]> {
		return Promise.all(this.members.map((member) => this.#statusOf(member)));
	}

	/**
	 * The living replica in a role; one who is about to take it is waited for.
	 *
	 * @throws LiveError ROLE_VACANT
	 */
	async find(role: 'speaker' | 'backup', patienceMs: number = 3000): Promise<ProcessRecord> {
		const wanted = role === 'backup' ? ['backup'] : ['primary', 'alone'];
		const end = performance.now() + patienceMs;
		let last: MemberStatus[] = [];
		for (let waits = true; waits;) {
			last = await this.status();
			const running = last.filter(({ process: how }) => how === 'running');
			const found = running.find(({ status }) => status !== null && wanted.includes(status.role));
			if (found !== undefined) return this.members.find(({ id }) => id === found.id)!;
			// Whoever speaks without a backup will not get one by itself.
			const settled = running.every(({ status }) => status !== null && ['primary', 'alone', 'halted'].includes(status.role));
			waits = !settled && performance.now() < end;
			if (waits) await sleep(5);
		}
		const alive = last.filter(({ process: how }) => how !== 'ended').map(({ id, process: how, status, said }) => `replica ${id} is ${how === 'stopped' ? how : status?.role ?? 'silent'} and said last: ${said}`);
		throw new LiveError('ROLE_VACANT', `Nobody is the ${role === 'backup' ? 'backup' : 'primary'} now${alive.length === 0 ? '' : ` (${alive.join('; ')})`}.`, role === 'backup' ? 'Start one: npx dupack live join' : '');
	}

	/** Waits until one speaks and, if there are two, the other follows. @throws LiveError NOT_READY */
	async settled(patienceMs: number = READY_MS): Promise<void> {
		let last: MemberStatus[] = [];
		const good = async (): Promise<boolean> => {
			last = await this.status();
			const roles = last.filter(({ process: how }) => how === 'running').map(({ status }) => status?.role ?? 'silent');
			return roles.every((role) => ['primary', 'backup', 'alone'].includes(role)) && (roles.includes('primary') ? roles.includes('backup') : roles.includes('alone'));
		};
		await until(patienceMs, good, () => `The replicas did not come up: ${last.map(({ id, process: how, status, said }) => `${id} ${how} ${status?.role ?? ''} ${said}`).join('; ')}.`);
	}

	/**
	 * Waits until a pair stands, and has a backup join where there is none: a busy
	 * machine can look dead, so that one may have taken over unasked.
	 *
	 * @throws LiveError
	 */
	async paired(): Promise<{ readonly speaker: ProcessRecord; readonly backup: ProcessRecord }> {
		for (let tries = 3; ; tries--) {
			const running = (await this.status()).filter(({ process: how }) => how === 'running');
			const recordOf = (role: string): ProcessRecord | undefined => this.members.find(({ id }) => id === running.find(({ status }) => status?.role === role)?.id);
			const speaker = recordOf('primary'), backup = recordOf('backup');
			if (speaker !== undefined && backup !== undefined) return { speaker, backup };
			try {
				if (recordOf('alone') !== undefined) await this.join();
				else await this.settled();
			} catch (error) {
				if (tries === 0) throw error;
			}
		}
	}

	/** Ends a replica as `kill -9` does, or stops it. */
	signal({ pid, started }: ProcessRecord, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
		if (isAlive(pid, started)) process.kill(pid, signal);
	}

	/** Sets a trap in a replica: see `Trap`. */
	async trap({ id }: ProcessRecord, trap: Trap): Promise<void> {
		await ask(this.folder.file(`replica-${id}`), { verb: 'trap', trap });
	}

	/** Has a replica do something: `stop`, `hand-over`. */
	async tell({ id }: ProcessRecord, verb: string): Promise<void> {
		await ask(this.folder.file(`replica-${id}`), { verb });
	}

	/** Starts a new replica that joins the one who is alone. @throws LiveError */
	async join(): Promise<ProcessRecord> {
		if (this.namespace.isHere) throw new LiveError('JOIN_ELSEWHERE', 'This run is one machine of a pair.', 'Start the new backup on another: npx dupack live replica --connect HOST:PORT …');
		const speaker = await this.find('speaker');
		const id = this.#state.lastId + 1;
		this.bridge.addPort(tapName(id));
		this.#start(id, speaker.id, 'joining');
		const member = this.members.at(-1)!;
		await until(READY_MS, async () => {
			const { process: how, status, ended, said } = await this.#statusOf(member);
			if (how === 'ended') throw new LiveError('JOIN_FAILED', `Replica ${id} ended before it had joined: ${ended || said || 'without a word'}.`);
			return status?.role === 'backup';
		}, () => `Replica ${id} did not join: ${this.#said(`replica ${id}`)}.`);
		await this.settled();
		return member;
	}

	/** Clears the port and the files of replicas that have ended. */
	forgetEnded(): void {
		for (const { id, pid, started } of this.members) {
			if (isAlive(pid, started)) continue;
			this.bridge.removePort(tapName(id));
			this.#change({ processes: this.#state.processes.filter((one) => one.id !== id) });
		}
	}

	/** What a process of the run wrote down so far. */
	journal(name: string): Uint8Array { return loadJournal(this.folder.file(`${name}.journal`)); }

	/** The bridge's forwarding table. */
	table(): FdbEntry[] { return this.bridge.table(); }

	/** Takes everything down. */
	down(): void { clear(this.folder); }
}

function firstState(options: UpOptions, folder: RunFolder): RunState {
	const machine: MachineOrder = {
		mac: LIVE.serverMac, address: LIVE.server, prefix: LIVE.prefix, service: options.service, epoch: Math.floor(Date.now() / 1000), seed: randomBytes(16).toString('hex'),
		connections: options.connections ?? 1024, pages: options.pages ?? 8192,
	};
	return {
		name: options.name, namespace: null, bridge: LIVE.bridge, clockBase: new Clock().base, machine, knobs: { ...liveKnobs, ...options.knobs },
		channel: options.channel ?? (options.relay === undefined ? 'unix' : 'tcp'), relay: options.relay ?? 0, arbiter: options.arbiter ?? folder.file('arbiter'), journals: options.journals ?? false, sniffing: options.sniff ?? (options.pcap ?? '') !== '', pcap: options.pcap ?? '', processes: [], lastId: 0,
	};
}

/** Whoever is kept waiting for a processor looks as dead as one who is. */
export function hasten(pid: number): void {
	try {
		setPriority(pid, -20);
		// A session of its own is a scheduling group of its own, whose share is set apart.
		writeFileSync(`/proc/${pid}/autogroup`, '-20');
	} catch {
		// Only root may have more than an equal share, and not every kernel groups sessions.
	}
}

/** Ends every process of a run that is still that process, and removes namespace and folder. */
export function clear(folder: RunFolder): void {
	if (existsSync(folder.file('state.json'))) {
		const { processes, namespace } = folder.read();
		for (const { pid, started } of processes) if (isAlive(pid, started)) process.kill(pid, 'SIGKILL');
		if (namespace !== null) new Namespace(namespace).remove();
	}
	folder.remove();
}

/** Looks again and again until something holds. */
export async function until(patienceMs: number, holds: () => boolean | Promise<boolean>, complaint: () => string): Promise<void> {
	const end = performance.now() + patienceMs;
	while (!(await holds())) {
		if (performance.now() > end) throw new LiveError('NOT_READY', complaint());
		await sleep(5);
	}
}
