import fc from 'fast-check';
import type { Exhibit } from './exhibit.ts';

/** A thing that must always hold, with everything needed to look for a case where it does not. */
export interface Property<T> {
	readonly name: string;
	/** the sentence it checks */
	readonly text: string;
	/** how many cases a test tries; `dupack fuzz` may try more */
	readonly runs: number;
	readonly arbitrary: fc.Arbitrary<T>;
	/** @throws where the case shows that the sentence is wrong */
	readonly check: (value: T) => void;
	/** the case as it can be looked at, played as far as it goes */
	readonly exhibit?: (value: T) => Exhibit;
}

/** A property whatever its cases are. */
export type AnyProperty = Property<never>;

/** What a search found. */
export interface Outcome {
	readonly property: string;
	readonly ok: boolean;
	readonly runs: number;
	readonly seed: number;
	/** fast-check's path to the smallest case found; '' where there is none */
	readonly path: string;
	/** that case, as text */
	readonly counterexample: string;
	/** what was wrong with it */
	readonly why: string;
	/** that case as it can be looked at; null where there is none, or nothing to see */
	readonly exhibit: (() => Exhibit) | null;
}

/** How hard to look. */
export interface Effort {
	readonly runs?: number;
	readonly seed?: number;
	readonly path?: string;
	/** called now and then with the number of cases tried */
	readonly progress?: (runs: number) => void;
}

/** Looks for a case that breaks a property, and for the smallest such. */
export function search<T>(property: Property<T>, effort: Effort = {}): Outcome {
	let tried = 0;
	const run = fc.property(property.arbitrary, (value) => {
		property.check(value);
		if (++tried % 64 === 0) effort.progress?.(tried);
	});
	const found = fc.check(run, {
		numRuns: effort.runs ?? property.runs,
		...(effort.seed === undefined ? {} : { seed: effort.seed }),
		...(effort.path === undefined ? {} : { path: effort.path, endOnFailure: true }),
	});
	return {
		property: property.name,
		ok: !found.failed,
		runs: found.numRuns,
		seed: found.seed,
		path: found.counterexamplePath ?? '',
		counterexample: found.counterexample === null ? '' : fc.stringify(found.counterexample[0]),
		why: found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance ?? ''),
		exhibit: found.counterexample === null || property.exhibit === undefined ? null : () => property.exhibit!(found.counterexample![0]),
	};
}

/** Says what a failed search found, with the line that finds it again; '' where it found nothing. */
export function explain(outcome: Outcome): string {
	if (outcome.ok) return '';
	return `${outcome.property} does not hold: ${outcome.why}\n  the case: ${outcome.counterexample}\n  again: dupack fuzz ${outcome.property} --seed ${outcome.seed} --path ${outcome.path}`;
}
