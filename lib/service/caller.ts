import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { EVENT_OPEN } from './service.ts';
import type { Sockets } from './service.ts';
import { newline } from './text.ts';

const shape = {
	/** 0 while it has none */
	socket: 'i32',
	/** connections asked for so far; the number of the newest */
	connections: 'i32',
	phase: 'u8',
} as const;
const CallerRecord: RecordType<typeof shape> = record(shape);

/** Where a client stands: it has no connection, has asked for one, has one, wants none any more. */
export const RESTING = 0, CONNECTING = 1, OPEN = 2, OVER = 3;

const LONGEST_LINE = 512;

/** The records of a caller, among the pools of the client that has it. */
export const callerPool: PoolSpec = pool('caller', CallerRecord, 1);

/**
 * A client's end of a connection on which both sides write lines: what clients
 * over TCP have in common, whatever they ask for and however often. A connection
 * may be given up for another.
 */
export class Caller {
	#own: Cursor<typeof shape> | null = null;

	attach(io: Sockets): void {
		const own = io.image.pool('caller');
		this.#own = new CallerRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	get phase(): number { return this.#own!.phase; }
	set phase(phase: number) { this.#own!.phase = phase; }
	get socket(): number { return this.#own!.socket; }
	get connections(): number { return this.#own!.connections; }

	/** Asks for a connection; false where there is no way there, and then it is over. */
	connect(io: Sockets, server: string = '10.0.0.1', port: number = 7000): boolean {
		const own = this.#own!;
		own.connections++;
		own.phase = CONNECTING;
		io.tell('connecting', own.connections);
		own.socket = io.connect(server, port);
		if (own.socket !== 0) return true;
		this.fail(io, 'EHOSTUNREACH');
		return false;
	}

	/** Takes in what happened at a socket; whether its connection has just been opened. */
	opened(io: Sockets, events: number): boolean {
		const own = this.#own!;
		if ((events & EVENT_OPEN) === 0 || own.phase !== CONNECTING) return false;
		own.phase = OPEN;
		io.tell('connected', own.connections);
		return true;
	}

	/** The next whole line that has come, as bytes of its own; null where there is none. One that is too long comes in pieces. */
	line(io: Sockets): Uint8Array | null {
		const { socket } = this.#own!;
		if (socket === 0) return null;
		const length = io.peek(socket, LONGEST_LINE);
		const end = newline(io.bytes, io.at, length);
		if (length === 0 || (end < 0 && length < LONGEST_LINE)) return null;
		const bytes = io.bytes.slice(io.at, end < 0 ? io.at + length : end);
		io.consume(socket, end < 0 ? length : bytes.length + 1);
		return bytes;
	}

	/** Ends the connection from this side. */
	leave(io: Sockets, how: 'close' | 'abort'): void {
		const own = this.#own!;
		if (how === 'abort') io.abort(own.socket);
		else io.close(own.socket);
		own.socket = 0;
		io.tell('closed', own.connections, 0, null, how === 'abort' ? 'abort' : 'client');
	}

	/**
	 * The connection has ended by itself.
	 *
	 * @param mends  whether the client goes on with another, so that an error is none to its application
	 * @returns      the error; '' where the server closed it
	 */
	ended(io: Sockets, mends: boolean): string {
		const own = this.#own!;
		const error = io.error(own.socket);
		own.socket = 0;
		if (error === '' || mends) io.tell('closed', own.connections, 0, null, 'server');
		else io.tell('failed', own.connections, 0, null, error);
		return error;
	}

	/** Gives everything up, and says why. */
	fail(io: Sockets, error: string): void {
		const own = this.#own!;
		own.phase = OVER;
		if (own.socket !== 0) io.close(own.socket);
		own.socket = 0;
		io.tell('failed', own.connections, 0, null, error);
	}
}
