import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, PoolSpec, RecordType } from '../memory/index.ts';

/** How much a service remembers of its clients. */
export interface SessionOptions {
	/** clients at a time; default 16 */
	readonly sessions?: number;
	/** replies kept, of all of them together; default 64 */
	readonly replies?: number;
	/** bytes of the longest reply, a multiple of 4; default 64 */
	readonly longest?: number;
	/** silence behind which a client is forgotten, µs of machine time; default one minute; 0: never */
	readonly lifetime?: number;
}

/** What a request names itself by. */
export interface SessionRequest {
	/** number of the session, as `open` gave it */
	readonly session: number;
	/** which of the client's requests it is: from 1, each time one more */
	readonly serial: number;
	/** the client's lowest unanswered: it has the replies to all below and will never ask for them again */
	readonly lowest: number;
}

/**
 * What is to be done with a request:
 *
 * - `new`: execute it, and `answer` it in the same step
 * - `answered`: it was executed before; send `reply` again
 * - `collected`: the client said that it has the reply; this is an old copy, and is dropped
 * - `expired`: no such session, any more or ever. The client is to be told: whether its
 *   request was executed nobody knows now. It is not executed, and no session is made for it
 * - `full`: there is no room to keep the reply; it was not executed, and may be asked again
 */
export type Standing = 'new' | 'answered' | 'collected' | 'expired' | 'full';

const bookShape = {
	/** no session can be over before, µs of machine time */
	sweepAt: 'f64',
	/** number of the session opened last */
	last: 'i32',
} as const;
const BookRecord: RecordType<typeof bookShape> = record(bookShape);

const sessionShape = {
	/** when it was heard last, µs of machine time */
	heardAt: 'f64',
	number: 'i32',
	/** every reply below was collected */
	lowest: 'i32',
	/** the newest reply kept: address of its record, 0 for none */
	replies: 'i32',
} as const;
const SessionRecord: RecordType<typeof sessionShape> = record(sessionShape);

const replyShape = {
	/** the session's next reply, 0 behind the last */
	next: 'i32',
	serial: 'i32',
	length: 'i32',
} as const;
type ReplyShape = typeof replyShape & { readonly text: `bytes ${number}` };

const DAY = 86_400e6;
const LAST_NUMBER = 0x7fff_ffff;

const replyTypes = new Map<number, RecordType<ReplyShape>>();

function replyType(longest: number): RecordType<ReplyShape> {
	const known = replyTypes.get(longest);
	if (known !== undefined) return known;
	const made = record({ ...replyShape, text: `bytes ${longest}` as const } as ReplyShape);
	replyTypes.set(longest, made);
	return made;
}

function lifetimeOf({ lifetime = 60e6 }: SessionOptions): number {
	return lifetime === 0 ? Infinity : Math.min(lifetime, 365 * DAY);
}

/** The pools that a service with sessions has among its own; the same options as its table. */
export function sessionTablePools(options: SessionOptions = {}): PoolSpec[] {
	return [
		pool('sessionBook', BookRecord, 1), pool('sessions', SessionRecord, options.sessions ?? 16),
		pool('replies', replyType(options.longest ?? 64), options.replies ?? 64),
	];
}

/**
 * The memory by which a request is executed exactly once, however often it
 * comes: over how many connections, to whichever replica (RIFL; Ongaro's thesis
 * §6.3). A client opens a session and numbers its requests; each reply is kept
 * until the client says that it has it.
 *
 * Everything lies in the image, and time is that of the entry being executed,
 * so that replicas forget the same client at the same entry.
 */
export class SessionTable {
	readonly #image: Image;
	readonly #book: Cursor<typeof bookShape>;
	readonly #session: Cursor<typeof sessionShape>;
	readonly #reply: Cursor<ReplyShape>;
	readonly #longest: number;
	readonly #lifetime: number;

	/** Finds its records again; made anew in a service's `attach`. */
	constructor(image: Image, options: SessionOptions = {}) {
		this.#image = image;
		this.#longest = options.longest ?? 64;
		this.#lifetime = lifetimeOf(options);
		this.#book = new BookRecord(image);
		this.#session = new SessionRecord(image);
		this.#reply = new (replyType(this.#longest))(image);
		const books = image.pool('sessionBook');
		this.#book.go(image.first(books) || image.alloc(books));
	}

