import type { Link, Place, World } from '../../sim/index.ts';
import { Cells } from './cells.ts';
import type { Cell, Transition } from './cells.ts';
import type { Move } from './move.ts';
import { atMost, keyOf } from './situation.ts';
import type { Flight, Situation } from './situation.ts';
import type { FaultKind, Spending, System } from './system.ts';
import { Violation } from './watch.ts';
import { Witness } from './witness.ts';

/** How far to explore. */
export interface Bounds {
	readonly faults: readonly FaultKind[];
	readonly most: Spending;
	/** moves of the longest path; default: no bound */
	readonly depth?: number;
	/** situations; default: no bound */
	readonly situations?: number;
	/** asked now and then: whether to end */
	readonly enough?: (found: Explored) => boolean;
}

/** What exploring found. */
export interface Explored {
	/** situations come to, and those among them that had not been met */
	readonly situations: number;
	readonly distinct: number;
	/** states of single machines, and their steps: those that were run */
	readonly machineStates: number;
	readonly machineSteps: number;
	/** moves of the longest path */
	readonly depth: number;
	/** situations in which nothing is left to happen */
	readonly ends: number;
	/** every situation within the bounds was visited */
	readonly complete: boolean;
	/** TCP states and changes of state that were met */
	readonly states: readonly string[];
	readonly changes: readonly string[];
	/** null where everything holds */
	readonly violation: Found | null;
}

/** A shortest way to something that must not be. */
export interface Found {
	readonly invariant: string;
	readonly text: string;
	readonly path: readonly Move[];
}

/** Frames handed over without time passing: more is a conversation without end. */
const MOST_HOPS = 120;
/** How a situation was come to: that it came from, and how. */
interface Step { readonly from: number; readonly move: Move | null }

/** Visits every situation a system can come to, nearest first. */
export class Explorer {
	readonly #system: System;
	readonly #world: World;
	readonly #cells: Cells;
	readonly #witness: Witness;
	readonly #places: readonly Place[];
	readonly #links: readonly Link[];
	/** by lane: whether its frames can fail, whether it leads to a place that passes on, place and port it leads to */
	readonly #lanes: readonly { readonly fails: boolean; readonly through: boolean; readonly to: number; readonly port: number }[];
	readonly #through: readonly boolean[];
	readonly #crashes: readonly boolean[];
	readonly #cuts: readonly boolean[];
	readonly #bounds: Bounds;
	readonly #may: ReadonlySet<FaultKind>;
	readonly #steps: Step[] = [];
	readonly #met: Map<number, readonly Spending[]> = new Map();
	#situations = 0;
	#ends = 0;
	#depth = 0;
	#complete = true;
	#found: Found | null = null;

