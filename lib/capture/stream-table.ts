import { get32 } from '../wire/bytes.ts';
import { roomyInts } from './growing.ts';
import type { Segment } from './segment.ts';

// A key: both addresses, the smaller endpoint first, both ports, and the
// addresses' length. Of an IPv6 address the first word stands with the others,
// the rest behind them: most keys are told apart by the first four words.
const KEY = 10;
const LOW = 0;
const HIGH = 1;
const PORTS = 2;
const FAMILY = 3;
const LOW_REST = 4;
const HIGH_REST = 7;
const FIRST_SLOTS = 1024;
const NONE = -1;

/** One end of a connection. */
export interface Endpoint {
	/** in dotted or RFC 5952 form */
	readonly address: string;
	readonly port: number;
}

/**
 * Numbers connections from 0 in the order they appear. Both directions of a
 * connection share a number; its endpoints are told apart as end 0, the
 * smaller, and end 1. A new connection between the same endpoints takes the
 * place of the old one.
 */
export class StreamTable {
	/** connections so far */
	count: number = 0;
	/** which end sent the segment last looked up: 0 or 1 */
	end: number = 0;
	#slots: Int32Array = new Int32Array(FIRST_SLOTS).fill(NONE);
	#keys: Int32Array = new Int32Array(FIRST_SLOTS * KEY);
	/** the key of the segment last looked up */
	#key: Int32Array = new Int32Array(KEY);
	#slot: number = 0;

	/** The connection a segment belongs to, or -1; sets `end`. */
	find(segment: Segment): number {
		this.#readKey(segment);
		const mask = this.#slots.length - 1;
		let slot = hash(this.#key, 0) & mask;
		for (;;) {
			const stream = this.#slots[slot]!;
			if (stream === NONE || this.#isKeyOf(stream)) {
				this.#slot = slot;
				return stream;
			}
			slot = (slot + 1) & mask;
		}
	}

	/** Begins a new connection between the endpoints last looked up. */
	add(): number {
		const stream = this.count++;
		const isNew = this.#slots[this.#slot] === NONE;
		this.#slots[this.#slot] = stream;
		this.#keys = roomyInts(this.#keys, this.count * KEY);
		this.#keys.set(this.#key, stream * KEY);
		if (isNew && this.count * 2 > this.#slots.length) this.#widen();
		return stream;
	}

	/** @param end  0 or 1 */
	endpoint(stream: number, end: number): Endpoint {
		const at = stream * KEY;
		const keys = this.#keys;
		const first = keys[at + (end === 0 ? LOW : HIGH)]!;
		const restAt = at + (end === 0 ? LOW_REST : HIGH_REST);
		const ports = keys[at + PORTS]!;
		return {
			address: keys[at + FAMILY] === 4 ? formatIpv4(first) : formatIpv6([first, ...keys.subarray(restAt, restAt + 3)]),
			port: end === 0 ? ports >>> 16 : ports & 0xffff,
		};
	}

	/** Reads both endpoints and puts them in order: the key is the same for either direction. */
	#readKey(segment: Segment): void {
		const { bytes, sourceAt, destinationAt, sourcePort, destinationPort, addressLength } = segment;
		const key = this.#key;
		const source = get32(bytes, sourceAt);
		const destination = get32(bytes, destinationAt);
		let order = source - destination;
		if (addressLength === 16) order = orderOf(bytes, sourceAt, destinationAt);
		// A host that talks to itself is told by its ports.
		const isLow = order === 0 ? sourcePort < destinationPort : order < 0;
		this.end = isLow ? 0 : 1;
		key[LOW] = isLow ? source : destination;
		key[HIGH] = isLow ? destination : source;
		key[PORTS] = isLow ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
		key[FAMILY] = addressLength;
		for (let i = 4; i < addressLength; i += 4) {
			key[LOW_REST - 1 + (i >> 2)] = get32(bytes, (isLow ? sourceAt : destinationAt) + i);
			key[HIGH_REST - 1 + (i >> 2)] = get32(bytes, (isLow ? destinationAt : sourceAt) + i);
		}
	}

	#isKeyOf(stream: number): boolean {
		const key = this.#key;
		const keys = this.#keys;
		const at = stream * KEY;
		if (keys[at] !== key[0] || keys[at + 1] !== key[1] || keys[at + 2] !== key[2] || keys[at + 3] !== key[3]) return false;
		if (key[FAMILY] === 4) return true;
		for (let i = LOW_REST; i < KEY; i++) if (keys[at + i] !== key[i]) return false;
		return true;
	}

	#widen(): void {
		const slots = new Int32Array(this.#slots.length * 4).fill(NONE);
		const mask = slots.length - 1;
		for (const stream of this.#slots) {
			if (stream === NONE) continue;
			let slot = hash(this.#keys, stream * KEY) & mask;
			while (slots[slot] !== NONE) slot = (slot + 1) & mask;
			slots[slot] = stream;
		}
		this.#slots = slots;
	}
}

/** Compares two IPv6 addresses; 0 where they are equal. */
function orderOf(bytes: Uint8Array, a: number, b: number): number {
	for (let i = 0; i < 16; i += 4) {
		const order = get32(bytes, a + i) - get32(bytes, b + i);
		if (order !== 0) return order;
	}
	return 0;
}

/** Of the key at a place in an array of keys. */
function hash(keys: Int32Array, at: number): number {
	let mixed = Math.imul(keys[at]!, 0x9e3779b1) ^ Math.imul(keys[at + 1]!, 0x85ebca77) ^ Math.imul(keys[at + 2]!, 0xc2b2ae3d);
	if (keys[at + FAMILY] !== 4) for (let i = LOW_REST; i < KEY; i++) mixed = Math.imul(mixed ^ (mixed >>> 15) ^ keys[at + i]!, 0x9e3779b1);
	mixed = Math.imul(mixed ^ (mixed >>> 15), 0x27d4eb2f);
	return mixed ^ (mixed >>> 13);
}

function formatIpv4(word: number): string {
	return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952: the longest run of zero groups, of two at least, becomes "::". */
function formatIpv6(words: readonly number[]): string {
	const groups = words.flatMap((word) => [(word >>> 16) & 0xffff, word & 0xffff]);
	let best = 0;
	let bestAt = -1;
	for (let at = 0; at < 8; at++) {
		let length = 0;
		while (groups[at + length] === 0) length++;
		if (length > best) { best = length; bestAt = at; }
	}
	return best < 2 ? formatGroups(groups) : `${formatGroups(groups.slice(0, bestAt))}::${formatGroups(groups.slice(bestAt + best))}`;
}

function formatGroups(groups: readonly number[]): string {
	return groups.map((group) => group.toString(16)).join(':');
}
