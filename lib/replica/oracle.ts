import type { Trace } from '../trace/index.ts';
import { fieldDifference, likeness } from './frame-fields.ts';
import type { FieldDifference } from './frame-fields.ts';
import { FrameIndex } from './frame-index.ts';
import { ENTRY, checkEntry } from './entry.ts';
import { Machine } from './machine.ts';
import type { MachineHost, Outputs } from './machine.ts';
import { get64, getU32 } from './number.ts';

/** Two machines wrote different entries under one number in one epoch. */
export interface LogConflict {
	readonly index: number;
	readonly epoch: number;
}

/** The log that survived. */
export interface SurvivingLog {
	/** entries from index 1 on, without a gap */
	readonly entries: readonly Uint8Array[];
	/** the first place where two machines spoke in one epoch; null where none did */
	readonly conflict: LogConflict | null;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * Joins the entries that were logged in all epochs into the log that survived.
 *
 * Of each index the entry of the latest epoch counts: who took over wrote it
 * after what survived. Behind it nothing of an earlier epoch survived.
 *
 * @param logged  entries as bytes, in any order, each from whoever wrote it
 */
export function survivingLog(logged: Iterable<Uint8Array>): SurvivingLog {
	const newest = new Map<number, Uint8Array>();
	let conflict: LogConflict | null = null;
	for (const entry of logged) {
		if (checkEntry(entry, 0, entry.length) !== entry.length) continue;
		const index = get64(entry, ENTRY.index), epoch = getU32(entry, ENTRY.epoch);
		const known = newest.get(index);
		const knownEpoch = known === undefined ? -1 : getU32(known, ENTRY.epoch);
		if (epoch > knownEpoch) newest.set(index, entry);
		else if (epoch === knownEpoch && !sameBytes(known!, entry) && (conflict === null || index < conflict.index)) conflict = { index, epoch };
	}
	const entries: Uint8Array[] = [];
	for (let index = 1, epoch = 0; ; index++) {
		const entry = newest.get(index);
		if (entry === undefined || getU32(entry, ENTRY.epoch) < epoch) break;
		epoch = getU32(entry, ENTRY.epoch);
		entries.push(entry);
	}
	return { entries, conflict };
}

/** Every entry logged in a run, as bytes of its own. */
export function loggedIn(trace: Trace): Uint8Array[] {
	return Array.from(trace.of('entryLogged'), ({ bytes }) => bytes.slice());
}

/** A frame the machine that never failed did not send. */
export interface OracleViolation {
	/** place of the frame among those given */
	readonly frame: number;
	readonly bytes: Uint8Array;
	/** the output that is most like it; null where there was no output */
	readonly nearest: { readonly output: number; readonly entry: number; readonly bytes: Uint8Array; readonly difference: FieldDifference | null } | null;
	/** one sentence */
	readonly text: string;
}

export interface OracleVerdict {
	readonly ok: boolean;
	/** entries the machine executed */
	readonly entries: number;
	/** outputs it made */
	readonly outputs: number;
	/** of each frame the number of the output it is; 0 for an announcement, −1 for none */
	readonly numbers: readonly number[];
	readonly violation: OracleViolation | null;
	readonly conflict: LogConflict | null;
	/** what the machine threw, where the log brought it down; entries behind that were not executed */
	readonly fault: unknown;
}

/**
 * The machine that never failed: executes the log that survived, and knows
 * every frame that may be seen (DESIGN.md §0).
 */
export class Oracle implements Outputs {
	/** entries executed */
	entries: number = 0;
	/** what the log made the machine throw; null where nothing */
	fault: unknown = null;
	readonly #machine: Machine;
	readonly #outputs: FrameIndex = new FrameIndex();
	readonly #from: number[] = [];
	readonly #announced: FrameIndex = new FrameIndex();

	/**
	 * @param host           in the initial state; it is used up
	 * @param announcements  frames a takeover may send besides
	 */
	constructor(host: MachineHost, announcements: readonly Uint8Array[] = []) {
		this.#machine = new Machine(host);
		for (const frame of announcements) this.#announced.add(frame, 0, frame.length);
	}

	output(_number: number, entry: number, bytes: Uint8Array, at: number, length: number): void {
		this.#outputs.add(bytes, at, length);
		this.#from.push(entry);
	}

	/** Executes entries; a fault ends it, as it ends every replica. */
	execute(entries: Iterable<Uint8Array>): void {
		if (this.fault !== null) return;
		try {
			for (const entry of entries) {
				this.#machine.step(entry, 0, this);
				this.entries++;
			}
		} catch (fault) {
			this.fault = fault;
			// Nothing of the step that failed was ever put out.
			while (this.#from.at(-1) === this.entries + 1) {
				this.#from.pop();
				this.#outputs.drop();
			}
		}
	}

	/** Outputs so far; output number n is at place n − 1. */
	get outputs(): readonly Uint8Array[] { return this.#outputs.frames; }

	/** The number of the output a frame is; 0 for an announcement, −1 where the machine never sent it. */
	numberOf(frame: Uint8Array): number {
		const place = this.#outputs.find(frame);
		if (place >= 0) return place + 1;
		return this.#announced.find(frame) >= 0 ? 0 : -1;
	}

	/** Says why a frame is none of the outputs. */
	explain(frame: number, bytes: Uint8Array): OracleViolation {
		let best = -1, most = 0;
		for (const [place, output] of this.outputs.entries()) {
			const score = likeness(bytes, output);
			if (score > most) { most = score; best = place; }
		}
		const output = this.outputs[best];
		if (output === undefined) return { frame, bytes: bytes.slice(), nearest: null, text: 'The machine that never failed sent nothing of this kind.' };
		const difference = fieldDifference(output, bytes);
		const text = `The machine that never failed never sent this frame; most like it is its output ${best + 1}, of entry ${this.#from[best]!}, where ${difference?.field} is ${difference?.expected} and not ${difference?.found}.`;
		return { frame, bytes: bytes.slice(), nearest: { output: best + 1, entry: this.#from[best]!, bytes: output, difference }, text };
	}
}

export interface OracleInput {
	/** a host in the initial state of the pair's; it is used up */
	readonly host: MachineHost;
	/** entries logged in all epochs, each from whoever wrote it */
	readonly logged: Iterable<Uint8Array>;
	/** server frames seen on the client's link, in order */
	readonly frames: Iterable<Uint8Array>;
	/** frames a takeover may send besides */
	readonly announcements?: readonly Uint8Array[];
}

/**
 * Judges a run by the one criterion (DESIGN.md §0): every server frame seen is
 * an output of a machine that never failed, lost, repeated or delayed at will.
 */
export function judge(input: OracleInput): OracleVerdict {
	const { entries, conflict } = survivingLog(input.logged);
	const oracle = new Oracle(input.host, input.announcements);
	oracle.execute(entries);
	const numbers: number[] = [];
	let violation: OracleViolation | null = null;
	for (const frame of input.frames) {
		const number = oracle.numberOf(frame);
		if (number < 0 && violation === null) violation = oracle.explain(numbers.length, frame);
		numbers.push(number);
	}
	return { ok: violation === null, entries: oracle.entries, outputs: oracle.outputs.length, numbers, violation, conflict, fault: oracle.fault };
}