	constructor(system: System, bounds: Bounds) {
		const { world } = system;
		this.#system = system;
		this.#world = world;
		this.#bounds = bounds;
		this.#may = new Set(bounds.faults);
		this.#places = world.places;
		this.#links = world.links;
		this.#cells = new Cells(world, system.hosts, (place) => system.describe(place));
		this.#witness = new Witness(system.watch);
		this.#through = world.places.map(({ name }) => system.through.includes(name));
		this.#crashes = world.places.map(({ name }) => system.mayCrash.includes(name) && this.#may.has('crash'));
		this.#cuts = world.links.map(({ name }) => system.mayBeCut.includes(name) && this.#may.has('cut'));
		this.#lanes = world.links.flatMap(({ name, a, b }) => [b, a].map(([to, port]) => {
			const at = world.places.findIndex((place) => place.name === to);
			return { fails: system.mayFail.includes(name), through: this.#through[at]!, to: at, port };
		}));
	}

	/** What was found so far. */
	get found(): Explored {
		return {
			situations: this.#situations, distinct: this.#met.size, machineStates: this.#cells.size, machineSteps: this.#cells.run,
			depth: this.#depth, ends: this.#ends, complete: this.#complete,
			states: [...this.#cells.states].sort(), changes: [...this.#cells.changes].sort(), violation: this.#found,
		};
	}

	/** Explores until everything was visited, a bound is reached, or something is violated. */
	run(): Explored {
		const { depth: deepest = Infinity, situations: most = Infinity, enough } = this.#bounds;
		let level: { situation: Situation; step: number }[] = [{ situation: this.#first(), step: 0 }];
		this.#steps.push({ from: -1, move: null });
		this.#isNew(level[0]!.situation);
		for (; level.length > 0; this.#depth++) {
			if (this.#depth >= deepest) return this.#ended(false);
			const next: typeof level = [];
			for (const { situation, step } of level) {
				for (const { move, to } of this.#expand(situation, step)) {
					this.#steps.push({ from: step, move });
					next.push({ situation: to, step: this.#steps.length - 1 });
				}
				if (this.#found !== null) return this.#ended(false);
				if (this.#met.size >= most || (enough !== undefined && (this.#situations & 0x3ff) === 0 && enough(this.found))) return this.#ended(false);
			}
			level = next;
		}
		this.#depth--;
		return this.found;
	}

	#ended(complete: boolean): Explored {
		this.#complete = complete;
		return this.found;
	}

	#first(): Situation {
		const { world } = this.#system;
		if (world.places.some(({ outputs }) => outputs > 0)) throw new RangeError('a machine has outputs that are not on their links: put them there before exploring begins');
		return {
			now: world.now, cells: this.#cells.present(), lanes: this.#lanes.map((_lane, lane) => this.#inFlight(lane)), down: 0,
			watched: 0, spent: { frames: 0, crashes: 0, cuts: 0 }, hops: 0,
		};
	}

	#inFlight(lane: number): readonly Flight[] {
		const { choices } = this.#world;
		return Array.from({ length: choices.onLane(lane) }, (_, nth) => {
			const bytes = choices.bytesOf({ kind: 'frame', lane, nth });
			return { frame: this.#cells.frames.of(bytes, 0, bytes.length), until: 0 };
		});
	}

	/** Whether a situation was not met before with as much left to befall it. */
	#isNew(situation: Situation): boolean {
		this.#situations++;
		const key = keyOf(situation);
		const before = this.#met.get(key);
		if (before === undefined) this.#met.set(key, [situation.spent]);
		else if (before.some((spent) => atMost(spent, situation.spent))) return false;
		else this.#met.set(key, [...before.filter((spent) => !atMost(situation.spent, spent)), situation.spent]);
		return true;
	}

	/** The new situations that can follow. */
	#expand(from: Situation, step: number): { move: Move; to: Situation }[] {
		const following: { move: Move; to: Situation }[] = [];
		const moves = this.#moves(from);
		let current: Move | null = null;
		try {
			for (const move of moves) {
				current = move;
				const to = this.#make(from, move);
				if (to !== null && this.#isNew(to)) following.push({ move, to });
			}
			current = null;
			if (moves.length === 0) {
				this.#ends++;
				this.#witness.ended(from.watched, new Map(this.#places.map(({ name }, i) => [name, from.cells[i]!.facts])));
			}
		} catch (error) {
			if (!(error instanceof Violation)) throw error;
			this.#found = { invariant: error.code, text: error.message, path: [...this.#path(step), ...(current === null ? [] : [current])] };
		}
		return following;
	}

	#path(step: number): Move[] {
		const path: Move[] = [];
		for (let at = this.#steps[step]!; at.move !== null; at = this.#steps[at.from]!) path.push(at.move);
		return path.reverse();
	}

	/** Everything that can happen next. What several moves have in common with each other stands in `move.ts`. */
	#moves(situation: Situation): Move[] {
		const { lanes, spent } = situation;
		const moves: Move[] = [];
		const mayFail = spent.frames < this.#bounds.most.frames;
		let quiet = true, bound = Infinity;
		for (let lane = 0; lane < lanes.length; lane++) {
			const flights = lanes[lane]!;
			if (flights.length === 0) continue;
			this.#deliveries(lane, flights, mayFail, moves);
			for (const { until } of flights) {
				if (until === 0) quiet = false;
				else if (until < bound) bound = until;
			}
		}
		this.#wakes(situation, quiet, bound, moves);
		this.#cutting(situation, quiet, moves);
		return this.#crashing(situation, moves);
	}

	#deliveries(lane: number, flights: readonly Flight[], mayFail: boolean, moves: Move[]): void {
		const fails = mayFail && this.#lanes[lane]!.fails;
		let first = -1;
		for (let nth = 0; nth < flights.length; nth++) {
			const { frame, until } = flights[nth]!;
			// Equal frames are one choice.
			if (flights.findIndex((other) => other.frame === frame && other.until === until) < nth) continue;
			const base = { kind: 'deliver', lane, nth, late: until !== 0, crash: -1 } as const;
			if (until !== 0) moves.push({ ...base, copies: false, overtakes: false });
			else if (first < 0) {
				first = nth;
				moves.push({ ...base, copies: false, overtakes: false });
				if (!fails) continue;
				if (this.#may.has('dup')) moves.push({ ...base, copies: true, overtakes: false });
				if (this.#may.has('drop')) moves.push({ kind: 'drop', lane, nth });
				if (this.#may.has('delay')) moves.push({ kind: 'delay', lane, nth });
			} else if (fails && this.#may.has('reorder')) moves.push({ ...base, copies: false, overtakes: true });
		}
	}

	/** Timers that are overdue may come before frames; time passes when no frame is under way. */
	#wakes({ now, cells, watched }: Situation, quiet: boolean, bound: number, moves: Move[]): void {
		let next = Infinity;
		for (const { wakeAt } of cells) if (wakeAt < next) next = wakeAt;
		if (next === Infinity || (next > now && (!quiet || next > bound || next > this.#witness.until(watched)))) return;
		const at = Math.max(next, now);
		for (let place = 0; place < cells.length; place++) if (cells[place]!.wakeAt <= at) moves.push({ kind: 'wake', place, crash: -1 });
	}

	/** A link is cut while something is on it: at another time that changes nothing. */
	#cutting({ lanes, down, spent }: Situation, quiet: boolean, moves: Move[]): void {
		for (let link = 0; link < this.#links.length; link++) {
			if (!this.#cuts[link]) continue;
			const isDown = (down >> link & 1) === 1;
			if (isDown && quiet) moves.push({ kind: 'mend', link });
			else if (!isDown && spent.cuts < this.#bounds.most.cuts && lanes[link * 2]!.length + lanes[link * 2 + 1]!.length > 0) moves.push({ kind: 'cut', link });
		}
	}

	/** A machine dies behind any number of the outputs of a step: at another time that changes nothing for anybody. */
	#crashing(situation: Situation, moves: Move[]): Move[] {
		if (situation.spent.crashes >= this.#bounds.most.crashes) return moves;
		const more: Move[] = [];
		for (const move of moves) {
			if (move.kind !== 'deliver' && move.kind !== 'wake') continue;
			const place = move.kind === 'wake' ? move.place : this.#lanes[move.lane]!.to;
			if (!this.#crashes[place] || (move.kind === 'deliver' && (move.copies || move.overtakes))) continue;
			const { outputs } = this.#transition(situation, move);
			for (let crash = 0; crash <= outputs.length; crash++) more.push({ ...move, crash });
		}
		return [...moves, ...more];
	}

	#transition(situation: Situation, move: Move & { kind: 'deliver' | 'wake' }): Transition {
		const { cells } = situation;
		if (move.kind === 'wake') return this.#cells.wake(cells[move.place]!, this.#timeOf(situation, move));
		const { to, port } = this.#lanes[move.lane]!;
		return this.#cells.deliver(cells[to]!, port, situation.lanes[move.lane]![move.nth]!.frame, this.#timeOf(situation, move));
	}

	/** When a move happens. A late frame is a little late: between one connection and the next of the same name the clock has to tick (RFC 6528 §3). */
	#timeOf({ now, cells }: Situation, move: Move & { kind: 'deliver' | 'wake' }): number {
		if (move.kind === 'wake') return Math.max(now, cells[move.place]!.wakeAt);
		return !move.late ? now : now + this.#system.tick;
	}

	/** What a move leads to; null where it is beyond the bounds. */
	#make(from: Situation, move: Move): Situation | null {
		switch (move.kind) {
			case 'drop': return spend(without(from, move.lane, move.nth), 'frames');
			case 'delay': return spend(replaced(from, move.lane, move.nth, from.now + this.#system.patience), 'frames');
			case 'cut': {
				const lanes = from.lanes.map((flights, lane) => (lane >> 1 === move.link ? [] : flights));
				return spend({ ...from, lanes, down: from.down | (1 << move.link) }, 'cuts');
			}
			case 'mend': return { ...from, down: from.down & ~(1 << move.link) };
			case 'deliver': case 'wake': return this.#act(from, move);
		}
	}

	#act(from: Situation, move: Move & { kind: 'deliver' | 'wake' }): Situation {
		const transition = this.#transition(from, move);
		if (transition.fault !== null) throw transition.fault;
		const place = transition.from.place;
		const now = this.#timeOf(from, move);
		let situation: Situation = move.kind === 'wake' ? { ...from, now, hops: now > from.now ? 0 : from.hops + 1 } : { ...without(from, move.lane, move.nth), now, hops: from.hops + 1 };
		if (situation.hops > MOST_HOPS) throw new Violation('progress', `${MOST_HOPS} frames were answered without time passing`);
		if (move.kind === 'deliver' && move.copies) situation = spend(added(situation, move.lane, { frame: from.lanes[move.lane]![move.nth]!.frame, until: now + this.#system.patience }), 'frames');
		if (move.kind === 'deliver' && move.overtakes) situation = spend(situation, 'frames');
		situation = this.#settle(situation, transition, move.crash < 0 ? transition.outputs.length : move.crash);
		return move.crash < 0 ? situation : this.#die(situation, place);
	}

	/** Takes over what a step did, with its first outputs. */
	#settle(from: Situation, { to, outputs, events }: Transition, count: number): Situation {
		const watched = this.#witness.events(from.watched, events);
		const place = this.#places[to.place]!;
		let situation: Situation = { ...from, cells: placed(from.cells, to), watched };
		for (let i = 0; i < count; i++) {
			const { port, frame } = outputs[i]!;
			const lane = place.laneOf(port);
			if (lane < 0) continue;
			if (!this.#through[to.place]) situation = remembering(situation, this.#witness.sent(situation.watched, place.name, port, frame));
			if ((situation.down >> (lane >> 1) & 1) === 1) continue;
			const target = this.#lanes[lane]!;
			if (situation.cells[target.to]!.saved === null) continue;
			if (!target.through) situation = added(situation, lane, { frame, until: 0 });
			else {
				const passed = this.#cells.deliver(situation.cells[target.to]!, target.port, frame, situation.now);
				if (passed.fault !== null) throw passed.fault;
				situation = this.#settle(situation, passed, passed.outputs.length);
			}
		}
		return situation;
	}

	#die(from: Situation, place: number): Situation {
		const cells = placed(from.cells, this.#cells.dead(place));
		const lanes = from.lanes.map((flights, lane) => (this.#lanes[lane]!.to === place ? [] : flights));
		return spend({ ...from, cells, lanes, watched: this.#witness.crashed(from.watched, this.#places[place]!.name) }, 'crashes');
	}
}

const none: readonly Flight[] = [];

function spend(from: Situation, what: keyof Spending): Situation {
	return { ...from, spent: { ...from.spent, [what]: from.spent[what] + 1 } };
}

function remembering(from: Situation, watched: number): Situation {
	return from.watched === watched ? from : { ...from, watched };
}

function onLane(from: Situation, lane: number, flights: readonly Flight[]): Situation {
	const lanes = from.lanes.slice();
	lanes[lane] = flights;
	const { now, cells, down, watched, spent, hops } = from;
	return { now, cells, lanes, down, watched, spent, hops };
}

function placed(cells: readonly Cell[], cell: Cell): Cell[] {
	const changed = cells.slice();
	changed[cell.place] = cell;
	return changed;
}

function without(from: Situation, lane: number, nth: number): Situation {
	const flights = from.lanes[lane]!;
	return onLane(from, lane, flights.length === 1 ? none : flights.filter((_flight, i) => i !== nth));
}

function added(from: Situation, lane: number, flight: Flight): Situation {
	return onLane(from, lane, [...from.lanes[lane]!, flight]);
}

function replaced(from: Situation, lane: number, nth: number, until: number): Situation {
	return onLane(from, lane, from.lanes[lane]!.map((flight, i) => (i === nth ? { ...flight, until } : flight)));
}
