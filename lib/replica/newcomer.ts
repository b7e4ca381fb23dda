import type { Sink } from '../wire/node.ts';
import type { Ballot } from './ballot.ts';
import { PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import type { Core } from './core.ts';
import { GREETING_LENGTH, judgeGreeting, putGreeting } from './greeting.ts';
import { FLAG_JOINING, FLAG_SPEAKER, LETTER_GREETING, LETTER_IMAGE, LETTER_IMAGE_ACKNOWLEDGEMENT, LETTER_REFUSAL, refusals } from './letter.ts';
import type { Letter, Refusal } from './letter.ts';
import type { Luggage } from './luggage.ts';
import type { Side } from './side.ts';

/** A refusal that may be another tomorrow: one who speaks has a backup, or does not yet know that it lost it. */
const LATER: readonly string[] = ['NOT_WANTED', 'EPOCH_OLD'];

/**
 * One who wants to be a backup: greets until one who is alone answers, receives
 * the image, and takes it up. It never asks the arbiter and never speaks.
 */
export class Newcomer implements Side {
	/** why it was refused */
	refusal: Refusal = 'NONE';
	/** the whole image is here and was taken up: it can follow the log */
	complete: boolean = false;
	readonly #core: Core;
	#greetAt: number;
	#image: Uint8Array = new Uint8Array(0);
	/** entry the image was taken behind */
	#index: number = 0;
	/** bytes of it received */
	#received: number = 0;
	#echo: number = 0;
	/** tries so far: a greeting of an earlier one is old */
	#attempt: number = 1;
	#acknowledge: boolean = false;

	constructor(core: Core) {
		this.#core = core;
		this.#greetAt = core.now;
	}

	get wakeAt(): number { return this.#greetAt; }

	frame(_bytes: Uint8Array, _at: number, _length: number): void {
		this.#core.drop('notSpeaking', PORT_CLIENTS);
	}

	answer(_ballot: Ballot): void {
		this.#core.drop('arbiterStale', PORT_ARBITER);
	}

	peerDied(): void {
		this.#startOver();
	}

	/** Whatever was received of an image is worth nothing without the rest. */
	#startOver(): void {
		this.#core.peer = 0;
		this.#image = new Uint8Array(0);
		this.#received = 0;
		this.#attempt++;
		this.#greetAt = this.#core.now;
	}

	wake(_wanted: number): void {
		if (this.#core.now >= this.#greetAt && this.#core.peer !== 0) this.#startOver();
	}

	letter(letter: Letter): void {
		const core = this.#core;
		if (letter.kind === LETTER_GREETING) return this.#greeting(letter);
		if (letter.kind === LETTER_REFUSAL) return this.#refused(letter);
		if (letter.from !== core.peer || letter.kind !== LETTER_IMAGE) return core.drop('channelStranger', PORT_CHANNEL);
		if (letter.epoch !== core.epoch) return core.drop('channelEpoch', PORT_CHANNEL);
		this.#piece(letter);
	}

	#greeting(letter: Letter): void {
		const core = this.#core;
		if ((letter.flags & FLAG_SPEAKER) === 0) return core.drop('channelStranger', PORT_CHANNEL);
		this.refusal = judgeGreeting(letter.u8, letter.at, letter.length, core.likeness, '');
		if (this.refusal !== 'NONE') return core.halt('refused');
		if (core.peer === letter.from) return;
		core.peer = letter.from;
		core.epoch = letter.epoch;
		this.#greetAt = core.now + core.knobs.silence;
	}

	#refused(letter: Letter): void {
		const why = refusals[letter.index] ?? 'NOT_WANTED';
		if (LATER.includes(why)) return;
		this.refusal = why;
		this.#core.halt('refused');
	}

	#piece(letter: Letter): void {
		const core = this.#core;
		const { host } = core.machine;
		// The image of another moment replaces the one begun; no image is larger than this machine's can be.
		if (letter.index !== this.#index || letter.mark !== this.#image.length) {
			if (letter.room !== 0 || letter.mark > host.image.limit) return core.drop('channelMalformed', PORT_CHANNEL);
			this.#index = letter.index;
			this.#image = new Uint8Array(letter.mark);
			this.#received = 0;
		}
		this.#greetAt = core.now + core.knobs.silence;
		this.#echo = Math.max(this.#echo, letter.time);
		this.#acknowledge = true;
		if (letter.room !== this.#received || letter.room + letter.length > this.#image.length) return;
		this.#image.set(letter.u8.subarray(letter.at, letter.at + letter.length), letter.room);
		this.#received += letter.length;
		if (this.#received === this.#image.length) this.#takeUp();
	}

	#takeUp(): void {
		const core = this.#core;
		try {
			core.machine.host.image.restore(this.#image);
		} catch {
			this.refusal = 'LAYOUT_MISMATCH';
			return core.halt('refused');
		}
		core.machine.attach();
		core.log.reset(core.machine.record.index, core.machine.record.time);
		this.complete = true;
	}

	drain(sink: Sink): void {
		const core = this.#core;
		if (core.peer === 0 && core.now >= this.#greetAt) this.#greet(sink);
		if (!this.#acknowledge) return;
		this.#acknowledge = false;
		core.send(sink, LETTER_IMAGE_ACKNOWLEDGEMENT, 0, this.#echo, this.#index, this.#received, core.log.ring.room, 0);
	}

	#greet(sink: Sink): void {
		const core = this.#core;
		putGreeting(core.post.u8, core.post.body, core.likeness, core.began);
		core.send(sink, LETTER_GREETING, FLAG_JOINING, this.#attempt, 0, 0, core.log.ring.room, GREETING_LENGTH);
		this.#greetAt = core.now + core.knobs.heartbeat;
	}

	carry(luggage: Luggage): void {
		this.refusal = refusals[luggage.number(refusals.indexOf(this.refusal))]!;
		this.complete = luggage.flag(this.complete);
		this.#greetAt = luggage.number(this.#greetAt);
		this.#index = luggage.number(this.#index);
		this.#received = luggage.number(this.#received);
		this.#echo = luggage.number(this.#echo);
		this.#attempt = luggage.number(this.#attempt);
		this.#acknowledge = luggage.flag(this.#acknowledge);
		const length = luggage.number(this.#image.length);
		if (luggage.restoring) this.#image = new Uint8Array(length);
		luggage.bytes(this.#image, 0, length);
	}
}
