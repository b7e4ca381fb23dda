import { EVENT_DATA, EVENT_END, EVENT_FIN, EVENT_OPEN, EVENT_ROOM, acceptAll } from '../lib/service/service.ts';
import type { Service, Sockets } from '../lib/service/service.ts';

// Applications that do as little as they can: what is measured is what lies
// below them. They keep their counts outside of the image, for they are never
// replicated.

const PORT = 9;
const block = new Uint8Array(65536).fill(7);

/** Reads whatever comes, where it lies. */
export class Drinker implements Service {
	readonly name = 'drinker';
	readonly pools: readonly never[] = [];
	octets = 0;
	#listener = 0;

	attach(): void { /* keeps nothing */ }
	start(io: Sockets): void { this.#listener = io.listen(PORT); }

	ready(io: Sockets, socket: number): void {
		if (acceptAll(io, socket, this.#listener)) return;
		for (let length = io.peekPart(socket); length > 0; length = io.peekPart(socket)) {
			this.octets += length;
			io.consume(socket, length);
		}
	}
}

/** Writes as much as there is room for. */
export class Pourer implements Service {
	readonly name = 'pourer';
	readonly pools: readonly never[] = [];

	attach(): void { /* keeps nothing */ }
	start(io: Sockets): void { io.connect('10.0.0.2', PORT); }

	ready(io: Sockets, socket: number, events: number): void {
		if ((events & (EVENT_OPEN | EVENT_ROOM)) !== 0) io.write(socket, block);
	}
}

/** Answers every 64 octets with 64; the side that begins has `depth` such balls in the air. */
export class Ponger implements Service {
	readonly name = 'ponger';
	readonly pools: readonly never[] = [];
	rounds = 0;
	readonly #listens: boolean;
	readonly #depth: number;
	#listener = 0;

	constructor(listens: boolean, depth: number = 1) {
		this.#listens = listens;
		this.#depth = depth;
	}

	attach(): void { /* keeps nothing */ }

	start(io: Sockets): void {
		if (this.#listens) this.#listener = io.listen(PORT);
		else io.connect('10.0.0.2', PORT);
	}

	ready(io: Sockets, socket: number, events: number): void {
		if (acceptAll(io, socket, this.#listener)) return;
		if ((events & EVENT_OPEN) !== 0 && !this.#listens) io.write(socket, block, 0, 64 * this.#depth);
		if ((events & EVENT_DATA) === 0) return;
		const balls = io.readable(socket) >> 6;
		if (balls === 0) return;
		io.consume(socket, balls << 6);
		this.rounds += balls;
		io.write(socket, block, 0, balls << 6);
	}
}

/** Answers a request and closes; TIME-WAIT is the client's. */
export class Answerer implements Service {
	readonly name = 'answerer';
	readonly pools: readonly never[] = [];
	#listener = 0;

	attach(): void { /* keeps nothing */ }
	start(io: Sockets): void { this.#listener = io.listen(PORT, 1024); }

	ready(io: Sockets, socket: number, events: number): void {
		if (acceptAll(io, socket, this.#listener) || (events & EVENT_END) !== 0) return;
		if (io.readable(socket) > 0) {
			io.consume(socket, 64);
			io.write(socket, block, 0, 64);
		}
		if (io.isFinished(socket)) io.close(socket);
	}
}

/** Connects, asks, reads the answer, closes; then the next, several at a time. */
export class Asker implements Service {
	readonly name = 'asker';
	readonly pools: readonly never[] = [];
	done = 0;
	readonly #atOnce: number;
	/** how many it opens at most */
	readonly #most: number;
	#opened = 0;

	constructor(atOnce: number, most: number) {
		this.#atOnce = atOnce;
		this.#most = most;
	}

	attach(): void { /* keeps nothing */ }
	start(io: Sockets): void { for (let i = 0; i < this.#atOnce; i++) this.#open(io); }

	#open(io: Sockets): void {
		if (this.#opened < this.#most && io.connect('10.0.0.2', PORT) !== 0) this.#opened++;
	}

	ready(io: Sockets, socket: number, events: number): void {
		if ((events & EVENT_OPEN) !== 0) io.write(socket, block, 0, 64);
		if ((events & EVENT_DATA) !== 0) {
			io.consume(socket, io.readable(socket));
			io.end(socket);
		}
		if ((events & EVENT_FIN) === 0) return;
		io.close(socket);
		this.done++;
		this.#open(io);
	}
}

/** Opens connections and leaves them idle. */
export class Opener implements Service {
	readonly name = 'opener';
	readonly pools: readonly never[] = [];
	open = 0;
	readonly #wanted: number;

	constructor(wanted: number) { this.#wanted = wanted; }

	attach(): void { /* keeps nothing */ }
	start(io: Sockets): void { io.connect('10.0.0.2', PORT); }

	ready(io: Sockets, _socket: number, events: number): void {
		if ((events & EVENT_OPEN) === 0) return;
		if (++this.open < this.#wanted) io.connect('10.0.0.2', PORT);
	}
}
