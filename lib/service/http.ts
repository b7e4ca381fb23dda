import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, PoolSpec, RecordType } from '../memory/index.ts';
import { KEEP_ALIVE, NO_DELAY } from '../../tcp/index.ts';
import { CHUNK_DATA, CHUNK_OVER, CHUNK_BEHIND, CHUNK_SIZE, ChunkReader } from './http-chunks.ts';
import { connectionPool, HttpConnection, PHASE_ANSWER, PHASE_BODY, PHASE_END, PHASE_HEAD, PHASE_SEND } from './http-connection.ts';
import { HttpHead, LONGEST_HEAD } from './http-head.ts';
import { Objects } from './http-objects.ts';
import { CONTINUE, HELP, LONGEST_REPLY, responseHead, statusText } from './http-reply.ts';
import { HttpRoute, putPattern, ROUTE_BYTES, ROUTE_COUNT, ROUTE_COUNTER, ROUTE_DELETE, ROUTE_HELP, ROUTE_OBJECT, ROUTE_STATUS, ROUTE_STORE } from './http-routes.ts';
import { ROOM } from './kv-cells.ts';
import { EVENT_END } from './service.ts';
import type { Service, Sockets } from './service.ts';
import { ascii } from './text.ts';

const shape = {
	listener: 'i32',
	counter: 'i32',
	/** a response waits for memory, which nothing will tell of */
	starved: 'u8',
} as const;
const HttpRecord: RecordType<typeof shape> = record(shape);

export interface HttpOptions {
	/** TCP port; default 80 */
	readonly port?: number;
	/** what the counter stands at before the first request; default 10 */
	readonly start?: number;
	/** seconds since 1970 when the machine's clock stood at 0; default 0 */
	readonly epoch?: number;
	/** connections that can be answered at once; default 1024 */
	readonly connections?: number;
	/** objects there can be; default 1024 */
	readonly objects?: number;
	/** cells of 248 bytes for objects; default 131072 */
	readonly cells?: number;
}

const TEXT = 'text/plain; charset=us-ascii', BINARY = 'application/octet-stream';
/** Bytes of a body put together before they are written. */
const PIECE = 16_384;
/** Pieces written at once: a machine that does much in one step keeps everybody waiting. What is acknowledged makes room for more. */
const PIECES = 8;
const NO_STORAGE = 507;
/** When to look for memory again, µs. */
const AGAIN = 10_000;
const allowed = ['', 'GET, HEAD', 'GET, HEAD, POST', 'GET, HEAD, PUT, DELETE'] as const;

/**
 * HTTP/1.1 with persistent connections and pipelining (RFC 9110, RFC 9112): a
 * counter, bytes of a pattern, objects. What a connection is in the middle of
 * lies in the image; requests that have not wholly come wait in the receive
 * queue; the time is the machine's.
 */
export class Http implements Service {
	readonly name = 'http';
	readonly pools: readonly PoolSpec[];
	readonly #options: HttpOptions;
	#own: Cursor<typeof shape> | null = null;
	#objects: Objects | null = null;
	#connection: HttpConnection | null = null;
	#image: Image | null = null;
	readonly #head: HttpHead = new HttpHead();
	readonly #route: HttpRoute = new HttpRoute();
	readonly #chunks: ChunkReader = new ChunkReader();
	/** that may still be written in this step */
	#pieces = 0;
	readonly #piece: Uint8Array = new Uint8Array(PIECE);

	constructor(options: HttpOptions = {}) {
		this.#options = options;
		this.pools = [pool('http', HttpRecord, 1), connectionPool(options.connections ?? 1024), ...Objects.pools(options.objects ?? 1024, options.cells ?? 0x2_0000)];
	}

	/** The number the counter stands at, read from the image of its host. */
	static counterIn(image: Image): number {
		const own = new HttpRecord(image);
		own.go(image.first(image.pool('http')));
		return own.counter;
	}

