import type { TraceEvent } from '../../trace/index.ts';
import { performPlan } from '../crash-points.ts';
import type { CrashPlan } from '../crash-points.ts';
import { enact, valuesOf } from '../perform.ts';
import type { PerformOptions, Values } from '../perform.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { viewOf } from './view.ts';
import type { View } from './view.ts';

/** A run as it can be made anew, from its first step. */
export interface Play {
	/** makes the world and plans what happens; nothing has happened yet */
	readonly begin: () => Stage;
	/** when it ends, µs */
	readonly until: number;
}

/** The play of one arm of a scenario; with a plan, of one crash point of its default arm. */
export function playOf(scenario: Scenario, arm: string, options: PerformOptions, plan: CrashPlan | null = null): Play {
	const knobs: Values = valuesOf(scenario, scenario.arms[arm]!, options.set);
	const begin = (): Stage => {
		let stage: Stage | null = null;
		const begun: Scenario = {
			...scenario,
			until: () => -1,
			claims: () => [],
			play: (on, values) => {
				scenario.play(on, values);
				stage = on;
			},
		};
		if (plan === null) enact(begun, knobs, options);
		else performPlan(begun, plan, options);
		return stage!;
	};
	return { begin, until: scenario.until(knobs) };
}

/**
 * Goes through a run step by step, forward and back. Back is forward from the
 * beginning: a run is a function of its seed, and what a scenario watches for
 * is in no image.
 */
export class Stepper {
	/** steps of the whole run */
	readonly steps: number;
	readonly #play: Play;
	readonly #kinds: readonly { readonly step: number; readonly kind: string }[];
	/** the first event of each step, and of what was done between it and the one before */
	readonly #first: readonly number[];
	#stage: Stage;

	constructor(play: Play) {
		this.#play = play;
		const whole = play.begin();
		const kinds: { step: number; kind: string }[] = [], first = [0];
		for (let step = 1, from = whole.trace.length; ; step++) {
			whole.run(play.until, 1);
			if (whole.world.steps < step) break;
			first[step] = from;
			for (; from < whole.trace.length; from++) kinds.push({ step, kind: whole.trace.event(from).kind });
		}
		this.steps = whole.world.steps;
		this.#kinds = kinds;
		this.#first = first;
		this.#stage = play.begin();
	}

	/** The step done last; 0 before the first. */
	get at(): number { return this.#stage.world.steps; }

	get stage(): Stage { return this.#stage; }

	/** Goes to the moment behind a step; beyond the ends, to the end. */
	go(step: number): void {
		const wanted = Math.max(0, Math.min(this.steps, step));
		if (wanted < this.at) this.#stage = this.#play.begin();
		if (wanted > this.at) this.#stage.run(this.#play.until, wanted - this.at);
	}

	/** The next step, or with −1 the one before, in which something of a kind happens; −1 where there is none. */
	find(kind: string, direction: 1 | -1): number {
		const order = direction === 1 ? this.#kinds : [...this.#kinds].reverse();
		return order.find((event) => event.kind === kind && (event.step - this.at) * direction > 0)?.step ?? -1;
	}

	/** The kinds of events there are, each once. */
	get kinds(): readonly string[] { return [...new Set(this.#kinds.map(({ kind }) => kind))].sort(); }

	/** What happened in the step done last, and before it since the one before: a machine may have been killed. */
	events(): TraceEvent[] {
		const { trace } = this.#stage;
		const from = this.#first[this.at]!;
		return this.at === 0 ? [] : Array.from({ length: trace.length - from }, (_, i) => trace.event(from + i));
	}

	/** How everything stands now. */
	view(): View { return viewOf(this.#stage); }
}
