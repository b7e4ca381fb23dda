import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { acceptAll } from './service.ts';
import type { Service, Sockets } from './service.ts';

const shape = { listener: 'i32' } as const;
const EchoRecord: RecordType<typeof shape> = record(shape);

/** RFC 862: sends back whatever it is sent, as fast as the peer takes it. */
export class Echo implements Service {
	readonly name = 'echo';
	readonly pools: readonly PoolSpec[] = [pool('echo', EchoRecord, 1)];
	readonly #port: number;
	#own: Cursor<typeof shape> | null = null;

	constructor(port: number = 7) { this.#port = port; }

	start(io: Sockets): void { this.#own!.listener = io.listen(this.#port); }

	attach(io: Sockets): void {
		const own = io.image.pool('echo');
		this.#own = new EchoRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	ready(io: Sockets, socket: number): void {
		if (acceptAll(io, socket, this.#own!.listener)) return;
		for (let length = io.peekPart(socket); length > 0; length = io.peekPart(socket)) {
			const taken = io.write(socket, io.bytes, io.at, length);
			if (taken <= 0) break;
			io.consume(socket, taken);
		}
		// The peer has sent all; once it has all of it back we close too.
		if (io.isFinished(socket) && io.readable(socket) === 0) io.close(socket);
	}
}
