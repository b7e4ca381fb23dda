import { CLOSED, LISTEN, errorNames, readable, socket } from '../../../tcp/index.ts';
import type { Tcp } from '../../../tcp/index.ts';
import type { ProfileName } from '../wanted-profile.ts';
import type { Addressing } from './addressing.ts';
import { Flow } from './flow.ts';
import { lastOf } from './last.ts';
import type { Lab } from './lab.ts';

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

/** An open file: a TCP socket, or an epoll instance. */
export class File {
	readonly fd: number;
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
	/** what an epoll instance watches: events by file descriptor; null for a socket */
	readonly watched: Map<number, number> | null;

	constructor(fd: number, family: 4 | 6, tcb: number, isEpoll = false) {
		this.fd = fd;
		this.family = family;
		this.tcb = tcb;
		this.watched = isEpoll ? new Map() : null;
	}
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

	/** The flow of a connection of ours, by its ports. */
	flowOf(localPort: number, remotePort: number): Flow | null {
		return lastOf(this.flows, (flow) => flow.localPort === localPort && flow.remotePort === remotePort);
	}

	addFlow(flow: Flow): Flow {
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

	flowOfFile(file: File): Flow | null { return lastOf(this.flows, ({ fd }) => fd === file.fd); }
}
