import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { CONNECTING, Caller, OPEN, OVER, RESTING, callerPool } from './caller.ts';
import { splitReply } from './serials.ts';
import { HELLO, inSession, openedIn } from './session-text.ts';
import { EVENT_END } from './service.ts';
import type { Service, Sockets } from './service.ts';
import { ascii, textOf } from './text.ts';

export interface SessionClientPlan {
	/** the server's address, as text; default 10.0.0.1 */
	readonly server?: string;
	/** its port; default 7000 */
	readonly port?: number;
	/** when it connects, µs of its clock; default: at once */
	readonly connectAt?: number;
	/** when each request is made at the earliest, µs; none is made before the one before it was answered */
	readonly requests: readonly number[];
	/** what a request says; default `inc` */
	readonly request?: string;
	/** whether it opens a session and numbers its requests; default true. Without, it just asks again */
	readonly session?: boolean;
	/** how long it waits for a reply before it gives its connection up for another, µs; default 300,000 */
	readonly timeout?: number;
	/** connections it tries for one request; default 8 */
	readonly tries?: number;
}

const shape = {
	/** when it is to do something, µs; 0: nothing */
	dueAt: 'f64',
	/** its session; 0 while it has none */
	session: 'i32',
	/** requests made and replies taken; connections tried for the request that is outstanding */
	sent: 'i32', got: 'i32', tries: 'i32',
} as const;
const ClientRecord: RecordType<typeof shape> = record(shape);

/**
 * A client that outlives its connections: where it waits too long, or its
 * connection is reset, it opens another and asks again. With a session it bears
 * the same serial again, and the server knows.
 */
export class SessionClient implements Service {
	readonly name = 'session-client';
	readonly pools: readonly PoolSpec[] = [callerPool, pool('sessionClient', ClientRecord, 1)];
	readonly plan: SessionClientPlan;
	readonly #caller: Caller = new Caller();
	#own: Cursor<typeof shape> | null = null;

	constructor(plan: SessionClientPlan) { this.plan = plan; }

	attach(io: Sockets): void {
		const own = io.image.pool('sessionClient');
		this.#caller.attach(io);
		this.#own = new ClientRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void {
		this.#own!.dueAt = Math.max(1, this.plan.connectAt ?? 0);
		this.alarm(io);
	}

	alarm(io: Sockets): void {
		const own = this.#own!, { phase } = this.#caller;
		if (own.dueAt !== 0 && io.now >= own.dueAt) {
			own.dueAt = 0;
			if (phase === RESTING) this.#connect(io);
			else if (phase !== OVER && this.#isWaiting) this.#giveUp(io);
			else this.#ask(io);
		}
		io.setAlarm(own.dueAt);
	}

	ready(io: Sockets, socket: number, events: number): void {
		const caller = this.#caller;
		if (socket !== caller.socket) return;
		if (caller.opened(io, events)) this.#ask(io);
		for (let line = caller.line(io); line !== null; line = caller.line(io)) this.#take(io, textOf(line));
		if (caller.phase !== OVER && (events & EVENT_END) !== 0) this.#another(io, caller.ended(io, true));
		else if (caller.phase === OPEN && io.isFinished(socket)) this.#giveUp(io);
		io.setAlarm(this.#own!.dueAt);
	}

	/** Whether it waits for a connection, a session or a reply. */
	get #isWaiting(): boolean {
		const own = this.#own!;
		return this.#caller.phase === CONNECTING || own.sent > own.got || (this.#wantsSession && own.session === 0);
	}

	get #wantsSession(): boolean { return this.plan.session !== false; }

	#connect(io: Sockets): void {
		const own = this.#own!, { server, port, timeout = 300_000 } = this.plan;
		own.tries++;
		own.dueAt = this.#caller.connect(io, server, port) ? io.now + timeout : 0;
	}

	/** The connection is worth nothing any more. */
	#giveUp(io: Sockets): void {
		this.#caller.leave(io, 'abort');
		this.#another(io, '');
	}

	/** On with another connection, if there is something to ask and there are tries left. */
	#another(io: Sockets, error: string): void {
		const own = this.#own!;
		if (!this.#isWaiting && this.plan.requests[own.sent] === undefined) this.#caller.phase = OVER;
		else if (own.tries >= (this.plan.tries ?? 8)) this.#fail(io, error || 'ETIMEDOUT');
		else this.#connect(io);
	}

	#fail(io: Sockets, error: string): void {
		this.#own!.dueAt = 0;
		this.#caller.fail(io, error);
	}

	/** Asks for a session, or again for what is outstanding, or for the next when it is time. */
	#ask(io: Sockets): void {
		const own = this.#own!, { requests } = this.plan;
		if (this.#caller.phase !== OPEN) return;
		if (this.#wantsSession && own.session === 0) return this.#write(io, HELLO);
		if (own.sent > own.got) return this.#request(io);
		const next = requests[own.sent];
		if (next === undefined) return;
		if (io.now < next) {
			own.dueAt = next;
			return;
		}
		own.sent++;
		own.tries = 0;
		this.#request(io);
	}

	#request(io: Sockets): void {
		const own = this.#own!, { request = 'inc' } = this.plan;
		// One is outstanding at a time: it is the lowest unanswered.
		this.#write(io, this.#wantsSession ? inSession(request, { session: own.session, serial: own.sent, lowest: own.sent }) : request);
	}

	#write(io: Sockets, line: string): void {
		const own = this.#own!;
		const { socket, connections } = this.#caller;
		io.write(socket, ascii(`${line}\n`));
		io.tell('wrote', connections, line === HELLO ? 0 : own.sent, ascii(line));
		own.dueAt = io.now + (this.plan.timeout ?? 300_000);
	}

	#take(io: Sockets, line: string): void {
		const own = this.#own!, { connections } = this.#caller, { text, serial } = splitReply(line);
		if (this.#wantsSession && own.session === 0) {
			own.session = openedIn(line);
			return own.session === 0 ? this.#fail(io, 'ENOSESSION') : this.#ask(io);
		}
		if (own.sent === own.got || (this.#wantsSession && serial !== own.sent)) return io.tell('discarded', connections, serial, ascii(line), 'no such request is outstanding');
		// Whether the request was executed nobody knows: a new session would ask for it a second time.
		if (text === 'expired') return this.#fail(io, 'ESESSION');
		if (text === 'full') return this.#fail(io, 'ENOSPC');
		io.tell('delivered', connections, own.sent, ascii(line));
		own.got = own.sent;
		own.dueAt = 0;
		this.#ask(io);
	}
}
