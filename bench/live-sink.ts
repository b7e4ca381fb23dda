import { acceptAll, pool, record } from '../lib/service/index.ts';
import type { Cursor, PoolSpec, RecordType, Service, Sockets } from '../lib/service/index.ts';

const shape = { listener: 'i32' } as const;
const Sink: RecordType<typeof shape> = record(shape);

/** RFC 863: throws away whatever it is sent, and closes when its client does. */
class Discard implements Service {
	readonly name = 'discard';
	readonly pools: readonly PoolSpec[] = [pool('discard', Sink, 1)];
	#own: Cursor<typeof shape> | null = null;

	attach(io: Sockets): void {
		const own = io.image.pool('discard');
		this.#own = new Sink(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void { this.#own!.listener = io.listen(9); }

	ready(io: Sockets, socket: number): void {
		if (acceptAll(io, socket, this.#own!.listener)) return;
		io.consume(socket, io.readable(socket));
		if (io.isFinished(socket)) io.close(socket);
	}
}

const kind: { readonly port: number; readonly make: () => Service } = { port: 9, make: () => new Discard() };
export default kind;
