import type { Node } from '../wire/node.ts';
import type { NodeClock } from './clock.ts';
import { WorldError } from './error.ts';
import type { FrameStore } from './frame-store.ts';
import type { Tape } from './tape.ts';

/** A node whose state the world may save and put back. */
export interface Saveable {
	/** A copy of everything that later behaviour depends on. */
	save(): unknown;
	/** Takes back what `save` gave; the same value may come more than once. */
	restore(state: unknown): void;
}

/** How a machine stands. */
export type Standing = 'running' | 'stopped' | 'dead';

const standings: readonly Standing[] = ['running', 'stopped', 'dead'];

/** Columns of an output that waits: time at which it leaves and number of its draining, port, cause, address, length. */
export const OUT_TIME = 0;
export const OUT_SEQ = 1;
export const OUT_PORT = 2;
export const OUT_CAUSE = 3;
export const OUT_ADDRESS = 4;
export const OUT_LENGTH = 5;
export const OUT_WIDTH = 6;

/** A place of the world: a machine, its clock, and what the world holds for it. */
export class Place {
	readonly index: number;
	readonly name: string;
	/** Its number in the trace. */
	readonly traced: number;
	readonly clock: NodeClock;
	/** Frames of one instant that are handed over together, at most. */
	readonly batch: number;
	node: Node;
	standing: Standing;
	/** World time at which the node wants to be woken. */
	wakeTime: number;
	/** Number of that wish's scheduling. */
	wakeSeq: number;
	/** Outputs that were drained and not yet put on their links: columns from `outHead` to `outTail`. */
	outbox: Float64Array;
	outHead: number;
	outTail: number;
	/** Rows of frames that wait for a stopped machine. */
	held: number[];
	/** Lane by port, −1 where nothing is plugged in. */
	lanes: number[];

	constructor(index: number, name: string, traced: number, node: Node, clock: NodeClock, batch: number) {
		this.index = index;
		this.name = name;
		this.traced = traced;
		this.clock = clock;
		this.batch = batch;
		this.node = node;
		this.standing = 'running';
		this.wakeTime = Infinity;
		this.wakeSeq = 0;
		this.outbox = new Float64Array(16 * OUT_WIDTH);
		this.outHead = 0;
		this.outTail = 0;
		this.held = [];
		this.lanes = [];
	}

	/** Outputs that wait. */
	get outputs(): number {
		return (this.outTail - this.outHead) / OUT_WIDTH;
	}

	/** The lane a port leads to, or −1. */
	laneOf(port: number): number {
		return this.lanes[port] ?? -1;
	}

	/** Adds an output behind those that wait and do not leave later. */
	queue(time: number, seq: number, port: number, cause: number, address: number, length: number): void {
		if (this.outTail === this.outbox.length) this.#makeRoom();
		const outbox = this.outbox;
		let at = this.outTail;
		this.outTail = at + OUT_WIDTH;
		while (at > this.outHead && outbox[at - OUT_WIDTH + OUT_TIME]! > time) at -= OUT_WIDTH;
		if (at + OUT_WIDTH < this.outTail) outbox.copyWithin(at + OUT_WIDTH, at, this.outTail - OUT_WIDTH);
		outbox[at + OUT_TIME] = time;
		outbox[at + OUT_SEQ] = seq;
		outbox[at + OUT_PORT] = port;
		outbox[at + OUT_CAUSE] = cause;
		outbox[at + OUT_ADDRESS] = address;
		outbox[at + OUT_LENGTH] = length;
	}

	/** Takes the first output off; its columns stay readable until the next is added. */
	unqueue(): void {
		this.outHead += OUT_WIDTH;
		if (this.outHead === this.outTail) this.outHead = this.outTail = 0;
	}

	/**
	 * When the node wants to be woken, world µs.
	 *
	 * @throws {WorldError} BAD_WAKE
	 */
	wish(): number {
		const at = this.node.wakeAt;
		if (at === Infinity) return Infinity;
		if (Number.isNaN(at)) throw new WorldError('BAD_WAKE', `The machine at '${this.name}' wants to be woken at NaN.`);
		return this.clock.toWorld(at);
	}

	/** The machine as one whose state can be saved, or null. */
	saveable(): Saveable | null {
		const node = this.node as Partial<Saveable>;
		return typeof node.save === 'function' && typeof node.restore === 'function' ? (node as Saveable) : null;
	}

	/** Writes what the world holds for the machine; not the machine, nor the frames that wait for it. */
	save(tape: Tape, store: FrameStore): void {
		tape.put(standings.indexOf(this.standing));
		tape.put(this.wakeTime);
		tape.put(this.wakeSeq);
		tape.put(this.outputs);
		for (let i = this.outHead; i < this.outTail; i += OUT_WIDTH) {
			for (let column = 0; column < OUT_WIDTH; column++) if (column !== OUT_ADDRESS) tape.put(this.outbox[i + column]!);
			tape.putBytes(store.bytes, this.outbox[i + OUT_ADDRESS]!, this.outbox[i + OUT_LENGTH]!);
		}
	}

	/** Reads what `save` wrote. */
	restore(tape: Tape, store: FrameStore): void {
		this.standing = standings[tape.get()]!;
		this.wakeTime = tape.get();
		this.wakeSeq = tape.get();
		this.outHead = this.outTail = 0;
		for (let left = tape.get(); left > 0; left--) {
			const time = tape.get();
			const seq = tape.get();
			const port = tape.get();
			const cause = tape.get();
			const length = tape.get();
			const address = store.take(length);
			tape.getBytes(store.bytes, address, length);
			this.queue(time, seq, port, cause, address, length);
		}
	}

	/** Moves the outputs that wait to the front, or to more room when they fill half of it. */
	#makeRoom(): void {
		const waiting = this.outbox.subarray(this.outHead, this.outTail);
		const outbox = waiting.length * 2 > this.outbox.length ? new Float64Array(this.outbox.length * 2) : this.outbox;
		outbox.set(waiting);
		this.outbox = outbox;
		this.outTail -= this.outHead;
		this.outHead = 0;
	}
}
