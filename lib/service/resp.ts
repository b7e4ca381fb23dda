// RESP2, the protocol of Redis: requests are arrays of bulk strings, or lines of
// words; replies are of five kinds.

/** Words one request can have. */
export const MOST_WORDS = 1024;

/** What is wrong with a request that cannot be read. */
export type RespFault = '' | 'invalid multibulk length' | 'invalid bulk length' | 'expected \'$\'' | 'too big inline request' | 'unbalanced quotes in request';

/** Longest line without a newline. */
const LONGEST_LINE = 65_536;
const CR = 13, LF = 10, BLANK = 32, QUOTE = 34, STAR = 42, DOLLAR = 36;

/**
 * A request as it was read: where its words lie. One object, filled again and
 * again; the bytes are borrowed from whoever reads.
 */
export class RespRequest {
	/** words; 0 for an empty line */
	count: number = 0;
	fault: RespFault = '';
	readonly at: Int32Array = new Int32Array(MOST_WORDS);
	readonly length: Int32Array = new Int32Array(MOST_WORDS);
	#number = 0;

	/**
	 * Reads one request.
	 *
	 * @returns  bytes it takes; 0 where it has not wholly come; −1 where it cannot be read: see `fault`
	 */
	read(bytes: Uint8Array, at: number, length: number): number {
		this.count = 0;
		this.fault = '';
		if (length === 0) return 0;
		return bytes[at] === STAR ? this.#array(bytes, at, length) : this.#line(bytes, at, length);
	}

	#fail(fault: RespFault): -1 {
		this.fault = fault;
		return -1;
	}

	/** Reads a number up to CR LF, from `at` on; where what follows begins, 0 where that has not come, −1 where it is no number. */
	#count(bytes: Uint8Array, at: number, end: number): number {
		let next = at, sign = 1, value = 0, digits = 0;
		if (next < end && bytes[next] === 45) { sign = -1; next++; }
		for (; next < end && bytes[next] !== CR; next++) {
			const digit = bytes[next]! - 48;
			if (digit < 0 || digit > 9 || ++digits > 9) return -1;
			value = value * 10 + digit;
		}
		if (next + 1 >= end) return 0;
		if (digits === 0 || bytes[next + 1] !== LF) return -1;
		this.#number = sign * value;
		return next + 2;
	}

	#array(bytes: Uint8Array, at: number, length: number): number {
		const end = at + length;
		let next = this.#count(bytes, at + 1, end);
		if (next <= 0) return next === 0 ? 0 : this.#fail('invalid multibulk length');
		const words = this.#number;
		if (words > MOST_WORDS) return this.#fail('invalid multibulk length');
		for (let i = 0; i < words; i++) {
			if (next >= end) return this.#incomplete();
			if (bytes[next] !== DOLLAR) return this.#fail('expected \'$\'');
			const text = this.#count(bytes, next + 1, end);
			if (text === 0) return this.#incomplete();
			if (text < 0 || this.#number < 0) return this.#fail('invalid bulk length');
			if (text + this.#number + 2 > end) return this.#incomplete();
			this.#word(text, this.#number);
			next = text + this.#number + 2;
		}
		return next - at;
	}

	#incomplete(): 0 {
		this.count = 0;
		return 0;
	}

	#word(at: number, length: number): void {
		this.at[this.count] = at;
		this.length[this.count] = length;
		this.count++;
	}

	/** A line of words, as a person types it. */
	#line(bytes: Uint8Array, at: number, length: number): number {
		let end = at;
		while (end < at + length && bytes[end] !== LF) end++;
		if (end === at + length) return length >= LONGEST_LINE ? this.#fail('too big inline request') : 0;
		const last = end > at && bytes[end - 1] === CR ? end - 1 : end;
		for (let next = at; next < last;) {
			if (bytes[next] === BLANK) { next++; continue; }
			if (bytes[next] === QUOTE) return this.#fail('unbalanced quotes in request');
			const from = next;
			while (next < last && bytes[next] !== BLANK) next++;
			if (this.count === MOST_WORDS) return this.#fail('too big inline request');
			this.#word(from, next - from);
		}
		return end + 1 - at;
	}
}

/** Writes replies one behind the other; what it has written is taken out and sent. */
export class RespReply {
	bytes: Uint8Array = new Uint8Array(4096);
	length: number = 0;

	#grow(by: number): void {
		if (this.length + by <= this.bytes.length) return;
		const grown = new Uint8Array(Math.max(this.length + by, this.bytes.length * 2));
		grown.set(this.bytes.subarray(0, this.length));
		this.bytes = grown;
	}

	#text(text: string): void {
		this.#grow(text.length);
		for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
	}

	/** `+OK` and the like. */
	simple(text: string): void { this.#text(`+${text}\r\n`); }
	/** An error: its code, then what is wrong. */
	error(text: string): void { this.#text(`-${text}\r\n`); }
	integer(value: number): void { this.#text(`:${value}\r\n`); }
	/** Nothing: a key that is not there. */
	none(): void { this.#text('$-1\r\n'); }
	/** The head of an array; its parts follow. */
	array(parts: number): void { this.#text(`*${parts}\r\n`); }

	bulk(bytes: Uint8Array, at: number, length: number): void {
		this.#text(`$${length}\r\n`);
		this.#grow(length + 2);
		for (let i = 0; i < length; i++) this.bytes[this.length + i] = bytes[at + i]!;
		this.length += length;
		this.#text('\r\n');
	}

	/** ASCII text as a bulk string. */
	words(text: string): void { this.#text(`$${text.length}\r\n${text}\r\n`); }

	/** Room for a bulk string that somebody else fills in; where it begins. */
	open(length: number): number {
		this.#text(`$${length}\r\n`);
		this.#grow(length + 2);
		const at = this.length;
		this.length += length;
		this.#text('\r\n');
		return at;
	}
}
