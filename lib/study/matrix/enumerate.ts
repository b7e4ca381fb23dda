import type { WorldState } from '../../sim/index.ts';
import { kinds } from '../../trace/index.ts';
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

/** The number of crash points of a combination. */
export function crashPoints(coordinates: Coordinates, seed: number): number {
	return statesOf(worldOf(coordinates, seed, usualOf(coordinates, seed))).length - 1;
}

/** One cell, in a world of its own; `crash` 0: nobody is killed. */
export function cellAt(coordinates: Coordinates, seed: number, crash: number): { readonly cell: Cell; readonly stage: Stage } {
	const usual = usualOf(coordinates, seed);
	const stage = worldOf(coordinates, seed, usual, crash);
	stage.run(CLOCK.end);
	return { cell: observe(stage, coordinates, crash, new Judge(stage), usual.slowest), stage };
}

/** All cells of a combination: without a crash first, then every crash point in turn. */
export function cellsOf(coordinates: Coordinates, seed: number): Cell[] {
	if (senseless(coordinates) !== '') return [senselessCell(coordinates)];
	const usual = usualOf(coordinates, seed);
	const stage = worldOf(coordinates, seed, usual);
	const judge = new Judge(stage);
	// What is recorded is declared before the first step, so that a state holds it.
	stage.run(-1);
	const states = statesOf(stage);
	const cells = states.map((state, crash) => {
		stage.world.restore(state);
		stage.world.beforeStep(crash, (world) => world.crash('primary'));
		stage.run(CLOCK.end);
		return observe(stage, coordinates, crash, judge, usual.slowest);
	});
	stage.world.restore(states[1]!);
	stage.run(CLOCK.end);
	return [observe(stage, coordinates, 0, judge, usual.slowest), ...cells.filter(Boolean)];
}
