import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';
import { same } from '../wire/bytes.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { PageQueues } from './page-queue.ts';

const shape = {
	/** when it is given up, µs */
	due: 'f64',
	source: 'bytes 16',
	destination: 'bytes 16',
	id: 'i32',
	/** 0 in IPv6, where the identification alone tells datagrams apart (RFC 8200 §4.5) */
	protocol: 'i32',
	/** queue of blocks: offset and length, then the fragment's bytes; offset -1 is the first one's header */
	queue: 'i32',
	/** bytes of payload here */
	received: 'i32',
	/** bytes of payload of the whole datagram, -1 until the last fragment is here */
	total: 'i32',
	/** bytes of the first fragment's header; 0 until it is here */
	headerLength: 'i32',
	/** 1: fragments overlapped, and what else comes is dropped too (RFC 5722 §4) */
	spoilt: 'i32',
} as const;
const DatagramRecord: RecordType<typeof shape> = record(shape);

const NAME = 'reassembly';

/** Datagrams that are being put together; at most `max`. */
export function reassemblyPool(max: number): PoolSpec {
	return pool(NAME, DatagramRecord, max);
}

/** RFC 1122 §3.3.2, RFC 8200 §4.5: 60 seconds. */
const TIMEOUT = 60_000_000;
/** More pieces than this are no honest datagram: 64 KiB in pieces of 512 bytes. */
const MOST_FRAGMENTS = 128;
/** Bytes of a block's head. */
const HEAD = 8;
/** Stands where a header's offset would. */
const HEADER_BLOCK = -1;

/** Bytes a queue needs for the longest datagram. */
export function reassemblyBytes(longest: number): number {
	return longest + MOST_FRAGMENTS * (HEAD + 4) + 128;
}

/** What `add` says of a fragment that does not complete its datagram. */
export const KEPT = 0;

/** Puts datagrams together from their fragments, IPv4's and IPv6's (RFC 791 §3.2, RFC 8200 §4.5). */
export class Reassembly {
	/** Bytes of header in front of the payload that was put together last. */
	headerLength: number = 0;
	/** Where datagrams are put together: the header of the first fragment, then the payload. */
	readonly at: number;
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #queues: PageQueues;
	readonly #counters: Counters;
	readonly #headAt: number;
	readonly #pages: number;
	readonly #longest: number;
	readonly #d: Cursor<typeof shape>;

	/**
	 * @param headAt   8 bytes of scratch, 4-aligned
	 * @param at       scratch for a whole datagram, 4-aligned
	 * @param longest  most bytes of payload of a datagram
	 */
	constructor(image: Image, queues: PageQueues, counters: Counters, headAt: number, at: number, longest: number) {
		this.#image = image;
		this.#pool = image.pool(NAME);
		this.#queues = queues;
		this.#counters = counters;
		this.#headAt = headAt;
		this.at = at;
		this.#longest = longest;
		this.#pages = Math.ceil(reassemblyBytes(longest) / image.chunk);
		this.#d = new DatagramRecord(image);
	}

	/**
	 * Takes in one fragment; counts it.
	 *
	 * @param srcAt         16-byte address
	 * @param dstAt         16-byte address
	 * @param protocol      IPv4's protocol, 0 for IPv6
	 * @param headerAt      headers in front of the fragment's bytes
	 * @param headerLength  bytes of them
	 * @param offset        of the fragment in the datagram, bytes
	 * @param more          it is not the last one
	 * @returns             `KEPT`, or the bytes of payload of the datagram that is now whole, and lies at `at`
	 */
	add(srcAt: number, dstAt: number, id: number, protocol: number, headerAt: number, headerLength: number, dataAt: number, length: number, offset: number, more: boolean, now: number): number {
		const why = this.#keep(this.#find(srcAt, dstAt, id, protocol, now), headerAt, headerLength, dataAt, length, offset, more);
		if (why !== 0) {
			this.#counters.count(why);
			return KEPT;
		}
		const d = this.#d;
		if (d.received !== d.total || d.headerLength === 0) {
			this.#counters.count(COUNT.fragmentIn);
			return KEPT;
		}
		const { total } = d;
		this.#assemble();
		this.#remove();
		this.#counters.count(COUNT.reassembled);
		return total;
	}

