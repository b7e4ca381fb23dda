import type { FaultAct } from '../sim/index.ts';
import { kinds } from '../trace/index.ts';
import { actsOf } from './acts.ts';
import { labelOf } from './narrate.ts';
import { armOf, perform } from './perform.ts';
import type { Performance, PerformOptions } from './perform.ts';
import type { Run } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Stage } from './stage.ts';
import { StudyError } from './error.ts';

/** Who is killed. */
export type Victim = 'primary' | 'backup';

/** One fault besides the crash: what befalls the `nth` frame that a machine puts on a link. */
export interface FrameFault {
	/** name of the link */
	readonly link: string;
	/** who sends the frame */
	readonly place: string;
	/** counted on that link and in that direction, from 1 */
	readonly nth: number;
	readonly act: Exclude<FaultAct, 'corrupt'>;
}

/** One world: where the machine is killed, and what else goes wrong. */
export interface CrashPlan {
	readonly victim: Victim;
	/** the step before which it is killed */
	readonly at: number;
	/** null: nothing */
	readonly fault: FrameFault | null;
}

/** A world that was run, and the crash points it stands for. */
export interface CrashOutcome {
	readonly plan: CrashPlan;
	/** crash points that lead to this world: between two acts of the victim it makes no difference when it dies */
	readonly points: readonly number[];
	readonly performance: Performance;
	/** what the frame was that the fault befell; '' without one */
	readonly frame: string;
}

/** How much later a delayed frame or the copy of a duplicated one arrives, µs: behind a takeover with the usual lease. */
export const FAULT_DELAY = 70_000;
const acts = ['lose', 'duplicate', 'delay'] as const;
/** Frames before and behind the crash that are struck. */
const AROUND = 4;

/** `log:primary:7:lose` */
export function writeFault({ link, place, nth, act }: FrameFault): string {
	return [link, place, nth, act].join(':');
}

/**
 * Reads a fault as `writeFault` writes it.
 *
 * @throws StudyError FAULT_INVALID
 */
export function readFault(text: string): FrameFault {
	const [, link = '', place = '', nth = '', act = ''] = /^(.+):([^:]+):(\d+):(\w+)$/.exec(text) ?? [];
	const known = acts.find((one) => one === act);
	if (known === undefined || Number(nth) < 1) throw new StudyError('FAULT_INVALID', `'${text}' is no fault: write link:sender:n:act, where act is ${acts.join(', ')}; for instance log:primary:7:lose.`);
	return { link, place, nth: Number(nth), act: known };
}

/** Writes the fault down at its link. */
function strike(stage: Stage, { link: name, place, nth, act }: FrameFault): void {
	const link = stage.world.links.find((one) => one.name === name && (one.a[0] === place || one.b[0] === place));
	if (link === undefined) throw new StudyError('FAULT_INVALID', `There is no link '${name}' at '${place}': there are ${stage.world.links.map((one) => `${one.name} (${one.a[0]}, ${one.b[0]})`).join('; ')}.`);
	link.script(place, { act, nth, by: FAULT_DELAY });
}

/** Runs one world. */
export function performPlan(scenario: Scenario, { victim, at, fault }: CrashPlan, options: PerformOptions = {}): Performance {
	const planned: Scenario = {
		...scenario,
		play(stage, knobs) {
			scenario.play(stage, knobs);
			if (victim === 'backup' && at < Infinity) stage.world.beforeStep(at, () => stage.kill('backup'));
			if (fault !== null) strike(stage, fault);
		},
	};
	// A step that never comes keeps the scenario from killing anybody itself.
	return perform(planned, armOf(scenario, options), { ...options, crashAt: victim === 'primary' ? at : Infinity });
}

/**
 * Crash points in classes that lead to one world, the last of each standing for
 * it: what the others do between two acts of the victim takes nothing from it
 * but what is on its links already.
 */
export function classesOf(scenario: Scenario, victim: Victim, steps: number, options: PerformOptions = {}): number[][] {
	const { run } = performPlan(scenario, { victim, at: Infinity, fault: null }, options);
	const victims = actsOf(run.trace, victim, steps);
	// A port that goes down with its machine takes what is on its way there with it: then every step makes a difference.
	if (run.stage.options.portDies === true) victims.fill(true);
	const classes: number[][] = [];
	let open: number[] = [];
	for (let at = 1; at <= steps; at++) {
		open.push(at);
		if (victims[at] !== true && at < steps) continue;
		classes.push(open);
		open = [];
	}
	return classes;
}

/** A frame that could be struck. */
interface Target {
	readonly link: string;
	readonly place: string;
	readonly nth: number;
	readonly frame: string;
}

/** Frames of the pair and the clients that were put on their links around the crash; what the switch forwards is the same once more. */
function targetsOf(run: Run, victim: Victim): Target[] {
	const { trace, packets } = run;
	const crash = [...trace.of('crashed')].find(({ place }) => place === victim)?.index ?? trace.length;
	const before: Target[] = [], behind: Target[] = [];
	for (let event = 0; event < trace.length; event++) {
		if (trace.kindOf(event) !== kinds.frameSent.code) continue;
		const place = trace.places[trace.placeOf(event)]!;
		const link = trace.links[trace.slotOf(event, 1)]?.name;
		if (link === undefined || place === 'switch' || place === 'arbiter' || link.startsWith('arbiter')) continue;
		const packet = packets.find((one) => one.event === event);
		const target = { link, place, nth: trace.slotOf(event, 3), frame: packet === undefined ? '' : labelOf(packet).join(' ') };
		if (event < crash) before.push(target);
		else behind.push(target);
	}
	return [...before.slice(-AROUND), ...behind.slice(0, AROUND)];
}

/**
 * Every crash point of a run, and with `faults` 1 every one of them with each
 * fault that can befall a frame around it.
 *
 * @param steps  steps of the run as the scenario plans it
 */
export function* crashOutcomes(scenario: Scenario, victim: Victim, faults: 0 | 1, steps: number, options: PerformOptions = {}): Generator<CrashOutcome & { readonly done: number; readonly all: number }> {
	const classes = classesOf(scenario, victim, steps, options);
	for (const [place, points] of classes.entries()) {
		const progress = { done: place + 1, all: classes.length };
		const plan: CrashPlan = { victim, at: points.at(-1)!, fault: null };
		const performance = performPlan(scenario, plan, options);
		yield { plan, points, performance, frame: '', ...progress };
		if (faults === 0) continue;
		for (const { frame, ...target } of targetsOf(performance.run, victim)) {
			for (const act of acts) {
				const struck: CrashPlan = { ...plan, fault: { ...target, act } };
				yield { plan: struck, points, performance: performPlan(scenario, struck, options), frame, ...progress };
			}
		}
	}
}
