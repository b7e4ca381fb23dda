import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';

const shape = {
	/** page that is read from; 0 while the queue is empty */
	first: 'i32',
	/** page that is written to */
	last: 'i32',
	/** offset in `first` of what is read next */
	read: 'i32',
	/** offset in `last` of what is written next */
	write: 'i32',
	/** blocks waiting */
	count: 'i32',
	/** pages held */
	pages: 'i32',
	/** most pages it may hold */
	quota: 'i32',
} as const;
const QueueRecord: RecordType<typeof shape> = record(shape);

const NAME = 'queue';

/** Queues in an image; `max` of them. */
export function queuePool(max: number): PoolSpec {
	return pool(NAME, QueueRecord, max);
}

/** Bytes that a block takes besides its own: its length. */
const LENGTH = 4;

/**
 * First-in, first-out queues of blocks of bytes, kept in chained pages of the
 * image. A page may be smaller than a block. What was read is zeroed at once,
 * and an empty queue holds no page.
 */
export class PageQueues {
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #q: Cursor<typeof shape>;
	readonly #wordAt: number;
	// Where a walk is; it lasts no longer than a call of its owner.
	#page: number = 0;
	#offset: number = 0;
	#left: number = 0;

	/** @param wordAt  address of 4 bytes of scratch, 4-aligned */
	constructor(image: Image, wordAt: number) {
		this.#image = image;
		this.#pool = image.pool(NAME);
		this.#q = new QueueRecord(image);
		this.#wordAt = wordAt;
	}

	/** Makes an empty queue of at most `quota` pages; its address, or 0 where there is no room. */
	open(quota: number): number {
		const at = this.#image.alloc(this.#pool);
		if (at === 0) return 0;
		this.#q.go(at);
		this.#q.quota = quota;
		return at;
	}

	/** Throws away what is queued, and the queue. */
	close(queue: number): void {
		this.clear(queue);
		this.#image.free(this.#pool, queue);
	}

	/** Blocks that wait. */
	count(queue: number): number {
		this.#q.go(queue);
		return this.#q.count;
	}

	/**
	 * Adds one block of two parts, which are copied; false, and nothing done,
	 * where quota or image have no page for it.
	 */
	push(queue: number, headAt: number, headLength: number, bodyAt: number, bodyLength: number): boolean {
		const q = this.#q;
		q.go(queue);
		const length = headLength + bodyLength;
		const { chunk } = this.#image;
		const room = q.last === 0 ? 0 : chunk - q.write;
		const wanted = Math.ceil(Math.max(0, LENGTH + length - room) / chunk);
		if (q.pages + wanted > q.quota || this.#image.livePages + wanted > this.#image.maxPages) return false;
		this.#image.i32[this.#wordAt >> 2] = length;
		this.#append(this.#wordAt, LENGTH);
		this.#append(headAt, headLength);
		this.#append(bodyAt, bodyLength);
		q.count++;
		return true;
	}

	/** Length of the oldest block, -1 where none waits. */
	peek(queue: number): number {
		const q = this.#q;
		q.go(queue);
		if (q.count === 0) return -1;
		this.#copy(this.#wordAt, LENGTH, q.first, q.read);
		return this.#image.i32[this.#wordAt >> 2]!;
	}

	/**
	 * Takes the oldest block: its first `headLength` bytes to one place, up to
	 * `limit` of the others to another, where they end; what is left is lost.
	 *
	 * @returns  length of the block, -1 where none waits
	 */
	pop(queue: number, headAt: number, headLength: number, bodyAt: number, limit: number): number {
		const length = this.peek(queue);
		if (length < 0) return -1;
		const head = Math.min(headLength, length);
		const body = Math.min(limit, length - head);
		this.#skip(LENGTH);
		this.#copy(headAt, head, this.#q.first, this.#q.read);
		this.#skip(head);
		this.#copy(bodyAt, body, this.#q.first, this.#q.read);
		this.#skip(length - head);
		this.#q.count--;
		if (this.#q.count === 0) this.clear(queue);
		return length;
	}

	/** Begins a walk over the blocks that wait, the oldest first. */
	rewind(queue: number): void {
		const q = this.#q;
		q.go(queue);
		this.#page = q.first;
		this.#offset = q.read;
		this.#left = q.count;
	}

	/**
	 * Copies the first bytes of the next block of the walk, and passes over it.
	 *
	 * @returns  the block's length, -1 at the end
	 */
	step(headAt: number, headLength: number): number {
		if (this.#left === 0) return -1;
		this.#left--;
		this.#copy(this.#wordAt, LENGTH, this.#page, this.#offset);
		const length = this.#image.i32[this.#wordAt >> 2]!;
		this.#pass(LENGTH);
		this.#copy(headAt, Math.min(headLength, length), this.#page, this.#offset);
		this.#pass(length);
		return length;
	}

	#pass(length: number): void {
		const { chunk } = this.#image;
		this.#offset += length;
		while (this.#offset >= chunk && this.#image.nextPage(this.#page) !== 0) {
			this.#page = this.#image.nextPage(this.#page);
			this.#offset -= chunk;
		}
	}

	/** Throws away what is queued. */
	clear(queue: number): void {
		const q = this.#q;
		q.go(queue);
		for (let page = q.first; page !== 0;) {
			const next = this.#image.nextPage(page);
			this.#image.freePage(page);
			page = next;
		}
		q.first = 0;
		q.last = 0;
		q.read = 0;
		q.write = 0;
		q.count = 0;
		q.pages = 0;
	}

	#append(from: number, length: number): void {
		const q = this.#q;
		const { u8, chunk } = this.#image;
		for (let done = 0; done < length;) {
			if (q.last === 0 || q.write === chunk) this.#grow();
			const step = Math.min(length - done, chunk - q.write);
			u8.copyWithin(q.last + q.write, from + done, from + done + step);
			q.write += step;
			done += step;
		}
	}

	#grow(): void {
		const q = this.#q;
		const page = this.#image.allocPage();
		if (q.last === 0) q.first = page;
		else this.#image.setNextPage(q.last, page);
		q.last = page;
		q.write = 0;
		q.pages++;
	}

	/** Copies out of the chain, from an offset in a page on; moves nothing. */
	#copy(to: number, length: number, page: number, offset: number): void {
		const { u8, chunk } = this.#image;
		let from = offset;
		for (let done = 0; done < length;) {
			if (from === chunk) { page = this.#image.nextPage(page); from = 0; }
			const step = Math.min(length - done, chunk - from);
			u8.copyWithin(to + done, page + from, page + from + step);
			from += step;
			done += step;
		}
	}

	/** Passes over bytes of the oldest page, zeroing them; a page passed over whole is given back. */
	#skip(length: number): void {
		const q = this.#q;
		const { u8, chunk } = this.#image;
		for (let done = 0; done < length;) {
			const step = Math.min(length - done, chunk - q.read);
			u8.fill(0, q.first + q.read, q.first + q.read + step);
			q.read += step;
			done += step;
			if (q.read === chunk && q.first !== q.last) {
				const next = this.#image.nextPage(q.first);
				this.#image.freePage(q.first, 0);
				q.first = next;
				q.read = 0;
				q.pages--;
			}
		}
	}
}