	/** The record of a datagram, made where there is none; 0 where there can be none. */
	#find(srcAt: number, dstAt: number, id: number, protocol: number, now: number): number {
		const d = this.#d;
		const { u8 } = this.#image;
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			d.go(at);
			if (d.id === id && d.protocol === protocol && same(u8, d.source, srcAt, 16) && same(u8, d.destination, dstAt, 16)) return at;
		}
		let at = this.#image.alloc(this.#pool);
		if (at === 0) {
			this.#giveUpOldest();
			at = this.#image.alloc(this.#pool);
			if (at === 0) return 0;
		}
		const queue = this.#queues.open(this.#pages);
		d.go(at);
		if (queue === 0) { this.#image.free(this.#pool, at); return 0; }
		u8.copyWithin(d.source, srcAt, srcAt + 16);
		u8.copyWithin(d.destination, dstAt, dstAt + 16);
		d.id = id;
		d.protocol = protocol;
		d.queue = queue;
		d.total = -1;
		d.due = now + TIMEOUT;
		return at;
	}

	/** @returns  0, or what the fragment is counted as where it is not kept */
	#keep(at: number, headerAt: number, headerLength: number, dataAt: number, length: number, offset: number, more: boolean): number {
		if (at === 0) return COUNT.fragmentNoRoom;
		const d = this.#d;
		d.go(at);
		if (d.spoilt !== 0) return COUNT.fragmentSpoilt;
		if (offset + length > this.#longest) return this.#spoil(COUNT.fragmentTooLong);
		const clash = this.#clash(offset, length, more);
		if (clash !== 0) return clash === COUNT.fragmentDuplicate ? clash : this.#spoil(clash);
		const count = this.#queues.count(d.queue);
		if (count >= MOST_FRAGMENTS || !this.#push(offset, dataAt, length)) return this.#spoil(COUNT.fragmentNoRoom);
		if (offset === 0) {
			if (!this.#push(HEADER_BLOCK, headerAt, headerLength)) return this.#spoil(COUNT.fragmentNoRoom);
			d.headerLength = headerLength;
		}
		if (!more) d.total = offset + length;
		d.received += length;
		return 0;
	}

	/** A datagram that went wrong keeps its record until its time is over, and no bytes. */
	#spoil(why: number): number {
		this.#d.spoilt = 1;
		this.#queues.clear(this.#d.queue);
		return why;
	}

	#push(offset: number, at: number, length: number): boolean {
		const word = this.#headAt >> 2;
		this.#image.i32[word] = offset;
		this.#image.i32[word + 1] = length;
		return this.#queues.push(this.#d.queue, this.#headAt, HEAD, at, length);
	}

	/** Whether a fragment contradicts those that are here: 0, `fragmentDuplicate` where it is one of them, else `fragmentOverlap`. */
	#clash(offset: number, length: number, more: boolean): number {
		const d = this.#d;
		const end = offset + length;
		if (d.total >= 0 && (end > d.total || (!more && end !== d.total))) return COUNT.fragmentOverlap;
		const word = this.#headAt >> 2;
		const { i32 } = this.#image;
		this.#queues.rewind(d.queue);
		for (let left = this.#queues.step(this.#headAt, HEAD); left >= 0; left = this.#queues.step(this.#headAt, HEAD)) {
			const from = i32[word]!, until = from + i32[word + 1]!;
			if (from === HEADER_BLOCK) continue;
			// RFC 8200 §4.5: exact duplicates may be ignored.
			if (from === offset && until === end && more === (until !== d.total)) return COUNT.fragmentDuplicate;
			if (offset < until && from < end) return COUNT.fragmentOverlap;
			if (!more && until > end) return COUNT.fragmentOverlap;
		}
		return 0;
	}

	/** Copies every block to its place. */
	#assemble(): void {
		const d = this.#d;
		const word = this.#headAt >> 2;
		const { i32 } = this.#image;
		this.headerLength = d.headerLength;
		const payloadAt = this.at + d.headerLength;
		for (;;) {
			this.#queues.rewind(d.queue);
			if (this.#queues.step(this.#headAt, HEAD) < 0) return;
			const to = i32[word] === HEADER_BLOCK ? this.at : payloadAt + i32[word]!;
			this.#queues.pop(d.queue, this.#headAt, HEAD, to, i32[word + 1]!);
		}
	}

	#remove(): void {
		this.#queues.close(this.#d.queue);
		this.#image.free(this.#pool, this.#d.at);
	}

	#giveUpOldest(): void {
		const at = this.#oldest();
		if (at === 0) return;
		this.#d.go(at);
		this.#remove();
		this.#counters.count(COUNT.reassemblyEvicted);
	}

	/** The record whose time ends first; of equal ones the lower address. */
	#oldest(): number {
		const d = this.#d;
		let oldest = 0, due = Infinity;
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			d.go(at);
			if (d.due < due) { due = d.due; oldest = at; }
		}
		return oldest;
	}

	/** When the next datagram is given up, µs; Infinity where none is under way. */
	get nextDeadline(): number {
		if (this.#image.live(this.#pool) === 0) return Infinity;
		this.#d.go(this.#oldest());
		return this.#d.due;
	}

	/**
	 * Gives up the datagram whose time ends first.
	 *
	 * @returns  bytes of its first fragment, headers included, which then lies at
	 *           `at` and should be told to the sender; 0 where it never came
	 */
	giveUp(): number {
		const d = this.#d;
		d.go(this.#oldest());
		this.#counters.count(COUNT.reassemblyTimedOut);
		const { headerLength } = d;
		let length = 0;
		if (headerLength !== 0 && d.spoilt === 0) {
			length = headerLength + this.#firstLength();
			this.#assemble();
		}
		this.#remove();
		return length;
	}

	#firstLength(): number {
		const word = this.#headAt >> 2;
		const { i32 } = this.#image;
		this.#queues.rewind(this.#d.queue);
		while (this.#queues.step(this.#headAt, HEAD) >= 0) if (i32[word] === 0) return i32[word + 1]!;
		return 0;
	}
}