	/** Sessions open now. */
	get sessions(): number { return this.#image.live(this.#image.pool('sessions')); }

	/** Replies kept now. */
	get replies(): number { return this.#image.live(this.#image.pool('replies')); }

	/**
	 * Opens a session.
	 *
	 * @param now  machine time, µs
	 * @returns    its number, which no other will ever have; 0 where there is no room for one more client
	 */
	open(now: number): number {
		this.#sweep(now);
		const book = this.#book, session = this.#session;
		const at = book.last === LAST_NUMBER ? 0 : this.#image.alloc(this.#image.pool('sessions'));
		if (at === 0) return 0;
		session.go(at);
		session.number = ++book.last;
		session.lowest = 1;
		this.#heard(now);
		return session.number;
	}

	/** Closes a session: its client is done. False where there is none of that number. */
	close(number: number): boolean {
		if (!this.#find(number)) return false;
		this.#forget();
		return true;
	}

	/**
	 * Says what is to be done with a request. Where it is `new`, room for its
	 * reply is taken already.
	 *
	 * @param now  machine time, µs
	 */
	judge(request: SessionRequest, now: number): Standing {
		this.#sweep(now);
		if (!this.#find(request.session)) return 'expired';
		this.#heard(now);
		this.#collect(request.lowest);
		if (request.serial < this.#session.lowest) return 'collected';
		if (this.#seek(request.serial)) return 'answered';
		return this.#keep(request.serial) ? 'new' : 'full';
	}

	/** The reply to the request judged last, where that was `answered`. */
	get reply(): Uint8Array {
		const { text, length } = this.#reply;
		return this.#image.u8.slice(text, text + length);
	}

	/**
	 * Keeps the reply to the request judged last, where that was `new`.
	 *
	 * @throws RangeError where it is longer than the table was made for
	 */
	answer(reply: Uint8Array): void {
		if (reply.length > this.#longest) throw new RangeError(`a reply of ${reply.length} bytes: sessions were made for ${this.#longest}; give them a larger 'longest'`);
		this.#image.u8.set(reply, this.#reply.text);
		this.#reply.length = reply.length;
	}

	#find(number: number): boolean {
		const pool = this.#image.pool('sessions');
		for (let at = this.#image.first(pool); at !== 0; at = this.#image.next(pool, at)) {
			this.#session.go(at);
			if (this.#session.number === number) return true;
		}
		return false;
	}

	#heard(now: number): void {
		this.#session.heardAt = now;
		if (this.#book.sweepAt === 0) this.#book.sweepAt = now + this.#lifetime;
	}

	/** Finds a reply of the session looked at. */
	#seek(serial: number): boolean {
		const reply = this.#reply;
		for (let at = this.#session.replies; at !== 0; at = reply.next) {
			reply.go(at);
			if (reply.serial === serial) return true;
		}
		return false;
	}

	#keep(serial: number): boolean {
		const at = this.#image.alloc(this.#image.pool('replies'));
		if (at === 0) return false;
		this.#reply.go(at);
		this.#reply.serial = serial;
		this.#reply.next = this.#session.replies;
		this.#session.replies = at;
		return true;
	}

	/** Lets go of the replies that the client has. */
	#collect(lowest: number): void {
		const session = this.#session, reply = this.#reply, pool = this.#image.pool('replies');
		if (lowest <= session.lowest) return;
		session.lowest = lowest;
		let kept = 0;
		for (let at = session.replies, next = 0; at !== 0; at = next) {
			reply.go(at);
			next = reply.next;
			if (reply.serial >= lowest) { kept = at; continue; }
			this.#image.free(pool, at);
			if (kept === 0) session.replies = next;
			else {
				reply.go(kept);
				reply.next = next;
			}
		}
	}

	/** Forgets the session looked at. */
	#forget(): void {
		this.#collect(Infinity);
		this.#image.free(this.#image.pool('sessions'), this.#session.at);
	}

	/** Forgets whoever was silent for too long. */
	#sweep(now: number): void {
		const book = this.#book, session = this.#session, pool = this.#image.pool('sessions');
		if (book.sweepAt === 0 || now < book.sweepAt) return;
		book.sweepAt = 0;
		for (let at = this.#image.first(pool), next = 0; at !== 0; at = next) {
			next = this.#image.next(pool, at);
			session.go(at);
			const over = session.heardAt + this.#lifetime;
			if (now >= over) this.#forget();
			else if (book.sweepAt === 0 || over < book.sweepAt) book.sweepAt = over;
		}
	}
}
