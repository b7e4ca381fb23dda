import { put32 } from '../wire/bytes.ts';
import type { Sink } from '../wire/node.ts';
import { copy, getU32 } from './number.ts';

/** Bytes before each message in a stream: its length. */
export const STREAM_HEAD = 4;

/** A stream carries what no message is; nothing behind it can be read. */
export class FramingError extends Error {
	readonly code: string = 'STREAM_DAMAGED';
	override readonly name: string = 'FramingError';
}

/**
 * Writes a message as a stream carries it.
 *
 * @returns  bytes written at `toAt`: `STREAM_HEAD` more than the message has
 */
export function putFramed(bytes: Uint8Array, at: number, length: number, to: Uint8Array, toAt: number): number {
	put32(to, toAt, length);
	copy(bytes, at, length, to, toAt + STREAM_HEAD);
	return STREAM_HEAD + length;
}

/** Cuts a stream that comes in pieces of any size into the messages it was made of. */
export class Deframer {
	readonly #limit: number;
	readonly #kept: Uint8Array;
	#length = 0;

	/** @param limit  bytes of the longest message */
	constructor(limit: number) {
		this.#limit = limit;
		this.#kept = new Uint8Array(STREAM_HEAD + limit);
	}

	/** Bytes of a message that has not wholly come yet. */
	get partial(): number { return this.#length; }

	/**
	 * Takes a piece of the stream in, and hands over every message it completes.
	 *
	 * @throws FramingError  where a length is 0 or beyond the limit; what was whole before it has been handed over
	 */
	push(bytes: Uint8Array, at: number, length: number, port: number, sink: Sink): void {
		let next = at;
		const end = at + length;
		while (next < end) next = this.#length > 0 ? this.#complete(bytes, next, end, port, sink) : this.#direct(bytes, next, end, port, sink);
	}

	#check(message: number): number {
		if (message === 0 || message > this.#limit) throw new FramingError(`a message of ${message} bytes in a stream of at most ${this.#limit}: the stream is damaged, open a new one`);
		return message;
	}

	/** A whole message in the piece itself goes on without being copied; the rest is kept. */
	#direct(bytes: Uint8Array, next: number, end: number, port: number, sink: Sink): number {
		if (end - next >= STREAM_HEAD) {
			const message = this.#check(getU32(bytes, next));
			if (end - next - STREAM_HEAD >= message) {
				sink.take(bytes, next + STREAM_HEAD, message, port);
				return next + STREAM_HEAD + message;
			}
		}
		copy(bytes, next, end - next, this.#kept, 0);
		this.#length = end - next;
		return end;
	}

	#complete(bytes: Uint8Array, next: number, end: number, port: number, sink: Sink): number {
		if (this.#length < STREAM_HEAD) return this.#take(bytes, next, end, STREAM_HEAD);
		const whole = STREAM_HEAD + this.#check(getU32(this.#kept, 0));
		const after = this.#take(bytes, next, end, whole);
		if (this.#length < whole) return after;
		this.#length = 0;
		sink.take(this.#kept, STREAM_HEAD, whole - STREAM_HEAD, port);
		return after;
	}

	#take(bytes: Uint8Array, next: number, end: number, wanted: number): number {
		const taken = Math.min(end - next, wanted - this.#length);
		copy(bytes, next, taken, this.#kept, this.#length);
		this.#length += taken;
		return next + taken;
	}
}
