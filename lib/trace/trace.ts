import { TraceError } from './error.ts';
import { kindNames, kinds, type EventOf, type KindName, type TraceEvent } from './kinds.ts';
import { digestOf } from './digest.ts';
import { commonMark, marksBetween } from './mark.ts';
import type { TraceMark } from './mark.ts';
import type { Tap, TraceEnd, TraceLink } from './link.ts';

/** Float64 slots of an event: time and four numbers. */
const FLOATS = 5;
/** Int32 slots of an event: kind, place, step, first byte, bytes. */
const INTS = 5;
const none: Uint8Array = new Uint8Array(0);

/**
 * The one stream of events of a run (compact records in typed arrays, bytes in
 * a store). Emitters hold `Trace | null` and write `if (trace !== null)
 * trace.put(…)`: off costs a comparison. Whoever drives the machines sets
 * `time` and `step`, so that an emitter need not know the world's clock.
 */
export class Trace {
	/** The seed of the run; part of the digest. */
	readonly seed: number;
	/** World time of what is emitted next, µs; set by the driver. */
	time: number;
	/** Step of what is emitted next; set by the driver. */
	step: number;
	/** Events so far. */
	length: number;
	readonly #limit: number;
	readonly #places: string[] = [];
	readonly #links: TraceLink[] = [];
	readonly #taps: Tap[] = [];
	readonly #names: string[] = [];
	readonly #nameNumbers = new Map<string, number>();
	readonly #placeNumbers = new Map<string, number>();
	#floats: Float64Array;
	#ints: Int32Array;
	#store: Uint8Array;
	#stored: number;
	/** The newest mark that everything up to it still stands behind; null where there is none. */
	#marked: TraceMark | null = null;

	/**
	 * @param seed   the seed of the run, an integer
	 * @param limit  bytes the store of frames may grow to
	 */
	constructor(seed: number, limit: number = 0x4000_0000) {
		this.seed = seed;
		this.time = 0;
		this.step = 0;
		this.length = 0;
		this.#limit = Math.min(limit, 0x7fff_ffff);
		this.#floats = new Float64Array(256 * FLOATS);
		this.#ints = new Int32Array(256 * INTS);
		this.#store = new Uint8Array(0x1_0000);
		this.#stored = 0;
	}

	/** The number of a place; the same name gives the same number. */
	place(name: string): number {
		const known = this.#placeNumbers.get(name);
		if (known !== undefined) return known;
		const number = this.#places.push(name) - 1;
		this.#placeNumbers.set(name, number);
		return number;
	}

	/** The number of a name, for the fields that are strings. */
	name(text: string): number {
		const known = this.#nameNumbers.get(text);
		if (known !== undefined) return known;
		const number = this.#names.push(text) - 1;
		this.#nameNumbers.set(text, number);
		return number;
	}

	/** Places by number. */
	get places(): readonly string[] {
		return this.#places;
	}

	/** Links by number. */
	get links(): readonly TraceLink[] {
		return this.#links;
	}

	/** Recorded ends, in the order of their declaration. */
	get taps(): readonly Tap[] {
		return this.#taps;
	}

	/** Every name used so far, by number. */
	get names(): readonly string[] {
		return this.#names;
	}

	/** Declares a link; returns its number. */
	link(name: string, a: TraceEnd, b: TraceEnd): number {
		return this.#links.push({ name, a, b }) - 1;
	}

	/** Declares that an end is recorded under an interface name. */
	tap(place: number, port: number, name: string, sees: 'both' | 'sent' = 'both'): void {
		this.#taps.push({ place, port, interface: name, sees });
	}

	/**
	 * Emits an event that carries no bytes; the slots are those of `kinds`.
	 *
	 * @returns its index
	 */
	put(kind: number, place: number, a: number = 0, b: number = 0, c: number = 0, d: number = 0): number {
		return this.#add(kind, place, a, b, c, d, 0, 0);
	}

