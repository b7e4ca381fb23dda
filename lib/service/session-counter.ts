import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, PoolSpec, RecordType } from '../memory/index.ts';
import { FAST_OPEN } from '../../tcp/index.ts';
import { LONGEST_REQUEST, requestLength, takeRequest } from './request-line.ts';
import { SessionTable, sessionTablePools } from './session.ts';
import type { SessionOptions } from './session.ts';
import { HELLO, sessionIn } from './session-text.ts';
import { acceptAll } from './service.ts';
import type { Service, Sockets } from './service.ts';
import { ascii, textOf } from './text.ts';

const shape = { value: 'i32', listener: 'i32' } as const;
const CounterRecord: RecordType<typeof shape> = record(shape);

export interface SessionCounterOptions extends SessionOptions {
	/** TCP port; default 7000 */
	readonly port?: number;
	/** what it stands at before the first request; default 10 */
	readonly start?: number;
	/** whether text that comes with a SYN is executed before the handshake is done (RFC 7413); default false */
	readonly fastOpen?: boolean;
}

/**
 * A counter whose clients may lose their connections: the example of a service
 * with sessions. `hello` is answered `session 7`; `inc c7 s1 l1` is executed
 * once, over however many connections it comes, and answered `11 s1`. A line
 * without a session is executed each time that it comes.
 */
export class SessionCounter implements Service {
	readonly name = 'session-counter';
	readonly pools: readonly PoolSpec[];
	readonly #options: SessionCounterOptions;
	#own: Cursor<typeof shape> | null = null;
	#table: SessionTable | null = null;

	constructor(options: SessionCounterOptions = {}) {
		this.#options = options;
		this.pools = [pool('sessionCounter', CounterRecord, 1), ...sessionTablePools(options)];
	}

	/** The number it stands at, sessions open and replies kept, read from the image of its host. */
	static stateIn(image: Image): { readonly counter: number; readonly sessions: number; readonly replies: number } {
		const own = new CounterRecord(image);
		own.go(image.first(image.pool('sessionCounter')));
		return { counter: own.value, sessions: image.live(image.pool('sessions')), replies: image.live(image.pool('replies')) };
	}

	start(io: Sockets): void {
		this.#own!.value = this.#options.start ?? 10;
		this.#own!.listener = io.listen(this.#options.port ?? 7000);
		if (this.#options.fastOpen === true) io.options(this.#own!.listener, FAST_OPEN);
	}

	attach(io: Sockets): void {
		const own = io.image.pool('sessionCounter');
		this.#own = new CounterRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
		this.#table = new SessionTable(io.image, this.#options);
	}

	ready(io: Sockets, socket: number): void {
		if (acceptAll(io, socket, this.#own!.listener)) return;
		for (let length = requestLength(io, socket); length !== 0; length = requestLength(io, socket)) {
			if (length < 0) return io.abort(socket);
			if (io.room(socket) < LONGEST_REQUEST) return;
			const reply = this.#execute(takeRequest(io, socket, length), io.now);
			if (reply !== '') io.write(socket, ascii(`${reply}\n`));
		}
		if (io.isFinished(socket)) io.close(socket);
	}

	/** The answer to a line; '' where it gets none. */
	#execute(line: string, now: number): string {
		const own = this.#own!, table = this.#table!;
		if (line === HELLO) {
			const number = table.open(now);
			return number === 0 ? 'full' : `session ${number}`;
		}
		const asked = sessionIn(line);
		if (asked === null) return String(++own.value);
		const { serial } = asked.request;
		switch (table.judge(asked.request, now)) {
			case 'new': {
				const reply = `${++own.value} s${serial}`;
				table.answer(ascii(reply));
				return reply;
			}
			case 'answered': return textOf(table.reply);
			case 'collected': return '';
			case 'expired': return `expired s${serial}`;
			case 'full': return `full s${serial}`;
		}
	}
}
