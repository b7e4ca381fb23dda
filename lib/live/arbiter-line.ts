import type { Arbiter } from '../replica/index.ts';
import type { Sink } from '../wire/node.ts';
import type { Line, Task } from './driver.ts';

/** The arbiter as a replica's process has it: beside it, or on another machine. */
export interface ArbiterSeat extends Line, Task {
	/** why it is silent; '' while it is not */
	readonly complaint: string;
	close(): void;
}

/**
 * An arbiter beside the replica, which shares its ledger with the other's. It
 * answers in the turn after the question, or not at all while its ledger is out
 * of reach.
 */
export class ArbiterLine implements ArbiterSeat {
	readonly watch: null = null;
	readonly arbiter: Arbiter;
	wakeAt: number = Infinity;
	readonly #answers: Sink;
	readonly #answered: () => void;

	/** @param answered  called once the replica has heard, before it acts on what it heard */
	constructor(arbiter: Arbiter, port: number, input: Sink, answered: () => void = () => {}) {
		this.#answered = answered;
		this.arbiter = arbiter;
		this.#answers = { take: (bytes, at, length) => input.take(bytes, at, length, port) };
	}

	get complaint(): string { return this.arbiter.fault === null ? '' : this.arbiter.fault.message; }

	send(bytes: Uint8Array, at: number, length: number): void {
		this.arbiter.receive(0, bytes, at, length, 0);
		// Who asks is in the middle of its drain: it cannot be answered now.
		this.wakeAt = -Infinity;
	}

	wake(_now: number): void {
		this.wakeAt = Infinity;
		this.arbiter.drain(this.#answers);
		this.#answered();
	}

	close(): void {}
}
