import { pool, record } from '../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../memory/index.ts';
import { EVENT_END, EVENT_FIN, EVENT_OPEN, acceptAll } from '../service/service.ts';
import type { Service, Sockets } from '../service/service.ts';

const shape = { sent: 'i32', got: 'i32', wrong: 'i32', socket: 'i32', listener: 'i32', state: 'u8', ended: 'u8' } as const;
const TalkerRecord: RecordType<typeof shape> = record(shape);

/** What one side of a conversation does. */
export interface Script {
	/** octets it sends, and how many of them at a time */
	readonly octets: number;
	readonly piece: number;
	/** octets it waits for before it closes */
	readonly awaits: number;
	/** it reads nothing for so long after each reading, µs: windows close */
	readonly pause: number;
	/** '' to listen, else whom it connects to, and from which port; default: any */
	readonly peer: string;
	readonly local?: number;
	/** it says what the side that listens says, though it connects too */
	readonly second?: boolean;
	/** it resets the connection instead of closing it */
	readonly aborts?: boolean;
}

/** The octet at a place of a stream; `salt` tells the two directions apart. */
export function octetAt(place: number, salt: number): number { return (Math.imul(place + salt, 0x9e37_79b1) >>> 24) & 0xff; }

const PORT = 5000;
const scratch = new Uint8Array(65536);

/** An application that sends a known pattern and checks the pattern it gets. */
export class Talker implements Service {
	readonly name = 'talker';
	readonly pools: readonly PoolSpec[] = [pool('talker', TalkerRecord, 1)];
	readonly script: Script;
	readonly #salt: number;
	#own: Cursor<typeof shape> | null = null;

	constructor(script: Script) {
		this.script = script;
		this.#salt = script.peer === '' || script.second === true ? 17 : 4711;
	}

	/** What it has seen so far. */
	get own(): Cursor<typeof shape> { return this.#own!; }

	attach(io: Sockets): void {
		const own = io.image.pool('talker');
		this.#own = new TalkerRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void {
		const own = this.#own!;
		if (this.script.peer === '') own.listener = io.listen(PORT);
		else own.socket = io.connect(this.script.peer, PORT, this.script.local ?? 0);
	}

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (acceptAll(io, socket, own.listener)) return;
		own.socket = socket;
		if ((events & EVENT_END) !== 0) {
			this.#read(io);
			own.ended = io.error(socket) === '' ? 1 : 2;
			own.socket = 0;
			return;
		}
		if (this.script.pause === 0) this.#read(io);
		else if ((events & ~EVENT_OPEN) !== 0 && own.state === 0) {
			own.state = 1;
			io.setAlarm(io.now + this.script.pause);
		}
		this.#write(io);
		if ((events & EVENT_FIN) !== 0 || own.got >= this.script.awaits) this.#finish(io);
	}

	alarm(io: Sockets): void {
		const own = this.#own!;
		own.state = 0;
		if (own.socket === 0) return;
		this.#read(io);
		this.#write(io);
		this.#finish(io);
	}

	#read(io: Sockets): void {
		const own = this.#own!;
		for (let length = io.peekPart(own.socket); length > 0; length = io.peekPart(own.socket)) {
			for (let i = 0; i < length; i++) if (io.bytes[io.at + i] !== octetAt(own.got + i, 4711 + 17 - this.#salt)) own.wrong++;
			own.got += length;
			io.consume(own.socket, length);
		}
	}

	#write(io: Sockets): void {
		const own = this.#own!;
		while (own.sent < this.script.octets) {
			const length = Math.min(this.script.piece, this.script.octets - own.sent);
			for (let i = 0; i < length; i++) scratch[i] = octetAt(own.sent + i, this.#salt);
			const taken = io.write(own.socket, scratch, 0, length);
			if (taken <= 0) return;
			own.sent += taken;
		}
	}

	#finish(io: Sockets): void {
		const own = this.#own!;
		if (own.socket === 0 || own.sent < this.script.octets || own.got < this.script.awaits) return;
		if (this.script.aborts === true) io.abort(own.socket);
		else io.close(own.socket);
		own.socket = 0;
		own.ended = 1;
	}
}
