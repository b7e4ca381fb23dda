import { EVENT_END } from '../../service/service.ts';
import type { Service, Sockets } from '../../service/service.ts';
import { Caller, OPEN, OVER, RESTING, callerPool } from '../../service/caller.ts';
import { takeReply, requestText } from '../../service/client.ts';
import { ascii, textOf } from '../../service/text.ts';
import { pool, record } from '../../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../../memory/index.ts';
import { SERVER } from '../stage.ts';
import type { ClientHabit, Transport } from './axes.ts';

/** What the client of the matrix is told to do. Times are µs of its clock. */
export interface AskerPlan {
	readonly transport: Transport;
	readonly habit: ClientHabit;
	/** client id its requests bear, with serials; 0: they bear none */
	readonly id: number;
	readonly connectAt: number;
	/** when each request is made at the earliest; none before the one before it was answered */
	readonly requests: readonly number[];
	/** how long it waits before it asks again */
	readonly timeout: number;
	/** how often it does that for one request */
	readonly retries: number;
}

const shape = {
	/** when it asks again; 0: never */
	due: 'f64',
	/** over UDP; over TCP the caller has it */
	datagrams: 'i32',
	/** requests made, requests answered, and how often the last one was asked */
	sent: 'i32', got: 'i32', tries: 'i32',
} as const;
const AskerRecord: RecordType<typeof shape> = record(shape);

const PORT = 7000;

/**
 * The client of the matrix: asks as planned, and if no answer comes waits, asks
 * again, or opens a new connection and asks again. Without serials it takes
 * every reply for the answer to what it asked last, as such a client must.
 */
export class Asker implements Service {
	readonly name = 'asker';
	readonly pools: readonly PoolSpec[] = [callerPool, pool('asker', AskerRecord, 1)];
	readonly plan: AskerPlan;
	readonly #caller: Caller = new Caller();
	#own: Cursor<typeof shape> | null = null;

	constructor(plan: AskerPlan) { this.plan = plan; }

	attach(io: Sockets): void {
		const own = io.image.pool('asker');
		this.#caller.attach(io);
		this.#own = new AskerRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void { this.#go(io); }

	alarm(io: Sockets): void { this.#go(io); }

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!, caller = this.#caller;
		if (this.plan.transport === 'udp' || socket !== caller.socket) return;
		if (caller.opened(io, events) && own.sent > own.got) this.#ask(io);
		for (let line = caller.line(io); line !== null; line = caller.line(io)) this.#reply(io, line);
		if ((events & EVENT_END) !== 0) this.#ended(io);
		this.#go(io);
	}

	datagrams(io: Sockets, socket: number): void {
		for (let length = io.receiveFrom(socket); length >= 0; length = io.receiveFrom(socket)) this.#reply(io, io.bytes.slice(io.at, io.at + length));
		this.#go(io);
	}

	#reply(io: Sockets, bytes: Uint8Array): void {
		const own = this.#own!;
		const outstanding = own.sent > own.got ? own.sent : 0;
		if (!takeReply(io, this.plan, this.#caller.connections, textOf(bytes), bytes, outstanding, own.sent)) return;
		own.got = own.sent;
		own.due = 0;
	}

	#ended(io: Sockets): void {
		const caller = this.#caller;
		caller.ended(io, false);
		// What has ended is opened again at once, by a client of that habit.
		if (this.plan.habit === 'reconnect' && this.#own!.tries <= this.plan.retries) caller.connect(io, SERVER.address, PORT);
		else caller.phase = OVER;
	}

	/** Does what is due, and asks to be woken for what is due next. */
	#go(io: Sockets): void {
		const own = this.#own!, { plan } = this;
		if (this.#caller.phase === RESTING && io.now >= plan.connectAt) this.#open(io);
		if (own.due !== 0 && io.now >= own.due) this.#late(io);
		if (this.#caller.phase === OPEN && own.got === own.sent && own.sent < plan.requests.length && io.now >= plan.requests[own.sent]!) {
			own.sent++;
			own.tries = 0;
			this.#ask(io);
		}
		io.setAlarm(this.#next());
	}

	#next(): number {
		const own = this.#own!, { plan } = this, { phase } = this.#caller;
		if (phase === RESTING) return plan.connectAt;
		if (own.sent > own.got) return own.due;
		return phase === OPEN ? plan.requests[own.sent] ?? 0 : 0;
	}

	#open(io: Sockets): void {
		const caller = this.#caller;
		if (this.plan.transport === 'tcp') {
			caller.connect(io, SERVER.address, PORT);
			return;
		}
		this.#own!.datagrams = io.bind(0);
		caller.phase = OPEN;
	}

	#ask(io: Sockets): void {
		const own = this.#own!, { plan } = this, { socket, connections } = this.#caller;
		own.tries++;
		own.due = plan.habit === 'no-retry' || own.tries > plan.retries ? 0 : io.now + plan.timeout;
		const text = requestText(plan, own.sent);
		io.tell('wrote', connections, own.sent, ascii(text));
		if (plan.transport === 'udp') io.sendTo(own.datagrams, io.address(SERVER.address), PORT, ascii(text));
		else io.write(socket, ascii(`${text}\n`));
	}

	/** No answer has come in time. */
	#late(io: Sockets): void {
		const own = this.#own!;
		own.due = 0;
		if (this.plan.habit !== 'reconnect') return this.#ask(io);
		this.#caller.leave(io, 'abort');
		this.#caller.connect(io, SERVER.address, PORT);
	}
}
