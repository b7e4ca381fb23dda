import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Recording } from './recording.ts';
import type { Slab } from './slabs.ts';
import { UNKNOWN } from './strand.ts';
import type { Strand } from './strand.ts';

/** A running SHA-256. */
export interface Digester {
	/** Adds bytes, which are borrowed for the call. */
	update(bytes: Uint8Array): void;
	/** 64 hex digits; nothing may be added afterwards. */
	hex(): string;
}

/** What a replay does with every byte; whoever has it faster than plain JavaScript passes it in. */
export interface ByteWork {
	/** Begins a SHA-256. */
	digester(): Digester;
	/** Whether `length` bytes at two places are the same. */
	same(a: Uint8Array, at: number, b: Uint8Array, bAt: number, length: number): boolean;
}

/** In plain JavaScript: runs everywhere. */
export const plainWork: ByteWork = {
	digester() {
		const hash = sha256.create();
		return { update: (bytes) => { hash.update(bytes); }, hex: () => bytesToHex(hash.digest()) };
	},
	same(a, at, b, bAt, length) {
		for (let i = 0; i < length; i++) if (a[at + i] !== b[bAt + i]) return false;
		return true;
	},
};

/** Bytes that crossed: how many, and their SHA-256. */
export interface Crossed {
	readonly bytes: number;
	readonly sha256: string;
}

/** Digests are fed in portions: a call costs as much as a thousand bytes. */
const PORTION = 0x1_0000;
const zeros: Uint8Array = new Uint8Array(PORTION);

/** Counts and digests bytes as they are delivered, and holds them against what is expected. */
export class Tally {
	bytes = 0;
	/** whether all so far were the expected ones */
	isSame = true;
	#work!: ByteWork;
	#digester!: Digester;
	#expected: Strand | null = null;
	#slabs: readonly Slab[] = [];
	#piece = 0;
	#held = 0;
	readonly #portion: Uint8Array = new Uint8Array(PORTION);

	/** Begins anew. */
	begin(work: ByteWork, expected: Strand, recording: Recording): void {
		this.bytes = 0;
		this.isSame = true;
		this.#work = work;
		this.#digester = work.digester();
		this.#expected = expected;
		this.#slabs = recording.slabs.slabs;
		this.#piece = 0;
		this.#held = 0;
	}

	/** Adds bytes, which are borrowed for the call. */
	take(bytes: Uint8Array, at: number, length: number): void {
		if (this.isSame) this.isSame = this.#check(bytes, at, length);
		this.bytes += length;
		this.#digest(bytes, at, length);
	}

	#digest(bytes: Uint8Array, at: number, length: number): void {
		if (this.#held + length > PORTION) this.#flush();
		if (length >= PORTION) {
			this.#digester.update(bytes.subarray(at, at + length));
			return;
		}
		this.#portion.set(bytes.subarray(at, at + length), this.#held);
		this.#held += length;
	}

	#flush(): void {
		if (this.#held > 0) this.#digester.update(this.#portion.subarray(0, this.#held));
		this.#held = 0;
	}

	#check(bytes: Uint8Array, at: number, length: number): boolean {
		const { from, to, slab, at: places } = this.#expected!;
		for (let done = 0; done < length;) {
			const place = this.bytes + done;
			while (this.#piece < to.length && to[this.#piece]! <= place) this.#piece++;
			if (this.#piece === to.length) return false;
			const piece = this.#piece, part = Math.min(length - done, to[piece]! - place, PORTION);
			const isKnown = slab[piece] !== UNKNOWN;
			if (!this.#work.same(bytes, at + done, isKnown ? this.#slabs[slab[piece]!]!.u8 : zeros, isKnown ? places[piece]! + place - from[piece]! : 0, part)) return false;
			done += part;
		}
		return true;
	}

	/** What crossed; ends the digest. */
	end(): Crossed {
		this.#flush();
		return { bytes: this.bytes, sha256: this.#digester.hex() };
	}

	/** Adds what is expected itself. */
	takeExpected(): void {
		const { from, to, slab, at } = this.#expected!;
		for (let piece = 0; piece < to.length; piece++) {
			for (let place = from[piece]!; place < to[piece]!;) {
				const part = Math.min(to[piece]! - place, PORTION);
				if (slab[piece] === UNKNOWN) this.#digest(zeros, 0, part);
				else this.#digest(this.#slabs[slab[piece]!]!.u8, at[piece]! + place - from[piece]!, part);
				place += part;
			}
		}
		this.bytes = this.#expected!.end;
	}
}
