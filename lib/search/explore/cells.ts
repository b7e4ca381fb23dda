import type { Host } from '../../host/index.ts';
import { Hash } from '../../sim/index.ts';
import type { Place, Saveable, World } from '../../sim/index.ts';
import type { TraceEvent, TraceMark } from '../../trace/index.ts';
import type { Sink } from '../../wire/node.ts';
import { Tcb, stateNames } from '../../../tcp/index.ts';
import { checkTcp } from '../tcp-invariants.ts';
import { Frames } from './frames.ts';
import type { Frame } from './frames.ts';
import { countersOf, hashOfImage } from './image-hash.ts';
import { Violation } from './watch.ts';
import type { Facts } from './watch.ts';

/** One state of one machine. Equal states are one cell. */
export interface Cell {
	readonly id: number;
	readonly place: number;
	/** what `restore` takes; null of one that died */
	readonly saved: unknown;
	/** world µs */
	readonly wakeAt: number;
	readonly facts: Facts;
}

/** What a machine in one state does with one input at one time. */
export interface Transition {
	readonly id: number;
	readonly from: Cell;
	readonly to: Cell;
	readonly outputs: readonly { readonly port: number; readonly frame: Frame }[];
	readonly events: readonly TraceEvent[];
	/** what it threw, or what is wrong with the state it came to */
	readonly fault: Violation | null;
}

const CLOSED = 0, LISTEN = 1;
const nothing: Facts = { connections: new Map(), text: '' };

/**
 * The states machines were met in, and what they did in them. A machine's step
 * is a function of its state, its input and the time, so each is run once.
 */
export class Cells {
	readonly frames: Frames = new Frames();
	/** steps that were run, and steps that were asked for */
	run: number = 0;
	asked: number = 0;
	/** every change of a TCP connection's state that was met: `from → to` */
	readonly changes: Set<string> = new Set();
	readonly states: Set<string> = new Set();
	readonly #world: World;
	readonly #places: readonly Place[];
	readonly #hosts: readonly (Host | null)[];
	readonly #masks: readonly (Uint32Array | null)[];
	readonly #known: Map<string, Cell> = new Map();
	readonly #steps: Map<string, Transition> = new Map();
	/** the cell each machine is in now; null: none that is known */
	readonly #loaded: (Cell | null)[];
	readonly #dead: Cell[];
	readonly #mark: TraceMark;
	#outputs: { port: number; frame: Frame }[] = [];
	readonly #sink: Sink;

	readonly #describe: (place: string) => string;

	/** @param describe  what is to be known of a machine besides; asked once a state */
	constructor(world: World, hosts: ReadonlyMap<string, Host>, describe: (place: string) => string) {
		this.#describe = describe;
		this.#world = world;
		this.#places = world.places;
		this.#hosts = world.places.map(({ name }) => hosts.get(name) ?? null);
		this.#masks = this.#hosts.map((host) => (host === null ? null : countersOf(host.image)));
		this.#loaded = world.places.map(() => null);
		this.#dead = world.places.map((_place, place): Cell => ({ id: -1 - place, place, saved: null, wakeAt: Infinity, facts: nothing }));
		this.#mark = world.trace!.mark();
		this.#sink = { take: (bytes, at, length, port) => { this.#outputs.push({ port, frame: this.frames.of(bytes, at, length) }); } };
	}

	/** States met. */
	get size(): number { return this.#known.size; }

	/** The states the machines are in. */
	present(): Cell[] {
		return this.#places.map((place, i) => {
			const cell = place.standing === 'dead' ? this.#dead[i]! : this.#intern(i);
			this.#loaded[i] = cell;
			return cell;
		});
	}

	/** The state of a machine that died. */
	dead(place: number): Cell { return this.#dead[place]!; }

	deliver(cell: Cell, port: number, frame: Frame, now: number): Transition {
		const key = `${cell.id} ${now} ${port} ${frame.id}`;
		return this.#steps.get(key) ?? this.#step(key, cell, now, (place, time) => place.node.receive(port, frame.bytes, 0, frame.bytes.length, time));
	}

	wake(cell: Cell, now: number): Transition {
		const key = `${cell.id} ${now}`;
		return this.#steps.get(key) ?? this.#step(key, cell, now, (place, time) => place.node.wake(time));
	}

	#step(key: string, from: Cell, now: number, act: (place: Place, time: number) => void): Transition {
		const place = this.#places[from.place]!;
		const trace = this.#world.trace!;
		if (this.#loaded[from.place] !== from) (place.node as unknown as Saveable).restore(from.saved);
		this.#loaded[from.place] = null;
		trace.rewind(this.#mark);
		trace.time = now;
		this.#outputs = [];
		this.run++;
		let to = this.#dead[from.place]!, fault: Violation | null = null;
		try {
			act(place, place.clock.toNode(now));
			place.node.drain(this.#sink);
			to = this.#intern(from.place);
			this.#loaded[from.place] = to;
		} catch (error) {
			fault = error instanceof Violation ? error : new Violation('never-throws', `'${place.name}' threw: ${error instanceof Error ? error.message : String(error)}`);
		}
		const events: TraceEvent[] = [];
		for (let i = this.#mark.events; i < trace.length; i++) {
			const event = trace.event(i);
			events.push({ ...event, bytes: event.bytes.slice() });
		}
		const step = { id: this.#steps.size, from, to, outputs: this.#outputs, events, fault };
		this.#steps.set(key, step);
		this.#cover(from.facts, to.facts);
		return step;
	}

	/** The cell of the state a machine is in. @throws {Violation} */
	#intern(place: number): Cell {
		const { node, clock } = this.#places[place]!;
		const saved = (node as unknown as Saveable).save();
		const wakeAt = clock.toWorld(node.wakeAt);
		const hash = new Hash();
		hash.number(place);
		hash.number(wakeAt);
		hashOfImage(hash, saved, this.#masks[place]!);
		const key = hash.hex();
		const known = this.#known.get(key);
		if (known !== undefined) return known;
		const host = this.#hosts[place];
		const cell: Cell = { id: this.#known.size, place, saved, wakeAt, facts: host === null || host === undefined ? nothing : this.#factsOf(host, this.#places[place]!.name) };
		this.#known.set(key, cell);
		return cell;
	}

	#factsOf(host: Host, place: string): Facts {
		try {
			checkTcp(host);
		} catch (error) {
			throw new Violation('rfc-9293', (error as Error).message);
		}
		const { image, tcp } = host;
		const tcb = new Tcb(image);
		const connections = new Map<string, number>();
		for (let at = image.first(tcp.tcbs); at !== 0; at = image.next(tcp.tcbs, at)) {
			tcb.go(at);
			if (tcb.state === CLOSED || tcb.state === LISTEN) continue;
			connections.set(`${at}.${image.tag(at)}`, tcb.state);
			this.states.add(stateNames[tcb.state]!);
		}
		return { connections, text: this.#describe(place) };
	}

	#cover({ connections: before }: Facts, { connections: after }: Facts): void {
		if (before === after) return;
		for (const [id, state] of after) {
			const was = before.get(id) ?? CLOSED;
			if (was !== state) this.changes.add(`${stateNames[was]} → ${stateNames[state]}`);
		}
		for (const [id, state] of before) if (!after.has(id)) this.changes.add(`${stateNames[state]} → CLOSED`);
	}
}
