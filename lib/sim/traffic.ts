import { Kind, type Trace } from '../trace/index.ts';
import { Agenda, ADDRESS, ALTERED, CAUSE, COPY, LANE, LENGTH, SEQ, TIME, WIDTH } from './agenda.ts';
import { FrameStore } from './frame-store.ts';
import type { Lane, LossReason, SavedLane } from './lane.ts';
import type { Link } from './link.ts';
import type { Place } from './place.ts';
import type { Tape } from './tape.ts';

/** A lane with both its ends: where frames of it come from and go to. */
export interface Way {
	readonly lane: Lane;
	readonly link: Link;
	readonly from: Place;
	readonly fromPort: number;
	readonly to: Place;
	readonly toPort: number;
}

/** What is said of the links when a world is saved, besides the numbers. */
export interface SavedTraffic {
	readonly links: readonly Link[];
	readonly ways: readonly Way[];
	readonly lanes: readonly SavedLane[];
}

/** Everything that is on the links, and the order in which all that is due comes about. */
export class Traffic {
	/** What is due some time: frames in flight, and the world's actions. */
	readonly agenda: Agenda = new Agenda();
	/** Where the frames lie, those that wait for their link too. */
	readonly store: FrameStore = new FrameStore();
	links: readonly Link[] = [];
	/** By lane number: twice the link's number, plus one for the way back. */
	ways: readonly Way[] = [];
	readonly #trace: Trace | null;
	#seq = 0;

	constructor(trace: Trace | null) {
		this.#trace = trace;
	}

	/** The number of the next scheduling. */
	nextSeq(): number {
		return ++this.#seq;
	}

	/** Plugs a link in. */
	plug(link: Link, a: Place, b: Place): void {
		const [aPort, bPort] = [link.a[1], link.b[1]];
		this.links = [...this.links, link];
		this.ways = [
			...this.ways,
			{ lane: link.forth, link, from: a, fromPort: aPort, to: b, toPort: bPort },
			{ lane: link.back, link, from: b, fromPort: bPort, to: a, toPort: aPort },
		];
		this.connectPorts();
	}

	/** Tells every place which lane its ports lead to. */
	connectPorts(): void {
		this.ways.forEach((way, number) => {
			for (let port = way.from.lanes.length; port < way.fromPort; port++) way.from.lanes[port] = -1;
			way.from.lanes[way.fromPort] = number;
		});
	}

	/** Puts a frame of the store on the link at a port; it is the link's from then on. */
	send(from: Place, port: number, cause: number, address: number, length: number, now: number): void {
		const number = from.laneOf(port);
		const bytes = this.store.bytes;
		const trace = this.#trace;
		const way = this.ways[number];
		if (way === undefined) {
			if (trace !== null) {
				const sent = trace.putBytes(Kind.frameSent, from.traced, port, -1, cause, 0, bytes, address, length);
				trace.put(Kind.frameLost, from.traced, port, -1, sent, trace.name('no-link'));
			}
			this.store.give(address, length);
			return;
		}
		const lane = way.lane;
		const sent = trace === null ? -1
			: trace.putBytes(Kind.frameSent, from.traced, port, way.link.id, cause, lane.counters.sent + 1, bytes, address, length);
		const reason = lane.offer(now, way.link.up, bytes, address, length);
		if (reason !== '') {
			if (trace !== null) trace.put(Kind.frameLost, from.traced, port, way.link.id, sent, trace.name(reason));
			this.store.give(address, length);
			return;
		}
		const { arrival, again, flip } = lane;
		const copy = again < 0 ? -1 : this.store.keep(bytes, address, length);
		if (flip >= 0) this.store.bytes[address + (flip >> 3)]! ^= 0x80 >> (flip & 7);
		this.#launch(arrival, number, sent, 0, flip >= 0 ? 1 : 0, address, length);
		if (copy >= 0) this.#launch(again, number, sent, 1, 0, copy, length);
	}

	/** Traces that a frame arrives; returns the event, or −1. */
	arrived(row: number): number {
		const rows = this.agenda.rows;
		const at = row * WIDTH;
		const way = this.ways[rows[at + LANE]!]!;
		way.lane.counters.arrived++;
		const trace = this.#trace;
		if (trace === null) return -1;
		const cause = rows[at + CAUSE]!;
		if (rows[at + ALTERED] === 0) return trace.putSame(Kind.frameArrived, way.to.traced, way.toPort, way.link.id, cause, rows[at + COPY]!, cause);
		return trace.putBytes(
			Kind.frameArrived, way.to.traced, way.toPort, way.link.id, cause, rows[at + COPY]!,
			this.store.bytes, rows[at + ADDRESS]!, rows[at + LENGTH]!,
		);
	}

