import type { Luggage } from './luggage.ts';
import type { Outputs } from './machine.ts';
import { copy } from './number.ts';
import { ByteRing } from './ring.ts';
import type { Store } from './store.ts';
import { Kind } from '../trace/index.ts';
import type { Trace } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';

export interface GateConfig {
	/** bytes of outputs held */
	readonly bytes: number;
	/** outputs held, a power of two */
	readonly outputs: number;
	/** bytes of the longest output */
	readonly longest: number;
}

/** What the gate does with an output the machine makes: see `Gate.mode`. */
export const HOLD = 0;
export const KEEP = 1;
export const PASS = 2;

/** Why an output was given up. */
export type DiscardReason = 'watermark' | 'policy' | 'halted' | 'gate full' | 'fault';

/**
 * The outputs that have not left yet, numbered and in order: of the primary
 * those whose entry is not acknowledged, of the backup those above the
 * watermark (the other way round where the backup sends). It lies outside the machine: what it does never comes back as input.
 */
export class Gate implements Outputs {
	/** `HOLD`: until the entry is acknowledged; `KEEP`: of one for whom the other sends; `PASS`: to be let go at once */
	mode: typeof HOLD | typeof KEEP | typeof PASS = HOLD;
	/** watermark: highest output number released, or heard to be released */
	watermark: number = 0;
	/** outputs up to this number were made before the takeover: letting them go repeats them */
	replayed: number = 0;
	/** outputs from this entry on are kept even below the watermark */
	spare: number = Infinity;
	/** outputs that found the gate full */
	full: number = 0;
	/** outputs given up that the client may never have seen */
	suppressed: number = 0;
	readonly #ring: ByteRing;
	readonly #longest: number;
	readonly #numbers: Float64Array;
	readonly #entries: Float64Array;
	readonly #trace: Trace | null;
	readonly #place: number;
	/** the ring's number of the first output of the step being made */
	#staged: number;

	static sizeOf(config: GateConfig): number {
		return ByteRing.sizeOf(config.bytes, config.longest);
	}

	constructor(store: Store, config: GateConfig, trace: Trace | null, place: number) {
		this.#ring = new ByteRing(store.u8, store.carve(Gate.sizeOf(config)), config.bytes, config.longest, config.outputs, 0);
		this.#longest = config.longest;
		this.#numbers = new Float64Array(config.outputs);
		this.#entries = new Float64Array(config.outputs);
		this.#trace = trace;
		this.#place = place;
		this.#staged = 0;
	}

	/** Outputs held. */
	get held(): number { return this.#ring.next - this.#ring.first; }

	/** Index of the entry the oldest output held came from; `Infinity` where none is held. */
	get oldestEntry(): number {
		return this.held === 0 ? Infinity : this.#entries[this.#ring.first & (this.#ring.slots - 1)]!;
	}

	/** Takes an output of the step being made; it counts when the step is committed. */
	output(number: number, entry: number, bytes: Uint8Array, at: number, length: number): void {
		// It has left already, by whichever of the two; of what is made here for the first time that is never so.
		if (number <= this.watermark && entry < this.spare) {
			if (this.#trace !== null) this.#discarded(number, entry, 'watermark');
			return;
		}
		const ring = this.#ring;
		if (length > this.#longest || !ring.fits(length)) {
			// A device queue that is full drops, and the machine never learns of it.
			this.full++;
			if (this.#trace !== null) this.#discarded(number, entry, 'gate full');
			return;
		}
		const slot = ring.next & (ring.slots - 1);
		this.#numbers[slot] = number;
		this.#entries[slot] = entry;
		copy(bytes, at, length, ring.u8, ring.open(length));
		ring.close(length);
	}

	/** The step is whole: what it put out is held, kept or passed from now on. */
	commit(): void {
		if (this.#trace !== null && this.mode !== PASS) this.#tell(this.mode === HOLD ? Kind.outputHeld : Kind.outputKept);
		this.#staged = this.#ring.next;
	}

	#tell(kind: number): void {
		const ring = this.#ring;
		for (let i = this.#staged; i < ring.next; i++) this.#emit(kind, i);
	}

	#emit(kind: number, i: number): void {
		const ring = this.#ring;
		const slot = i & (ring.slots - 1);
		this.#trace!.putBytes(kind, this.#place, this.#numbers[slot]!, this.#entries[slot]!, 0, 0, ring.u8, ring.placeOf(i), ring.lengthOf(i));
	}

	/** The step failed: nothing of it was ever put out. */
	abandon(): void {
		this.#ring.truncate(this.#staged);
	}

	/** Hands over every output that came from an entry up to `entry`, and raises the watermark. */
	release(entry: number, sink: Sink): void {
		const ring = this.#ring;
		while (ring.first < ring.next) {
			const slot = ring.first & (ring.slots - 1);
			if (this.#entries[slot]! > entry) return;
			const number = this.#numbers[slot]!;
			if (this.#trace !== null) this.#emit(number <= this.replayed ? Kind.outputRepeated : Kind.outputReleased, ring.first);
			if (number > this.watermark) this.watermark = number;
			sink.take(ring.u8, ring.placeOf(ring.first), ring.lengthOf(ring.first), 0);
			ring.trim(ring.first + 1);
		}
	}

	/** A backup heard how far the outputs were released. */
	heard(watermark: number): void {
		if (watermark <= this.watermark) return;
		this.watermark = watermark;
		this.discard(watermark, this.spare, 'watermark');
	}

	/** The other has executed up to an entry, and has sent what came of it. */
	sentElsewhere(entry: number): void {
		const ring = this.#ring;
		while (ring.first < ring.next) {
			const slot = ring.first & (ring.slots - 1);
			if (this.#entries[slot]! > entry) return;
			this.watermark = Math.max(this.watermark, this.#numbers[slot]!);
			if (this.#trace !== null) this.#discarded(this.#numbers[slot]!, this.#entries[slot]!, 'watermark');
			ring.trim(ring.first + 1);
		}
	}

	/**
	 * Drops the oldest outputs, up to a number and from entries below `entry`.
	 *
	 * @returns  how many of them lay above the watermark
	 */
	discard(number: number, entry: number, reason: DiscardReason): number {
		const ring = this.#ring;
		let above = 0;
		while (ring.first < ring.next) {
			const slot = ring.first & (ring.slots - 1);
			const oldest = this.#numbers[slot]!;
			const from = this.#entries[slot]!;
			if (oldest > number || from >= entry) break;
			if (oldest > this.watermark) above++;
			if (this.#trace !== null) this.#discarded(oldest, from, reason);
			ring.trim(ring.first + 1);
		}
		this.suppressed += above;
		return above;
	}

	#discarded(number: number, entry: number, reason: DiscardReason): void {
		this.#trace!.put(Kind.outputDiscarded, this.#place, number, entry, this.#trace!.name(reason));
	}

	carry(luggage: Luggage): void {
		const ring = this.#ring;
		this.mode = luggage.number(this.mode) as typeof HOLD;
		this.watermark = luggage.number(this.watermark);
		this.replayed = luggage.number(this.replayed);
		this.spare = luggage.number(this.spare);
		this.full = luggage.number(this.full);
		this.suppressed = luggage.number(this.suppressed);
		ring.carry(luggage);
		this.#staged = ring.next;
		for (let i = ring.first; i < ring.next; i++) {
			const slot = i & (ring.slots - 1);
			this.#numbers[slot] = luggage.number(this.#numbers[slot]!);
			this.#entries[slot] = luggage.number(this.#entries[slot]!);
		}
	}
}
