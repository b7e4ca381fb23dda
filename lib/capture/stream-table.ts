import { get32 } from '../wire/bytes.ts';
import { roomyInts } from './growing.ts';
import type { Segment } from './segment.ts';

// A key: both addresses, the smaller endpoint first, both ports, and the addresses' length.
const KEY = 10;
const LOW = 0;
const HIGH = 4;
const PORTS = 8;
const FAMILY = 9;
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
		let slot = hash(this.#key) & mask;
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
		const ports = this.#keys[at + PORTS]!;
		const words = this.#keys.subarray(at + (end === 0 ? LOW : HIGH), at + (end === 0 ? HIGH : PORTS));
		return {
			address: this.#keys[at + FAMILY] === 4 ? formatIpv4(words[0]!) : formatIpv6(words),
			port: end === 0 ? ports >>> 16 : ports & 0xffff,
		};
	}

	/** Reads both endpoints and puts them in order; the rest of the key is the same for either direction. */
	#readKey(segment: Segment): void {
		const { bytes, sourceAt, destinationAt, sourcePort, destinationPort, addressLength } = segment;
		const key = this.#key;
		let order = 0;
		if (addressLength === 4) {
			if (key[FAMILY] !== 4) key.fill(0);
			const source = get32(bytes, sourceAt);
			const destination = get32(bytes, destinationAt);
			order = source - destination;
			key[LOW] = order < 0 ? source : destination;
			key[HIGH] = order < 0 ? destination : source;
		} else {
			for (let i = 0; i < 16 && order === 0; i += 4) order = get32(bytes, sourceAt + i) - get32(bytes, destinationAt + i);
			for (let i = 0; i < 4; i++) {
				key[LOW + i] = get32(bytes, (order < 0 ? sourceAt : destinationAt) + i * 4);
				key[HIGH + i] = get32(bytes, (order < 0 ? destinationAt : sourceAt) + i * 4);
			}
		}
		key[FAMILY] = addressLength;
		// A host that talks to itself is told by its ports.
		const isLow = order === 0 ? sourcePort < destinationPort : order < 0;
		key[PORTS] = isLow ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
		this.end = isLow ? 0 : 1;
	}

	#isKeyOf(stream: number): boolean {
		const key = this.#key;
		const keys = this.#keys;
		const at = stream * KEY;
		for (let i = KEY - 1; i >= 0; i--) if (keys[at + i] !== key[i]) return false;
		return true;
	}

	#widen(): void {
		const slots = new Int32Array(this.#slots.length * 4).fill(NONE);
		const mask = slots.length - 1;
		for (const stream of this.#slots) {
			if (stream === NONE) continue;
			let slot = hash(this.#keys.subarray(stream * KEY, (stream + 1) * KEY)) & mask;
			while (slots[slot] !== NONE) slot = (slot + 1) & mask;
			slots[slot] = stream;
		}
		this.#slots = slots;
	}
}

function hash(key: Int32Array): number {
	let mixed = 0;
	for (let i = 0; i < KEY; i++) mixed = Math.imul(mixed ^ key[i]!, 0x9e3779b1) ^ (mixed >>> 15);
	return mixed ^ (mixed >>> 16);
}

function formatIpv4(word: number): string {
	return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952: the longest run of zero groups, of two at least, becomes "::". */
function formatIpv6(words: Int32Array): string {
	const groups = [...words].flatMap((word) => [(word >>> 16) & 0xffff, word & 0xffff]);
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
