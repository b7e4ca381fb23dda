import { Kind, type Tap, type Trace, type TraceMark } from '../trace/index.ts';
import type { Node } from '../wire/node.ts';
import { CAUSE, LANE, SEQ, TIME, WIDTH } from './agenda.ts';
import { Choices } from './choices.ts';
import { NodeClock } from './clock.ts';
import { Engine, NOTHING, ROW, type Failure } from './engine.ts';
import { WorldError } from './error.ts';
import { Link, type End, type LinkOptions } from './link.ts';
import { pending } from './pending.ts';
import { Place } from './place.ts';
import type { Action, PlaceOptions, RunOptions, RunResult, WorldOptions } from './options.ts';
import { Tape, type Recording } from './tape.ts';
import type { SavedTraffic, Traffic } from './traffic.ts';
import { digestOfWorld } from './world-digest.ts';

/** A whole world as it was; opaque, reusable, and only for the world that gave it. */
export interface WorldState {
	readonly recording: Recording;
	readonly places: readonly Place[];
	readonly nodes: readonly { readonly node: Node; readonly state: unknown }[];
	readonly traffic: SavedTraffic;
	readonly actions: ReadonlyMap<number, Planned>;
	readonly hooks: readonly Hook[];
	readonly failures: readonly Failure[];
	readonly mark: TraceMark | null;
}

/** An action that is planned for a time. */
interface Planned {
	readonly action: Action;
	/** whom it concerns; null: anyone */
	readonly place: Place | null;
}

/** An action that is planned for the moment before a step. */
interface Hook {
	readonly step: number;
	readonly action: Action;
}

/** Actions in a row without a step between them. */
const MAX_ACTIONS = 100_000;

/**
 * Virtual time, machines at their places, links between them. A step is one
 * atomic act of a machine: frames delivered, a timer, one output put on its
 * link. Steps are numbered from 1; between two of them a machine may be killed.
 */
export class World {
	readonly seed: number;
	readonly trace: Trace | null;
	/** What may happen next, for who chooses it himself. */
	readonly choices: Choices;
	readonly #engine: Engine;
	readonly #traffic: Traffic;
	#actions: Map<number, Planned> = new Map();
	#hooks: readonly Hook[] = [];
	/** The step whose hooks have been run. */
	#hooked = 0;
	readonly #tape = new Tape();
	/** Its own place in the trace, for what no machine does. */
	readonly #traced: number;

