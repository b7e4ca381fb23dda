import type { WorldState } from '../../sim/index.ts';
import { kinds } from '../../trace/index.ts';
import { actsOf } from '../acts.ts';
import type { Stage } from '../stage.ts';
import { senseless } from './axes.ts';
import type { Coordinates } from './axes.ts';
import { senselessCell } from './cell.ts';
import type { Cell } from './cell.ts';
import { Judge, observe, slowestAnswer } from './observe.ts';
import { CLOCK, worldOf } from './world.ts';
import type { Hint } from './world.ts';

/** What the fault is told, and what delays are measured against. */
interface Usual extends Hint {
	/** the slowest answer, µs */
	readonly slowest: number;
}

/** The same world without crash and fault. */
function usualOf(coordinates: Coordinates, seed: number): Usual {
	const stage = worldOf({ ...coordinates, fault: 'none' }, seed, { entry: Infinity });
	stage.run(CLOCK.longest);
	const logged = [...stage.trace.of('entryLogged')].find(({ bytes }) => String.fromCharCode(...bytes).includes('inc'));
	return { entry: logged?.entry ?? Infinity, slowest: slowestAnswer(stage) };
}

/** Sees when the client has all its answers. */
class Ending {
	readonly #stage: Stage;
	#next = 0;
	readonly #answered: Set<number> = new Set();
	/** when the conversation is over, world µs */
	at: number = CLOCK.longest;

	constructor(stage: Stage) { this.#stage = stage; }

	look(): void {
		const { trace } = this.#stage;
		for (; this.#next < trace.length; this.#next++) {
			if (trace.kindOf(this.#next) !== kinds.delivered.code) continue;
			this.#answered.add(trace.slotOf(this.#next, 1));
			if (this.#answered.size === CLOCK.requests.length) this.at = Math.min(this.at, trace.timeOf(this.#next) + CLOCK.settling);
		}
	}
}

/**
 * The conversation without a crash, step by step: the state before each step of
 * it, the first at place 1, so that what follows a crash need not begin anew.
 */
function statesOf(stage: Stage): WorldState[] {
	const { world } = stage;
	const ending = new Ending(stage);
	const states: WorldState[] = [];
	for (;;) {
		const state = world.save();
		const before = world.steps;
		if (!world.step(ending.at)) return states;
		states[before + 1] = state;
		ending.look();
	}
}

/** One cell, in a world of its own; `crash` 0: nobody is killed. */
export function cellAt(coordinates: Coordinates, seed: number, crash: number): { readonly cell: Cell; readonly stage: Stage } {
	const usual = usualOf(coordinates, seed);
	const stage = worldOf(coordinates, seed, usual, crash);
	stage.run(CLOCK.end);
	return { cell: observe(stage, coordinates, crash, new Judge(stage), usual.slowest), stage };
}

/**
 * All cells of a combination: without a crash first, then every crash point in turn.
 *
 * Between two acts of the primary it makes no difference when it dies: what the
 * others do meanwhile takes nothing from it but what is on its links already.
 * Such points lead to one world, which is run once.
 *
 * @param each  runs every point for itself all the same
 */
export function cellsOf(coordinates: Coordinates, seed: number, each: boolean = false): Cell[] {
	if (senseless(coordinates) !== '') return [senselessCell(coordinates)];
	const usual = usualOf(coordinates, seed);
	const stage = worldOf(coordinates, seed, usual);
	const judge = new Judge(stage);
	// What is recorded is declared before the first step, so that a state holds it.
	stage.run(-1);
	const states = statesOf(stage);
	const acts = actsOf(stage.trace, 'primary', states.length - 1);
	const cells: Cell[] = [];
	// From the last to the first: each point may stand for those before it.
	for (let crash = states.length - 1; crash >= 0; crash--) {
		const next = cells[crash + 1];
		if (!each && crash > 0 && next !== undefined && acts[crash] === false) {
			cells[crash] = { ...next, crash };
			continue;
		}
		stage.world.restore(states[Math.max(1, crash)]!);
		if (crash > 0) stage.world.beforeStep(crash, (world) => world.crash('primary'));
		stage.run(CLOCK.end);
		cells[crash] = observe(stage, coordinates, crash, judge, usual.slowest);
	}
	return cells;
}
