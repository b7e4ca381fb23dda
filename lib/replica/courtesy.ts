import type { Sink } from '../wire/node.ts';
import type { Core } from './core.ts';
import { GREETING_LENGTH, putGreeting } from './greeting.ts';
import { FLAG_SPEAKER, LETTER_GREETING, LETTER_HEARTBEAT, LETTER_REFUSAL, refusals } from './letter.ts';
import type { Refusal } from './letter.ts';
import type { Luggage } from './luggage.ts';

/**
 * What one who speaks says on the channel whether or not there are entries:
 * greetings, refusals, heartbeats with time and watermark.
 */
export class Courtesy {
	/** the latest time for the next heartbeat, own clock in µs */
	heartbeatAt: number;
	/** when to tell the watermark at the latest; `Infinity` where it was told */
	tellAt: number = Infinity;
	readonly #core: Core;
	#greet: boolean = false;
	#refuse: Refusal = 'NONE';
	/** watermark told last */
	#told: number;

	constructor(core: Core) {
		this.#core = core;
		this.heartbeatAt = core.now;
		this.#told = core.gate.watermark;
	}

	/** A greeting is to be answered. */
	greet(): void { this.#greet = true; }

	/** Somebody is to be told why not. */
	refuse(why: Refusal): void { this.#refuse = why; }

	/** A heartbeat is due at once. */
	hurry(): void { this.heartbeatAt = this.#core.now; }

	/** Outputs were released: the other is told soon. */
	released(): void {
		const { gate, now, knobs } = this.#core;
		if (gate.watermark > this.#told && this.tellAt === Infinity) this.tellAt = now + knobs.watermarkDelay;
	}

	/** A message with time and watermark has just gone. */
	spoke(): void {
		this.heartbeatAt = this.#core.now + this.#core.knobs.heartbeat;
		this.#told = this.#core.gate.watermark;
		this.tellAt = Infinity;
	}

	heartbeat(sink: Sink, flags: number): void {
		const core = this.#core;
		core.send(sink, LETTER_HEARTBEAT, flags, core.now, core.log.last, core.gate.watermark, 0, 0);
		this.spoke();
	}

	/** Greets and refuses. What follows in the same drain is for somebody who knows whom it comes from. */
	open(sink: Sink): void {
		const core = this.#core;
		if (this.#greet) {
			this.#greet = false;
			putGreeting(core.post.u8, core.post.body, core.likeness, core.began);
			core.send(sink, LETTER_GREETING, FLAG_SPEAKER, core.now, core.log.last, 0, 0, GREETING_LENGTH);
		}
		if (this.#refuse !== 'NONE') {
			core.send(sink, LETTER_REFUSAL, 0, core.now, refusals.indexOf(this.#refuse), 0, 0, 0);
			this.#refuse = 'NONE';
		}
	}

	/** @param linked  whether there is somebody for heartbeats */
	drain(sink: Sink, linked: boolean): void {
		const core = this.#core;
		if (linked && (core.now >= this.heartbeatAt || core.now >= this.tellAt)) this.heartbeat(sink, 0);
	}

	carry(luggage: Luggage): void {
		this.heartbeatAt = luggage.number(this.heartbeatAt);
		this.tellAt = luggage.number(this.tellAt);
		this.#greet = luggage.flag(this.#greet);
		this.#refuse = refusals[luggage.number(refusals.indexOf(this.#refuse))]!;
		this.#told = luggage.number(this.#told);
	}
}
