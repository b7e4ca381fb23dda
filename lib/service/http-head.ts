import { latin1 } from './kv-keys.ts';

/** Longest head, bytes; a longer one is answered 431. */
export const LONGEST_HEAD = 16_384;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/(\d)\.(\d)$/;
const LF = 10, CR = 13;

/** What a request's head says; one object, filled again and again (RFC 9112 §3, §6.3, §9.3). */
export class HttpHead {
	method: string = '';
	/** the target without its query */
	path: string = '';
	/** bytes of the body; −1 where it comes in chunks, 0 where there is none */
	body: number = 0;
	/** the connection is to be closed behind the response */
	closes: boolean = false;
	/** the client waits for a word before it sends the body */
	expects: boolean = false;
	/** the client understands HTTP/1.1 */
	isModern: boolean = true;
	/** status to answer with where the head is none: 400, 431, 501, 505 */
	fault: number = 0;
	#length = '';
	#coding = '';
	#hosts = 0;

	/**
	 * Reads a head.
	 *
	 * @returns  its bytes, the empty line included; 0 where it has not wholly come; −1 where it is none: see `fault`
	 */
	read(bytes: Uint8Array, at: number, length: number): number {
		// Empty lines in front are passed over (RFC 9112 §2.2).
		let skip = 0;
		while (skip < length && (bytes[at + skip] === CR || bytes[at + skip] === LF)) skip++;
		const end = endOfHead(bytes, at + skip, Math.min(length - skip, LONGEST_HEAD));
		if (end === 0) return length - skip >= LONGEST_HEAD ? this.#fail(431) : 0;
		const lines = latin1(bytes, at + skip, end).split(/\r?\n/);
		if (!this.#line(lines[0]!)) return -1;
		for (const line of lines.slice(1)) if (line !== '' && !this.#field(line)) return -1;
		return this.#settle() ? skip + end : -1;
	}

	#fail(status: number): -1 {
		this.fault = status;
		this.closes = true;
		return -1;
	}

	#line(line: string): boolean {
		this.fault = 0;
		this.body = 0;
		this.expects = false;
		this.#length = '';
		this.#coding = '';
		this.#hosts = 0;
		const found = REQUEST_LINE.exec(line);
		if (found === null) { this.#fail(400); return false; }
		const [, method = '', target = '', major = '', minor = ''] = found;
		if (major !== '1') { this.#fail(505); return false; }
		this.method = method;
		this.path = pathOf(target);
		this.isModern = minor !== '0';
		this.closes = !this.isModern;
		return true;
	}

	#field(line: string): boolean {
		const colon = line.indexOf(':');
		const name = line.slice(0, Math.max(0, colon));
		// No blank before the colon, no line that continues another (RFC 9112 §5.1, §5.2).
		if (!TOKEN.test(name)) { this.#fail(400); return false; }
		const value = line.slice(colon + 1).trim();
		switch (name.toLowerCase()) {
			case 'content-length': this.#length += this.#length === '' ? value : `,${value}`; break;
			case 'transfer-encoding': this.#coding += this.#coding === '' ? value : `,${value}`; break;
			case 'host': this.#hosts++; break;
			case 'expect': this.expects = value.toLowerCase() === '100-continue'; break;
			case 'connection': this.#connection(value.toLowerCase().split(',').map((word) => word.trim())); break;
			default:
		}
		return true;
	}

	#connection(words: readonly string[]): void {
		if (words.includes('close')) this.closes = true;
		else if (words.includes('keep-alive')) this.closes = false;
	}

	/** How long the body is (RFC 9112 §6.3); two lengths that differ, or a length and a coding, are an attack. */
	#settle(): boolean {
		if (this.isModern && this.#hosts !== 1) { this.#fail(400); return false; }
		if (this.#coding !== '') {
			if (this.#length !== '' || !this.isModern) { this.#fail(400); return false; }
			if (this.#coding.toLowerCase() !== 'chunked') { this.#fail(501); return false; }
			this.body = -1;
			return true;
		}
		const lengths = new Set(this.#length.split(',').map((value) => value.trim()));
		const [length = ''] = lengths;
		if (lengths.size > 1 || !/^\d{0,15}$/.test(length)) { this.#fail(400); return false; }
		this.body = Number(length);
		return true;
	}
}

/** Bytes up to and with the empty line; 0 where it has not come. */
function endOfHead(bytes: Uint8Array, at: number, length: number): number {
	for (let i = at; i < at + length; i++) {
		if (bytes[i] !== LF) continue;
		if (i + 1 < at + length && bytes[i + 1] === LF) return i + 2 - at;
		if (i + 2 < at + length && bytes[i + 1] === CR && bytes[i + 2] === LF) return i + 3 - at;
	}
	return 0;
}

/** The path of a target in origin or absolute form. */
function pathOf(target: string): string {
	const path = target.replace(/^http:\/\/[^/?]*/i, '').replace(/\?.*$/, '');
	return path === '' ? '/' : path;
}
