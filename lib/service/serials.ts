import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, PoolSpec, RecordType } from '../memory/index.ts';

const shape = {
	/** who asks: a number of the client's choice, above 0 */
	client: 'i32',
	/** serial of the request executed last */
	serial: 'i32',
	/** what it was answered */
	reply: 'i32',
} as const;
const SessionRecord: RecordType<typeof shape> = record(shape);

/** What a request names itself by: who asks, and which of its requests it is. */
export interface Serial {
	readonly client: number;
	readonly serial: number;
}

/** The form of a serial within a request (`inc c7 s3`) and a reply (`11 s3`). */
const IN_REQUEST = /\bc(\d{1,9}) s(\d{1,9})\b/;
const IN_REPLY = / s(\d{1,9})$/;

/** The serial a request bears; null where it bears none. */
export function serialIn(request: string): Serial | null {
	const found = IN_REQUEST.exec(request);
	return found === null ? null : { client: Number(found[1]), serial: Number(found[2]) };
}

/** The request as a client with serials writes it. */
export function withSerial(request: string, { client, serial }: Serial): string {
	return `${request} c${client} s${serial}`;
}

/** A reply split into what was answered and the serial it answers, 0 where it names none. */
export function splitReply(reply: string): { readonly text: string; readonly serial: number } {
	const found = IN_REPLY.exec(reply);
	return found === null ? { text: reply, serial: 0 } : { text: reply.slice(0, found.index), serial: Number(found[1]) };
}

/** The session record of each client, with the reply it got last. */
export function sessionPool(sessions: number): PoolSpec {
	return pool('session', SessionRecord, sessions);
}

/** What is to be done with a request that bears a serial. */
export type Judgement = 'execute' | 'repeat' | 'stale' | 'full';

/**
 * The server's memory of what it has answered: one request a client, the last
 * (Ongaro's thesis §6.3). A request that comes again is answered from it and
 * not executed again. It lies in the image, so that a backup has it too.
 */
export class Sessions {
	readonly #image: Image;
	readonly #session: Cursor<typeof shape>;

	constructor(image: Image) {
		this.#image = image;
		this.#session = new SessionRecord(image);
	}

	#find(client: number): boolean {
		const sessions = this.#image.pool('session');
		for (let at = this.#image.first(sessions); at !== 0; at = this.#image.next(sessions, at)) {
			this.#session.go(at);
			if (this.#session.client === client) return true;
		}
		return false;
	}

	/** Says what a request is; where it is `repeat`, `stored` is its reply. `full`: no room for one more client. */
	judge({ client, serial }: Serial): Judgement {
		if (!this.#find(client)) {
			const at = this.#image.alloc(this.#image.pool('session'));
			if (at === 0) return 'full';
			this.#session.go(at);
			this.#session.client = client;
		}
		if (serial > this.#session.serial) return 'execute';
		return serial === this.#session.serial ? 'repeat' : 'stale';
	}

	/** The reply of the session judged last. */
	get stored(): number { return this.#session.reply; }

	/** Stores the reply to the request judged last. */
	store(serial: number, reply: number): void {
		this.#session.serial = serial;
		this.#session.reply = reply;
	}
}
