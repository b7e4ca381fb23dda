import { WorldError } from './error.ts';

/** What a scripted fault does to a frame. */
export type FaultAct = 'lose' | 'duplicate' | 'delay' | 'corrupt';

/** Whether a frame is meant; the bytes are borrowed. */
export type FramePredicate = (bytes: Uint8Array, at: number, length: number) => boolean;

/**
 * A fault that is written down, not drawn: "lose the third frame", "delay the
 * first that has the FIN bit set". Frames of this direction that fit `when` are
 * counted from 1, from the moment the fault is added; `nth` is the first of
 * them that is hit, and `times` how many are.
 */
export interface ScriptedFault {
	readonly act: FaultAct;
	/** Which of the frames that fit; 1 by default. */
	readonly nth?: number;
	/** Which frames fit; every one by default. */
	readonly when?: FramePredicate;
	/** How many of them in a row are hit; 1 by default. */
	readonly times?: number;
	/** How much later the frame (`delay`) or its copy (`duplicate`) arrives, µs; 1000 by default. */
	readonly by?: number;
	/** Which bit of the frame is flipped (`corrupt`), counted from its first bit and modulo its length; 0 by default. */
	readonly bit?: number;
}

const acts: readonly string[] = ['lose', 'duplicate', 'delay', 'corrupt'];

/** A scripted fault with how many frames it has seen. */
export class FaultRule {
	readonly act: FaultAct;
	/** µs */
	readonly by: number;
	readonly bit: number;
	/** Frames that fitted so far. */
	seen: number;
	readonly #nth: number;
	readonly #times: number;
	readonly #when: FramePredicate | undefined;

	/** @throws {WorldError} BAD_OPTION */
	constructor(fault: ScriptedFault) {
		const { act, nth = 1, times = 1, by = 1000, bit = 0 } = fault;
		if (!acts.includes(act)) throw new WorldError('BAD_OPTION', `A fault can ${acts.join(', ')}; it cannot '${act}'.`);
		for (const [name, value, least] of [['nth', nth, 1], ['times', times, 1], ['by', by, 0], ['bit', bit, 0]] as const) {
			if (!(value >= least) || (!Number.isSafeInteger(value) && name !== 'times')) {
				throw new WorldError('BAD_OPTION', `A fault's '${name}' is a whole number from ${least} on, not ${value}.`);
			}
		}
		this.act = act;
		this.by = by;
		this.bit = bit;
		this.seen = 0;
		this.#nth = nth;
		this.#times = times;
		this.#when = fault.when;
	}

	/** Counts a frame, and says whether it is hit. */
	hits(bytes: Uint8Array, at: number, length: number): boolean {
		if (this.#when !== undefined && !this.#when(bytes, at, length)) return false;
		const nth = ++this.seen;
		return nth >= this.#nth && nth < this.#nth + this.#times;
	}
}
