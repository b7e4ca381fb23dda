import { pool, record } from '../../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../../memory/index.ts';
import { EVENT_OPEN, EVENT_ROOM, acceptAll } from '../../service/service.ts';
import type { Service, Sockets } from '../../service/service.ts';

const PORT = 9;
const block = new Uint8Array(65536).fill(7);

/** Between two beginnings, µs: longer than it takes to find out where the peer is. */
const APART = 50_000;

const shape = { listener: 'i32', opened: 'i32' } as const;
const BulkRecord: RecordType<typeof shape> = record(shape);

function ownRecord(io: Sockets, name: string): Cursor<typeof shape> {
	const own = io.image.pool(name), found = new BulkRecord(io.image);
	found.go(io.image.first(own) || io.image.alloc(own));
	return found;
}

/** Opens so many connections, one after the other, and fills each as fast as it can. */
export class Pourer implements Service {
	readonly name = 'pourer';
	readonly pools: readonly PoolSpec[] = [pool('pourer', BulkRecord, 1)];
	readonly flows: number;
	readonly #peer: string;
	#own: Cursor<typeof shape> | null = null;

	constructor(peer: string, flows: number) {
		this.#peer = peer;
		this.flows = flows;
	}

	attach(io: Sockets): void { this.#own = ownRecord(io, 'pourer'); }
	start(io: Sockets): void { this.alarm(io); }

	alarm(io: Sockets): void {
		io.connect(this.#peer, PORT);
		if (++this.#own!.opened < this.flows) io.setAlarm(io.now + APART);
	}

	ready(io: Sockets, socket: number, events: number): void {
		if ((events & (EVENT_OPEN | EVENT_ROOM)) === 0) return;
		while (io.write(socket, block) === block.length) { /* more room than a block */ }
	}
}

/** Reads whatever comes. */
export class Drinker implements Service {
	readonly name = 'drinker';
	readonly pools: readonly PoolSpec[] = [pool('drinker', BulkRecord, 1)];
	#own: Cursor<typeof shape> | null = null;

	attach(io: Sockets): void { this.#own = ownRecord(io, 'drinker'); }
	start(io: Sockets): void { this.#own!.listener = io.listen(PORT); }

	ready(io: Sockets, socket: number): void {
		if (acceptAll(io, socket, this.#own!.listener)) return;
		for (let length = io.peekPart(socket); length > 0; length = io.peekPart(socket)) io.consume(socket, length);
	}
}
