import { commonStage, isProtected } from './common.ts';
import type { CommonValues } from './common.ts';
import { StudyError } from './error.ts';
import type { KnobValue } from './knob.ts';
import { Run } from './run.ts';
import { claim } from './scenario.ts';
import type { Arm, Claim, Scenario } from './scenario.ts';
import { Stage } from './stage.ts';

/** Knob values by name. */
export interface Values { readonly [name: string]: KnobValue }

/** How a scenario is run. */
export interface PerformOptions {
	/** default 1 */
	readonly seed?: number;
	/** knobs turned by hand; they go before what an arm says */
	readonly set?: Values;
	/** kills the primary before this step, in place of what the scenario plans */
	readonly crashAt?: number;
	/** which arm, where one world is run; default: the first that these knobs leave */
	readonly arm?: string;
}

/** One arm that was run. */
export interface Performance {
	readonly arm: string;
	readonly title: string;
	/** what it is meant to break; '' for nothing */
	readonly breaks: string;
	readonly knobs: Values;
	/** whether all protections were on */
	readonly isProtected: boolean;
	readonly run: Run;
	/** empty where the primary was killed at a step: only the oracle is judged then */
	readonly claims: readonly Claim[];
	readonly ok: boolean;
}

/** A scenario that was run: the default arm is the first. */
export interface Study {
	readonly scenario: Scenario;
	readonly seed: number;
	readonly arms: readonly Performance[];
	readonly ok: boolean;
}

/** What a scenario's knobs stand at in an arm. */
export function valuesOf(scenario: Scenario, arm: Arm, set: Values = {}): Values {
	const standing = Object.fromEntries(Object.entries(scenario.knobs).map(([name, knob]) => [name, knob.value]));
	return { ...standing, ...(arm.knobs as Values | undefined), ...set };
}

function stageOf(scenario: Scenario, knobs: Values, options: PerformOptions): Stage {
	const common = commonStage(knobs as unknown as CommonValues), own = scenario.stage(knobs);
	return new Stage({
		...common, ...own,
		replica: { ...common.replica, ...own.replica },
		links: { ...common.links, ...own.links },
		clients: scenario.clients,
		seed: options.seed ?? 1,
		service: () => scenario.service(knobs),
		...(options.crashAt === undefined ? {} : { crashAt: options.crashAt }),
	});
}

/** Sets a world up and lets it run to its end. */
export function enact(scenario: Scenario, knobs: Values, options: PerformOptions = {}): Run {
	const stage = stageOf(scenario, knobs, options);
	scenario.play(stage, knobs);
	stage.run(scenario.until(knobs));
	return new Run(stage);
}

/** The criterion as a claim; of an arm that breaks something, that it is caught. */
function oracleClaim(run: Run, breaks: string): Claim {
	const frame = run.oracle.violation === null ? undefined : run.seenByClients[run.oracle.violation.frame];
	if (breaks !== '') return claim('caught', `The watch over the run catches it: ${breaks}.`, !run.holds, [frame], run.verdict);
	const { entries, outputs, numbers } = run.oracle;
	const evidence = run.holds ? `${numbers.length} server frames seen, ${new Set(numbers.filter((number) => number > 0)).size} of the ${outputs} outputs that a machine that never failed makes of the ${entries} surviving log entries` : run.verdict;
	return claim('oracle', 'Everything the clients saw could have come from a machine that never failed, behind a network that loses, repeats and delays.', run.holds, [frame], evidence);
}

/** Runs one arm. */
export function perform(scenario: Scenario, name: string, options: PerformOptions = {}): Performance {
	const knobs = valuesOf(scenario, scenario.arms[name]!, options.set);
	// Turned by hand, an arm may have become another one.
	const key = JSON.stringify(knobs);
	const same = Object.keys(scenario.arms).find((other) => JSON.stringify(valuesOf(scenario, scenario.arms[other]!)) === key) ?? name;
	const run = enact(scenario, knobs, options);
	const safe = isProtected(knobs as unknown as CommonValues) && !scenario.unsafe(knobs);
	const { title, breaks = '' } = scenario.arms[same]!;
	const base = { arm: same, title, breaks: safe ? '' : breaks, knobs, isProtected: safe, run };
	if (options.crashAt !== undefined) return { ...base, claims: [], ok: run.holds || !safe };
	const claims = [...scenario.claims(run, knobs, same), oracleClaim(run, base.breaks)];
	return { ...base, claims, ok: claims.every(({ ok }) => ok) };
}

/** The arms that are to be run: those that turn by hand made equal to the first are left out. */
export function armsOf(scenario: Scenario, set: Values = {}): string[] {
	const seen = new Set<string>();
	return Object.entries(scenario.arms).filter(([, arm]) => {
		const key = JSON.stringify(valuesOf(scenario, arm, set));
		const isNew = !seen.has(key);
		seen.add(key);
		return isNew;
	}).map(([name]) => name);
}

/** The arm of which one world is run. */
export function armOf(scenario: Scenario, { arm, set = {} }: PerformOptions): string {
	return arm ?? armsOf(scenario, set)[0]!;
}

/** Runs a scenario: every arm in a world of its own. */
export function study(scenario: Scenario, options: PerformOptions = {}): Study {
	const arms = armsOf(scenario, options.set).map((name) => perform(scenario, name, options));
	return { scenario, seed: options.seed ?? 1, arms, ok: arms.every(({ ok }) => ok) };
}

/** What a crash at one step led to. */
export interface CrashPoint {
	readonly at: number;
	readonly performance: Performance;
}

/**
 * Refuses a step that a run does not have.
 *
 * @throws StudyError STEP_UNKNOWN
 */
export function checkStep(at: number, steps: number): void {
	if (!(Number.isInteger(at) && at >= 1 && at <= steps)) throw new StudyError('STEP_UNKNOWN', `There is no step ${at}: the run has steps 1 to ${steps}.`);
}

/**
 * Kills the primary before a step of one arm.
 *
 * @param steps  steps of the run as the scenario plans it
 * @throws StudyError STEP_UNKNOWN
 */
export function crashAt(scenario: Scenario, at: number, steps: number, options: PerformOptions = {}): CrashPoint {
	checkStep(at, steps);
	return { at, performance: perform(scenario, armOf(scenario, options), { ...options, crashAt: at }) };
}
