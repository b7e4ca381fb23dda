import type { EventOf, Trace, TraceEvent } from '../trace/index.ts';

/** The laws a run is watched by. */
export type InvariantName =
	/** no output is released before the backup has its entry */
	| 'output-rule'
	/** at most one machine speaks in an epoch, and none any more when a later one has begun */
	| 'one-speaker'
	/** replicas that have executed the same entry are equal, byte for byte */
	| 'equal-replicas'
	/** an output that is sent again is the same, byte for byte */
	| 'identical-repeats';

export interface InvariantViolation {
	readonly invariant: InvariantName;
	/** the event it was seen at */
	readonly event: number;
	/** one sentence */
	readonly text: string;
}

interface PlaceState {
	epoch: number;
	paired: boolean;
	alive: boolean;
	/** end of the log it has received or written in this life */
	has: number;
	/** it follows another's log; one that follows may send outputs late, which the other has too */
	follows: boolean;
}

/** Tells bytes that were noted under a key from others; sums of it do not depend on the order. */
function fingerprint(key: string, bytes: Uint8Array): number {
	let h = 0x811c_9dc5;
	for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x0100_0193);
	for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i]!, 0x0100_0193);
	return (h ^ (h >>> 15)) >>> 0;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Watches a run by its trace, and says nearer the cause what the oracle says in
 * the end. With a protection switched off it is meant to find something.
 */
export class Invariants {
	readonly violations: InvariantViolation[] = [];
	readonly #trace: Trace;
	readonly #places: Map<string, PlaceState> = new Map();
	readonly #digests: Map<string, Uint8Array> = new Map();
	readonly #released: Map<number, Uint8Array> = new Map();
	readonly #speakers: Map<number, string> = new Map();
	#newest = 1;
	#next = 0;
	/** sums over what was noted of digests and outputs */
	#noted = 0;

	/** @param alone  names of places that began without a backup */
	constructor(trace: Trace, alone: readonly string[] = []) {
		this.#trace = trace;
		for (const name of alone) this.#place(name).paired = false;
	}

	/** Looks at what has happened since it looked last; returns all it has found. */
	check(): readonly InvariantViolation[] {
		for (; this.#next < this.#trace.length; this.#next++) this.see(this.#trace.event(this.#next));
		return this.violations;
	}

	/** Another that has seen the same: what one sees from now on the other does not. */
	copy(): Invariants {
		const copy = new Invariants(this.#trace);
		copy.violations.push(...this.violations);
		for (const [name, state] of this.#places) copy.#places.set(name, { ...state });
		for (const [key, digest] of this.#digests) copy.#digests.set(key, digest);
		for (const [output, bytes] of this.#released) copy.#released.set(output, bytes);
		for (const [epoch, place] of this.#speakers) copy.#speakers.set(epoch, place);
		copy.#newest = this.#newest;
		copy.#noted = this.#noted;
		copy.#next = this.#next;
		return copy;
	}

	/** Equal for two that will judge alike whatever they see. */
	get key(): string {
		const places = [...this.#places].sort().map(([name, { epoch, paired, alive, has, follows }]) => [name, epoch, paired, alive, has, follows]);
		return JSON.stringify([places, this.#digests.size, this.#released.size, this.#noted, [...this.#speakers].sort(), this.#newest]);
	}

	#place(name: string): PlaceState {
		let state = this.#places.get(name);
		if (state === undefined) {
			state = { epoch: 1, paired: true, alive: true, has: 0, follows: false };
			this.#places.set(name, state);
		}
		return state;
	}

	/** Takes in one event, which need not be of the trace. */
	see(event: TraceEvent): void {
		switch (event.kind) {
			case 'entryReceived': this.#received(event); break;
			case 'entryLogged': this.#place(event.place).has = event.entry; break;
			case 'entryExecuted': this.#executed(event); break;
			case 'outputReleased': this.#outputRule(event); this.#spoke(event); break;
			case 'outputRepeated': this.#spoke(event); break;
			case 'tookOver': case 'wentAlone': this.#opened(event, false); break;
			case 'joined': this.#opened(event, true); break;
			case 'crashed': case 'halted': this.#place(event.place).alive = false; break;
			case 'started': this.#places.delete(event.place); break;
			default:
		}
	}

	#found(invariant: InvariantName, event: TraceEvent, text: string): void {
		this.violations.push({ invariant, event: event.index, text });
	}

	#opened(event: EventOf<'tookOver'> | EventOf<'wentAlone'> | EventOf<'joined'>, paired: boolean): void {
		const state = this.#place(event.place);
		state.epoch = event.epoch;
		state.paired = paired;
		state.follows = false;
		this.#newest = Math.max(this.#newest, event.epoch);
	}

	#received({ place, epoch, last }: EventOf<'entryReceived'>): void {
		const state = this.#place(place);
		state.has = last;
		state.epoch = epoch;
		state.follows = true;
	}

	#executed(event: EventOf<'entryExecuted'>): void {
		if (event.bytes.length === 0) return;
		const key = `${event.epoch}:${event.entry}`;
		const known = this.#digests.get(key);
		if (known === undefined) {
			this.#digests.set(key, event.bytes.slice());
			this.#noted += fingerprint(key, event.bytes);
		} else if (!sameBytes(known, event.bytes)) this.#found('equal-replicas', event, `Behind entry ${event.entry} the image of ${event.place} is not what it was elsewhere.`);
	}

	#outputRule(event: EventOf<'outputReleased'>): void {
		if (!this.#place(event.place).paired) return;
		for (const [name, state] of this.#places) if (name !== event.place && state.has >= event.entry) return;
		this.#found('output-rule', event, `${event.place} released output ${event.output} of entry ${event.entry}, which no other has.`);
	}

	#spoke(event: EventOf<'outputReleased'> | EventOf<'outputRepeated'>): void {
		const { epoch, follows } = this.#place(event.place);
		const speaker = this.#speakers.get(epoch) ?? event.place;
		this.#speakers.set(epoch, speaker);
		if (speaker !== event.place) this.#found('one-speaker', event, `${event.place} speaks in epoch ${epoch}, in which ${speaker} has spoken.`);
		else if (epoch < this.#newest && !follows) this.#found('one-speaker', event, `${event.place} speaks in epoch ${epoch} although epoch ${this.#newest} has begun.`);
		const before = this.#released.get(event.output);
		if (before === undefined) {
			this.#released.set(event.output, event.bytes.slice());
			this.#noted += fingerprint(`output ${event.output}`, event.bytes);
		} else if (!sameBytes(before, event.bytes)) this.#found('identical-repeats', event, `${event.place} sent output ${event.output} with other bytes than it had before.`);
	}
}

/** Everything that was violated in a run. */
export function violationsIn(trace: Trace, alone: readonly string[] = []): readonly InvariantViolation[] {
	return new Invariants(trace, alone).check();
}