	/** @throws {WorldError} BAD_OPTION */
	constructor(options: WorldOptions) {
		const { seed, trace = null, crashBefore } = options;
		if (!Number.isSafeInteger(seed)) throw new WorldError('BAD_OPTION', `A world's seed is an integer, not ${seed}.`);
		this.seed = seed;
		this.trace = trace;
		this.#engine = new Engine(trace);
		this.#traffic = this.#engine.traffic;
		this.choices = new Choices(this.#engine, (row) => this.#run(row));
		this.#traced = trace === null ? 0 : trace.place('world');
		if (crashBefore !== undefined) this.beforeStep(crashBefore.step, (world) => world.crash(crashBefore.place));
	}

	/** World time, µs. */
	get now(): number {
		return this.#engine.now;
	}

	/** Steps so far: the number of the last one. */
	get steps(): number {
		return this.#engine.steps;
	}

	/** The machines, in the order they were added. */
	get places(): readonly Place[] {
		return this.#engine.places;
	}

	get links(): readonly Link[] {
		return this.#traffic.links;
	}

	/** Machines that threw, in order. */
	get failures(): readonly Failure[] {
		return this.#engine.failures;
	}

	/**
	 * Sets a machine up at a place of its own.
	 *
	 * @throws {WorldError} NAME_TAKEN, BAD_OPTION
	 */
	add(name: string, node: Node, options: PlaceOptions = {}): Place {
		if (this.places.some((place) => place.name === name)) throw new WorldError('NAME_TAKEN', `There is a machine at '${name}' already.`);
		const { batch = 1, ...clock } = options;
		if (!(batch >= 1)) throw new WorldError('BAD_OPTION', `A batch is of 1 frame or more, not ${batch}.`);
		const traced = this.trace === null ? 0 : this.trace.place(name);
		const place = new Place(this.places.length, name, traced, node, new NodeClock(clock), batch);
		this.#engine.places = [...this.places, place];
		this.#engine.settle(place);
		return place;
	}

	/**
	 * Joins two ports by a link.
	 *
	 * @throws {WorldError} UNKNOWN_PLACE, PORT_TAKEN, NAME_TAKEN, BAD_OPTION
	 */
	link(a: End, b: End, options: LinkOptions = {}): Link {
		const [placeA, placeB] = [this.place(a[0]), this.place(b[0])];
		if (placeA === placeB) throw new WorldError('PORT_TAKEN', `A link joins two machines, not '${a[0]}' with itself.`);
		for (const [place, port] of [[placeA, a[1]], [placeB, b[1]]] as const) {
			if (!Number.isInteger(port) || port < 0) throw new WorldError('BAD_OPTION', `A port is a number from 0 on, not ${port}.`);
			if (place.laneOf(port) >= 0) throw new WorldError('PORT_TAKEN', `Port ${port} of '${place.name}' has a link already.`);
		}
		const link = new Link(this.links.length, this.seed, a, b, options);
		if (this.links.some((other) => other.name === link.name)) throw new WorldError('NAME_TAKEN', `There is a link '${link.name}' already.`);
		this.#traffic.plug(link, placeA, placeB);
		this.trace?.link(link.name, { place: placeA.traced, port: a[1] }, { place: placeB.traced, port: b[1] });
		return link;
	}

	/** Records what passes an end under an interface name (see `tappedFrames`). */
	tap(end: End, name: string, sees: Tap['sees'] = 'both'): void {
		this.trace?.tap(this.place(end[0]).traced, end[1], name, sees);
	}

	/** @throws {WorldError} UNKNOWN_PLACE */
	place(name: string): Place {
		const place = this.places.find((one) => one.name === name);
		if (place === undefined) {
			throw new WorldError('UNKNOWN_PLACE', `There is no place '${name}'; there are ${this.places.map((one) => one.name).join(', ') || 'none'}.`);
		}
		return place;
	}

	/**
	 * Plans an action at a world time, µs, or now when that has passed; `place`
	 * names the only machine it calls, where there is one.
	 *
	 * @throws {WorldError} UNKNOWN_PLACE, BAD_OPTION
	 */
	at(time: number, action: Action, place?: string): void {
		if (!Number.isFinite(time)) throw new WorldError('BAD_OPTION', `An action is planned for a time in µs, not for ${time}.`);
		const { agenda } = this.#traffic;
		const row = agenda.row();
		const seq = this.#traffic.nextSeq();
		agenda.rows.fill(0, row * WIDTH, (row + 1) * WIDTH);
		agenda.rows[row * WIDTH + TIME] = Math.max(this.now, Math.ceil(time));
		agenda.rows[row * WIDTH + SEQ] = seq;
		agenda.rows[row * WIDTH + LANE] = -1;
		agenda.rows[row * WIDTH + CAUSE] = -1;
		this.#actions.set(seq, { action, place: place === undefined ? null : this.place(place) });
		agenda.schedule(row);
	}

	/** Plans an action for the moment before step `step`, at the time of that step. */
	beforeStep(step: number, action: Action): void {
		this.#hooks = [...this.#hooks, { step, action }];
	}

	/** Drains a machine and asks when it wants to be woken: after it was called from outside. */
	touch(name: string): void {
		const place = this.place(name);
		if (place.standing === 'running') this.#engine.settle(place);
	}

	/** Kills a machine: what it had not yet put on its links dies with it. */
	crash(name: string, reason: string = 'killed'): void {
		const place = this.place(name);
		if (place.standing !== 'dead') this.#engine.kill(place, reason);
	}

	/** Stops a machine (SIGSTOP): nothing is delivered or run, its outputs stay, its clock goes on. */
	stop(name: string): void {
		const place = this.place(name);
		if (place.standing !== 'running') return;
		place.standing = 'stopped';
		this.trace?.put(Kind.stopped, place.traced, place.outputs);
	}

	/**
	 * Lets a stopped machine go on; what came meanwhile is delivered now, in
	 * order, and then its overdue timer: a driver reads before it wakes.
	 */
	cont(name: string): void {
		const place = this.place(name);
		if (place.standing !== 'stopped') return;
		place.standing = 'running';
		this.trace?.put(Kind.continued, place.traced, place.held.length);
		this.#traffic.letGo(place, this.now);
		this.#engine.settle(place);
	}

	/**
	 * Starts another machine at the place of a dead one.
	 *
	 * @throws {WorldError} NOT_DEAD
	 */
	start(name: string, node: Node): void {
		const place = this.place(name);
		if (place.standing !== 'dead') throw new WorldError('NOT_DEAD', `The machine at '${name}' is ${place.standing}: crash it first.`);
		place.node = node;
		place.standing = 'running';
		this.trace?.put(Kind.started, place.traced);
		this.#engine.settle(place);
	}

	/** Cuts a link; what is in flight on it is lost. */
	cut(link: Link): void {
		this.#traffic.cut(link, this.#traced);
	}

	/** Restores a link that was cut. */
	mend(link: Link): void {
		this.#traffic.mend(link, this.#traced);
	}

	/** Says in the trace what is being done. */
	note(text: string): void {
		if (this.trace !== null) this.trace.put(Kind.note, this.#traced, this.trace.name(text));
	}

	/**
	 * Executes the next step, and the actions before it.
	 *
	 * @param limit  world time; nothing later is done
	 * @returns      whether there was a step
	 * @throws {WorldError} ENDLESS_ACTIONS, BAD_WAKE
	 */
	step(limit: number = Infinity): boolean {
		const engine = this.#engine;
		const trace = this.trace;
		for (let actions = 0; actions < MAX_ACTIONS; ) {
			const what = engine.find();
			if (what === NOTHING || engine.due > limit) return false;
			if (engine.due > engine.now) engine.now = engine.due;
			if (trace !== null) trace.time = engine.now;
			if (what === ROW && this.#noStep()) continue;
			if (what === ROW && this.#act()) {
				actions++;
				continue;
			}
			if (this.#hooks.length > 0 && this.#runHooks()) continue;
			engine.steps++;
			if (trace !== null) trace.step = engine.steps;
			engine.perform(what);
			return true;
		}
		throw new WorldError('ENDLESS_ACTIONS', `${MAX_ACTIONS} actions at ${this.now} µs without a step between them: does one plan itself again?`);
	}

	/** Steps until nothing is left to happen or a bound is reached. */
	run(options: RunOptions = {}): RunResult {
		const { until = Infinity, maxSteps = 1_000_000, done } = options;
		const first = this.steps;
		let ended: RunResult['ended'] = 'steps';
		while (this.steps - first < maxSteps) {
			if (!this.step(until)) {
				ended = this.#engine.find() === NOTHING ? 'quiet' : 'until';
				break;
			}
			if (done !== undefined && done(this)) {
				ended = 'done';
				break;
			}
		}
		if ((ended === 'quiet' || ended === 'until') && until !== Infinity && until > this.now) this.#engine.now = until;
		if (this.trace !== null) this.trace.time = this.now;
		return { ended, steps: this.steps - first, time: this.now, pending: ended === 'quiet' ? [] : pending(this.#engine) };
	}

	/** Frames in flight or waiting for a stopped machine, on one link or on all. */
	inFlight(link?: Link): number {
		const { agenda, ways } = this.#traffic;
		const rows = [...agenda.inOrder(), ...this.places.flatMap((place) => place.held)];
		return rows.filter((row) => {
			const way = ways[agenda.rows[row * WIDTH + LANE]!];
			return way !== undefined && (link === undefined || way.link === link);
		}).length;
	}

	/**
	 * Saves everything that later behaviour depends on. Cheap: a list of
	 * numbers, the bytes that are in flight, and what each machine saves.
	 *
	 * @throws {WorldError} NOT_SAVEABLE
	 */
	save(): WorldState {
		const tape = this.#tape;
		tape.rewind();
		const { places, failures } = this.#engine;
		const nodes: { node: Node; state: unknown }[] = [];
		tape.put(this.now);
		tape.put(this.steps);
		tape.put(this.#hooked);
		for (const place of places) {
			const node = place.saveable();
			if (node === null) throw new WorldError('NOT_SAVEABLE', `The machine at '${place.name}' has no save() and restore().`);
			nodes.push({ node: place.node, state: node.save() });
			place.save(tape, this.#traffic.store);
		}
		const traffic = this.#traffic.save(tape, places);
		const mark = this.trace === null ? null : this.trace.mark();
		const actions = new Map(this.#actions);
		return { recording: tape.cut(), places, nodes, traffic, actions, hooks: this.#hooks, failures, mark };
	}

	/** Goes back, forward, or to another branch: to a state that this world saved; the trace with it. */
	restore(state: WorldState): void {
		const tape = this.#tape;
		tape.load(state.recording);
		const engine = this.#engine;
		engine.now = tape.get();
		engine.steps = tape.get();
		this.#hooked = tape.get();
		engine.places = state.places;
		engine.failures = state.failures;
		this.#traffic.store.clear();
		for (const place of state.places) place.restore(tape, this.#traffic.store);
		this.#traffic.restore(tape, state.places, state.traffic);
		this.#actions = new Map(state.actions);
		this.#hooks = state.hooks;
		state.nodes.forEach(({ node, state: saved }, index) => {
			const place = state.places[index]!;
			place.node = node;
			place.saveable()!.restore(saved);
		});
		if (state.mark !== null) this.trace?.rewind(state.mark);
	}

	/** 16 hex digits over everything that later behaviour depends on. @throws {WorldError} NOT_SAVEABLE */
	digest(): string {
		return digestOfWorld(this.#engine);
	}

	/** A frame for a machine that does not run is no step: it is lost, or waits. */
	#noStep(): boolean {
		const { agenda, ways } = this.#traffic;
		const row = agenda.first();
		const way = ways[agenda.rows[row * WIDTH + LANE]!];
		if (way === undefined || way.to.standing === 'running') return false;
		agenda.pop();
		if (way.to.standing === 'dead') this.#traffic.lose(row, 'dead');
		else this.#traffic.hold(row);
		return true;
	}

	/** Runs the action that is due, if it is one; then every machine it may have called is drained. */
	#act(): boolean {
		const { agenda } = this.#traffic;
		const row = agenda.first();
		if (agenda.rows[row * WIDTH + LANE] !== -1) return false;
		this.#run(row);
		return true;
	}

	#run(row: number): void {
		const { agenda } = this.#traffic;
		const seq = agenda.rows[row * WIDTH + SEQ]!;
		if (row === agenda.first()) agenda.pop();
		else agenda.withdraw((one) => one === row);
		agenda.free(row);
		const planned = this.#actions.get(seq)!;
		this.#actions.delete(seq);
		planned.action(this);
		this.#settleAfter(planned.place);
	}

	/** Runs what is planned for the moment before the next step, once; false when there is nothing. */
	#runHooks(): boolean {
		const next = this.steps + 1;
		if (this.#hooked >= next) return false;
		this.#hooked = next;
		const due = this.#hooks.filter((hook) => hook.step === next);
		for (const hook of due) hook.action(this);
		if (due.length > 0) this.#settleAfter(null);
		return due.length > 0;
	}

	#settleAfter(place: Place | null): void {
		for (const one of place === null ? this.places : [place]) if (one.standing === 'running') this.#engine.settle(one);
	}
}
