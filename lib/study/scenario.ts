import type { Application } from '../host/index.ts';
import { commonKnobs } from './common.ts';
import type { CommonKnobs } from './common.ts';
import { StudyError } from './error.ts';
import type { Line } from './ladder.ts';
import type { KnobSpecs, KnobValue, KnobValues } from './knob.ts';
import type { Packet, Run } from './run.ts';
import type { Stage, StageOptions } from './stage.ts';

export { choice, number, probability, toggle } from './knob.ts';
export type { Choice, Knob, KnobSpecs, KnobValue, KnobValues } from './knob.ts';
export type { CommonKnobs } from './common.ts';
export { profileOf } from './common.ts';
export { Run, isBareAck, sha256Of } from './run.ts';
export type { History, Packet, Repeat } from './run.ts';
export { Stage } from './stage.ts';
export type { ClientOptions, Computer, Moment, StageClient, StageOptions } from './stage.ts';
export * from './moments.ts';
export { ACK, FIN, PSH, RST, SYN } from '../wire/tcp.ts';
export { durationText, failoverLines, failoversOf } from './failover.ts';
export type { Failover } from './failover.ts';
export { lagOf, lagPlot } from './lag-plot.ts';
export type { Lag, LagPlotOptions } from './lag-plot.ts';
export { partingOf, watchParting } from './parting.ts';
export type { Parting } from './parting.ts';
export { readLetter } from './letter-view.ts';
export type { LetterView } from './letter-view.ts';
export { seqDiff } from './sequence.ts';
export { Counter, TcpClient, UdpClient } from '../service/index.ts';
export { compareFrames, differingFields } from './hex-diff.ts';
export type { Line, Span } from './ladder.ts';
export { StudyError } from './error.ts';

/** Something a run shows, or fails to show. */
export interface Claim {
	/** short and stable, such as `same-bytes` */
	readonly id: string;
	/** one sentence */
	readonly text: string;
	readonly ok: boolean;
	/** numbers of the frames that show it, in the run's capture file */
	readonly frames: readonly number[];
	/** what was seen, for people */
	readonly evidence: string;
}

/**
 * Makes a claim. It is to be computed from the frames and from what the client's
 * application was told, never from what the code meant to do.
 *
 * @param frames  what shows it: packets of the run; missing ones are left out
 */
export function claim(id: string, text: string, ok: boolean, frames: readonly (Packet | undefined)[] = [], evidence: string = ''): Claim {
	const numbers = frames.filter((packet) => packet !== undefined).map(({ number }) => number);
	return { id, text, ok, frames: [...new Set(numbers)].sort((a, b) => a - b), evidence };
}

/** Something besides ladder and claims that is worth seeing: a table, a comparison. */
export interface Exhibit {
	readonly title: string;
	readonly lines: readonly Line[];
}

/** One world of a scenario: knob values of its own. */
export interface Arm<K extends KnobSpecs = KnobSpecs> {
	/** what is different in it, in a few words */
	readonly title: string;
	readonly knobs?: { readonly [N in keyof (K & CommonKnobs)]?: KnobValues<K & CommonKnobs>[N] };
	/** what it does that no single machine could have done; the oracle is then claimed to catch it */
	readonly breaks?: string;
}

/** A scenario as its author writes it. */
export interface ScenarioSpec<K extends KnobSpecs> {
	/** lower case with hyphens */
	readonly name: string;
	readonly title: string;
	/** the lecture's sentence in words of one's own */
	readonly lecture: string;
	/** knobs of its own, and common ones that stand elsewhere than usual */
	readonly knobs?: K;
	/** worlds with other knob values, by name; the first is the default. Without any there is one, `default` */
	readonly arms?: { readonly [arm: string]: Arm<K> };
	/** how many clients there are; default 1 */
	readonly clients?: number;
	/** the replicated service; called anew for each machine */
	readonly service: (knobs: KnobValues<CommonKnobs & K>) => Application;
	/** when the run ends, µs of world time */
	readonly until: number | ((knobs: KnobValues<CommonKnobs & K>) => number);
	/** what the stage has beyond what the common knobs say */
	readonly stage?: (knobs: KnobValues<CommonKnobs & K>) => Partial<Omit<StageOptions, 'seed' | 'service' | 'crashAt'>>;
	/** whether knobs of its own leave a protection off, so that the oracle need not pass; default: they do not */
	readonly unsafe?: (knobs: KnobValues<CommonKnobs & K>) => boolean;
	/** plugs clients in and plans what happens */
	readonly play: (stage: Stage, knobs: KnobValues<CommonKnobs & K>) => void;
	/** what the run shows */
	readonly claims: (run: Run, knobs: KnobValues<CommonKnobs & K>, arm: string) => readonly Claim[];
	/** what else is to be seen */
	readonly exhibits?: (run: Run, knobs: KnobValues<CommonKnobs & K>) => readonly Exhibit[];
}

