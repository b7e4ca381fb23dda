import { Kind, Trace } from '../trace/index.ts';
import type { Recorder } from './driver.ts';
import type { Journal } from './journal.ts';

const none: Uint8Array = new Uint8Array(0);

/**
 * A trace that keeps nothing in memory: every event goes to a journal at once,
 * which outlives the process. It is also the recorder of what comes and goes.
 */
export class JournalTrace extends Trace implements Recorder {
	readonly journal: Journal;
	readonly #known: Map<string, number> = new Map();
	#port0Only: boolean;

	/** @param everything  whether the frames of all ports are recorded, or those of the client network alone */
	constructor(journal: Journal, everything: boolean = true) {
		super(0, 0);
		this.journal = journal;
		this.#port0Only = !everything;
	}

	override name(text: string): number {
		const known = this.#known.get(text);
		if (known !== undefined) return known;
		const number = this.#known.size;
		this.#known.set(text, number);
		this.journal.name(number, text);
		return number;
	}

	override put(kind: number, _place: number, a: number = 0, b: number = 0, c: number = 0, d: number = 0): number {
		this.journal.put(kind, this.time, a, b, c, d, none, 0, 0);
		return -1;
	}

	override putBytes(kind: number, _place: number, a: number, b: number, c: number, d: number, bytes: Uint8Array, at: number, length: number): number {
		this.journal.put(kind, this.time, a, b, c, d, bytes, at, length);
		return -1;
	}

	at(now: number): void { this.time = now; }

	arrived(port: number, bytes: Uint8Array, at: number, length: number): void {
		if (port === 0 || !this.#port0Only) this.journal.put(Kind.frameArrived, this.time, port, -1, -1, 0, bytes, at, length);
	}

	leaving(port: number, bytes: Uint8Array, at: number, length: number): void {
		if (port === 0 || !this.#port0Only) this.journal.put(Kind.frameSent, this.time, port, -1, -1, 0, bytes, at, length);
	}

	left(): void {}
}
