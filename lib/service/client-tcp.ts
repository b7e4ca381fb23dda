import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { Caller, OPEN, OVER, RESTING, callerPool } from './caller.ts';
import { requestText, takeReply } from './client.ts';
import type { Client, ClientPlan } from './client.ts';
import { EVENT_END } from './service.ts';
import type { Sockets } from './service.ts';
import { ascii, textOf } from './text.ts';

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
	/** requests made and replies taken */
	sent: 'i32', got: 'i32',
} as const;
const ClientRecord: RecordType<typeof shape> = record(shape);

/** A client of a counter over TCP: connects, asks, and ends as planned. */
export class TcpClient implements Client {
	readonly name = 'client';
	readonly pools: readonly PoolSpec[] = [callerPool, pool('client', ClientRecord, 1)];
	readonly plan: TcpClientPlan;
	readonly #caller: Caller = new Caller();
	#own: Cursor<typeof shape> | null = null;

	constructor(plan: TcpClientPlan) { this.plan = plan; }

	attach(io: Sockets): void {
		const own = io.image.pool('client');
		this.#caller.attach(io);
		this.#own = new ClientRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void { this.#go(io); }

	alarm(io: Sockets): void { this.#go(io); }

	ready(io: Sockets, socket: number, events: number): void {
		const caller = this.#caller;
		if (socket !== caller.socket) return;
		caller.opened(io, events);
		for (let line = caller.line(io); line !== null; line = caller.line(io)) this.#reply(io, line);
		if ((events & EVENT_END) !== 0) {
			caller.phase = OVER;
			caller.ended(io, false);
			return;
		}
		if (io.isFinished(socket) && caller.phase === OPEN && this.plan.followsClose !== false) return this.#end(io, 'close');
		this.#go(io);
	}

	#reply(io: Sockets, line: Uint8Array): void {
		const own = this.#own!;
		const outstanding = own.sent > own.got ? own.sent : 0;
		if (takeReply(io, this.plan, this.#caller.connections, textOf(line), line, outstanding, own.sent)) own.got = own.sent;
	}

	/** Does what is due, and asks to be woken for what is due next. */
	#go(io: Sockets): void {
		const own = this.#own!, { plan } = this, caller = this.#caller;
		if (caller.phase === RESTING && io.now >= (plan.connectAt ?? 0)) caller.connect(io, plan.server, plan.port);
		if (caller.phase === OPEN && own.got === own.sent) this.#ask(io);
		if (caller.phase === OPEN && own.endAt !== 0 && io.now >= own.endAt) return this.#end(io, plan.end === 'abort' ? 'abort' : 'close');
		io.setAlarm(this.#next());
	}

	#next(): number {
		const own = this.#own!, { plan } = this, { phase } = this.#caller;
		if (phase === RESTING) return plan.connectAt ?? 0;
		if (phase !== OPEN) return 0;
		if (own.endAt !== 0) return own.endAt;
		return own.got === own.sent ? plan.requests[own.sent] ?? 0 : 0;
	}

	/** Makes the next request if it is time; after the last reply, settles when to end. */
	#ask(io: Sockets): void {
		const own = this.#own!, { plan } = this, { socket, connections } = this.#caller;
		const { requests, end = 'stay' } = plan;
		if (own.sent === requests.length) {
			if (end !== 'stay' && own.endAt === 0) own.endAt = io.now + (plan.endAfter ?? 0);
			return;
		}
		if (io.now < requests[own.sent]!) return;
		own.sent++;
		const text = ascii(`${requestText(plan, own.sent)}\n`);
		io.write(socket, text);
		io.tell('wrote', connections, own.sent, text.subarray(0, text.length - 1));
		if (end === 'half' && own.sent === requests.length) io.end(socket);
	}

	#end(io: Sockets, how: 'close' | 'abort'): void {
		this.#caller.phase = OVER;
		io.setAlarm(0);
		this.#caller.leave(io, how);
	}
}
