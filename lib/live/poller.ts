import { errnoName, ERRNO, libc } from './libc.ts';
import type { Libc } from './libc.ts';
import { LiveError } from './error.ts';

/** Something with a file descriptor that a poller waits for. */
export interface Watch {
	/** −1 while there is nothing to wait for */
	readonly fd: number;
	/** whether it has something to write that did not fit */
	readonly blocked: boolean;
	/** Can be read, or has ended. */
	readable(): void;
	/** Can be written again. */
	writable(): void;
}

const POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32;
const ENDED = POLLERR | POLLHUP | POLLNVAL;
const PR_SET_TIMERSLACK = 29;

/**
 * Waits for file descriptors and a deadline at once, in the thread that acts on
 * them: between a frame's arrival and its being read there is no other thread
 * and no queue of events.
 */
export class Poller {
	readonly #libc: Libc = libc();
	/** replaced, never changed, so that who goes through it may add and remove */
	#watches: readonly Watch[] = [];
	#asked: readonly Watch[] = [];
	#fds: Int32Array = new Int32Array(2 * 8);
	readonly #timeout: BigInt64Array = new BigInt64Array(2);

	constructor() {
		// Without this a timer may be 50 µs late.
		this.#libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	}

	add(watch: Watch): void { this.#watches = [...this.#watches, watch]; }

	remove(watch: Watch): void { this.#watches = this.#watches.filter((one) => one !== watch); }

	/**
	 * Waits until something can be read or written; `serve` then has it done.
	 *
	 * @param timeout  µs; `Infinity`: for ever
	 * @returns        whether something is ready
	 */
	wait(timeout: number): boolean {
		this.#asked = this.#list();
		return this.#wait(this.#asked.length, timeout) > 0;
	}

	/** Has everything done that the last `wait` found. */
	serve(): void {
		// Watches come and go while they are served; only those that were asked about are.
		const asked = this.#asked;
		for (let i = 0; i < asked.length; i++) this.#serve(asked[i]!, this.#fds[2 * i]!, this.#fds[2 * i + 1]! >> 16);
	}

	#serve(watch: Watch, fd: number, events: number): void {
		if (events === 0 || watch.fd !== fd) return;
		if ((events & POLLOUT) !== 0) watch.writable();
		if ((events & (POLLIN | ENDED)) !== 0 && watch.fd === fd) watch.readable();
	}

	#list(): readonly Watch[] {
		const watches = this.#watches;
		if (this.#fds.length < 2 * watches.length) this.#fds = new Int32Array(4 * watches.length);
		for (let i = 0; i < watches.length; i++) {
			const watch = watches[i]!;
			this.#fds[2 * i] = watch.fd;
			this.#fds[2 * i + 1] = watch.blocked ? POLLIN | POLLOUT : POLLIN;
		}
		return watches;
	}

	#wait(count: number, timeout: number): number {
		const { ppoll } = this.#libc;
		const us = Math.max(0, Math.min(timeout, 3_600_000_000));
		this.#timeout[0] = BigInt(Math.floor(us / 1e6));
		this.#timeout[1] = BigInt(Math.floor(us % 1e6) * 1000);
		const ready = ppoll(this.#fds, count, this.#timeout, null);
		if (ready >= 0) return ready;
		const errno = this.#libc.errno();
		if (errno !== ERRNO.EINTR) throw new LiveError('POLL_FAILED', `Waiting for ${count} file descriptors failed: ${errnoName(errno)}.`);
		return 0;
	}
}
