import { hunters } from './budget.ts';
import type { Hunter } from './budget.ts';
import { isDead } from './findings.ts';
import type { Finding } from './findings.ts';
import { pitfalls } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** Who found it and after how many runs; `–`: not found; empty: never near it, or not asked. */
function cell({ catches }: Finding, hunter: Hunter): string {
	const found = catches[hunter];
	if (found === undefined || found.fate === 'aside') return '';
	if (found.fate === 'none') return '–';
	// The folder of a test says nothing that its name does not; that of a script is a subject.
	const by = found.by.replace(hunter === 'tests' ? /^.*\// : /^(scenarios|packetdrill|freebsd)\//, '').replace(/\.(test|pkt)$/, '');
	return `${by} (${found.runs})`;
}

/** Mutants and how many each hunter found of those it came near. */
export function countsOf(findings: readonly Finding[]): { readonly dead: number; readonly all: number; readonly by: { readonly [H in Hunter]: readonly [found: number, hunted: number] } } {
	const by = Object.fromEntries(hunters.map((hunter) => {
		const hunted = findings.filter(({ catches }) => catches[hunter] !== undefined && catches[hunter].fate !== 'aside');
		return [hunter, [hunted.filter(({ catches }) => catches[hunter]!.fate === 'killed').length, hunted.length]];
	})) as unknown as { [H in Hunter]: [number, number] };
	return { dead: findings.filter(isDead).length, all: findings.length, by };
}

/** The whole of it in a few lines. */
export function summary(findings: readonly Finding[]): string[] {
	const { dead, all, by } = countsOf(findings);
	const commits = [...new Set(findings.map(({ commit }) => commit))];
	return [
		`${dead} of ${all} mutants died${all === 0 ? '' : ` (${(100 * dead / all).toFixed(1)} %)`}; sources of ${commits.join(', ')}.`,
		`Found by ${hunters.map((hunter) => `${hunter}: ${by[hunter][0]} of ${by[hunter][1]}`).join('; ')}.`,
	];
}

/** As a table for people in Markdown, by pitfall. */
export function markdown(mutants: readonly Mutant[], findings: readonly Finding[]): string {
	const lines = [...summary(findings), ''];
	for (const [pitfall, title] of Object.entries(pitfalls)) {
		const own = mutants.filter((mutant) => mutant.pitfall === pitfall);
		if (own.length === 0) continue;
		lines.push(`### ${title}`, '', `| mutant | ${hunters.join(' | ')} |`, `|---|${hunters.map(() => '---|').join('')}`);
		for (const { name, text } of own) {
			const finding = findings.find((one) => one.name === name);
			if (finding === undefined) continue;
			lines.push(`| \`${name}\` ${isDead(finding) ? '' : '**lives** '}${text} | ${hunters.map((hunter) => cell(finding, hunter)).join(' | ')} |`);
		}
		lines.push('');
	}
	return lines.join('\n');
}

/** One line of a terminal. */
export function row(finding: Finding, width: number): string {
	return `${finding.name.padEnd(width)}  ${isDead(finding) ? 'dead ' : 'LIVES'}  ${hunters.filter((hunter) => finding.catches[hunter] !== undefined).map((hunter) => `${hunter}: ${cell(finding, hunter) || 'aside'}`).join('   ')}`;
}