/** A scenario ready to be run. */
export interface Scenario {
	readonly name: string;
	readonly title: string;
	readonly lecture: string;
	/** all its knobs, the common ones too */
	readonly knobs: KnobSpecs;
	readonly arms: { readonly [arm: string]: Arm };
	readonly clients: number;
	readonly service: (knobs: { readonly [name: string]: KnobValue }) => Application;
	readonly until: (knobs: { readonly [name: string]: KnobValue }) => number;
	readonly stage: (knobs: { readonly [name: string]: KnobValue }) => Partial<Omit<StageOptions, 'seed' | 'service' | 'crashAt'>>;
	readonly unsafe: (knobs: { readonly [name: string]: KnobValue }) => boolean;
	readonly play: (stage: Stage, knobs: { readonly [name: string]: KnobValue }) => void;
	readonly claims: (run: Run, knobs: { readonly [name: string]: KnobValue }, arm: string) => readonly Claim[];
	readonly exhibits: (run: Run, knobs: { readonly [name: string]: KnobValue }) => readonly Exhibit[];
}

const NAME = /^[a-z][a-z0-9-]*$/;

function invalid(message: string): never {
	throw new StudyError('SCENARIO_INVALID', message);
}

/**
 * Declares a scenario; a scenario file exports it as its default.
 *
 *     export default scenario({
 *       name: 'mine', title: 'Two requests', lecture: 'The primary dies after its second reply.',
 *       knobs: { asks: number(2, 'requests the client makes') },
 *       service: () => new Counter(),
 *       until: 1_000_000,
 *       play(stage, { asks }) {
 *         stage.client(new TcpClient({ requests: Array.from({ length: asks }, () => 20_000) }));
 *         stage.crash(sent('primary', carries('12')));
 *       },
 *       claims: (run) => [claim('all', 'Both are answered.', run.client().delivered.join() === '11,12')],
 *     });
 *
 * @throws StudyError SCENARIO_INVALID
 */
export function scenario<const K extends KnobSpecs = Record<never, never>>(spec: ScenarioSpec<K>): Scenario {
	const { name, arms = { default: { title: 'as it is' } } } = spec;
	if (typeof name !== 'string' || !NAME.test(name)) invalid(`'${String(name)}' cannot be a scenario's name: use lower case letters, digits and hyphens.`);
	for (const part of ['play', 'claims', 'service'] as const) if (typeof spec[part] !== 'function') invalid(`Scenario '${name}' has no function '${part}'.`);
	const knobs: KnobSpecs = { ...commonKnobs, ...spec.knobs };
	for (const knob of Object.keys(knobs)) if (!NAME.test(knob)) invalid(`'${knob}' cannot be a knob's name: use lower case letters, digits and hyphens.`);
	if (Object.keys(arms).length === 0) invalid(`Scenario '${name}' has no arms: leave them out, or name one.`);
	for (const [arm, { knobs: values = {} }] of Object.entries(arms)) {
		for (const knob of Object.keys(values)) if (knobs[knob] === undefined) invalid(`Arm '${arm}' of '${name}' turns '${knob}', which is no knob of it.`);
	}
	type Values = KnobValues<CommonKnobs & K>;
	const { until, stage = () => ({}) } = spec;
	return {
		name, title: spec.title, lecture: spec.lecture, knobs, arms: arms as Scenario['arms'], clients: spec.clients ?? 1,
		service: (values) => spec.service(values as Values),
		until: (values) => (typeof until === 'number' ? until : until(values as Values)),
		stage: (values) => stage(values as Values),
		unsafe: (values) => spec.unsafe?.(values as Values) ?? false,
		play: (on, values) => spec.play(on, values as Values),
		claims: (run, values, arm) => spec.claims(run, values as Values, arm),
		exhibits: (run, values) => spec.exhibits?.(run, values as Values) ?? [],
	};
}

/** Whether something is a scenario: what a file's default export has to be. */
export function isScenario(value: unknown): value is Scenario {
	const it = value as Partial<Scenario> | null;
	return typeof it === 'object' && it !== null && typeof it.name === 'string' && typeof it.play === 'function' && typeof it.claims === 'function' && typeof it.arms === 'object';
}
