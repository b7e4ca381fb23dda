import { pool, record } from '../memory/index.ts';
import type { PoolSpec } from '../memory/index.ts';
import { Host } from '../host/index.ts';
import { World } from '../sim/index.ts';
import type { LinkOptions } from '../sim/index.ts';
import { linux } from '../../tcp/index.ts';
import { EVENT_END, EVENT_OPEN } from './service.ts';
import type { Service, Sockets } from './service.ts';

/** What a talker sends, and when. */
export interface Piece {
	/** µs of its clock */
	readonly at: number;
	readonly text: string;
}

/** Sends pieces of text at their times over one connection, and keeps what comes back; for tests, so it may remember outside the image. */
export class Talker implements Service {
	readonly name = 'talker';
	readonly pools: readonly PoolSpec[] = [pool('talker', record({ socket: 'i32' }), 1)];
	/** everything it was sent, one code unit a byte */
	heard: string = '';
	ended: boolean = false;
	finished: boolean = false;
	/** why the connection ended: an errno name */
	error: string = '';
	readonly #pieces: readonly Piece[];
	readonly #port: number;
	readonly #closes: boolean;
	/** octets read in one go; less makes it a slow reader */
	readonly #appetite: number;
	#socket = 0;
	#next = 0;
	#waiting = '';
	#open = false;

	constructor(pieces: readonly Piece[], port: number, closes: boolean = true, appetite: number = Infinity) {
		this.#pieces = pieces;
		this.#port = port;
		this.#closes = closes;
		this.#appetite = appetite;
	}

	attach(): void {}

	start(io: Sockets): void {
		this.#socket = io.connect('10.0.0.1', this.#port);
		this.alarm(io);
	}

	alarm(io: Sockets): void {
		this.#read(io);
		while (this.#next < this.#pieces.length && this.#pieces[this.#next]!.at <= io.now) this.#waiting += this.#pieces[this.#next++]!.text;
		this.#write(io);
		const next = this.#pieces[this.#next]?.at ?? Infinity;
		const again = this.ended ? Infinity : Math.min(next, this.#appetite < Infinity ? io.now + 1000 : Infinity);
		if (again < Infinity) io.setAlarm(again);
	}

	#write(io: Sockets): void {
		if (this.ended || !this.#open) return;
		const bytes = Uint8Array.from(this.#waiting, (letter) => letter.charCodeAt(0));
		const taken = Math.max(0, io.write(this.#socket, bytes));
		this.#waiting = this.#waiting.slice(taken);
		if (this.#closes && this.#waiting === '' && this.#next === this.#pieces.length) io.end(this.#socket);
	}

	#read(io: Sockets): void {
		const length = Math.min(io.peek(this.#socket), this.#appetite);
		for (let i = 0; i < length; i++) this.heard += String.fromCharCode(io.bytes[io.at + i]!);
		io.consume(this.#socket, length);
	}

	ready(io: Sockets, _socket: number, events: number): void {
		if ((events & EVENT_OPEN) !== 0) this.#open = true;
		if (this.#appetite === Infinity) while (io.readable(this.#socket) > 0) this.#read(io);
		if (io.isFinished(this.#socket) && io.readable(this.#socket) === 0) this.finished = true;
		if ((events & EVENT_END) !== 0) {
			while (io.readable(this.#socket) > 0) this.#read(io);
			this.ended = true;
			this.error = io.error(this.#socket);
			return;
		}
		this.#write(io);
	}
}

export interface TalkOptions {
	readonly link?: LinkOptions;
	/** until when, µs */
	readonly until?: number;
	/** every so many µs the server is taken back to where it stands: what it keeps outside its image is lost */
	readonly forgetEvery?: number;
	readonly closes?: boolean;
	readonly appetite?: number;
}

/** Lets a talker talk to a service. */
export function talk(service: Service, port: number, pieces: readonly Piece[], options: TalkOptions = {}): { readonly talker: Talker; readonly server: Host } {
	const world = new World({ seed: 1 });
	const common = { profile: linux, pages: 256, chunk: 4096 } as const;
	const server = new Host({ ...common, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: service });
	const talker = new Talker(pieces, port, options.closes ?? true, options.appetite ?? Infinity);
	world.add('client', new Host({ ...common, mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: talker }));
	world.add('server', server);
	world.link(['client', 0], ['server', 0], options.link ?? {});
	const until = options.until ?? 3_000_000;
	const { forgetEvery = 0 } = options;
	if (forgetEvery > 0) {
		for (let at = forgetEvery; at < until; at += forgetEvery) {
			world.at(at, () => {
				server.image.restore(server.image.snapshot());
				server.attach();
			});
		}
	}
	world.run({ until, maxSteps: 2_000_000 });
	return { talker, server };
}
