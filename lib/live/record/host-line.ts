import type { Node, Sink } from '../../wire/node.ts';
import type { Clock } from '../clock.ts';
import type { Line, Task } from '../driver.ts';

/** A host of ours at the end of a line, in the same process. */
export class HostLine implements Line, Task {
	readonly watch: null = null;
	readonly #host: Node;
	readonly #clock: Clock;
	readonly #input: Sink;

	/** @param port  of the driver's node that hears what the host says */
	constructor(host: Node, clock: Clock, port: number, input: Sink) {
		this.#host = host;
		this.#clock = clock;
		this.#input = { take: (bytes, at, length) => input.take(bytes, at, length, port) };
	}

	get wakeAt(): number { return this.#host.wakeAt; }

	wake(now: number): void {
		this.#host.wake(now);
		this.#host.drain(this.#input);
	}

	send(bytes: Uint8Array, at: number, length: number): void {
		const now = this.#clock.now();
		this.#host.receive(0, bytes, at, length, now);
		if (this.#host.wakeAt <= now) this.#host.wake(now);
		this.#host.drain(this.#input);
	}
}
