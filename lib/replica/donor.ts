import type { Sink } from '../wire/node.ts';
import type { Core } from './core.ts';
import { LETTER, LETTER_IMAGE } from './letter.ts';
import type { Luggage } from './luggage.ts';
import { copy } from './number.ts';

/** Pieces of an image that may be under way at once. */
const WINDOW = 8;

/**
 * Gives a newcomer the machine: an image as it was behind one entry, piece by
 * piece, while the machine runs on. Taking the image is a copy of its bytes.
 */
export class Donor {
	/** machine id of the one that receives; 0 for none */
	newcomer: number = 0;
	/** which of its tries this is */
	attempt: number = 0;
	/** the entry the image was taken behind */
	index: number = 0;
	/** last entry whose output was released without the newcomer having it; what it has to have before it is taken in */
	owed: number = 0;
	/** when to send again, own clock in µs */
	resendAt: number = Infinity;
	readonly #core: Core;
	#image: Uint8Array = new Uint8Array(0);
	#sent: number = 0;
	#acknowledged: number = 0;

	constructor(core: Core) {
		this.#core = core;
	}

	/** Whether a piece is still to arrive. */
	get busy(): boolean { return this.#acknowledged < this.#image.length; }

	/** Bytes of the image. */
	get size(): number { return this.#image.length; }

	/** Takes an image of the machine for a newcomer. */
	begin(newcomer: number, attempt: number): void {
		const { machine } = this.#core;
		this.newcomer = newcomer;
		this.attempt = attempt;
		this.index = machine.record.index;
		this.#image = machine.host.image.snapshot();
		this.#sent = 0;
		this.#acknowledged = 0;
		this.resendAt = Infinity;
	}

	/** It is done with, or given up. */
	end(): void {
		this.newcomer = 0;
		this.#image = new Uint8Array(0);
		this.#sent = 0;
		this.#acknowledged = 0;
		this.resendAt = Infinity;
	}

	/** The newcomer has the image up to byte `end`; whether it has all of it, and had not before. */
	heard(index: number, end: number): boolean {
		if (index !== this.index || end > this.#sent || end <= this.#acknowledged) return false;
		this.#acknowledged = end;
		this.resendAt = this.busy ? this.#core.now + this.#core.knobs.resend : Infinity;
		return !this.busy;
	}

	wake(now: number): void {
		if (now < this.resendAt) return;
		this.#sent = this.#acknowledged;
		this.resendAt = Infinity;
	}

	/** Sends pieces; returns whether it sent any. */
	drain(sink: Sink): boolean {
		const core = this.#core;
		const piece = core.knobs.messageBytes - LETTER.end;
		let any = false;
		while (this.#sent < this.#image.length && this.#sent < this.#acknowledged + WINDOW * piece) {
			const length = Math.min(piece, this.#image.length - this.#sent);
			copy(this.#image, this.#sent, length, core.post.u8, core.post.body);
			core.send(sink, LETTER_IMAGE, 0, core.now, this.index, this.#image.length, this.#sent, length);
			this.#sent += length;
			any = true;
		}
		if (any && this.resendAt === Infinity) this.resendAt = core.now + core.knobs.resend;
		return any;
	}

	carry(luggage: Luggage): void {
		this.newcomer = luggage.number(this.newcomer);
		this.attempt = luggage.number(this.attempt);
		this.index = luggage.number(this.index);
		this.owed = luggage.number(this.owed);
		this.resendAt = luggage.number(this.resendAt);
		this.#sent = luggage.number(this.#sent);
		this.#acknowledged = luggage.number(this.#acknowledged);
		const length = luggage.number(this.#image.length);
		if (luggage.restoring) this.#image = new Uint8Array(length);
		luggage.bytes(this.#image, 0, length);
	}
}
