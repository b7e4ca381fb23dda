import type { Sink } from '../../wire/node.ts';
import { libc } from '../libc.ts';
import { Tap } from '../tap.ts';
import type { Device } from './device.ts';

/** Longest wait in another thread, ms: so long may closing take. */
const WAIT_MS = 50;
const BATCH = 256;
const LONGEST = 65_600;
const POLLIN = 1;

/** A TAP device that is waited for beside the event loop, and read and written in it. */
export class TapDevice implements Device {
	readonly #tap: Tap;
	readonly #frame: Uint8Array = new Uint8Array(LONGEST);
	readonly #fds: Int32Array;
	readonly #timeout: BigInt64Array = BigInt64Array.of(0n, BigInt(WAIT_MS) * 1_000_000n);
	#input: Sink | null = null;
	#arrived: () => void = () => {};
	#closed = false;

	/** @param name  of the interface; it is made where there is none. @throws LiveError */
	constructor(name: string) {
		this.#tap = new Tap(name);
		this.#fds = Int32Array.of(this.#tap.fd, POLLIN);
	}

	/** Frames the device did not take. */
	get refused(): number { return this.#tap.refused; }

	open(input: Sink, arrived: () => void): void {
		this.#input = input;
		this.#arrived = arrived;
		this.#wait();
	}

	#wait(): void {
		libc().waitAside(this.#fds, 1, this.#timeout, (ready) => this.#woken(ready));
	}

	#woken(ready: number): void {
		if (this.#closed) return this.#tap.close();
		// Waited for again however the batch ends: it may throw what its user threw.
		try {
			if (ready > 0) this.#read();
		} finally {
			this.#wait();
		}
	}

	#read(): void {
		for (let left = BATCH; left > 0 && !this.#closed; left--) {
			const length = this.#tap.read(this.#frame);
			if (length <= 0) break;
			this.#input!.take(this.#frame, 0, length, 0);
		}
		this.#arrived();
	}

	send(bytes: Uint8Array, at: number, length: number): void {
		if (!this.#closed) this.#tap.write(bytes.subarray(at, at + length), length);
	}

	close(): void { this.#closed = true; }
}
