import { put16, put32 } from '../wire/bytes.ts';
import type { Core } from './core.ts';
import { ENTRY, ENTRY_ENTROPY, ENTRY_FRAMES, ENTRY_WAKE, FRAME_HEAD, padded } from './entry.ts';
import type { Luggage } from './luggage.ts';
import { copy, getU32, put64 } from './number.ts';

/** Frames of its own that a backup remembers. */
const REMEMBERED = 64;

/**
 * What a backup must not do, to show why: takes one kind of input from itself
 * instead of the log (the lecture's 4.4: packets, timers, and instructions
 * whose result is not a function of the state).
 */
export class Divergence {
	readonly #core: Core;
	readonly #entry: Uint8Array;
	#heard: Uint8Array[] = [];

	constructor(core: Core) {
		this.#core = core;
		this.#entry = new Uint8Array(core.knobs.divergence === 'none' ? 0 : core.knobs.messageBytes);
	}

	/** A frame came by the backup's own interface. */
	frame(bytes: Uint8Array, at: number, length: number): void {
		if (this.#core.knobs.divergence === 'packets' && this.#heard.length < REMEMBERED) this.#heard.push(bytes.slice(at, at + length));
	}

	/** The entry as such a backup executes it: a copy that is not what was logged. */
	own(u8: Uint8Array, at: number): Uint8Array {
		const entry = this.#entry;
		copy(u8, at, getU32(u8, at + ENTRY.length), entry, 0);
		const kind = entry[ENTRY.kind]!;
		switch (this.#core.knobs.divergence) {
			case 'time': this.#clock(entry); break;
			case 'timers': if (kind === ENTRY_WAKE) this.#clock(entry); break;
			case 'random': if (kind === ENTRY_ENTROPY) this.#dice(entry); break;
			case 'packets': if (kind === ENTRY_FRAMES) this.#frames(entry); break;
			case 'none':
		}
		return entry;
	}

	/** Its own clock, which no log tells. */
	#clock(entry: Uint8Array): void {
		put64(entry, ENTRY.time, Math.max(this.#core.machine.record.time, this.#core.now + this.#core.offset));
	}

	/** Its own random numbers. */
	#dice(entry: Uint8Array): void {
		const end = getU32(entry, ENTRY.length);
		for (let i = ENTRY.end; i < end; i++) entry[i] = entry[i]! ^ (this.#core.id * 0x9d + i);
	}

	/** The frames that its own interface has heard meanwhile, as far as they fit. */
	#frames(entry: Uint8Array): void {
		let end = ENTRY.end, count = 0;
		for (; count < this.#heard.length; count++) {
			const frame = this.#heard[count]!;
			if (padded(end + FRAME_HEAD + frame.length) > entry.length) break;
			put32(entry, end, frame.length);
			entry.set(frame, end + FRAME_HEAD);
			end += FRAME_HEAD + frame.length;
		}
		this.#heard = this.#heard.slice(count);
		put16(entry, ENTRY.count, count);
		put32(entry, ENTRY.length, padded(end));
	}

	carry(luggage: Luggage): void {
		const count = luggage.number(this.#heard.length);
		if (luggage.restoring) this.#heard = Array.from({ length: count }, () => new Uint8Array(0));
		for (let i = 0; i < count; i++) {
			const length = luggage.number(this.#heard[i]!.length);
			if (luggage.restoring) this.#heard[i] = new Uint8Array(length);
			luggage.bytes(this.#heard[i]!, 0, length);
		}
	}
}