	/**
	 * Emits an event that carries bytes; they are copied.
	 *
	 * @returns its index
	 * @throws {TraceError} TRACE_FULL
	 */
	putBytes(
		kind: number, place: number, a: number, b: number, c: number, d: number,
		bytes: Uint8Array, at: number, length: number,
	): number {
		const start = this.#stored;
		if (start + length > this.#store.length) this.#growStore(start + length);
		const store = this.#store;
		// A loop beats `set(subarray)` for short frames: it makes no view.
		if (length <= 128) for (let i = 0; i < length; i++) store[start + i] = bytes[at + i]!;
		else store.set(bytes.subarray(at, at + length), start);
		this.#stored = start + length;
		return this.#add(kind, place, a, b, c, d, start, length);
	}

	/**
	 * Emits an event that carries the same bytes as an earlier one, without
	 * storing them twice: a frame that arrives as it was sent.
	 *
	 * @returns its index
	 */
	putSame(kind: number, place: number, a: number, b: number, c: number, d: number, other: number): number {
		const from = this.#ints;
		return this.#add(kind, place, a, b, c, d, from[other * INTS + 3]!, from[other * INTS + 4]!);
	}

	/** The code of an event's kind. */
	kindOf(index: number): number {
		return this.#ints[index * INTS]!;
	}

	/** The number of the place of an event. */
	placeOf(index: number): number {
		return this.#ints[index * INTS + 1]!;
	}

	/** World time of an event, µs. */
	timeOf(index: number): number {
		return this.#floats[index * FLOATS]!;
	}

	/** The step an event happened in. */
	stepOf(index: number): number {
		return this.#ints[index * INTS + 2]!;
	}

	/** Slot 0…3 of an event. */
	slotOf(index: number, slot: number): number {
		return this.#floats[index * FLOATS + 1 + slot]!;
	}

	/** What an event carries, borrowed until the next event is emitted. */
	bytesOf(index: number): Uint8Array {
		const at = this.#ints[index * INTS + 3]!;
		const length = this.#ints[index * INTS + 4]!;
		return length === 0 ? none : this.#store.subarray(at, at + length);
	}

	/**
	 * An event as an object.
	 *
	 * @throws {TraceError} TRACE_NO_EVENT, TRACE_UNKNOWN_KIND
	 */
	event(index: number): TraceEvent {
		if (!(index >= 0 && index < this.length)) {
			throw new TraceError('TRACE_NO_EVENT', `There is no event ${index}: the trace has ${this.length}.`);
		}
		const kind = kindNames.get(this.kindOf(index));
		if (kind === undefined) {
			throw new TraceError(
				'TRACE_UNKNOWN_KIND',
				`Event ${index} has the unknown kind ${this.kindOf(index)}: emit only kinds of the table.`,
			);
		}
		const event: Record<string, unknown> = {
			kind,
			index,
			time: this.timeOf(index),
			step: this.stepOf(index),
			place: this.#places[this.placeOf(index)] ?? '',
			bytes: this.bytesOf(index),
		};
		let slot = 0;
		for (const field of kinds[kind].numbers) event[field] = this.slotOf(index, slot++);
		for (const field of kinds[kind].names) event[field] = this.#names[this.slotOf(index, slot++)] ?? '';
		return event as unknown as TraceEvent;
	}

	/** All events in order, as objects. */
	*[Symbol.iterator](): IterableIterator<TraceEvent> {
		for (let index = 0; index < this.length; index++) yield this.event(index);
	}

	/** The events of one kind, in order. */
	*of<K extends KindName>(kind: K): IterableIterator<EventOf<K>> {
		const code = kinds[kind].code;
		for (let index = 0; index < this.length; index++) {
			if (this.kindOf(index) === code) yield this.event(index) as EventOf<K>;
		}
	}

	/** SHA-256 over the seed and everything that was emitted or declared; 64 hex digits. */
	digest(): string {
		const head = [this.seed, this.#places, this.#names, this.#links, this.#taps];
		return digestOf(
			JSON.stringify(head),
			this.#floats.subarray(0, this.length * FLOATS),
			this.#ints.subarray(0, this.length * INTS),
			this.#store.subarray(0, this.#stored),
		);
	}

	/** How far the trace has come. */
	mark(): TraceMark {
		const parent = this.#marked;
		if (parent !== null && this.#isAt(parent)) return parent;
		const { events = 0, bytes = 0, names = 0, places = 0, links = 0, taps = 0 } = parent ?? {};
		const mark: TraceMark = {
			events: this.length, bytes: this.#stored, names: this.#names.length, places: this.#places.length, links: this.#links.length, taps: this.#taps.length,
			time: this.time, step: this.step, parent, depth: parent === null ? 0 : parent.depth + 1,
			said: {
				floats: this.#floats.slice(events * FLOATS, this.length * FLOATS), ints: this.#ints.slice(events * INTS, this.length * INTS), store: this.#store.slice(bytes, this.#stored),
				names: this.#names.slice(names), places: this.#places.slice(places), links: this.#links.slice(links), taps: this.#taps.slice(taps),
			},
		};
		this.#marked = mark;
		return mark;
	}

	#isAt({ events, bytes, names, places, links, taps, time, step }: TraceMark): boolean {
		return events === this.length && bytes === this.#stored && names === this.#names.length && places === this.#places.length
			&& links === this.#links.length && taps === this.#taps.length && time === this.time && step === this.step;
	}

	/** Makes the trace what it was at `mark`, which is one of its own: back, forward, or to another branch. */
	rewind(mark: TraceMark): void {
		const common = commonMark(this.#marked, mark);
		this.#truncate(common);
		for (const one of marksBetween(common, mark)) this.#append(one);
		this.time = mark.time;
		this.step = mark.step;
		this.#marked = mark;
	}

	/** Forgets everything emitted or declared since `mark`, or ever. */
	#truncate(mark: TraceMark | null): void {
		const { events = 0, bytes = 0, names = 0, places = 0, links = 0, taps = 0 } = mark ?? {};
		this.length = events;
		this.#stored = bytes;
		for (const name of this.#names.splice(names)) this.#nameNumbers.delete(name);
		for (const name of this.#places.splice(places)) this.#placeNumbers.delete(name);
		this.#links.length = links;
		this.#taps.length = taps;
	}

	/** Says once more what was said up to a mark, behind the one before it. */
	#append({ events, bytes, said }: TraceMark): void {
		while (events * INTS > this.#ints.length) this.#growRecords();
		if (bytes > this.#store.length) this.#growStore(bytes);
		this.#floats.set(said.floats, this.length * FLOATS);
		this.#ints.set(said.ints, this.length * INTS);
		this.#store.set(said.store, this.#stored);
		this.length = events;
		this.#stored = bytes;
		for (const name of said.names) this.name(name);
		for (const name of said.places) this.place(name);
		this.#links.push(...said.links);
		this.#taps.push(...said.taps);
	}

	#add(
		kind: number, place: number, a: number, b: number, c: number, d: number,
		at: number, length: number,
	): number {
		const index = this.length++;
		if ((index + 1) * INTS > this.#ints.length) this.#growRecords();
		const floats = this.#floats;
		const f = index * FLOATS;
		floats[f] = this.time;
		floats[f + 1] = a;
		floats[f + 2] = b;
		floats[f + 3] = c;
		floats[f + 4] = d;
		const ints = this.#ints;
		const i = index * INTS;
		ints[i] = kind;
		ints[i + 1] = place;
		ints[i + 2] = this.step;
		ints[i + 3] = at;
		ints[i + 4] = length;
		return index;
	}

	#growRecords(): void {
		const floats = new Float64Array(this.#floats.length * 2);
		floats.set(this.#floats);
		this.#floats = floats;
		const ints = new Int32Array(this.#ints.length * 2);
		ints.set(this.#ints);
		this.#ints = ints;
	}

	#growStore(needed: number): void {
		if (needed > this.#limit) {
			throw new TraceError(
				'TRACE_FULL',
				`The trace would keep more than ${this.#limit} bytes: run shorter, raise the limit, or turn it off.`,
			);
		}
		const store = new Uint8Array(Math.min(this.#limit, Math.max(needed, this.#store.length * 2)));
		store.set(this.#store.subarray(0, this.#stored));
		this.#store = store;
	}
}
