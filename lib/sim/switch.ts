import { Kind, type Trace } from '../trace/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { WorldError } from './error.ts';
import { macAt } from './mac.ts';
import { MacTable, type MacEntry } from './mac-table.ts';
import type { Saveable } from './place.ts';

/** How a switch is made. */
export interface SwitchOptions {
	readonly ports: number;
	/** µs after which a silent address is forgotten; 300 s (IEEE 802.1D-2004 §7.9.2) */
	readonly ageing?: number;
	/** addresses it can hold */
	readonly size?: number;
	readonly trace?: Trace | null;
	/** the name of its place in the trace */
	readonly place?: string;
}

/** What a switch counts: the first three are no drops. */
export interface SwitchCounters {
	/** sent out by one port, because its address was known */
	forwarded: number;
	/** sent out by every other port */
	flooded: number;
	/** not learnt, because the table was full */
	unlearnt: number;
	/** shorter than an Ethernet header */
	short: number;
	/** to a bridge group address (IEEE 802.1D-2004 §7.12.6) */
	reserved: number;
	/** for the port it came from */
	samePort: number;
	/** came in by a port that is down */
	inPortDown: number;
	/** known at a port that is down */
	outPortDown: number;
}

const HEADER = 14;
const FLOOD = -1;
/** 01:80:c2:00:00:00 without its last four bits */
const RESERVED = 0x0180_c200_0000;

interface SavedSwitch {
	readonly table: Float64Array;
	readonly up: Uint8Array;
	readonly learns: Uint8Array;
	readonly counters: SwitchCounters;
	readonly queue: readonly number[];
	readonly bytes: Uint8Array;
}

/**
 * A learning Ethernet switch: forwards a frame at once, by the port where its
 * destination was seen last, and by all others when that is not known.
 */
export class Switch implements Node, Saveable {
	/** A switch has no timers: an entry that has aged is dropped when it is met. */
	readonly wakeAt: number = Infinity;
	readonly counters: SwitchCounters = {
		forwarded: 0, flooded: 0, unlearnt: 0, short: 0, reserved: 0, samePort: 0, inPortDown: 0, outPortDown: 0,
	};
	readonly #table: MacTable;
	readonly #up: Uint8Array;
	readonly #learns: Uint8Array;
	readonly #trace: Trace | null;
	readonly #place: number;
	/** Frames that were received and not yet drained: port in, port out, length. */
	#queue: number[] = [];
	#bytes: Uint8Array = new Uint8Array(2048);
	#end = 0;

