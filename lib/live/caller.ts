import { ARGUMENTS, ASKED, DONE, ERRNO_AT, MEMORY, NAME, RESULT, SERVING, SYSTEM_CALLS, WORDS_AT } from './caller-memory.ts';
import { LiveError } from './error.ts';
import { libc } from './libc.ts';
import type { Watch } from './poller.ts';
import { newThread } from './thread.ts';

/** What a system call gave back; `errno` is of meaning where `value` is −1. */
export interface Returned {
	readonly value: number;
	readonly errno: number;
}

/** Bytes that calls read from and write to: a whole receive buffer fits. */
const ARENA = 1 << 25;
const WORD = 8;
const SCHED_FIFO = 1;

/**
 * Makes system calls in a thread of its own, one at a time, so that whoever asks
 * for them can see to other things while one blocks. It is a watch: its file
 * becomes readable when a call comes back.
 */
export class Caller implements Watch {
	readonly fd: number;
	readonly blocked: boolean = false;
	/** memory both threads and the kernel see */
	readonly bytes: Uint8Array;
	readonly #address: bigint;
	readonly #words: Int32Array;
	readonly #numbers: BigInt64Array;
	readonly #count = new Uint8Array(WORD);
	#used = 0;

	/** @throws LiveError EVENT_FAILED */
	constructor() {
		const calls = libc();
		this.fd = calls.eventfd(0, 0o4000);
		if (this.fd < 0) throw new LiveError('EVENT_FAILED', 'An eventfd cannot be made.');
		const { address, bytes } = calls.anonymous(ARENA);
		this.#address = address;
		this.bytes = bytes;
		const memory = new SharedArrayBuffer(MEMORY);
		this.#words = new Int32Array(memory);
		this.#numbers = new BigInt64Array(memory, WORDS_AT);
		this.#numbers[RESULT + 1] = BigInt(this.fd);
		this.#numbers[RESULT + 2] = address;
		bytes[0] = 1;
		newThread(import.meta.url, 'caller-worker', memory).unref();
		this.reset();
	}

	/** Resolves once the thread serves. */
	async begun(): Promise<void> {
		while (Atomics.load(this.#words, SERVING) === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
	}

	/**
	 * Both threads run before whatever else this machine has to do: who waits for
	 * something is to be woken when it comes. Where that may not be asked for,
	 * times are as they are.
	 */
	async hurry(): Promise<void> {
		libc().sched_setscheduler(0, SCHED_FIFO, Int32Array.of(1));
		const at = this.room(4);
		this.bytes[at] = 1;
		this.ask('sched_setscheduler', [0, SCHED_FIFO, this.address(at)]);
		while (this.returned === null) await new Promise((resolve) => { setTimeout(resolve, 1); });
		this.reset();
	}

	/** Memory is free again: no call may be under way. */
	reset(): void { this.#used = WORD; }

	/** Room for bytes, all 0: where it begins in `bytes`. */
	room(length: number): number {
		const at = this.#used;
		this.#used += (length + WORD - 1) & ~(WORD - 1);
		if (this.#used > ARENA) throw new LiveError('CALL_TOO_LARGE', `A system call with ${length} bytes does not fit into ${ARENA}.`);
		this.bytes.fill(0, at, this.#used);
		return at;
	}

	/** The address of what begins at `at`. */
	address(at: number): bigint { return this.#address + BigInt(at); }

	/** Asks for a call: up to six numbers, addresses among them. */
	ask(name: string, args: readonly (number | bigint)[]): void {
		const index = SYSTEM_CALLS.findIndex((call) => call.name === name);
		if (index < 0) throw new LiveError('CALL_UNKNOWN', `There is no system call ${name} here.`);
		for (let i = 0; i < ARGUMENTS; i++) this.#numbers[i] = BigInt(args[i] ?? 0);
		this.#words[NAME] = index;
		Atomics.add(this.#words, ASKED, 1);
		Atomics.notify(this.#words, ASKED);
	}

	/** What the last call gave back; null where it blocks still. */
	get returned(): Returned | null {
		if (Atomics.load(this.#words, DONE) !== Atomics.load(this.#words, ASKED)) return null;
		return { value: Number(this.#numbers[RESULT]), errno: this.#words[ERRNO_AT]! };
	}

	readable(): void { libc().read(this.fd, this.#count, WORD); }

	writable(): void { /* it is never waited for */ }
}
