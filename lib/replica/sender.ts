import { Kind } from '../trace/index.ts';
import type { Sink } from '../wire/node.ts';
import type { Core } from './core.ts';
import { LETTER, LETTER_ENTRIES } from './letter.ts';
import type { Luggage } from './luggage.ts';

/**
 * Sends the log to one receiver: everything behind the last acknowledged entry
 * is in flight, and is sent again from there when something was lost.
 */
export class Sender {
	/** newest entry sent */
	sent: number = 0;
	/** newest entry the receiver has, with everything before it */
	acknowledged: number = 0;
	/** last entry the receiver said it executed */
	executed: number = 0;
	/** when to send again, own clock in µs */
	resendAt: number = Infinity;
	readonly #core: Core;
	/** bytes the receiver can take behind `acknowledged` */
	#room: number = 0;
	/** bytes of the log between `acknowledged` and `sent` */
	#flying: number = 0;
	/** newest entry ever sent: what is not above it is sent again */
	#highest: number = 0;
	/** when it went back last, own clock */
	#wentBackAt: number = -Infinity;

	constructor(core: Core) {
		this.#core = core;
	}

	/** The receiver has everything up to `index`, and room for `room` bytes. */
	begin(index: number, room: number): void {
		this.sent = index;
		this.acknowledged = index;
		this.executed = index;
		this.#highest = index;
		this.#room = room;
		this.#flying = 0;
		this.resendAt = Infinity;
	}

	/**
	 * Takes an acknowledgement in.
	 *
	 * @param echo  newest time of ours the receiver had heard
	 * @returns     whether it acknowledged something new
	 */
	heard(index: number, room: number, executed: number, echo: number, gap: boolean): boolean {
		const { ring } = this.#core.log;
		if (index < this.acknowledged || index > this.#highest) return false;
		const advanced = index > this.acknowledged;
		for (let i = this.acknowledged + 1; i <= index && i <= this.sent; i++) this.#flying -= ring.weightOf(i);
		this.acknowledged = index;
		if (this.sent < index) { this.sent = index; this.#flying = 0; }
		this.#room = room;
		this.executed = Math.max(this.executed, executed);
		if (advanced) this.resendAt = this.sent > index ? this.#core.now + this.#core.knobs.resend : Infinity;
		// A gap that was seen after we last went back is another loss.
		if (gap && echo >= this.#wentBackAt) this.#goBack();
		return advanced;
	}

	#goBack(): void {
		if (this.sent === this.acknowledged) return;
		this.sent = this.acknowledged;
		this.#flying = 0;
		this.#wentBackAt = this.#core.now;
		this.#core.counters.resent++;
	}

	wake(now: number): void {
		if (now < this.resendAt) return;
		this.resendAt = this.sent > this.acknowledged ? now + this.#core.knobs.resend : Infinity;
		this.#goBack();
	}

	/** Whether something waits that the receiver has room for. */
	get waiting(): boolean {
		const { log } = this.#core;
		return this.sent < log.last && this.#flying + log.ring.weightOf(this.sent + 1) <= this.#room;
	}

	/** Sends what waits, as few messages as it takes; returns whether it sent any. */
	drain(sink: Sink): boolean {
		let any = false;
		while (this.waiting) {
			this.#message(sink);
			any = true;
		}
		return any;
	}

	#message(sink: Sink): void {
		const core = this.#core;
		const { ring } = core.log;
		const { last } = core.log;
		const { u8, body } = core.post;
		const limit = core.knobs.messageBytes - LETTER.end;
		const first = this.sent + 1;
		let bytes = 0;
		let index = first;
		for (; index <= last; index++) {
			const length = ring.lengthOf(index);
			const weight = ring.weightOf(index);
			if (bytes + length > limit || this.#flying + weight > this.#room) break;
			u8.copyWithin(body + bytes, ring.placeOf(index), ring.placeOf(index) + length);
			bytes += length;
			this.#flying += weight;
		}
		this.sent = index - 1;
		if (core.trace !== null) core.trace.put(Kind.entrySent, core.place, first, this.sent, core.gate.watermark, first <= this.#highest ? 1 : 0);
		this.#highest = Math.max(this.#highest, this.sent);
		if (this.resendAt === Infinity) this.resendAt = core.now + core.knobs.resend;
		core.send(sink, LETTER_ENTRIES, 0, core.now, first, core.gate.watermark, 0, bytes);
	}

	carry(luggage: Luggage): void {
		this.sent = luggage.number(this.sent);
		this.acknowledged = luggage.number(this.acknowledged);
		this.executed = luggage.number(this.executed);
		this.resendAt = luggage.number(this.resendAt);
		this.#room = luggage.number(this.#room);
		this.#flying = luggage.number(this.#flying);
		this.#highest = luggage.number(this.#highest);
		this.#wentBackAt = luggage.number(this.#wentBackAt);
	}
}
