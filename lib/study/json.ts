import type { CrashPoint, Performance, Study, Values } from './perform.ts';
import type { History, Run } from './run.ts';
import type { Claim } from './scenario.ts';

/** A client as JSON has it. */
export interface ClientJson {
	readonly name: string;
	/** what the application was given, one a reply, in order */
	readonly delivered: readonly string[];
	/** duplicate ACKs it sent */
	readonly dupAcks: number;
	/** RSTs it sent */
	readonly resets: number;
	/** replies the application itself dropped */
	readonly discarded: readonly string[];
	/** the error the application was told; '' for none */
	readonly error: string;
}

/** A repeated frame as JSON has it: frame numbers, and the digest of its bytes. */
export interface RepeatJson {
	readonly first: number;
	readonly again: number;
	readonly identical: boolean;
	readonly sha256: string;
}

/** One world as JSON has it. */
export interface RunJson {
	readonly scenario: string;
	readonly arm: string;
	readonly seed: number;
	readonly digest: string;
	readonly ok: boolean;
	readonly steps: number;
	readonly knobs: Values;
	readonly claims: readonly Claim[];
	readonly client: ClientJson;
	readonly clients: readonly ClientJson[];
	readonly service: { readonly [name: string]: number | string };
	readonly repeated: readonly RepeatJson[];
	/** what the oracle and the invariants say: `ok`, or one sentence */
	readonly verdict: string;
	/** what a world without all protections showed; '' for nothing */
	readonly shown: string;
}

/** A scenario as JSON has it: its default arm, and all its arms. */
export interface StudyJson extends RunJson {
	readonly arms: readonly RunJson[];
}

export function clientJson(history: History): ClientJson {
	const { name, delivered, dupAcks, resets, discarded, error } = history;
	return { name, delivered, dupAcks: dupAcks.length, resets: resets.length, discarded, error };
}

function repeatsJson(run: Run): RepeatJson[] {
	return run.repeats.map(({ first, again, identical, sha256 }) => ({ first: first.number, again: again.number, identical, sha256 }));
}

function runJson(scenario: string, { arm, knobs, run, claims, ok, isProtected }: Performance): RunJson {
	const [first, ...others] = run.stage.clients.map(({ name }) => clientJson(run.client(name)));
	return {
		scenario, arm, seed: run.seed, digest: run.digest, ok, steps: run.steps, knobs, claims,
		client: first ?? { name: 'client', delivered: [], dupAcks: 0, resets: 0, discarded: [], error: '' }, clients: others,
		service: run.service, repeated: repeatsJson(run), verdict: run.verdict, shown: isProtected || run.holds ? '' : run.verdict,
	};
}

/** A scenario's result as one object: the top level is its default arm. */
export function studyJson({ scenario, arms, ok }: Study): StudyJson {
	const all = arms.map((arm) => runJson(scenario.name, arm));
	return { ...all[0]!, ok, arms: all };
}

/** One crash point as JSON has it. */
export interface PointJson {
	readonly at: number;
	readonly client: ClientJson;
	readonly service: { readonly [name: string]: number | string };
	/** `ok`; `violated`; `shown` where a protection is off and it shows */
	readonly verdict: 'ok' | 'violated' | 'shown';
	/** what was violated or shown; '' for nothing */
	readonly text: string;
}

export function pointJson({ at, performance: { run, isProtected } }: CrashPoint): PointJson {
	const name = run.stage.clients[0]?.name ?? 'client';
	const verdict = run.holds ? 'ok' : isProtected ? 'violated' : 'shown';
	return { at, client: clientJson(run.client(name)), service: run.service, verdict, text: run.holds ? '' : run.verdict };
}
