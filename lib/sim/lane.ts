import { WorldError } from './error.ts';
import { FaultRule, type ScriptedFault } from './faults.ts';
import { draw, streamKey, threshold, type StreamKey } from './random.ts';
import type { Tape } from './tape.ts';

/** How one direction of a link behaves. Probabilities are 0 … 1. */
export interface LaneOptions {
	/** bits per second; `Infinity`: sending takes no time */
	readonly bandwidth?: number;
	/** bytes on the wire besides the frame: preamble, check sequence, gap */
	readonly overhead?: number;
	/** µs from the last bit sent to the frame's arrival */
	readonly delay?: number;
	/** up to so many µs more, evenly; never changes the order */
	readonly jitter?: number;
	/** frames that may wait to be sent */
	readonly queue?: number;
	/** probability that a frame is lost */
	readonly loss?: number;
	/** probability that it arrives twice */
	readonly duplication?: number;
	/** the copy is up to so many µs later */
	readonly duplicateBy?: number;
	/** probability that it is late, and overtaken */
	readonly reordering?: number;
	/** by 1 … so many µs */
	readonly reorderBy?: number;
	/** probability that one of its bits is flipped */
	readonly corruption?: number;
}

/** A local network, without faults. */
export const defaults: Readonly<Required<LaneOptions>> = {
	bandwidth: 1e9,
	overhead: 24,
	delay: 10,
	jitter: 0,
	queue: 1000,
	loss: 0,
	duplication: 0,
	duplicateBy: 0,
	reordering: 0,
	reorderBy: 1000,
	corruption: 0,
};

const optionNames: readonly string[] = Object.keys(defaults);
const probabilities: readonly string[] = ['loss', 'duplication', 'reordering', 'corruption'];
const mayBeInfinite: readonly string[] = ['bandwidth', 'queue'];

/** Why a frame did not arrive. */
export type LossReason =
	/** drawn */
	| 'loss'
	/** written down */
	| 'scripted'
	/** too many waited to be sent, or for a stopped machine */
	| 'queue'
	/** the link was cut */
	| 'cut'
	/** the machine it came to was dead */
	| 'dead';

/** What became of the frames of a lane: sent + copies = arrived + lost + those in flight. */
export interface LaneCounters {
	sent: number;
	/** made by duplication */
	copies: number;
	arrived: number;
	lost: Record<LossReason, number>;
	/** not an end: counted at the sending */
	altered: number;
	/** not an end: counted at the sending */
	late: number;
}

/** What is said of a lane when a world is saved, besides the numbers. */
export interface SavedLane {
	readonly options: Required<LaneOptions>;
	readonly rules: readonly FaultRule[];
}

const reasons: readonly LossReason[] = ['loss', 'scripted', 'queue', 'cut', 'dead'];

/**
 * One direction of a link: says for each frame when it arrives, whether twice,
 * and with which bit flipped. Each fault has a random source of its own, whose
 * `n`th draw belongs to the `n`th frame whatever befalls it.
 */
export class Lane {
	#options: Required<LaneOptions>;
	readonly counters: LaneCounters = {
		sent: 0, copies: 0, arrived: 0, lost: { loss: 0, scripted: 0, queue: 0, cut: 0, dead: 0 }, altered: 0, late: 0,
	};

	/** What `offer` found: when the frame arrives, world µs. */
	arrival: number = 0;
	/** When its copy does, or −1. */
	again: number = -1;
	/** Which bit is flipped in the first to arrive, or −1. */
	flip: number = -1;

	#rules: readonly FaultRule[] = [];
	readonly #keys: Readonly<Record<'loss' | 'duplication' | 'reordering' | 'corruption' | 'jitter' | 'lag' | 'late' | 'bit', StreamKey>>;
	#lossBelow = 0;
	#duplicateBelow = 0;
	#reorderBelow = 0;
	#corruptBelow = 0;
	#nsPerByte = 0;
	/** ns at which the line is free again */
	#freeAt = 0;
	/** µs before which nothing arrives */
	#lastArrival = 0;
	/** ns at which frames that waited began or begin to be sent, in order */
	#starts: number[] = [];
	#begun = 0;

