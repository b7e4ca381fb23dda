import { pool, record } from '../lib/memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../lib/memory/index.ts';
import type { Application, Sockets } from '../lib/host/index.ts';
import { acceptAll, ascii, newline } from '../lib/service/index.ts';

const shape = {
	/** when the clock ticked last, µs of machine time */
	tickedAt: 'f64',
	/** when the ticket was drawn, and the last tick before that */
	drawnAt: 'f64', tick: 'f64',
	/** the number on it; −1 while there is none */
	ticket: 'i32',
	listener: 'i32',
} as const;
const LotteryRecord: RecordType<typeof shape> = record(shape);

/** How often its clock ticks, µs. */
const TICK = 10_000;
/** Longest request, bytes. */
const LONGEST = 128;

/**
 * A service that uses everything that is no function of its requests: chance,
 * time, and a timer. Who asks first draws a ticket; from then on everybody is
 * told what is on it. Its replies are all of one length.
 */
export class Lottery implements Application {
	readonly name = 'lottery';
	readonly pools: readonly PoolSpec[] = [pool('lottery', LotteryRecord, 1)];
	#own: Cursor<typeof shape> | null = null;

	start(io: Sockets): void {
		const own = this.#own!;
		own.ticket = -1;
		own.listener = io.listen(7000);
		io.setAlarm(io.now + TICK);
	}

	attach(io: Sockets): void {
		const records = io.image.pool('lottery');
		this.#own = new LotteryRecord(io.image);
		this.#own.go(io.image.first(records) || io.image.alloc(records));
	}

	alarm(io: Sockets): void {
		this.#own!.tickedAt = io.now;
		io.setAlarm(io.now + TICK);
	}

	ready(io: Sockets, socket: number): void {
		const own = this.#own!;
		if (acceptAll(io, socket, own.listener)) return;
		for (let length = io.peek(socket, LONGEST); length > 0; length = io.peek(socket, LONGEST)) {
			const end = newline(io.bytes, io.at, length);
			if (end < 0) break;
			io.consume(socket, end + 1 - io.at);
			if (own.ticket < 0) this.#draw(io);
			io.write(socket, ascii(this.#told()));
		}
		if (io.isFinished(socket)) io.close(socket);
	}

	#draw(io: Sockets): void {
		const own = this.#own!;
		own.ticket = (io.random() >>> 0) % 10_000;
		own.drawnAt = io.now;
		own.tick = own.tickedAt;
	}

	#told(): string {
		const { ticket, drawnAt, tick } = this.#own!;
		const digits = (value: number, width: number): string => String(value).padStart(width, '0');
		return `ticket ${digits(ticket, 4)} of ${digits(drawnAt, 9)} tick ${digits(tick, 9)}\n`;
	}
}
