import { CLOSED, FAST_TAKEN, LISTEN, cookieOf, errorNames, readable, socket, tcpInfo } from '../../../tcp/index.ts';
import type { Tcp } from '../../../tcp/index.ts';
import type { CallAction } from '../tree.ts';
import type { ProfileName } from '../wanted-profile.ts';
import type { Addressing } from './addressing.ts';
import { ErrorQueue } from './error-queue.ts';
import type { Progress } from './error-queue.ts';
import { beginCall } from './calls.ts';
import { runCommand } from './commands.ts';
import type { Flow } from './flow.ts';
import type { Lab } from './lab.ts';
import { linuxCookie, parseKey } from './linux-cookie.ts';
import { hexOf } from './options.ts';
import { POLLOUT, POLLWRNORM, hasRoom, queued, unsent } from './readiness.ts';
import { Actor } from './subject.ts';
import type { AnyFile, Attempt } from './subject.ts';
import { tcpInfoField } from './tcp-info.ts';
import { Unsupported } from './verdict.ts';

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
	/** messages its error queue had had by then */
	errors: number;
}

/** An open file: a TCP socket, an epoll instance, or one of plain octets. */
export class File implements AnyFile {
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
	/** whether a call has told that the connection is open */
	isToldOpen = false;
	isErrorTaken = false;
	isReadShut = false;
	isWriteShut = false;
	/** seconds of SO_LINGER; null where it is off */
	linger: number | null = null;
	/** options that change nothing here, to be read back */
	readonly kept: Map<string, number> = new Map();
	/** octets that make it worth reading (SO_RCVLOWAT) */
	lowWater = 1;
	/** octets not yet sent from which on there is no room for more (TCP_NOTSENT_LOWAT) */
	unsentLowWater: number = Infinity;
	/** octets that calls have written */
	written = 0;
	/** SO_ZEROCOPY */
	copiesNothing = false;
	readonly errors: ErrorQueue = new ErrorQueue();
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

/** The process on the virtual host. */
export class Process extends Actor<File> {
	readonly lab: Lab;
	readonly profile: ProfileName;
	/** Linux's `tcp_fastopen` */
	fastOpen = 1;
	/** Linux's `tcp_notsent_lowat`, octets */
	unsentLowWater: number = Infinity;

	constructor(lab: Lab, profile: ProfileName) {
		super();
		this.lab = lab;
		this.profile = profile;
		lab.settled = () => this.#lookAround();
	}

	/** What was sent or acknowledged may be worth a message. */
	#lookAround(): void {
		for (const file of this.files.values()) if (file.errors.isWaiting) file.errors.look(this.progress(file), this.lab.elapsed);
	}

	/** How far what was written has come; all of it where the connection is gone. */
	progress(file: File): Progress {
		const { written } = file;
		return { written, sent: written - unsent(this, file), acked: written - queued(this, file) };
	}

	/** A call has written octets. */
	noteWritten(file: File, octets: number, withoutCopy: boolean): void {
		file.written += octets;
		file.errors.wrote(file.written, octets, withoutCopy && file.copiesNothing, this.progress(file));
	}

	get tcp(): Tcp { return this.lab.host.tcp; }
	get addressing(): Addressing { return this.lab.addressing; }

	begin(call: CallAction): Attempt { return beginCall(this, call); }

	command(text: string): void { runCommand(this, text); }

	info(name: string): number | undefined {
		const file = this.asked();
		if (file === null || !this.isAlive(file)) return undefined;
		const info = tcpInfo(this.tcp, file.tcb);
		return info === null ? undefined : tcpInfoField(info, name, this.profile);
	}

	remembers(flow: Flow): boolean {
		const { tcp } = this;
		for (let at = tcp.image.first(tcp.tcbs); at !== 0; at = tcp.image.next(tcp.tcbs, at)) {
			tcp.tcb.go(at);
			if (tcp.tcb.state > 1 && tcp.tcb.local.port === flow.localPort && tcp.tcb.remote.port === flow.remotePort) return true;
		}
		return false;
	}

	/** Scripts have the cookies in them that Linux gives; ours are of another kind. From here on the one stands for the other. */
	setFastOpenKey(text: string): void {
		const key = parseKey(text);
		if (key === null) throw new Unsupported(`the key ${text}`);
		const { lab } = this;
		const { family, local, remote } = lab.addressing;
		lab.image.u8.set(remote, lab.image.scratch);
		this.cookie = { script: linuxCookie(key, family, remote, local), live: hexOf(cookieOf(this.tcp, lab.image.scratch)) };
	}

	/** Opens a socket; null where no record is left. */
	open(tcb: number = socket(this.tcp)): File | null {
		if (tcb === 0) return null;
		const file = new File(this.lowest(), this.addressing.family, tcb);
		file.tag = this.lab.image.tag(tcb);
		file.unsentLowWater = this.unsentLowWater;
		this.files.set(file.fd, file);
		return file;
	}

	openEpoll(): File {
		const file = new File(this.lowest(), this.addressing.family, 0, true);
		this.files.set(file.fd, file);
		return file;
	}

	openPlain(): File {
		const file = new File(this.lowest(), this.addressing.family, 0);
		file.plain = new Uint8Array(0);
		this.files.set(file.fd, file);
		return file;
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

	/** Somebody found no room in a file: whoever watches edges is told when there is some again. */
	noteRoom(file: File): void {
		for (const { watched } of this.files.values()) {
			const watch = watched?.get(file.fd);
			if (watch !== undefined && !hasRoom(this, file)) watch.known &= ~(POLLOUT | POLLWRNORM);
		}
	}
}
