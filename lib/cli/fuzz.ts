import { properties } from '../search/properties.ts';
import { explain, search } from '../search/property.ts';
import type { AnyProperty, Outcome } from '../search/property.ts';
import type { Command } from 'commander';

interface FuzzOptions { readonly runs?: string; readonly time?: string; readonly seed?: string; readonly path?: string; readonly json?: boolean }

/** Cases tried between two looks at the clock. */
const ROUND = 200;

function wholeNumber(text: string | undefined, name: string): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!Number.isInteger(value)) throw new RangeError(`--${name} ${text} is no whole number`);
	return value;
}

/** Tries a property until it breaks, or its runs or its time are used up. */
function hunt(property: AnyProperty, options: FuzzOptions): Outcome {
	const seed = wholeNumber(options.seed, 'seed');
	const runs = wholeNumber(options.runs, 'runs');
	const seconds = options.time === undefined ? undefined : Number(options.time);
	const began = Date.now();
	const progress = (done: number): void => {
		if (process.stderr.isTTY) process.stderr.write(`\r${property.name}: ${done} cases, ${Math.round(done / Math.max(0.001, (Date.now() - began) / 1000))}/s `);
	};
	if (seconds === undefined) return search(property, { ...(runs === undefined ? {} : { runs }), ...(seed === undefined ? {} : { seed }), ...(options.path === undefined ? {} : { path: options.path }), progress });
	let outcome: Outcome, total = 0;
	do {
		outcome = search(property, { runs: ROUND, ...(seed === undefined ? {} : { seed: seed + total }) });
		total += outcome.runs;
		progress(total);
	} while (outcome.ok && Date.now() - began < seconds * 1000);
	return { ...outcome, runs: total };
}

/** `dupack fuzz`: tries the properties with more cases than the tests do. */
export function fuzzCommand(program: Command): void {
	program
		.command('fuzz')
		.summary('look for cases that break what must always hold')
		.description(`Tries properties with random cases and makes the first that breaks one small.\n\nProperties:\n${properties.map(({ name, text }) => `  ${name.padEnd(10)} ${text}`).join('\n')}`)
		.argument('[property]', 'one of them; all without it')
		.option('--runs <n>', 'cases to try')
		.option('--time <seconds>', 'try for so long instead')
		.option('--seed <n>', 'where the search begins')
		.option('--path <path>', 'go straight to a case a search has printed')
		.option('--json', 'one object on stdout')
		.addHelpText('before', 'Examples:\n  dupack fuzz\n  dupack fuzz transfer --runs 10000\n  dupack fuzz frames --time 60\n')
		.action((name: string | undefined, options: FuzzOptions) => {
			const wanted = properties.filter((property) => name === undefined || property.name === name);
			if (wanted.length === 0) throw new RangeError(`there is no property '${name}': there are ${properties.map((property) => property.name).join(', ')}`);
			const outcomes = wanted.map((property) => hunt(property, options));
			if (process.stderr.isTTY) process.stderr.write('\n');
			if (options.json === true) process.stdout.write(`${JSON.stringify({ ok: outcomes.every(({ ok }) => ok), outcomes })}\n`);
			else for (const outcome of outcomes) process.stdout.write(outcome.ok ? `${outcome.property}: ${outcome.runs} cases held (seed ${outcome.seed})\n` : `${explain(outcome)}\n`);
			process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
		});
}
