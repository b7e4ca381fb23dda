import type { CallAction } from '../tree.ts';
import type { Addressing } from './addressing.ts';
import type { Flow } from './flow.ts';
import { lastOf } from './last.ts';

/** A frame on the wire, in the order they crossed it. */
export interface TapedFrame {
	/** µs since the script began. */
	readonly at: number;
	readonly outbound: boolean;
	readonly bytes: Uint8Array;
}

/** Where the clock of the host under test stands when a script begins, µs: zero would mean "no deadline" in a record. */
export const START = 10_000_000;

/** The wire between the host under test and the script, and its time: virtual or real. */
export interface Wire {
	readonly addressing: Addressing;
	readonly tape: readonly TapedFrame[];
	/** µs of the host's clock */
	readonly now: number;
	/** µs since the script began */
	readonly elapsed: number;
	/** by how much its times may be off, at least, µs */
	readonly slack: number;
	/** how long it is worth waiting for what is late, µs */
	readonly patience: number;
	/** The script begins now. */
	begin(): void;
	/**
	 * Lets time pass until `until` holds or `to` is reached.
	 *
	 * @param to  µs of the host's clock
	 * @returns   whether `until` held
	 */
	advance(to: number, until?: () => boolean): boolean;
	/** Puts an IP packet of the script's on the wire. */
	inject(packet: Uint8Array): void;
	/** Lets the host's clock be the script's. */
	touch(): void;
	/** Takes what the host has to send. */
	settle(): void;
}

/** A value as a call writes it; text is one byte a character. */
export type Plain = number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** What a call gives back; `out` are the values it writes through its arguments, by their position. */
export interface Outcome {
	readonly value: number;
	readonly errno: string | null;
	readonly out?: ReadonlyMap<number, Plain>;
}

/** Tries to finish a call; null where it still blocks. */
export type Attempt = () => Outcome | null;

export function done(value: number, out?: ReadonlyMap<number, Plain>): Outcome {
	return out === undefined ? { value, errno: null } : { value, errno: null, out };
}

export function fail(errno: string): Outcome { return { value: -1, errno }; }

/** Calls whose result is the number of a new file. */
const MAKES_FILES: ReadonlySet<string> = new Set(['socket', 'accept', 'accept4', 'epoll_create', 'epoll_create1', 'open']);

/** An open file, as far as it is the same whoever keeps it. */
export interface AnyFile {
	/** the script's number for it */
	fd: number;
	/** port it is bound to; 0: none */
	port: number;
}

/**
 * Who makes the script's system calls and runs its commands on the host under
 * test: its files, and the connections the script's packets speak of.
 */
export abstract class Actor<F extends AnyFile = AnyFile> {
	readonly files: Map<number, F> = new Map();
	readonly flows: Flow[] = [];
	/** the connection that packets without ports belong to, and `%{ }%` looks at */
	current: Flow | null = null;
	/** the listener that the next SYN is for */
	listener: F | null = null;
	/** a cookie as scripts have it and what it stands for */
	cookie: Flow['cookie'] = null;
	#nextRemotePort = 40_001;

	/** Begins a system call. @throws Unsupported for one, or for an argument, that is not known */
	abstract begin(call: CallAction): Attempt;
	/** Does what stands between backticks. @throws Unsupported, Mismatch */
	abstract command(text: string): void;
	/** `tcpi_…` of the connection under test; undefined where there is none, or no such field. */
	abstract info(name: string): number | undefined;
	/** Whether TCP keeps anything of a connection. */
	abstract remembers(flow: Flow): boolean;

	/** The lowest free number, as a process that has its three standard files gets it. */
	lowest(): number {
		let fd = 3;
		while (this.files.has(fd)) fd++;
		return fd;
	}

	/** A script may call a new file by any number that no other has: from then on it is that file's. */
	named(call: CallAction, outcome: Outcome): Outcome {
		const wanted = call.result.kind === 'integer' ? call.result.value : -1;
		const file = this.files.get(outcome.value);
		if (file === undefined || !MAKES_FILES.has(call.name) || wanted < 0 || this.files.has(wanted)) return outcome;
		for (const flow of this.flows) if (flow.fd === file.fd) flow.fd = wanted;
		this.files.delete(file.fd);
		file.fd = wanted;
		this.files.set(wanted, file);
		return { ...outcome, value: wanted };
	}

	/** The flow of a connection of ours, by its ports. */
	flowOf(localPort: number, remotePort: number): Flow | null {
		return lastOf(this.flows, (flow) => flow.localPort === localPort && flow.remotePort === remotePort);
	}

	flowOfFile(file: F): Flow | null { return lastOf(this.flows, ({ fd }) => fd === file.fd); }

	addFlow(flow: Flow): Flow {
		flow.cookie = this.cookie;
		this.flows.push(flow);
		this.current = flow;
		return flow;
	}

	/** A port of the remote's that no flow has. */
	freeRemotePort(): number {
		while (this.flows.some(({ remotePort }) => remotePort === this.#nextRemotePort)) this.#nextRemotePort++;
		return this.#nextRemotePort++;
	}

	/** The file that `%{ }%` asks about: that of the connection under test, else the listener. */
	asked(): F | null {
		return this.current === null ? this.listener : this.files.get(this.current.fd) ?? null;
	}
}

/** What a script is run against. */
export interface Subject {
	readonly lab: Wire;
	readonly process: Actor;
}
