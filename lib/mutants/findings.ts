import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hunters } from './budget.ts';
import type { Hunter } from './budget.ts';
import type { Catch } from './hunt.ts';
import type { Mutant } from './mutant.ts';

/** What is known of one mutant: what each hunter made of it, as far as it has hunted it. */
export interface Finding {
	readonly name: string;
	/** commit of the sources it was planted into; with `+` behind it where they were changed since */
	readonly commit: string;
	readonly catches: { readonly [H in Hunter]?: Catch };
}

/** Whether somebody has found it. */
export function isDead({ catches }: Finding): boolean {
	return hunters.some((hunter) => catches[hunter]?.fate === 'killed');
}

/** Findings of now over those of before, in the order of the mutants; what was planted before and is no more is left out. */
export function merged(mutants: readonly Mutant[], before: readonly Finding[], now: readonly Finding[]): Finding[] {
	return mutants.flatMap(({ name }) => {
		const old = before.find((one) => one.name === name), fresh = now.find((one) => one.name === name);
		if (fresh === undefined) return old === undefined ? [] : [old];
		return [old === undefined || old.commit !== fresh.commit ? fresh : { ...fresh, catches: { ...old.catches, ...fresh.catches } }];
	});
}

export function readFindings(file: string): Finding[] {
	return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Finding[] : [];
}

/** One line a mutant, so that a change can be read. */
export function writeFindings(file: string, findings: readonly Finding[]): void {
	writeFileSync(file, `[\n${findings.map((one) => `\t${JSON.stringify(one)}`).join(',\n')}\n]\n`);
}
