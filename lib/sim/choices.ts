import { ADDRESS, ALTERED, CAUSE, COPY, LANE, LENGTH, SEQ, TIME, WIDTH } from './agenda.ts';
import { OUTPUT, ROW, WAKE } from './engine.ts';
import type { Engine } from './engine.ts';
import { WorldError } from './error.ts';
import { OUT_TIME } from './place.ts';
import type { Place } from './place.ts';

/** A frame in flight: the `nth`, from 0, in the order of sending, of those on a lane (twice its link's number, plus one for the way back). */
export interface FrameChoice { readonly kind: 'frame'; readonly lane: number; readonly nth: number }
/** A machine's timer, or the first output it still has to put on its link. */
export interface PlaceChoice { readonly kind: 'wake' | 'output'; readonly place: string }
/** The action that was planned for next. */
export interface ActionChoice { readonly kind: 'action' }

/** Something that may happen next. */
export type Choice = FrameChoice | PlaceChoice | ActionChoice;

/**
 * Everything that may happen next, for who does not want to leave the order to
 * the clock. What is chosen happens now, or at its time where that is still to
 * come; what was due before it then happens later than it was due.
 */
export class Choices {
	readonly #engine: Engine;
	readonly #act: (row: number) => void;

	/** @param act  takes the action of a row off the agenda and runs it */
	constructor(engine: Engine, act: (row: number) => void) {
		this.#engine = engine;
		this.#act = act;
	}

	/** Outputs first, then frames by lane, timers, and the next action. Nothing of a machine that does not run. */
	list(): Choice[] {
		const { places, traffic } = this.#engine;
		const running = places.filter(({ standing }) => standing === 'running');
		const outputs = running.filter((place) => place.outputs > 0).map(({ name: place }): Choice => ({ kind: 'output', place }));
		const frames = traffic.ways.flatMap(({ to }, lane) => (to.standing === 'running' ? this.#rows(lane).map((_row, nth): Choice => ({ kind: 'frame', lane, nth })) : []));
		const timers = running.filter(({ wakeTime }) => wakeTime < Infinity).map(({ name: place }): Choice => ({ kind: 'wake', place }));
		return [...outputs, ...frames, ...timers, ...(this.#rows(-1).length > 0 ? [{ kind: 'action' } as const] : [])];
	}

	/** Frames in flight on a lane. */
	onLane(lane: number): number {
		return this.#rows(lane).length;
	}

	/** When something is due by the clock, world µs. @throws {WorldError} NO_CHOICE */
	dueAt(choice: Choice): number {
		const { rows } = this.#engine.traffic.agenda;
		if (choice.kind === 'frame') return rows[this.#row(choice) * WIDTH + TIME]!;
		if (choice.kind === 'action') return rows[this.#action() * WIDTH + TIME]!;
		const place = this.#place(choice);
		return choice.kind === 'wake' ? place.wakeTime : place.outbox[place.outHead + OUT_TIME]!;
	}

	/** The bytes of a frame in flight, a copy. @throws {WorldError} NO_CHOICE */
	bytesOf(choice: FrameChoice): Uint8Array {
		const { agenda, store } = this.#engine.traffic;
		const at = this.#row(choice) * WIDTH;
		return store.bytes.slice(agenda.rows[at + ADDRESS]!, agenda.rows[at + ADDRESS]! + agenda.rows[at + LENGTH]!);
	}

	/**
	 * Makes it happen: a step, but for an action.
	 *
	 * @param notBefore  world time it waits for, µs
	 * @throws {WorldError} NO_CHOICE
	 */
	take(choice: Choice, notBefore: number = 0): void {
		const engine = this.#engine;
		const due = this.dueAt(choice);
		engine.now = Math.max(engine.now, due, notBefore);
		if (engine.trace !== null) engine.trace.time = engine.now;
		if (choice.kind === 'action') return this.#act(this.#action());
		engine.steps++;
		if (engine.trace !== null) engine.trace.step = engine.steps;
		if (choice.kind === 'frame') this.#deliver(this.#row(choice));
		else {
			engine.who = this.#place(choice);
			engine.perform(choice.kind === 'wake' ? WAKE : OUTPUT);
		}
	}

	/** Loses a frame in flight. @throws {WorldError} NO_CHOICE */
	lose(choice: FrameChoice): void {
		const { traffic } = this.#engine;
		const row = this.#row(choice);
		traffic.agenda.withdraw((one) => one === row);
		traffic.lose(row, 'scripted');
	}

	/** Puts a copy of a frame in flight behind all others of its lane. @throws {WorldError} NO_CHOICE */
	copy(choice: FrameChoice): void {
		const { traffic } = this.#engine;
		const { agenda, store } = traffic;
		const bytes = this.bytesOf(choice), from = this.#row(choice) * WIDTH;
		const at = agenda.row();
		const { rows } = agenda;
		for (const column of [TIME, LANE, CAUSE, ALTERED, LENGTH]) rows[at * WIDTH + column] = rows[from + column]!;
		rows[at * WIDTH + SEQ] = traffic.nextSeq();
		rows[at * WIDTH + COPY] = 1;
		rows[at * WIDTH + ADDRESS] = store.keep(bytes, 0, bytes.length);
		agenda.schedule(at);
		traffic.ways[choice.lane]!.lane.counters.copies++;
	}

	/** Rows of a lane in the order of sending; of the actions, in that of being due, for −1. */
	#rows(lane: number): number[] {
		const { agenda } = this.#engine.traffic;
		const { rows } = agenda;
		const own = agenda.inOrder().filter((row) => rows[row * WIDTH + LANE] === lane);
		return lane < 0 ? own : own.sort((a, b) => rows[a * WIDTH + SEQ]! - rows[b * WIDTH + SEQ]!);
	}

	#row({ lane, nth }: FrameChoice): number {
		return this.#rows(lane)[nth] ?? nothing(`lane ${lane} has no frame ${nth} in flight`);
	}

	#action(): number {
		return this.#rows(-1)[0] ?? nothing('no action is planned');
	}

	#place({ kind, place: name }: PlaceChoice): Place {
		const place = this.#engine.places.find((one) => one.name === name);
		if (place === undefined || place.standing !== 'running' || (kind === 'wake' ? place.wakeTime === Infinity : place.outputs === 0)) nothing(`'${name}' has no ${kind === 'wake' ? 'timer' : 'output'}`);
		return place;
	}

	/** Hands over this frame and no other, whatever the machine's batch is. */
	#deliver(row: number): void {
		const engine = this.#engine;
		const { agenda, ways } = engine.traffic;
		if (ways[agenda.rows[row * WIDTH + LANE]!]!.to.standing !== 'running') nothing('the machine it goes to does not run');
		const others = agenda.withdraw((one) => one !== row);
		agenda.rows[row * WIDTH + TIME] = engine.now;
		engine.perform(ROW);
		for (const other of others) agenda.schedule(other);
	}
}

function nothing(what: string): never {
	throw new WorldError('NO_CHOICE', `This cannot happen next: ${what}. Ask for what can.`);
}
