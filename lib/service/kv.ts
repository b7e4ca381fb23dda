import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { NO_DELAY } from '../../tcp/index.ts';
import { execute, LONGEST_ANSWER } from './kv-commands.ts';
import { Keys } from './kv-keys.ts';
import { RespReply, RespRequest } from './resp.ts';
import { EVENT_END } from './service.ts';
import type { Service, Sockets } from './service.ts';

const shape = {
	listener: 'i32',
	/** connections there are */
	clients: 'i32',
} as const;
const KvRecord: RecordType<typeof shape> = record(shape);

export interface KvOptions {
	/** TCP port; default 6379 */
	readonly port?: number;
	/** most keys; default 65536 */
	readonly keys?: number;
	/** most cells of 248 bytes for keys and values; default 131072 */
	readonly cells?: number;
}

/** Longest request: what can be looked at in one piece. */
const LONGEST_REQUEST = 65_536;
/** Word of a connection that has had its last reply. */
const ENDING = 1;
/** Between two sweeps for what has expired, µs. */
const SWEEP = 1_000_000;

/**
 * A store of keys and values that speaks enough of the Redis protocol (RESP2)
 * for its usual clients. A request that has not wholly come waits in the receive
 * queue, a reply that does not fit waits as its request; nothing is kept
 * outside the image.
 */
export class Kv implements Service {
	readonly name = 'kv';
	readonly pools: readonly PoolSpec[];
	readonly #port: number;
	#own: Cursor<typeof shape> | null = null;
	#keys: Keys | null = null;
	readonly #request: RespRequest = new RespRequest();
	readonly #reply: RespReply = new RespReply();

	constructor(options: KvOptions = {}) {
		this.#port = options.port ?? 6379;
		this.pools = [pool('kv', KvRecord, 1), ...Keys.pools(options.keys ?? 0x1_0000, options.cells ?? 0x2_0000)];
	}

	attach(io: Sockets): void {
		const own = io.image.pool('kv');
		this.#own = new KvRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
		this.#keys = new Keys(io.image);
	}

	start(io: Sockets): void {
		this.#own!.listener = io.listen(this.#port);
		io.setAlarm(io.now + SWEEP);
	}

	alarm(io: Sockets): void {
		this.#keys!.sweep(io.now);
		io.setAlarm(io.now + SWEEP);
	}

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (socket === own.listener) return this.#accept(io);
		if ((events & EVENT_END) !== 0) {
			own.clients--;
			return;
		}
		if (io.user(socket) === ENDING) return this.#discard(io, socket);
		while (this.#serve(io, socket)) { /* as long as there is something to do and room to answer */ }
	}

	#accept(io: Sockets): void {
		const own = this.#own!;
		for (let socket = io.accept(own.listener); socket !== 0; socket = io.accept(own.listener)) {
			own.clients++;
			io.options(socket, NO_DELAY);
		}
	}

	/** Carries out what has come and can be answered; whether there may be more of it. */
	#serve(io: Sockets, socket: number): boolean {
		const reply = this.#reply;
		const room = io.room(socket);
		const length = io.peek(socket, LONGEST_REQUEST);
		reply.length = 0;
		const { taken, ends } = this.#requests(io, room, length);
		io.consume(socket, taken);
		if (reply.length > 0 && io.write(socket, reply.bytes, 0, reply.length) !== reply.length) {
			// What was carried out cannot be told: the pages are used up.
			io.abort(socket);
			return this.#gone();
		}
		// A request that was read and not carried out waits for room to answer.
		const waits = this.#request.count > 0;
		if (ends) return this.#end(io, socket);
		if (taken === 0 && !waits && io.isFinished(socket)) {
			io.close(socket);
			return this.#gone();
		}
		return taken > 0 && !waits;
	}

	/** Says no more; what still comes is read, since unread octets would turn the end into a reset and lose the last reply. */
	#end(io: Sockets, socket: number): false {
		io.end(socket);
		io.setUser(socket, ENDING);
		this.#discard(io, socket);
		return false;
	}

	#discard(io: Sockets, socket: number): void {
		io.consume(socket, io.readable(socket));
		if (!io.isFinished(socket)) return;
		io.close(socket);
		this.#gone();
	}

	#gone(): false {
		this.#own!.clients--;
		return false;
	}

	/** Bytes of the requests that were carried out, and whether the connection ends with them. */
	#requests(io: Sockets, room: number, length: number): { readonly taken: number; readonly ends: boolean } {
		const request = this.#request, reply = this.#reply;
		const context = { keys: this.#keys!, request, reply, bytes: io.bytes, now: io.now, clients: this.#own!.clients };
		request.count = 0;
		let taken = 0;
		while (taken < length) {
			const bytes = request.read(io.bytes, io.at + taken, length - taken);
			if (bytes < 0 || (bytes === 0 && length - taken >= LONGEST_REQUEST)) {
				reply.error(`ERR Protocol error: ${request.fault || 'too big a request'}`);
				return { taken: length, ends: true };
			}
			if (bytes === 0) break;
			if (request.count > 0 && reply.length + LONGEST_ANSWER > room) break;
			const before = reply.length;
			const ends = request.count > 0 && execute(context);
			if (reply.length > room && !this.#fitsNever(before, room)) break;
			taken += bytes;
			request.count = 0;
			if (ends) return { taken, ends };
		}
		return { taken, ends: false };
	}

	/** A reply of a request that changes nothing does not fit now; one that never will is an error. */
	#fitsNever(before: number, room: number): boolean {
		const reply = this.#reply;
		const isHopeless = reply.length - before > LONGEST_REQUEST;
		reply.length = before;
		if (!isHopeless || before + LONGEST_ANSWER > room) return false;
		reply.error('ERR the reply is too big: ask for less at once');
		return true;
	}
}
