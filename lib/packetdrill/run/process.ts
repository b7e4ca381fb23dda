import { CLOSED, FAST_TAKEN, LISTEN, errorNames, readable, socket } from '../../../tcp/index.ts';
import type { Tcp } from '../../../tcp/index.ts';
import type { CallAction } from '../tree.ts';
import type { ProfileName } from '../wanted-profile.ts';
import type { Addressing } from './addressing.ts';
import { Flow } from './flow.ts';
import { lastOf } from './last.ts';
import type { Lab } from './lab.ts';
import { POLLOUT, POLLWRNORM, hasRoom } from './readiness.ts';

/** What a call gives back; `out` are the values it writes through its arguments, by their position. */
export interface Outcome {
	readonly value: number;
	readonly errno: string | null;
	readonly out?: ReadonlyMap<number, Plain>;
}

/** A value as a call writes it; text is one byte a character. */
export type Plain = number | string | readonly Plain[] | { readonly [name: string]: Plain };

/** Tries to finish a call; null where it still blocks. */
export type Attempt = () => Outcome | null;

export function done(value: number, out?: ReadonlyMap<number, Plain>): Outcome {
	return out === undefined ? { value, errno: null } : { value, errno: null, out };
}

export function fail(errno: string): Outcome { return { value: -1, errno }; }

/** Calls whose result is the number of a new file. */
const MAKES_FILES: ReadonlySet<string> = new Set(['socket', 'accept', 'accept4', 'epoll_create', 'epoll_create1', 'open']);

/** What an epoll instance watches of one file. */
export interface Watch {
	/** bits asked for; those after a one-shot report wait to be asked for again: 0 */
	events: number;
	/** what the script wants to be given back, by the name of the member */
	readonly data: { readonly name: string; readonly value: number };
	/** octets that had come when it was told last; −1: nothing was told yet */
	told: number;
	/** readiness it was told of, and that has not ended since */
	known: number;
}

/** An open file: a TCP socket, an epoll instance, or one of plain octets. */
export class File {
	fd: number;
	readonly family: 4 | 6;
	/** record of the connection or listener */
	tcb: number;
	/** serial of that record's life */
	tag = 0;
	nonBlocking = false;
	/** port it is bound to; 0: none */
	port = 0;
	/** whether `connect` was called, or it came from `accept` */
	isConnecting = false;
	isErrorTaken = false;
	isReadShut = false;
	isWriteShut = false;
	/** seconds of SO_LINGER; null where it is off */
	linger: number | null = null;
	/** options that change nothing here, to be read back */
	readonly kept: Map<string, number> = new Map();
	/** octets that make it worth reading (SO_RCVLOWAT) */
	lowWater = 1;
	/** octets not yet sent above which there is no room for more (TCP_NOTSENT_LOWAT); 0: no such limit */
	unsentLowWater = 0;
	/** whether messages tell what is left to read (TCP_INQ) */
	tellsLeft = false;
	/** TCP_FASTOPEN_CONNECT: the SYN waits for the first octets, to this port; null: it does not */
	fastPort: number | null = null;
	/** what an epoll instance watches, by file descriptor; null for everything else */
	readonly watched: Map<number, Watch> | null;
	/** what a file of plain octets holds; null for everything else */
	plain: Uint8Array | null = null;

	constructor(fd: number, family: 4 | 6, tcb: number, isEpoll = false) {
		this.fd = fd;
		this.family = family;
		this.tcb = tcb;
		this.watched = isEpoll ? new Map() : null;
	}

	get isSocket(): boolean { return this.watched === null && this.plain === null; }
}

/**
 * The process that makes the script's system calls: its files, and the
 * connections the script's packets speak of.
 */
export class Process {
	readonly lab: Lab;
	readonly profile: ProfileName;
	readonly files: Map<number, File> = new Map();
	readonly flows: Flow[] = [];
	/** the connection that packets without ports belong to, and `%{ }%` looks at */
	current: Flow | null = null;
	/** the listener that the next SYN is for */
	listener: File | null = null;
	/** Linux's `tcp_fastopen` */
	fastOpen = 1;
	/** a cookie of Linux's and what it stands for here */
	cookie: Flow['cookie'] = null;
	#nextRemotePort = 40_001;

	constructor(lab: Lab, profile: ProfileName) {
		this.lab = lab;
		this.profile = profile;
	}

	get tcp(): Tcp { return this.lab.host.tcp; }
	get addressing(): Addressing { return this.lab.addressing; }

	/** The lowest free number, as a process that has its three standard files gets it. */
	#lowest(): number {
		let fd = 3;
		while (this.files.has(fd)) fd++;
		return fd;
	}

	/** Opens a socket; null where no record is left. */
	open(tcb: number = socket(this.tcp)): File | null {
		if (tcb === 0) return null;
		const file = new File(this.#lowest(), this.addressing.family, tcb);
		file.tag = this.lab.image.tag(tcb);
		this.files.set(file.fd, file);
		return file;
	}

	openEpoll(): File {
		const file = new File(this.#lowest(), this.addressing.family, 0, true);
		this.files.set(file.fd, file);
		return file;
	}

	openPlain(): File {
		const file = new File(this.#lowest(), this.addressing.family, 0);
		file.plain = new Uint8Array(0);
		this.files.set(file.fd, file);
		return file;
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

	/** Whether the record still is the one the file means. */
	isAlive(file: File): boolean { return file.tcb !== 0 && this.lab.image.tag(file.tcb) === file.tag; }

	state(file: File): number {
		if (!this.isAlive(file)) return CLOSED;
		this.tcp.tcb.go(file.tcb);
		return this.tcp.tcb.state;
	}

	isListening(file: File): boolean { return this.state(file) === LISTEN; }

	readable(file: File): number { return this.isAlive(file) ? readable(this.tcp, file.tcb) : 0; }

	/** Whether the peer's FIN has been taken. */
	isFinished(file: File): boolean {
		if (!this.isAlive(file)) return true;
		this.tcp.tcb.go(file.tcb);
		return this.tcp.tcb.rcv.fin !== 0;
	}

	/** Name of the error that waits to be told; null where none does. */
	error(file: File): string | null {
		if (file.isErrorTaken || !file.isConnecting || this.state(file) !== CLOSED || !this.isAlive(file)) return null;
		this.tcp.tcb.go(file.tcb);
		const { error } = this.tcp.tcb;
		return error === 0 ? null : errorNames[error] ?? 'EIO';
	}

	/** As `error`, and it is told now. */
	takeError(file: File): string | null {
		const error = this.error(file);
		if (error !== null) file.isErrorTaken = true;
		return error;
	}

	/** Whether a connection was given to its user before its handshake was done (RFC 7413 §4.2.2). */
	isFast(file: File): boolean {
		this.tcp.tcb.go(file.tcb);
		return this.tcp.tcb.fast === FAST_TAKEN;
	}

	/** Takes note that a file's buffer has changed: where it is full, whoever watches edges is told when it has room again. */
	noteRoom(file: File): void {
		for (const { watched } of this.files.values()) {
			const watch = watched?.get(file.fd);
			if (watch !== undefined && !hasRoom(this, file)) watch.known &= ~(POLLOUT | POLLWRNORM);
		}
	}

	flowOfFile(file: File): Flow | null { return lastOf(this.flows, ({ fd }) => fd === file.fd); }
}