	/** Ends a flight that will not arrive. */
	lose(row: number, reason: LossReason): void {
		const rows = this.agenda.rows;
		const at = row * WIDTH;
		const way = this.ways[rows[at + LANE]!]!;
		way.lane.lose(reason);
		const trace = this.#trace;
		if (trace !== null) trace.put(Kind.frameLost, way.from.traced, way.fromPort, way.link.id, rows[at + CAUSE]!, trace.name(reason));
		this.release(row);
	}

	/** Gives back a flight's row and its frame, which stays readable until the next is stored. */
	release(row: number): void {
		const rows = this.agenda.rows;
		this.store.give(rows[row * WIDTH + ADDRESS]!, rows[row * WIDTH + LENGTH]!);
		this.agenda.free(row);
	}

	/** Makes a frame wait for a stopped machine, as many as the link's queue takes. */
	hold(row: number): void {
		const rows = this.agenda.rows;
		const number = rows[row * WIDTH + LANE]!;
		const { to, lane } = this.ways[number]!;
		let waiting = 0;
		for (const other of to.held) if (rows[other * WIDTH + LANE] === number) waiting++;
		if (waiting >= lane.options.queue) this.lose(row, 'queue');
		else to.held.push(row);
	}

	/** Makes all that waited for a machine due at once, in order. */
	letGo(place: Place, now: number): void {
		for (const row of place.held) {
			this.agenda.rows[row * WIDTH + TIME] = now;
			this.agenda.rows[row * WIDTH + SEQ] = this.nextSeq();
			this.agenda.schedule(row);
		}
		place.held.length = 0;
	}

	/** Cuts a link: what is in flight on it is lost. */
	cut(link: Link, place: number): void {
		if (!link.up) return;
		link.up = false;
		const rows = this.agenda.rows;
		const gone = this.agenda.withdraw((row) => rows[row * WIDTH + LANE]! >> 1 === link.id);
		this.#trace?.put(Kind.linkCut, place, link.id, gone.length);
		for (const row of gone) this.lose(row, 'cut');
	}

	/** Restores a link that was cut. */
	mend(link: Link, place: number): void {
		if (link.up) return;
		link.up = true;
		this.#trace?.put(Kind.linkRestored, place, link.id);
	}

	/** Writes the links and what is on them. */
	save(tape: Tape, places: readonly Place[]): SavedTraffic {
		tape.put(this.#seq);
		for (const link of this.links) tape.put(link.up ? 1 : 0);
		const lanes = this.ways.map((way) => way.lane.save(tape));
		const write = (to: Tape, row: number): void => this.#saveRow(to, row);
		this.agenda.save(tape, write);
		for (const { held } of places) {
			tape.put(held.length);
			for (const row of held) write(tape, row);
		}
		return { links: this.links, ways: this.ways, lanes };
	}

	/** Reads what `save` wrote, into the same places and an empty store. */
	restore(tape: Tape, places: readonly Place[], saved: SavedTraffic): void {
		this.#seq = tape.get();
		this.links = saved.links;
		this.ways = saved.ways;
		for (const place of places) place.lanes.length = 0;
		this.connectPorts();
		for (const link of this.links) link.up = tape.get() === 1;
		this.ways.forEach((way, number) => way.lane.restore(tape, saved.lanes[number]!));
		const read = (from: Tape): number => this.#restoreRow(from);
		this.agenda.restore(tape, read);
		for (const { held } of places) {
			held.length = tape.get();
			for (let i = 0; i < held.length; i++) held[i] = read(tape);
		}
	}

	#launch(time: number, lane: number, cause: number, copy: number, altered: number, address: number, length: number): void {
		const row = this.agenda.row();
		const rows = this.agenda.rows;
		const at = row * WIDTH;
		rows[at + TIME] = time;
		rows[at + SEQ] = ++this.#seq;
		rows[at + LANE] = lane;
		rows[at + CAUSE] = cause;
		rows[at + COPY] = copy;
		rows[at + ALTERED] = altered;
		rows[at + ADDRESS] = address;
		rows[at + LENGTH] = length;
		this.agenda.schedule(row);
	}

	#saveRow(tape: Tape, row: number): void {
		const rows = this.agenda.rows;
		const at = row * WIDTH;
		for (let column = 0; column < WIDTH; column++) if (column !== ADDRESS) tape.put(rows[at + column]!);
		if (rows[at + LANE]! >= 0) tape.putBytes(this.store.bytes, rows[at + ADDRESS]!, rows[at + LENGTH]!);
	}

	#restoreRow(tape: Tape): number {
		const row = this.agenda.row();
		const rows = this.agenda.rows;
		const at = row * WIDTH;
		for (let column = 0; column < WIDTH; column++) if (column !== ADDRESS) rows[at + column] = tape.get();
		if (rows[at + LANE]! >= 0) {
			rows[at + ADDRESS] = this.store.take(rows[at + LENGTH]!);
			tape.getBytes(this.store.bytes, rows[at + ADDRESS]!, rows[at + LENGTH]!);
		}
		return row;
	}
}
