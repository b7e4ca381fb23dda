import { Kind, type Trace } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import { ADDRESS, LANE, LENGTH, SEQ, TIME, WIDTH } from './agenda.ts';
import { OUT_ADDRESS, OUT_CAUSE, OUT_LENGTH, OUT_PORT, OUT_SEQ, OUT_TIME, OUT_WIDTH, type Place } from './place.ts';
import { Traffic } from './traffic.ts';

/** A machine that threw, and was halted for it. */
export interface Failure {
	readonly place: string;
	readonly step: number;
	readonly error: unknown;
}

/** What comes next. */
export type Next = typeof NOTHING | typeof ROW | typeof WAKE | typeof OUTPUT;
export const NOTHING = 0;
/** a row of the agenda: a frame arrives, or an action is due */
export const ROW = 1;
/** a timer */
export const WAKE = 2;
/** an output is put on its link */
export const OUTPUT = 3;

/** Does single acts of machines: finds the next in (time, number of scheduling) order, and performs it. */
export class Engine {
	readonly trace: Trace | null;
	readonly traffic: Traffic;
	places: readonly Place[] = [];
	failures: readonly Failure[] = [];
	/** World time, µs. */
	now: number = 0;
	/** Steps so far. */
	steps: number = 0;
	/** World time of what `find` found. */
	due: number = 0;
	/** Whose timer or output `find` found. */
	who: Place | null = null;
	readonly #sink: Sink;
	#draining: Place | null = null;
	#cause = -1;

	constructor(trace: Trace | null) {
		this.trace = trace;
		this.traffic = new Traffic(trace);
		this.#sink = {
			take: (bytes, at, length, port) => this.#take(bytes, at, length, port, this.now),
			takeAt: (bytes, at, length, port, departure) => this.#take(bytes, at, length, port, Math.max(this.now, this.#draining!.clock.toWorld(departure))),
		};
	}

	/** Finds what is due first; sets `due` and `who`. */
	find(): Next {
		const { agenda } = this.traffic;
		const row = agenda.first();
		let time = Infinity;
		let seq = Infinity;
		let what: Next = NOTHING;
		this.who = null;
		if (row >= 0) {
			time = agenda.rows[row * WIDTH + TIME]!;
			seq = agenda.rows[row * WIDTH + SEQ]!;
			what = ROW;
		}
		const places = this.places;
		for (let i = 0; i < places.length; i++) {
			const place = places[i]!;
			if (place.standing !== 'running') continue;
			const { wakeTime, outbox, outHead, outTail } = place;
			if (wakeTime < time || (wakeTime === time && place.wakeSeq < seq && wakeTime !== Infinity)) {
				time = wakeTime;
				seq = place.wakeSeq;
				what = WAKE;
				this.who = place;
			}
			if (outHead === outTail) continue;
			const drained = outbox[outHead + OUT_TIME]!;
			if (drained < time || (drained === time && outbox[outHead + OUT_SEQ]! < seq)) {
				time = drained;
				seq = outbox[outHead + OUT_SEQ]!;
				what = OUTPUT;
				this.who = place;
			}
		}
		this.due = time;
		return what;
	}

	/** Performs what `find` found; a row must be that of a frame for a running machine. */
	perform(what: Next): void {
		if (what === ROW) this.#deliver();
		else if (what === WAKE) this.#wake(this.who!);
		else this.#send(this.who!);
	}

	/** Drains a machine and asks when it wants to be woken; what it throws halts it. */
	settle(place: Place): void {
		try {
			this.#drain(place, -1);
		} catch (error) {
			this.#fail(place, error);
		}
	}

	/** Kills a machine with all that waits for it and all that it still had to send. */
	kill(place: Place, reason: string): void {
		place.standing = 'dead';
		place.wakeTime = Infinity;
		if (this.trace !== null) this.trace.put(Kind.crashed, place.traced, place.outputs, this.trace.name(reason));
		const { outbox, outHead, outTail } = place;
		for (let i = outHead; i < outTail; i += OUT_WIDTH) this.traffic.store.give(outbox[i + OUT_ADDRESS]!, outbox[i + OUT_LENGTH]!);
		place.outHead = place.outTail = 0;
		for (const row of place.held) this.traffic.lose(row, 'dead');
		place.held.length = 0;
	}

	/** Hands over the first frame, and what else is there at the same instant, then drains once. */
	#deliver(): void {
		const { agenda, store, ways } = this.traffic;
		const { now, trace } = this;
		const place = ways[agenda.rows[agenda.first() * WIDTH + LANE]!]!.to;
		const shown = place.clock.toNode(now);
		let cause = -1;
		try {
			for (let left = place.batch; left > 0; left--) {
				const row = agenda.first();
				if (row < 0) break;
				const rows = agenda.rows;
				const way = ways[rows[row * WIDTH + LANE]!];
				// A row that is an action has no way.
				if (way === undefined || way.to !== place || rows[row * WIDTH + TIME]! > now) break;
				const address = rows[row * WIDTH + ADDRESS]!;
				const length = rows[row * WIDTH + LENGTH]!;
				agenda.pop();
				cause = this.traffic.arrived(row);
				// The frame stays readable: nothing is stored before the drain.
				this.traffic.release(row);
				place.node.receive(way.toPort, store.bytes, address, length, shown);
			}
			this.#drain(place, trace === null ? -1 : cause);
		} catch (error) {
			this.#fail(place, error);
		}
	}

	#wake(place: Place): void {
		place.wakeTime = Infinity;
		try {
			place.node.wake(place.clock.toNode(this.now));
			this.#drain(place, -1);
		} catch (error) {
			this.#fail(place, error);
		}
	}

	#send(place: Place): void {
		const { outbox, outHead } = place;
		const port = outbox[outHead + OUT_PORT]!;
		const cause = outbox[outHead + OUT_CAUSE]!;
		const address = outbox[outHead + OUT_ADDRESS]!;
		const length = outbox[outHead + OUT_LENGTH]!;
		place.unqueue();
		this.traffic.send(place, port, cause, address, length, this.now);
	}

	#drain(place: Place, cause: number): void {
		this.#draining = place;
		this.#cause = cause;
		place.node.drain(this.#sink);
		this.#draining = null;
		const wish = place.wish();
		const time = wish < this.now ? this.now : wish;
		if (time === place.wakeTime) return;
		place.wakeTime = time;
		place.wakeSeq = this.traffic.nextSeq();
	}

	#take(bytes: Uint8Array, at: number, length: number, port: number, time: number): void {
		const address = this.traffic.store.keep(bytes, at, length);
		this.#draining!.queue(time, this.traffic.nextSeq(), port, this.#cause, address, length);
	}

	/** Fail-stop: nothing that the machine still had to send is sent, that of the act which threw neither. */
	#fail(place: Place, error: unknown): void {
		this.#draining = null;
		this.failures = [...this.failures, { place: place.name, step: this.steps, error }];
		this.kill(place, `threw: ${error instanceof Error ? error.message : String(error)}`);
	}
}