	constructor(seed: number, name: string, direction: string, options: LaneOptions) {
		const key = (kind: string): StreamKey => streamKey(seed, name, direction, kind);
		this.#keys = {
			loss: key('loss'), duplication: key('duplication'), reordering: key('reordering'), corruption: key('corruption'),
			jitter: key('jitter'), lag: key('lag of the copy'), late: key('how late'), bit: key('which bit'),
		};
		this.#options = { ...defaults };
		this.set(options);
	}

	/** How it behaves. */
	get options(): Readonly<Required<LaneOptions>> {
		return this.#options;
	}

	/**
	 * Changes how it behaves from the next frame on.
	 *
	 * @throws {WorldError} BAD_OPTION
	 */
	set(options: LaneOptions): void {
		for (const [name, value] of Object.entries(options)) checkOption(name, value);
		this.#use({ ...this.#options, ...options });
	}

	#use(options: Required<LaneOptions>): void {
		this.#options = options;
		this.#lossBelow = threshold(options.loss);
		this.#duplicateBelow = threshold(options.duplication);
		this.#reorderBelow = threshold(options.reordering);
		this.#corruptBelow = threshold(options.corruption);
		this.#nsPerByte = 8e9 / options.bandwidth;
	}

	/** Adds a fault that is written down. */
	script(fault: ScriptedFault): void {
		this.#rules = [...this.#rules, new FaultRule(fault)];
	}

	/**
	 * Sends a frame at `now`, world µs; finds `arrival`, `again` and `flip`.
	 *
	 * @returns why it is lost, or '' when it is not
	 */
	offer(now: number, up: boolean, bytes: Uint8Array, at: number, length: number): LossReason | '' {
		const nth = ++this.counters.sent;
		this.again = -1;
		this.flip = -1;
		const reason = this.#carry(now, nth, up, bytes, at, length);
		if (reason !== '') this.counters.lost[reason]++;
		else {
			if (this.again >= 0) this.counters.copies++;
			if (this.flip >= 0) this.counters.altered++;
		}
		return reason;
	}

	/** Counts a frame that was in flight as lost. */
	lose(reason: LossReason): void {
		this.counters.lost[reason]++;
	}

	#carry(now: number, nth: number, up: boolean, bytes: Uint8Array, at: number, length: number): LossReason | '' {
		const rules = this.#rules;
		let hit: FaultRule | null = null;
		// Every rule counts every frame, whichever rule or fault is the one that hits it.
		for (let i = 0; i < rules.length; i++) if (rules[i]!.hits(bytes, at, length) && hit === null) hit = rules[i]!;
		if (!up) return 'cut';
		if (!this.#transmit(now, length)) return 'queue';
		// Lost ones too: what they take on the line must not depend on their loss.
		this.#delay(nth);
		if (hit !== null && hit.act === 'lose') return 'scripted';
		if (this.#lossBelow > 0 && draw(this.#keys.loss, nth) < this.#lossBelow) return 'loss';
		if (this.#reorderBelow > 0 && draw(this.#keys.reordering, nth) < this.#reorderBelow) {
			this.counters.late++;
			this.arrival += 1 + (draw(this.#keys.late, nth) % Math.max(1, this.#options.reorderBy));
		}
		if (this.#duplicateBelow > 0 && draw(this.#keys.duplication, nth) < this.#duplicateBelow) {
			this.again = this.arrival + (draw(this.#keys.lag, nth) % (this.#options.duplicateBy + 1));
		}
		if (this.#corruptBelow > 0 && length > 0 && draw(this.#keys.corruption, nth) < this.#corruptBelow) {
			this.flip = draw(this.#keys.bit, nth) % (length * 8);
		}
		if (hit !== null) this.#apply(hit, length);
		return '';
	}

	/** Puts the frame on the line after those before it; false when too many wait. */
	#transmit(now: number, length: number): boolean {
		const nowNs = now * 1000;
		if (this.#nsPerByte === 0) {
			this.arrival = now;
			return true;
		}
		const starts = this.#starts;
		while (this.#begun < starts.length && starts[this.#begun]! <= nowNs) this.#begun++;
		if (this.#begun === starts.length) {
			starts.length = 0;
			this.#begun = 0;
		}
		let start = nowNs;
		if (this.#freeAt > nowNs) {
			if (starts.length - this.#begun >= this.#options.queue) return false;
			start = this.#freeAt;
			if (this.#begun > 1024) {
				starts.splice(0, this.#begun);
				this.#begun = 0;
			}
			starts.push(start);
		}
		this.#freeAt = start + Math.ceil((length + this.#options.overhead) * this.#nsPerByte);
		this.arrival = Math.ceil(this.#freeAt / 1000);
		return true;
	}

	/** Adds delay and jitter, in order: nothing arrives before what was sent before it. */
	#delay(nth: number): void {
		const { delay, jitter } = this.#options;
		let arrival = this.arrival + delay;
		if (jitter > 0) arrival += draw(this.#keys.jitter, nth) % (jitter + 1);
		if (arrival < this.#lastArrival) arrival = this.#lastArrival;
		this.#lastArrival = arrival;
		this.arrival = arrival;
	}

	#apply(rule: FaultRule, length: number): void {
		if (rule.act === 'delay') {
			this.counters.late++;
			this.arrival += rule.by;
		} else if (rule.act === 'duplicate') this.again = this.arrival + rule.by;
		else if (length > 0) this.flip = rule.bit % (length * 8);
	}

	/** Adds to a digest what decides on frames to come: nothing that lies behind `now`, and counts only where something is drawn or written down by them. */
	addTo(hash: { number(value: number): void }, now: number): void {
		const isDrawn = this.#lossBelow + this.#duplicateBelow + this.#reorderBelow + this.#corruptBelow + this.#options.jitter > 0;
		if (isDrawn) hash.number(this.counters.sent);
		for (const { seen } of this.#rules) hash.number(seen);
		hash.number(Math.max(0, this.#lastArrival - now));
		hash.number(Math.max(0, this.#freeAt - now * 1000));
		for (let i = this.#begun; i < this.#starts.length; i++) if (this.#starts[i]! > now * 1000) hash.number(this.#starts[i]!);
	}

	/** Writes what changes; what is only ever replaced is handed over as it is. */
	save(tape: Tape): SavedLane {
		const { sent, copies, arrived, lost, altered, late } = this.counters;
		tape.put(sent);
		tape.put(copies);
		tape.put(arrived);
		tape.put(altered);
		tape.put(late);
		for (const reason of reasons) tape.put(lost[reason]);
		tape.put(this.#freeAt);
		tape.put(this.#lastArrival);
		tape.put(this.#starts.length - this.#begun);
		for (let i = this.#begun; i < this.#starts.length; i++) tape.put(this.#starts[i]!);
		for (const rule of this.#rules) tape.put(rule.seen);
		return { options: this.#options, rules: this.#rules };
	}

	/** Reads what `save` wrote. */
	restore(tape: Tape, saved: SavedLane): void {
		const counters = this.counters;
		counters.sent = tape.get();
		counters.copies = tape.get();
		counters.arrived = tape.get();
		counters.altered = tape.get();
		counters.late = tape.get();
		for (const reason of reasons) counters.lost[reason] = tape.get();
		this.#freeAt = tape.get();
		this.#lastArrival = tape.get();
		this.#begun = 0;
		const waiting = tape.get();
		if (this.#starts.length > 0 || waiting > 0) this.#starts = Array.from({ length: waiting }, () => tape.get());
		this.#rules = saved.rules;
		for (const rule of saved.rules) rule.seen = tape.get();
		if (this.#options !== saved.options) this.#use(saved.options);
	}
}

function checkOption(name: string, value: unknown): void {
	if (!optionNames.includes(name)) {
		throw new WorldError('BAD_OPTION', `A link has no option '${name}'; it has ${optionNames.join(', ')}.`);
	}
	if (typeof value !== 'number' || !(value >= 0)) throw new WorldError('BAD_OPTION', `A link's '${name}' is a number from 0 on, not ${String(value)}.`);
	if (probabilities.includes(name) ? value > 1 : !(Number.isSafeInteger(value) || (mayBeInfinite.includes(name) && value === Infinity))) {
		throw new WorldError('BAD_OPTION', `A link's '${name}' cannot be ${value}.`);
	}
	if (name === 'bandwidth' && value === 0) throw new WorldError('BAD_OPTION', `A link of bandwidth 0 carries nothing: cut it instead.`);
}
