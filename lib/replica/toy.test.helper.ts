import { Image, pool, record } from '../memory/index.ts';
import type { Cursor, Pool, RecordType } from '../memory/index.ts';
import { get16, get32, put16, put32 } from '../wire/bytes.ts';
import type { Sink } from '../wire/node.ts';
import type { MachineHost } from './machine.ts';
import { machinePool } from './machine-record.ts';
import { put64 } from './number.ts';

/** EtherType of the toy's requests and replies. */
export const TOY_TYPE = 0x88b7;
/** A request that adds one. */
export const TOY_ADD = 1;
/** A request that a planted bug turns into a fault, after a reply was made. */
export const TOY_POISON = 2;
/** Bytes of a toy's frame. */
export const TOY_LENGTH = 60;
/** The toy's timer, µs after the request that armed it. */
const TICK = 3000;

const SOURCE = 6, TYPE = 12, OPERATION = 14, CLIENT = 16, SERIAL = 20, VALUE = 24, ID = 28, RANDOM = 32, TIME = 36, LIVES = 44;

const toyShape = { due: 'f64', clock: 'f64', ticked: 'f64', counter: 'i32', seed: 'i32', id: 'i32', lives: 'i32', poisoned: 'i32' } as const;
type Toy = Cursor<typeof toyShape>;
const Toy: RecordType<typeof toyShape> = record(toyShape);
const replyShape = { order: 'i32', client: 'i32', serial: 'i32', value: 'i32' } as const;
type Reply = Cursor<typeof replyShape>;
const Reply: RecordType<typeof replyShape> = record(replyShape);

/** The toy's own address. */
export const toyMac: Uint8Array = Uint8Array.of(2, 0, 0, 0, 0, 0x10);
export const toyAddress: Uint8Array = Uint8Array.of(10, 0, 0, 1);

/** A request frame. */
export function toyRequest(client: number, serial: number, operation: number = TOY_ADD): Uint8Array {
	const frame = new Uint8Array(TOY_LENGTH);
	frame.set(toyMac, 0);
	frame.set([2, 0, 0, 0, 1, client], SOURCE);
	put16(frame, TYPE, TOY_TYPE);
	put16(frame, OPERATION, operation);
	put32(frame, CLIENT, client);
	put32(frame, SERIAL, serial);
	return frame;
}

/** What a reply says; null where the frame is none. A tick has client 0. */
export function toyReply(frame: Uint8Array): { client: number; serial: number; value: number; id: number } | null {
	if (frame.length < TOY_LENGTH || get16(frame, TYPE) !== TOY_TYPE) return null;
	return { client: get32(frame, CLIENT), serial: get32(frame, SERIAL), value: get32(frame, VALUE), id: get32(frame, ID) };
}

/**
 * A counter that answers frames: the smallest host that has everything a
 * replicated one has. Its replies bear the clock, a random number and a running
 * id, and every burst of requests draws a tick from its timer.
 */
export class ToyHost implements MachineHost {
	readonly image: Image;
	readonly #toy: Toy;
	readonly #reply: Reply;
	readonly #toys: Pool;
	readonly #replies: Pool;
	readonly #scratch: Uint8Array = new Uint8Array(TOY_LENGTH);

	constructor(seed: number = 1) {
		this.image = new Image({ pools: [machinePool, pool('toy', Toy, 1), pool('reply', Reply, 64)], pages: 0, chunk: 4096 });
		this.#toys = this.image.pool('toy');
		this.#replies = this.image.pool('reply');
		this.#toy = new Toy(this.image);
		this.#reply = new Reply(this.image);
		this.#toy.go(this.image.alloc(this.#toys));
		this.#toy.seed = seed;
		this.#toy.due = Infinity;
		this.#toy.counter = 10;
	}

	get counter(): number { return this.#toy.counter; }
	get wakeAt(): number { return this.#toy.due; }

	attach(): void {
		this.#toy.go(this.image.first(this.#toys));
	}

	wake(now: number): void {
		const toy = this.#toy;
		toy.clock = now;
		if (now < toy.due) return;
		toy.due = Infinity;
		toy.ticked = now;
		this.#put(0, 0, toy.counter);
	}

	receive(_port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		this.wake(now);
		const toy = this.#toy;
		if (length < TOY_LENGTH || get16(bytes, at + TYPE) !== TOY_TYPE) return;
		toy.counter++;
		if (toy.due === Infinity) toy.due = now + TICK;
		this.#put(get32(bytes, at + CLIENT), get32(bytes, at + SERIAL), toy.counter);
		if (get16(bytes, at + OPERATION) === TOY_POISON) toy.poisoned = 1;
	}

	#put(client: number, serial: number, value: number): void {
		const at = this.image.alloc(this.#replies);
		if (at === 0) return;
		const reply = this.#reply;
		reply.go(at);
		reply.order = ++this.#toy.id;
		reply.client = client;
		reply.serial = serial;
		reply.value = value;
	}

	stir(bytes: Uint8Array, at: number, length: number): void {
		for (let i = 0; i < length; i++) this.#toy.seed = Math.imul(this.#toy.seed ^ bytes[at + i]!, 0x0100_0193);
	}

	goLive(now: number): void {
		this.#toy.lives++;
		if (this.#toy.due !== Infinity) this.#toy.due = now + TICK;
	}

	drain(sink: Sink): void {
		// Freed records are handed out in another order: replies leave in the order they were made.
		for (let at = this.#oldest(); at !== 0; at = this.#oldest()) {
			this.#emit(at, sink);
			this.image.free(this.#replies, at);
		}
		if (this.#toy.poisoned !== 0) throw new Error('a planted bug');
	}

	#oldest(): number {
		let best = 0, order = Infinity;
		for (let at = this.image.first(this.#replies); at !== 0; at = this.image.next(this.#replies, at)) {
			this.#reply.go(at);
			if (this.#reply.order < order) { order = this.#reply.order; best = at; }
		}
		return best;
	}

	#emit(at: number, sink: Sink): void {
		const frame = this.#scratch;
		const toy = this.#toy, reply = this.#reply;
		reply.go(at);
		toy.seed = (Math.imul(toy.seed, 1_103_515_245) + 12_345) | 0;
		frame.fill(reply.client === 0 ? 0xff : 0, 0, 6);
		if (reply.client !== 0) frame.set([2, 0, 0, 0, 1, reply.client], 0);
		frame.set(toyMac, SOURCE);
		put16(frame, TYPE, TOY_TYPE);
		put32(frame, CLIENT, reply.client);
		put32(frame, SERIAL, reply.serial);
		put32(frame, VALUE, reply.value);
		put32(frame, ID, reply.order);
		put32(frame, RANDOM, toy.seed);
		put64(frame, TIME, toy.clock);
		put32(frame, LIVES, toy.lives);
		sink.take(frame, 0, TOY_LENGTH, 0);
	}
}
