import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, PoolSpec, RecordType } from '../memory/index.ts';
import { LONGEST_REQUEST, requestLength, takeRequest } from './request-line.ts';
import { Sessions, serialIn, sessionPool } from './serials.ts';
import { EVENT_END, EVENT_OPEN, acceptAll } from './service.ts';
import type { Service, Sockets } from './service.ts';
import { ascii, textOf } from './text.ts';

const shape = {
	/** the number it stands at */
	value: 'i32',
	listener: 'i32',
	/** the connection that is reset when the alarm comes; 0 for none */
	newest: 'i32',
} as const;
const CounterRecord: RecordType<typeof shape> = record(shape);

/** How the server ends a connection it has answered often enough. */
export type ServerEnd = 'close' | 'abort';

export interface CounterOptions {
	/** TCP and UDP port; default 7000 */
	readonly port?: number;
	/** what it stands at before the first request; default 10 */
	readonly start?: number;
	/** replies of a TCP connection after which the server ends it; 0, the default: never, the client does */
	readonly endAfter?: number;
	readonly end?: ServerEnd;
	/** whether it closes a connection that its client has half closed, once all is answered; default true */
	readonly followsClose?: boolean;
	/** how long after its acceptance the newest TCP connection is reset, µs; 0, the default: never */
	readonly lifetime?: number;
	/** clients whose last reply can be kept; default 16 */
	readonly sessions?: number;
}

/**
 * The lecture's service: a counter that every request increments. A request is
 * a line over TCP or a datagram over UDP, whatever it says; the answer is the
 * new number as text. A request that bears a serial (`inc c7 s3`) is executed
 * once: asked again, it is answered as it was before.
 */
export class Counter implements Service {
	readonly name = 'counter';
	readonly pools: readonly PoolSpec[];
	readonly #port: number;
	readonly #start: number;
	readonly #endAfter: number;
	readonly #end: ServerEnd;
	readonly #lifetime: number;
	readonly #followsClose: boolean;
	#own: Cursor<typeof shape> | null = null;
	#sessions: Sessions | null = null;

	constructor(options: CounterOptions = {}) {
		this.#port = options.port ?? 7000;
		this.#start = options.start ?? 10;
		this.#endAfter = options.endAfter ?? 0;
		this.#end = options.end ?? 'close';
		this.#lifetime = options.lifetime ?? 0;
		this.#followsClose = options.followsClose ?? true;
		this.pools = [pool('counter', CounterRecord, 1), sessionPool(options.sessions ?? 16)];
	}

	/** The number a counter stands at, read from the image of its host. */
	static valueIn(image: Image): number {
		const own = new CounterRecord(image);
		own.go(image.first(image.pool('counter')));
		return own.value;
	}

	start(io: Sockets): void {
		const own = this.#own!;
		own.value = this.#start;
		own.listener = io.listen(this.#port);
		io.bind(this.#port);
	}

	attach(io: Sockets): void {
		const own = io.image.pool('counter');
		this.#own = new CounterRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
		this.#sessions = new Sessions(io.image);
	}

	/** A connection has lasted long enough. */
	alarm(io: Sockets): void {
		const own = this.#own!;
		if (own.newest !== 0) io.abort(own.newest);
		own.newest = 0;
	}

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (acceptAll(io, socket, own.listener)) return;
		if ((events & EVENT_OPEN) !== 0 && this.#lifetime > 0) {
			own.newest = socket;
			io.setAlarm(io.now + this.#lifetime);
		}
		if ((events & EVENT_END) !== 0 && own.newest === socket) own.newest = 0;
		this.#read(io, socket);
	}

	#read(io: Sockets, socket: number): void {
		for (let length = requestLength(io, socket); length !== 0; length = requestLength(io, socket)) {
			if (length < 0) return io.abort(socket);
			if (io.room(socket) < LONGEST_REQUEST) return;
			const reply = this.#execute(takeRequest(io, socket, length));
			if (reply === '') continue;
			io.write(socket, ascii(`${reply}\n`));
			if (this.#isEnough(io, socket)) return this.#part(io, socket);
		}
		if (!this.#followsClose || !io.isFinished(socket)) return;
		if (this.#own!.newest === socket) this.#own!.newest = 0;
		io.close(socket);
	}

	/** Counts the replies of a connection. */
	#isEnough(io: Sockets, socket: number): boolean {
		if (this.#endAfter === 0) return false;
		const replies = io.user(socket) + 1;
		io.setUser(socket, replies);
		return replies === this.#endAfter;
	}

	/** The server ends the connection; what the client still sends is read until it closes too. */
	#part(io: Sockets, socket: number): void {
		if (this.#end === 'abort') io.abort(socket);
		else io.end(socket);
	}

	datagrams(io: Sockets, socket: number): void {
		for (let length = io.receiveFrom(socket); length >= 0; length = io.receiveFrom(socket)) {
			const request = textOf(io.bytes, io.at, length);
			const isLine = length > 0 && io.bytes[io.at + length - 1] === 0x0a;
			const reply = this.#execute(request);
			if (reply !== '') io.sendTo(socket, io.fromAt, io.fromPort, ascii(isLine ? `${reply}\n` : reply));
		}
	}

	/** The answer to a request; '' where it gets none. */
	#execute(request: string): string {
		const own = this.#own!, sessions = this.#sessions!;
		const serial = serialIn(request);
		if (serial === null) return String(++own.value);
		switch (sessions.judge(serial)) {
			case 'execute': sessions.store(serial.serial, ++own.value); break;
			case 'repeat': break;
			// Older than the last answered: its client has that answer, or would not have asked again.
			case 'stale': return '';
			case 'full': return `full s${serial.serial}`;
		}
		return `${sessions.stored} s${serial.serial}`;
	}
}