	/** @throws {WorldError} BAD_OPTION */
	constructor(options: SwitchOptions) {
		const { ports, ageing = 300e6, size = 1024, trace = null, place = 'switch' } = options;
		for (const [name, value] of Object.entries({ ports, size })) {
			if (!(Number.isInteger(value) && value > 0)) throw new WorldError('BAD_OPTION', `A switch's '${name}' is a whole number above 0, not ${value}.`);
		}
		if (!(ageing > 0)) throw new WorldError('BAD_OPTION', `A switch's 'ageing' is a time above 0 µs, not ${ageing}.`);
		this.#table = new MacTable(size, ageing);
		this.#up = new Uint8Array(ports).fill(1);
		this.#learns = new Uint8Array(ports).fill(1);
		this.#trace = trace;
		this.#place = trace === null ? 0 : trace.place(place);
	}

	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		if (length < HEADER) return this.#drop('short', port, bytes, at, length);
		if (this.#up[port] !== 1) return this.#drop('inPortDown', port, bytes, at, length);
		const destination = macAt(bytes, at);
		if (this.#learns[port] === 1) this.#learn(macAt(bytes, at + 6), port, now);
		if (destination >= RESERVED && destination < RESERVED + 16) return this.#drop('reserved', port, bytes, at, length);
		const out = this.#lookUp(destination, (bytes[at]! & 1) === 1, now);
		if (out === port) return this.#drop('samePort', port, bytes, at, length);
		if (out !== FLOOD && this.#up[out] !== 1) return this.#drop('outPortDown', port, bytes, at, length);
		if (out === FLOOD) this.counters.flooded++;
		else this.counters.forwarded++;
		this.#keep(port, out, bytes, at, length);
	}

	wake(): void {}

	drain(sink: Sink): void {
		const queue = this.#queue;
		for (let i = 0, at = 0; i < queue.length; i += 3) {
			const from = queue[i]!;
			const out = queue[i + 1]!;
			const length = queue[i + 2]!;
			if (out !== FLOOD) sink.take(this.#bytes, at, length, out);
			else for (let port = 0; port < this.#up.length; port++) {
				if (port !== from && this.#up[port] === 1) sink.take(this.#bytes, at, length, port);
			}
			at += length;
		}
		queue.length = 0;
		this.#end = 0;
	}

	/** Takes a port down, which forgets what was learnt there, or up. */
	setPort(port: number, up: boolean): void {
		if (this.#up[port] === undefined) throw new WorldError('BAD_OPTION', `The switch has no port ${port}; it has ${this.#up.length}.`);
		if ((this.#up[port] === 1) === up) return;
		this.#up[port] = up ? 1 : 0;
		this.#trace?.put(Kind.portChanged, this.#place, port, up ? 1 : 0);
		for (let i = this.#table.size - 1; i >= 0; i--) if (!up && this.#table.portOf(i) === port) this.#forget(i, 'port-down');
	}

	/** Whether frames that come in by a port teach it where their sender is; it may be told not to (`bridge link set dev … learning off`). */
	setLearning(port: number, on: boolean): void {
		if (this.#learns[port] === undefined) throw new WorldError('BAD_OPTION', `The switch has no port ${port}; it has ${this.#up.length}.`);
		this.#learns[port] = on ? 1 : 0;
	}

	/** Whether a port is up. */
	isUp(port: number): boolean {
		return this.#up[port] === 1;
	}

	/** What it has learnt, in the order of learning; an aged entry stays until it is met. */
	entries(): MacEntry[] {
		return Array.from({ length: this.#table.size }, (_, index) => this.#table.entry(index));
	}

	save(): SavedSwitch {
		return {
			table: this.#table.save(),
			up: this.#up.slice(),
			learns: this.#learns.slice(),
			counters: { ...this.counters },
			queue: [...this.#queue],
			bytes: this.#bytes.slice(0, this.#end),
		};
	}

	restore(state: unknown): void {
		const { table, up, learns, counters, queue, bytes } = state as SavedSwitch;
		this.#table.restore(table);
		this.#up.set(up);
		this.#learns.set(learns);
		Object.assign(this.counters, counters);
		this.#queue = [...queue];
		this.#end = 0;
		this.#room(bytes.length);
		this.#bytes.set(bytes);
		this.#end = bytes.length;
	}

	#learn(mac: number, port: number, now: number): void {
		// A group address is nobody's (IEEE 802.1D-2004 §7.8); nor is an empty one.
		if (mac === 0 || Math.floor(mac / 0x100_0000_0000) % 2 === 1) return;
		const index = this.#table.find(mac);
		if (index >= 0 && this.#table.aged(index, now)) this.#forget(index, 'aged');
		else if (index >= 0) {
			const from = this.#table.portOf(index);
			this.#table.refresh(index, port, now);
			if (from !== port) this.#trace?.put(Kind.macMoved, this.#place, mac, port, from);
			return;
		}
		if (this.#table.full) this.#sweep(now);
		if (this.#table.full) {
			this.counters.unlearnt++;
			return;
		}
		this.#table.add(mac, port, now);
		this.#trace?.put(Kind.macLearnt, this.#place, mac, port);
	}

	#lookUp(mac: number, group: boolean, now: number): number {
		if (group) return FLOOD;
		const index = this.#table.find(mac);
		if (index < 0) return FLOOD;
		if (!this.#table.aged(index, now)) return this.#table.portOf(index);
		this.#forget(index, 'aged');
		return FLOOD;
	}

	#sweep(now: number): void {
		for (let i = this.#table.size - 1; i >= 0; i--) if (this.#table.aged(i, now)) this.#forget(i, 'aged');
	}

	#forget(index: number, reason: string): void {
		const trace = this.#trace;
		if (trace !== null) trace.put(Kind.macForgotten, this.#place, this.#table.macOf(index), this.#table.portOf(index), trace.name(reason));
		this.#table.remove(index);
	}

	#keep(port: number, out: number, bytes: Uint8Array, at: number, length: number): void {
		this.#room(length);
		if (length <= 128) for (let i = 0; i < length; i++) this.#bytes[this.#end + i] = bytes[at + i]!;
		else this.#bytes.set(bytes.subarray(at, at + length), this.#end);
		this.#end += length;
		this.#queue.push(port, out, length);
	}

	#room(length: number): void {
		if (this.#end + length <= this.#bytes.length) return;
		const more = new Uint8Array(Math.max(this.#end + length, this.#bytes.length * 2));
		more.set(this.#bytes);
		this.#bytes = more;
	}

	#drop(counter: keyof SwitchCounters, port: number, bytes: Uint8Array, at: number, length: number): void {
		this.counters[counter]++;
		const trace = this.#trace;
		if (trace !== null) trace.putBytes(Kind.dropped, this.#place, port, trace.name(counter), 0, 0, bytes, at, length);
	}
}
