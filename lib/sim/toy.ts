import type { Node, Sink } from '../wire/node.ts';
import { Random } from './random.ts';
import type { Saveable } from './place.ts';

/** What a toy does. */
export interface ToyOptions {
	/** its own address, 1 … 250 */
	readonly id: number;
	/** whom it calls, 1 … 250; 255 calls everyone */
	readonly peer?: number;
	/** how many balls it serves, one a period */
	readonly balls?: number;
	/** how often each ball is returned */
	readonly bounces?: number;
	/** µs of its own clock between two balls */
	readonly period?: number;
	/** bytes of a frame, 18 or more; 60 by default */
	readonly length?: number;
}

/** Where in a frame the bounces that are left stand, in 4 bytes behind the Ethernet header. */
const LEFT = 14;

/**
 * The smallest machine with something to do: it serves balls by a timer and
 * returns those it gets, over any port. For tests, measurements and as an
 * example of a node.
 */
export class Toy implements Node, Saveable {
	wakeAt: number;
	/** Frames received so far. */
	received: number = 0;
	/** A hash over all that was received, when, and by which port. */
	seen: number = 0;
	readonly #id: number;
	readonly #peer: number;
	readonly #bounces: number;
	readonly #period: number;
	readonly #random: Random;
	#balls: number;
	/** Frames to be sent: port and bounces left, destination. */
	#out: number[] = [];
	readonly #frame: Uint8Array;

	constructor(options: ToyOptions) {
		const { id, peer = 0, balls = 0, bounces = 10, period = 100, length = 60 } = options;
		this.#id = id;
		this.#peer = peer;
		this.#balls = balls;
		this.#bounces = bounces;
		this.#period = period;
		this.#random = new Random(id, 'toy');
		this.#frame = new Uint8Array(length);
		this.wakeAt = balls > 0 ? period : Infinity;
	}

	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		this.received++;
		let hash = Math.imul(this.seen ^ now, 0x9e3779b1) ^ port;
		for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[at + i]!, 0x01000193);
		this.seen = hash;
		if (length <= LEFT + 3 || (bytes[at + 5] !== this.#id && bytes[at]! !== 0xff)) return;
		const left = (bytes[at + LEFT]! << 24) | (bytes[at + LEFT + 1]! << 16) | (bytes[at + LEFT + 2]! << 8) | bytes[at + LEFT + 3]!;
		if (left > 0) this.#out.push(port, left - 1, bytes[at + 11]!);
	}

	wake(now: number): void {
		if (now < this.wakeAt) return;
		this.#out.push(0, this.#bounces, this.#peer);
		this.wakeAt = --this.#balls > 0 ? now + 1 + this.#random.below(this.#period) : Infinity;
	}

	drain(sink: Sink): void {
		const frame = this.#frame;
		for (let i = 0; i < this.#out.length; i += 3) {
			const left = this.#out[i + 1]!;
			const to = this.#out[i + 2]!;
			frame.fill(to === 255 ? 255 : 0, 0, 6);
			frame[0] = to === 255 ? 255 : 2;
			frame[5] = to;
			frame[6] = 2;
			frame[11] = this.#id;
			frame[12] = 0x88;
			frame[13] = 0xb5;
			frame[LEFT] = left >>> 24;
			frame[LEFT + 1] = left >>> 16;
			frame[LEFT + 2] = left >>> 8;
			frame[LEFT + 3] = left;
			sink.take(frame, 0, frame.length, this.#out[i]!);
		}
		this.#out.length = 0;
	}

	save(): readonly number[] {
		return [this.wakeAt, this.received, this.seen, this.#balls, this.#random.count, ...this.#out];
	}

	restore(state: unknown): void {
		const [wakeAt, received, seen, balls, count, ...out] = state as readonly number[];
		this.wakeAt = wakeAt!;
		this.received = received!;
		this.seen = seen!;
		this.#balls = balls!;
		this.#random.count = count!;
		this.#out = out;
	}
}
