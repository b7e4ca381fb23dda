import { pool, record } from '../../memory/index.ts';
import type { Cursor, PoolSpec, RecordType } from '../../memory/index.ts';
import { EVENT_END, EVENT_OPEN } from '../../service/service.ts';
import type { Service, Sockets } from '../../service/service.ts';
import { NO_DELAY } from '../../../tcp/index.ts';
import { ABORT, CLOSE } from './script.ts';
import type { Script } from './script.ts';
import { UNKNOWN } from './strand.ts';

const shape = {
	/** moment 0 of the schedule on the machine's clock, µs */
	base: 'f64',
	/** bytes read; bytes of the item at hand that were written already */
	read: 'f64', within: 'f64',
	item: 'i32', socket: 'i32', listener: 'i32',
	/** 1 once the connection is open */
	open: 'u8',
} as const;
const PlayerRecord: RecordType<typeof shape> = record(shape);

/** Takes what the application reads; the bytes are borrowed for the call. */
export interface Reader { take(bytes: Uint8Array, at: number, length: number): void }

const zeros: Uint8Array = new Uint8Array(0x1_0000);
/** Nothing is heard for so long, µs: then what was to be read first is not waited for. */
const PATIENCE = 30e6;

/**
 * The application on top of the stack: writes what the captured one wrote, a
 * piece a segment, when the captured one did and once it has read as much;
 * reads whatever comes. Where it stands lies in the image.
 */
export class ScriptedApplication implements Service {
	readonly name = 'replay';
	readonly pools: readonly PoolSpec[] = [pool('replay', PlayerRecord, 1)];
	/** may be changed between two lives of its machine */
	script: Script;
	reader: Reader | null = null;
	#own: Cursor<typeof shape> | null = null;

	constructor(script: Script) { this.script = script; }

	attach(io: Sockets): void {
		const own = io.image.pool('replay');
		this.#own ??= new PlayerRecord(io.image);
		this.#own.go(io.image.first(own) || io.image.alloc(own));
	}

	start(io: Sockets): void {
		const own = this.#own!, { script } = this;
		own.base = io.now;
		if (script.listens > 0) own.listener = io.listen(script.listens);
		else if (script.address !== '') own.socket = io.connect(script.address, script.port, script.localPort);
		if (own.socket !== 0) io.options(own.socket, NO_DELAY);
	}

	ready(io: Sockets, socket: number, events: number): void {
		const own = this.#own!;
		if (socket === own.listener) {
			for (let next = io.accept(socket); next !== 0; next = io.accept(socket)) this.#accepted(io, next);
			return;
		}
		if (socket !== own.socket) return;
		if ((events & EVENT_OPEN) !== 0 && own.open === 0) {
			own.open = 1;
			own.base = io.now - this.script.openAt;
		}
		this.#read(io);
		if ((events & EVENT_END) !== 0) own.socket = 0;
		else this.#play(io);
	}

	alarm(io: Sockets): void {
		if (this.#own!.socket !== 0) this.#play(io);
	}

	/** Where the peer has opened a second connection in one stream, it is the one that goes on. */
	#accepted(io: Sockets, socket: number): void {
		this.#own!.socket = socket;
		io.options(socket, NO_DELAY);
	}

	#read(io: Sockets): void {
		const own = this.#own!, { reader } = this;
		for (let length = io.peekPart(own.socket); length > 0; length = io.peekPart(own.socket)) {
			if (reader !== null) reader.take(io.bytes, io.at, length);
			own.read += length;
			io.consume(own.socket, length);
		}
	}

	/** Does the next item if it has its turn: one at a time, so that each is a segment where TCP may send it at once. */
	#play(io: Sockets): void {
		const own = this.#own!, { script } = this;
		if (own.open === 0 || own.item >= script.kinds.length) return;
		const { item } = own;
		const due = own.base + script.times[item]!;
		if (io.now < due) return io.setAlarm(due);
		if (own.read < script.reads[item]! && io.now < due + PATIENCE) return io.setAlarm(due + PATIENCE);
		if (!this.#do(io, item)) return;
		own.item++;
		own.within = 0;
		if (own.socket !== 0 && own.item < script.kinds.length) io.setAlarm(Math.max(io.now, own.base + script.times[own.item]!));
	}

	/** Whether the item is done; news comes when it can go on. */
	#do(io: Sockets, item: number): boolean {
		const own = this.#own!, { script } = this;
		switch (script.kinds[item]) {
			case CLOSE:
				io.end(own.socket);
				return true;
			case ABORT:
				// What it wrote had been acknowledged, or was made so.
				io.tcp.tcb.go(own.socket);
				if (io.tcp.tcb.sendq.length > 0) return false;
				io.abort(own.socket);
				own.socket = 0;
				return true;
			default:
				return this.#write(io, item);
		}
	}

	#write(io: Sockets, item: number): boolean {
		const own = this.#own!, { script } = this;
		const slab = script.slabOf[item]!, length = script.lengths[item]!;
		while (own.within < length) {
			const left = length - own.within;
			const taken = slab === UNKNOWN
				? io.write(own.socket, zeros, 0, Math.min(left, zeros.length))
				: io.write(own.socket, script.slabs[slab]!.u8, script.places[item]! + own.within, left);
			if (taken < 0) return true;
			if (taken === 0) return false;
			own.within += taken;
		}
		return true;
	}
}
