import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { requestText, takeReply } from './client.ts';
import type { Client, ClientPlan } from './client.ts';
import { EVENT_END, EVENT_OPEN } from './service.ts';
import type { Sockets } from './service.ts';
import { ascii, newline, textOf } from './text.ts';

/** How the client ends its connection: not at all, in order, with a RST, or only its own direction. */
export type ClientEnd = 'stay' | 'close' | 'abort' | 'half';

export interface TcpClientPlan extends ClientPlan {
	/** when it connects, µs of its clock; default: at once */
	readonly connectAt?: number;
	/** default `stay`; `half` says with the last request that there is no more to come */
	readonly end?: ClientEnd;
	/** how long after the last reply it ends, µs; default 0 */
	readonly endAfter?: number;
	/** whether it closes when the server has closed; default true */
	readonly followsClose?: boolean;
}

const shape = {
	/** when it ends its connection, µs; 0 while that is not settled */
	endAt: 'f64',
	socket: 'i32',
	/** requests made and replies taken */
	sent: 'i32', got: 'i32',
	/** 0 before the connection was asked for, 1 then, 2 while it is open, 3 when the client has ended it or it has ended */
	phase: 'u8',
} as const;
const ClientRecord: RecordType<typeof shape> = record(shape);

const BEFORE = 0, ASKED = 1, OPEN = 2, OVER = 3;
/** The number the application has for its connection: it has but one. */
const CONNECTION = 1;
const LONGEST_REPLY = 512;

/** A client of a counter over TCP: connects, asks, and ends as planned. */
export class TcpClient implements Client {
	readonly name = 'client';
	readonly pools: readonly PoolSpec[] = [pool('client', ClientRecord, 1)];
	readonly plan: TcpClientPlan;
	#own: Cursor<typeof shape> | null = null;

	constructor(plan: TcpClientPlan) { this.plan = plan; }

	attach(io: Sockets): void {
		const own = io.image.pool('client');
		this.#own = new ClientRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void { this.#go(io); }

	alarm(io: Sockets): void { this.#go(io); }

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (socket !== own.socket) return;
		if ((events & EVENT_OPEN) !== 0 && own.phase === ASKED) {
			own.phase = OPEN;
			io.tell('connected', CONNECTION);
		}
		this.#read(io, socket);
		if ((events & EVENT_END) !== 0) return this.#ended(io, socket);
		if (io.isFinished(socket) && own.phase === OPEN && this.plan.followsClose !== false) return this.#end(io, 'close');
		this.#go(io);
	}

	#read(io: Sockets, socket: number): void {
		const own = this.#own!;
		for (;;) {
			const length = io.peek(socket, LONGEST_REPLY);
			const end = newline(io.bytes, io.at, length);
			if (length === 0 || (end < 0 && length < LONGEST_REPLY)) return;
			const size = end < 0 ? length : end - io.at;
			const bytes = io.bytes.slice(io.at, io.at + size);
			const outstanding = own.sent > own.got ? own.sent : 0;
			io.consume(socket, end < 0 ? length : size + 1);
			if (takeReply(io, this.plan, CONNECTION, textOf(bytes), bytes, outstanding, own.sent)) own.got = own.sent;
		}
	}

	#ended(io: Sockets, socket: number): void {
		const own = this.#own!;
		const error = io.error(socket);
		own.socket = 0;
		if (own.phase === OVER) return;
		own.phase = OVER;
		if (error === '') io.tell('closed', CONNECTION, 0, null, 'server');
		else io.tell('failed', CONNECTION, 0, null, error);
	}

	/** Does what is due, and asks to be woken for what is due next. */
	#go(io: Sockets): void {
		const own = this.#own!, { plan } = this;
		if (own.phase === BEFORE && io.now >= (plan.connectAt ?? 0)) this.#connect(io);
		if (own.phase === OPEN && own.got === own.sent) this.#ask(io);
		if (own.phase === OPEN && own.endAt !== 0 && io.now >= own.endAt) return this.#end(io, plan.end!);
		io.setAlarm(this.#next());
	}

	#next(): number {
		const own = this.#own!, { plan } = this;
		if (own.phase === BEFORE) return plan.connectAt ?? 0;
		if (own.phase !== OPEN) return 0;
		if (own.endAt !== 0) return own.endAt;
		return own.got === own.sent ? plan.requests[own.sent] ?? 0 : 0;
	}

	#connect(io: Sockets): void {
		const own = this.#own!;
		own.phase = ASKED;
		io.tell('connecting', CONNECTION);
		own.socket = io.connect(this.plan.server ?? '10.0.0.1', this.plan.port ?? 7000);
		if (own.socket !== 0) return;
		own.phase = OVER;
		io.tell('failed', CONNECTION, 0, null, 'EHOSTUNREACH');
	}

	/** Makes the next request if it is time; after the last reply, settles when to end. */
	#ask(io: Sockets): void {
		const own = this.#own!, { plan } = this;
		const { requests, end = 'stay' } = plan;
		if (own.sent === requests.length) {
			if (end !== 'stay' && own.endAt === 0) own.endAt = io.now + (plan.endAfter ?? 0);
			return;
		}
		if (io.now < requests[own.sent]!) return;
		own.sent++;
		const text = ascii(`${requestText(plan, own.sent)}\n`);
		io.write(own.socket, text);
		io.tell('wrote', CONNECTION, own.sent, text.subarray(0, text.length - 1));
		if (end === 'half' && own.sent === requests.length) io.end(own.socket);
	}

	#end(io: Sockets, how: ClientEnd): void {
		const own = this.#own!;
		own.phase = OVER;
		io.setAlarm(0);
		if (how === 'abort') io.abort(own.socket);
		else io.close(own.socket);
		own.socket = 0;
		io.tell('closed', CONNECTION, 0, null, how === 'abort' ? 'abort' : 'client');
	}
}