	attach(io: Sockets): void {
		const { image } = io;
		const own = image.pool('http');
		this.#image = image;
		this.#own = new HttpRecord(image);
		this.#own.go(image.first(own) || image.alloc(own));
		this.#objects = new Objects(image);
		this.#connection = new HttpConnection(image);
	}

	start(io: Sockets): void {
		this.#own!.counter = this.#options.start ?? 10;
		this.#own!.listener = io.listen(this.#options.port ?? 80);
	}

	ready(io: Sockets, socket: number, events: number): void {
		if (socket === this.#own!.listener) return this.#accept(io);
		const at = io.user(socket);
		if (at === 0) return;
		this.#connection!.go(at);
		if ((events & EVENT_END) !== 0) return this.#forget(at);
		this.#pieces = PIECES;
		while (this.#step(io, socket)) { /* one thing after the other, as far as it goes */ }
	}

	#accept(io: Sockets): void {
		const image = this.#image!;
		for (let socket = io.accept(this.#own!.listener); socket !== 0; socket = io.accept(this.#own!.listener)) {
			const at = image.alloc(image.pool('http connection'));
			if (at === 0) { io.abort(socket); continue; }
			io.setUser(socket, at);
			this.#connection!.go(at);
			this.#connection!.socket = socket;
			io.options(socket, NO_DELAY | KEEP_ALIVE);
		}
	}

	/** Lets go of what a connection held. */
	#forget(at: number): void {
		const image = this.#image!, connection = this.#connection!;
		connection.go(at);
		if (connection.object !== 0) this.#objects!.release(connection.object);
		image.free(image.pool('http connection'), at);
	}

	/** Does one thing for the connection at hand; whether there may be another. */
	#step(io: Sockets, socket: number): boolean {
		switch (this.#connection!.phase) {
			case PHASE_HEAD: return this.#readHead(io, socket);
			case PHASE_BODY: return this.#connection!.chunk === 0 ? this.#readBody(io, socket) : this.#readChunk(io, socket);
			case PHASE_ANSWER: return this.#answer(io, socket);
			case PHASE_SEND: return this.#send(io, socket);
			default: return this.#discard(io, socket);
		}
	}

