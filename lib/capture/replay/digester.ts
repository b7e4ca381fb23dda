import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** A running SHA-256. */
export interface Digester {
	/** Adds bytes, which are borrowed for the call. */
	update(bytes: Uint8Array): void;
	/** 64 hex digits; nothing may be added afterwards. */
	hex(): string;
}

/** Makes digesters: whoever has a faster one than ours passes it in. */
export type NewDigester = () => Digester;

/** One that runs everywhere. */
export function plainDigester(): Digester {
	const hash = sha256.create();
	return { update: (bytes) => { hash.update(bytes); }, hex: () => bytesToHex(hash.digest()) };
}

/** Counts and digests bytes as they are delivered. */
export class Tally {
	bytes = 0;
	#digester: Digester;

	constructor(digester: NewDigester) { this.#digester = digester(); }

	take(bytes: Uint8Array, at: number, length: number): void {
		this.bytes += length;
		this.#digester.update(bytes.subarray(at, at + length));
	}

	hex(): string { return this.#digester.hex(); }
}
