import { EVENT_END, EVENT_OPEN } from '../../service/service.ts';
import type { Service, Sockets } from '../../service/service.ts';
import { takeReply, requestText } from '../../service/client.ts';
import { ascii, newline, textOf } from '../../service/text.ts';
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
	socket: 'i32',
	/** requests made, requests answered, and how often the last one was asked */
	sent: 'i32', got: 'i32', tries: 'i32',
	/** connections opened */
	connections: 'i32',
	phase: 'u8',
} as const;
const AskerRecord: RecordType<typeof shape> = record(shape);

const BEFORE = 0, CONNECTING = 1, OPEN = 2, GIVEN_UP = 3;
const PORT = 7000;
const LONGEST_REPLY = 512;

/**
 * The client of the matrix: asks as planned, and if no answer comes waits, asks
 * again, or opens a new connection and asks again. Without serials it takes
 * every reply for the answer to what it asked last, as such a client must.
 */
export class Asker implements Service {
	readonly name = 'asker';
	readonly pools: readonly PoolSpec[] = [pool('asker', AskerRecord, 1)];
	readonly plan: AskerPlan;
	#own: Cursor<typeof shape> | null = null;

	constructor(plan: AskerPlan) { this.plan = plan; }

	attach(io: Sockets): void {
		const own = io.image.pool('asker');
		this.#own = new AskerRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void { this.#go(io); }

	alarm(io: Sockets): void { this.#go(io); }

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (socket !== own.socket) return;
		if ((events & EVENT_OPEN) !== 0 && own.phase === CONNECTING) {
			own.phase = OPEN;
			io.tell('connected', own.connections);
			if (own.sent > own.got) this.#ask(io);
		}
		this.#read(io, socket);
		if ((events & EVENT_END) !== 0) this.#ended(io, socket);
		this.#go(io);
	}

	datagrams(io: Sockets, socket: number): void {
		for (let length = io.receiveFrom(socket); length >= 0; length = io.receiveFrom(socket)) this.#reply(io, io.bytes.slice(io.at, io.at + length));
		this.#go(io);
	}

	#read(io: Sockets, socket: number): void {
		for (;;) {
			const length = io.peek(socket, LONGEST_REPLY);
			const end = newline(io.bytes, io.at, length);
			if (end < 0) return;
			const bytes = io.bytes.slice(io.at, end);
			io.consume(socket, bytes.length + 1);
			this.#reply(io, bytes);
		}
	}

	#reply(io: Sockets, bytes: Uint8Array): void {
		const own = this.#own!;
		const outstanding = own.sent > own.got ? own.sent : 0;
		if (!takeReply(io, this.plan, own.connections, textOf(bytes), bytes, outstanding, own.sent)) return;
		own.got = own.sent;
		own.due = 0;
	}

	#ended(io: Sockets, socket: number): void {
		const own = this.#own!;
		const error = io.error(socket);
		own.socket = 0;
		if (error === '') io.tell('closed', own.connections, 0, null, 'server');
		else io.tell('failed', own.connections, 0, null, error);
		// What has ended is opened again at once, by a client of that habit.
		if (this.plan.habit === 'reconnect' && own.tries <= this.plan.retries) this.#connect(io);
		else own.phase = GIVEN_UP;
	}

	/** Does what is due, and asks to be woken for what is due next. */
	#go(io: Sockets): void {
		const own = this.#own!, { plan } = this;
		if (own.phase === BEFORE && io.now >= plan.connectAt) this.#open(io);
		if (own.due !== 0 && io.now >= own.due) this.#late(io);
		if (own.phase === OPEN && own.got === own.sent && own.sent < plan.requests.length && io.now >= plan.requests[own.sent]!) {
			own.sent++;
			own.tries = 0;
			this.#ask(io);
		}
		io.setAlarm(this.#next());
	}

	#next(): number {
		const own = this.#own!, { plan } = this;
		if (own.phase === BEFORE) return plan.connectAt;
		if (own.sent > own.got) return own.due;
		return own.phase === OPEN ? plan.requests[own.sent] ?? 0 : 0;
	}

	#open(io: Sockets): void {
		const own = this.#own!;
		if (this.plan.transport === 'tcp') return this.#connect(io);
		own.socket = io.bind(0);
		own.phase = OPEN;
	}

	#connect(io: Sockets): void {
		const own = this.#own!;
		own.connections++;
		own.phase = CONNECTING;
		io.tell('connecting', own.connections);
		own.socket = io.connect(SERVER.address, PORT);
	}

	#ask(io: Sockets): void {
		const own = this.#own!, { plan } = this;
		own.tries++;
		own.due = plan.habit === 'no-retry' || own.tries > plan.retries ? 0 : io.now + plan.timeout;
		const text = requestText(plan, own.sent);
		io.tell('wrote', own.connections, own.sent, ascii(text));
		if (plan.transport === 'udp') io.sendTo(own.socket, io.address(SERVER.address), PORT, ascii(text));
		else io.write(own.socket, ascii(`${text}\n`));
	}

	/** No answer has come in time. */
	#late(io: Sockets): void {
		const own = this.#own!;
		own.due = 0;
		if (this.plan.habit !== 'reconnect') return this.#ask(io);
		io.abort(own.socket);
		io.tell('closed', own.connections, 0, null, 'abort');
		this.#connect(io);
	}
}