	/** The peer will send no more, and what it has sent is no whole request. */
	#leave(io: Sockets, socket: number): false {
		if (!io.isFinished(socket)) return false;
		const { at } = this.#connection!;
		io.setUser(socket, 0);
		io.close(socket);
		this.#forget(at);
		return false;
	}

	/** It cannot go on: what it has begun to say is not what it should have been. */
	#break(io: Sockets, socket: number): false {
		const { at } = this.#connection!;
		io.setUser(socket, 0);
		io.abort(socket);
		this.#forget(at);
		return false;
	}

	#readHead(io: Sockets, socket: number): boolean {
		const head = this.#head, connection = this.#connection!;
		const length = io.peek(socket, LONGEST_HEAD + 4);
		const bytes = length === 0 ? 0 : head.read(io.bytes, io.at, length);
		if (bytes === 0) return this.#leave(io, socket);
		io.consume(socket, bytes < 0 ? length : bytes);
		connection.closes = head.closes ? 1 : 0;
		connection.bare = bytes > 0 && head.method === 'HEAD' ? 1 : 0;
		if (bytes < 0) this.#refuse(head.fault);
		else this.#begin(io, socket);
		return true;
	}

	/** Answers with a status alone, and closes: what would follow cannot be told apart. */
	#refuse(status: number, allow: string = ''): void {
		const connection = this.#connection!;
		connection.allow = allowed.indexOf(allow as '');
		connection.route = ROUTE_STATUS;
		connection.status = status;
		connection.closes = 1;
		connection.phase = PHASE_ANSWER;
	}

	#begin(io: Sockets, socket: number): void {
		const head = this.#head, route = this.#route, connection = this.#connection!;
		route.of(head);
		const takesBody = route.route === ROUTE_STORE || route.route === ROUTE_COUNT;
		// A body nobody wants is not read: the answer is the last on this connection.
		if (head.body !== 0 && !takesBody) return this.#refuse(route.route === ROUTE_STATUS ? route.status : 400, route.allow);
		connection.route = route.route;
		connection.status = route.route === ROUTE_STATUS ? route.status : 200;
		connection.allow = allowed.indexOf(route.allow as '');
		connection.length = route.count;
		connection.phase = PHASE_ANSWER;
		if (route.route === ROUTE_OBJECT) this.#findObject(route.name);
		if (route.route === ROUTE_DELETE) connection.status = this.#objects!.hide(route.name) ? 204 : 404;
		if (route.route === ROUTE_STORE) this.#beginObject(route.name, Math.max(0, head.body));
		if (connection.route === ROUTE_STATUS) return;
		if (head.body !== 0) this.#beginBody(io, socket);
		else if (connection.route === ROUTE_STORE) this.#whole();
	}

	#findObject(name: string): void {
		const connection = this.#connection!, objects = this.#objects!;
		const at = objects.find(name);
		if (at === 0) {
			connection.route = ROUTE_STATUS;
			connection.status = 404;
			return;
		}
		objects.use(at);
		connection.object = at;
		connection.length = objects.object.length;
		connection.cell = objects.object.first;
	}

	#beginObject(name: string, length: number): void {
		const at = this.#objects!.begin(name, length);
		if (at === 0) this.#refuse(NO_STORAGE);
		else this.#connection!.object = at;
	}

	#beginBody(io: Sockets, socket: number): void {
		const head = this.#head, connection = this.#connection!;
		connection.phase = PHASE_BODY;
		connection.chunk = head.body < 0 ? CHUNK_SIZE : 0;
		connection.left = Math.max(0, head.body);
		if (head.expects && head.isModern && io.readable(socket) === 0) io.write(socket, ascii(CONTINUE));
	}

	#dropObject(): void {
		const connection = this.#connection!;
		const { object } = connection;
		connection.object = 0;
		this.#objects!.release(object);
	}

	#readBody(io: Sockets, socket: number): boolean {
		const connection = this.#connection!;
		if (connection.left === 0) { this.#whole(); return true; }
		const length = Math.min(io.peekPart(socket), connection.left);
		if (length === 0) return this.#leave(io, socket);
		if (!this.#store(io, length)) return true;
		io.consume(socket, length);
		connection.left -= length;
		return true;
	}

	/** Puts a piece of a body where it belongs; false where that is full, which is then answered. */
	#store(io: Sockets, length: number): boolean {
		const connection = this.#connection!;
		if (connection.route !== ROUTE_STORE || this.#objects!.write(connection.object, io.bytes, io.at, length)) return true;
		this.#dropObject();
		this.#refuse(NO_STORAGE);
		return false;
	}

	#readChunk(io: Sockets, socket: number): boolean {
		const connection = this.#connection!, chunks = this.#chunks;
		if (connection.chunk === CHUNK_OVER) { this.#whole(); return true; }
		if (connection.chunk === CHUNK_DATA) return this.#readChunkData(io, socket);
		const length = io.peek(socket, LONGEST_HEAD);
		const bytes = length === 0 ? 0 : chunks.step(connection.chunk, io.bytes, io.at, length);
		if (bytes === 0) return this.#leave(io, socket);
		if (bytes < 0) {
			if (connection.object !== 0) this.#dropObject();
			this.#refuse(400);
			return true;
		}
		io.consume(socket, bytes);
		if (connection.chunk === CHUNK_SIZE) connection.left = chunks.size;
		connection.chunk = chunks.phase;
		return true;
	}

	#readChunkData(io: Sockets, socket: number): boolean {
		const connection = this.#connection!;
		const length = Math.min(io.peekPart(socket), connection.left);
		if (length === 0) return this.#leave(io, socket);
		if (!this.#store(io, length)) return true;
		io.consume(socket, length);
		connection.left -= length;
		if (connection.left === 0) connection.chunk = CHUNK_BEHIND;
		return true;
	}

	/** The request has wholly come: what it asks for is done now, once. */
	#whole(): void {
		const connection = this.#connection!;
		connection.phase = PHASE_ANSWER;
		if (connection.route !== ROUTE_STORE) return;
		const { object } = connection;
		connection.object = 0;
		connection.status = this.#objects!.show(object) ? 204 : 201;
	}

	/** Begins the response, where there is room for its head and for a short body. */
	#answer(io: Sockets, socket: number): boolean {
		const connection = this.#connection!;
		if (io.room(socket) < LONGEST_REPLY) return false;
		if (connection.route === ROUTE_COUNT) {
			connection.number = ++this.#own!.counter;
			connection.route = ROUTE_COUNTER;
		} else if (connection.route === ROUTE_COUNTER) connection.number = this.#own!.counter;
		const isStream = connection.route === ROUTE_BYTES || connection.route === ROUTE_OBJECT;
		const text = isStream ? '' : this.#text();
		const length = isStream ? connection.length : text.length;
		const head = responseHead(connection.status, length, isStream ? BINARY : TEXT, connection.closes === 1, this.#seconds(io), allowed[connection.allow] ?? '');
		const bytes = ascii(connection.bare === 1 ? head : head + text);
		if (io.write(socket, bytes) !== bytes.length) return this.#break(io, socket);
		connection.sent = 0;
		if (isStream && connection.bare === 0) connection.phase = PHASE_SEND;
		else this.#next(io, socket);
		return true;
	}

	#seconds(io: Sockets): number {
		return Math.floor((this.#options.epoch ?? 0) + io.now / 1_000_000);
	}

	#text(): string {
		const { route, status, number } = this.#connection!;
		if (route === ROUTE_HELP) return HELP;
		if (route === ROUTE_COUNTER) return `${number}\n`;
		return status === 204 ? '' : statusText(status);
	}

	/** Sends as much of a body as there is room for. */
	#send(io: Sockets, socket: number): boolean {
		const connection = this.#connection!;
		const wanted = Math.min(connection.length - connection.sent, PIECE);
		if (wanted === 0) { this.#next(io, socket); return true; }
		const length = Math.min(wanted, io.room(socket));
		if (length === 0 || this.#pieces-- === 0) return false;
		const taken = io.write(socket, this.#piece, 0, this.#fill(length));
		if (taken < 0) return false;
		if (taken === 0) this.#starve(io);
		if (connection.object !== 0) connection.cell = this.#objects!.cells.seek(connection.cell, (connection.sent % ROOM) + taken);
		connection.sent += taken;
		return taken > 0;
	}

	#starve(io: Sockets): void {
		this.#own!.starved = 1;
		io.setAlarm(io.now + AGAIN);
	}

	alarm(io: Sockets): void {
		const own = this.#own!, image = this.#image!, connection = this.#connection!;
		if (own.starved === 0) return;
		own.starved = 0;
		const connections = image.pool('http connection');
		for (let at = image.first(connections); at !== 0; at = image.next(connections, at)) {
			connection.go(at);
			this.#pieces = PIECES;
			if (connection.phase === PHASE_SEND) while (this.#step(io, connection.socket)) { /* as far as it goes */ }
		}
	}

	#fill(length: number): number {
		const connection = this.#connection!, piece = this.#piece;
		const { sent } = connection;
		if (connection.object !== 0) this.#objects!.cells.copy(connection.cell, sent % ROOM, length, piece, 0);
		else putPattern(piece, sent, length);
		return length;
	}

	/** The response is out: the next request may come, or the connection ends. */
	#next(io: Sockets, socket: number): void {
		const connection = this.#connection!;
		if (connection.object !== 0) this.#dropObject();
		connection.phase = connection.closes === 1 ? PHASE_END : PHASE_HEAD;
		if (connection.closes === 1) io.end(socket);
	}

	#discard(io: Sockets, socket: number): boolean {
		io.consume(socket, io.readable(socket));
		return this.#leave(io, socket);
	}
}
