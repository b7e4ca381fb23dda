import { rmSync } from 'node:fs';
import type { Sink } from '../wire/node.ts';
import type { Line, Task } from './driver.ts';
import { libc } from './libc.ts';
import type { Poller, Watch } from './poller.ts';
import { acceptFrom, connectError, connectTo, listenOn, streamAddress, tune } from './socket.ts';
import type { StreamAddress } from './socket.ts';
import { StreamLine } from './stream-line.ts';
import type { StreamEnd } from './stream-line.ts';

/** Between two tries to connect, µs. */
const AGAIN = 5_000;
const BUFFER = 0x10_0000;

export interface ChannelConfig {
	readonly port: number;
	/** where it waits for a peer: `unix:/path`, `tcp:address:port`; '' for nowhere */
	readonly listen: string;
	/** where it looks for one; '' for nowhere */
	readonly connect: string;
	/** bytes of the longest message */
	readonly longest: number;
	readonly input: Sink;
	/** A peer is there. */
	readonly opened: () => void;
	/**
	 * The peer's end is closed, and all it sent was handed over. `proven`: it was
	 * the operating system of this machine that closed it, so its process is dead.
	 */
	readonly closed: (how: StreamEnd, proven: boolean) => void;
}

/**
 * One end of the log channel over a stream socket. It has one peer at a time:
 * whoever connects while one is there waits until that one is gone.
 */
export class Channel implements Line, Task {
	/** when to try to connect again, µs of the poller's owner */
	wakeAt: number;
	/** messages that were to be sent while there was no peer */
	unsent: number = 0;
	readonly watch: Watch | null = null;
	readonly #config: ChannelConfig;
	readonly #poller: Poller;
	readonly #listening: Watch | null;
	readonly #listenAt: StreamAddress | null;
	#connectTo: StreamAddress | null;
	#line: StreamLine | null = null;
	#lineIsLocal = false;
	#begun: Watch | null = null;
	/** when it last tried to connect */
	#triedAt = -Infinity;

	/** @throws LiveError  where it cannot listen */
	constructor(poller: Poller, config: ChannelConfig) {
		this.#poller = poller;
		this.#config = config;
		this.#listenAt = config.listen === '' ? null : streamAddress(config.listen);
		this.#connectTo = config.connect === '' ? null : streamAddress(config.connect);
		this.#listening = this.#listenAt === null ? null : this.#listen(this.#listenAt);
		this.wakeAt = this.#connectTo === null ? Infinity : -Infinity;
	}

	#listen(address: StreamAddress): Watch {
		if (address.path !== '') rmSync(address.path, { force: true });
		const fd = listenOn(address);
		const watch: Watch = { get fd() { return fd; }, blocked: false, readable: () => this.#accept(fd), writable: () => {} };
		this.#poller.add(watch);
		return watch;
	}

	/** Whether there is a peer. */
	get isOpen(): boolean { return this.#line !== null; }
	/** Bytes that wait for the peer to read them. */
	get waiting(): number { return this.#line?.waiting ?? 0; }
	/** Bytes of the messages sent to the peer there is. */
	get sent(): number { return this.#line?.sent ?? 0; }
	/** Messages dropped because the peer did not read. */
	get dropped(): number { return this.#line?.dropped ?? 0; }

	#accept(listener: number): void {
		// While there is a peer the next one waits in the kernel's queue; it is not asked for again and again.
		if (this.#line !== null) return this.#poller.remove(this.#listening!);
		const fd = acceptFrom(listener);
		if (fd >= 0) this.#open(fd, this.#listenAt!);
	}

	wake(now: number): void {
		if (this.#line !== null || this.#begun !== null || this.#connectTo === null) {
			this.wakeAt = Infinity;
			return;
		}
		this.#triedAt = now;
		this.wakeAt = now + AGAIN;
		const fd = connectTo(this.#connectTo);
		if (fd >= 0) this.#begin(fd, this.#connectTo);
	}

	/** A connection was begun: it stands, or failed, once it can be written. */
	#begin(fd: number, address: StreamAddress): void {
		const done = (): void => {
			this.#poller.remove(watch);
			this.#begun = null;
			if (connectError(fd) === 0) this.#open(fd, address);
			else {
				libc().close(fd);
				this.wakeAt = this.#triedAt + AGAIN;
			}
		};
		const watch: Watch = { fd, blocked: true, readable: () => { if (this.#begun === watch) done(); }, writable: done };
		this.#begun = watch;
		this.#poller.add(watch);
	}

	#open(fd: number, address: StreamAddress): void {
		const { port, longest, input, opened } = this.#config;
		tune(fd, address, BUFFER);
		this.#line = new StreamLine(fd, port, longest, input, (how) => this.#ended(how, address));
		this.#lineIsLocal = address.isLocal;
		this.#poller.add(this.#line);
		this.wakeAt = Infinity;
		opened();
	}

	#ended(how: StreamEnd, address: StreamAddress): void {
		this.#poller.remove(this.#line!);
		this.#line = null;
		if (this.#connectTo !== null) this.wakeAt = -Infinity;
		this.#letIn();
		this.#config.closed(how, address.isLocal && how === 'closed');
	}

	/** The next one who connects is the peer. */
	#letIn(): void {
		if (this.#listening === null) return;
		this.#poller.remove(this.#listening);
		this.#poller.add(this.#listening);
	}

	/**
	 * From now on it waits to be found and looks for nobody. A connection to
	 * another machine may stand long after that machine is gone, and would keep
	 * the next one waiting: it is closed, without a word to its owner.
	 */
	stay(): void {
		this.#connectTo = null;
		this.wakeAt = Infinity;
		if (this.#begun !== null) {
			this.#poller.remove(this.#begun);
			libc().close(this.#begun.fd);
			this.#begun = null;
		}
		if (this.#line === null || this.#lineIsLocal) return;
		this.#poller.remove(this.#line);
		this.#line.close();
		this.#line = null;
		this.#letIn();
	}

	send(bytes: Uint8Array, at: number, length: number): void {
		if (this.#line === null) this.unsent++;
		else this.#line.send(bytes, at, length);
	}

	/** Closes everything, without a word to its owner. */
	close(): void {
		if (this.#line !== null) this.#poller.remove(this.#line);
		this.#line?.close();
		this.#line = null;
		this.wakeAt = Infinity;
		for (const watch of [this.#begun, this.#listening]) {
			if (watch === null) continue;
			this.#poller.remove(watch);
			libc().close(watch.fd);
		}
		if (this.#listenAt !== null && this.#listenAt.path !== '') rmSync(this.#listenAt.path, { force: true });
	}
}
