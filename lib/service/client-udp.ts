import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { requestText, takeReply } from './client.ts';
import type { Client, ClientPlan } from './client.ts';
import type { Sockets } from './service.ts';
import { ascii, textOf } from './text.ts';

export interface UdpClientPlan extends ClientPlan {
	/** how long it waits for a reply before it asks again, µs; default 300,000 */
	readonly timeout?: number;
	/** how often it asks again; default 0: it waits for ever */
	readonly retries?: number;
}

const shape = {
	/** when the outstanding request is made again or given up, µs; 0: never */
	due: 'f64',
	socket: 'i32',
	/** requests made, requests answered or given up, tries of the one outstanding */
	sent: 'i32', got: 'i32', tries: 'i32',
} as const;
const ClientRecord: RecordType<typeof shape> = record(shape);

/** A client of a counter over UDP; without serials it believes every datagram. */
export class UdpClient implements Client {
	readonly name = 'client';
	readonly pools: readonly PoolSpec[] = [pool('client', ClientRecord, 1)];
	readonly plan: UdpClientPlan;
	#own: Cursor<typeof shape> | null = null;

	constructor(plan: UdpClientPlan) { this.plan = plan; }

	attach(io: Sockets): void {
		const own = io.image.pool('client');
		this.#own = new ClientRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void {
		this.#own!.socket = io.bind(0);
		this.#go(io);
	}

	alarm(io: Sockets): void { this.#go(io); }

	ready(): void {}

	datagrams(io: Sockets, socket: number): void {
		const own = this.#own!;
		for (let length = io.receiveFrom(socket); length >= 0; length = io.receiveFrom(socket)) {
			const bytes = io.bytes.slice(io.at, io.at + length);
			const outstanding = own.sent > own.got ? own.sent : 0;
			if (!takeReply(io, this.plan, 0, textOf(bytes), bytes, outstanding, own.sent)) continue;
			own.got = own.sent;
			own.due = 0;
		}
		this.#go(io);
	}

	#go(io: Sockets): void {
		const own = this.#own!, { plan } = this;
		if (own.due !== 0 && io.now >= own.due) this.#late(io);
		const next = plan.requests[own.sent];
		if (own.got === own.sent && next !== undefined && io.now >= next) {
			own.sent++;
			own.tries = 0;
			this.#ask(io);
		}
		io.setAlarm(own.sent > own.got ? own.due : plan.requests[own.sent] ?? 0);
	}

	#late(io: Sockets): void {
		const own = this.#own!;
		if (own.tries <= (this.plan.retries ?? 0)) return this.#ask(io);
		own.due = 0;
		own.got = own.sent;
		io.tell('failed', 0, 0, null, 'ETIMEDOUT');
	}

	#ask(io: Sockets): void {
		const own = this.#own!, { server = '10.0.0.1', port = 7000, retries = 0, timeout = 300_000 } = this.plan;
		own.tries++;
		own.due = retries === 0 ? 0 : io.now + timeout;
		const text = ascii(requestText(this.plan, own.sent));
		io.sendTo(own.socket, io.address(server), port, text);
		io.tell('wrote', 0, own.sent, text);
	}
}
