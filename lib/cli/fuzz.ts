import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { targets } from '../files/fuzz-targets.ts';
import { covered } from '../search/coverage.ts';
import { search } from '../search/property.ts';
import type { AnyProperty, Outcome } from '../search/property.ts';
import { Ladder, captureOf } from '../study/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from './exit.ts';
import { FuzzPool } from './fuzz-pool.ts';
import type { FuzzJob } from './fuzz-worker.ts';
import { Screen } from './screen.ts';
import { didYouMean } from './suggest.ts';
import { makeFolder, writeFile } from './own-files.ts';

export interface FuzzOptions {
	readonly runs?: number;
	readonly time?: number;
	readonly seed?: number;
	readonly path?: string;
	readonly jobs: number;
	readonly out: string;
	readonly json?: true;
}

/** Cases of one round, where there are several: what a thread tries before it is asked again. */
const ROUND = 200;

const examples = `
Examples:
  $ dupack fuzz                              everything, a little
  $ dupack fuzz segments --runs 100000 --jobs 4
  $ dupack fuzz pair --time 600 --seed 7
`;

/** A counterexample, with what there is to look at. */
interface Shown { readonly outcome: Omit<Outcome, 'exhibit'>; readonly files: readonly string[] }

function whole(text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isSafeInteger(value)) throw new InvalidArgumentError('give a whole number.');
	return value;
}

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError('give a number above 0.');
	return value;
}

/** Tries one property until it breaks, or its runs or its time are used up. */
async function hunt(property: AnyProperty, options: FuzzOptions, pool: FuzzPool, screen: Screen): Promise<{ outcome: Omit<Outcome, 'exhibit'>; covered: string[]; seconds: number }> {
	const { name } = property;
	const seed = options.seed ?? Date.now() & 0x7fff_ffff;
	const most = options.runs ?? (options.time === undefined ? property.runs : Infinity);
	const began = Date.now();
	const seconds = (): number => Math.max(0.001, (Date.now() - began) / 1000);
	const isLate = (): boolean => options.time !== undefined && seconds() >= options.time;
	// In one piece where it can be, so that seed and runs say it all.
	const round = options.jobs === 1 && options.time === undefined ? most : ROUND;
	const points = new Set<string>();
	let outcome: Omit<Outcome, 'exhibit'> = { property: name, ok: true, runs: 0, seed, path: '', counterexample: '', why: '' };
	const say = (more: number): void => {
		const runs = outcome.runs + more;
		screen.progress(`${name}: ${runs} cases, ${Math.round(runs / seconds())}/s, ${points.size} points covered`);
	};
	const next = (place: number): FuzzJob | null => (isLate() || place * round >= most ? null : { property: name, seed: (seed + place) | 0, runs: Math.min(round, most - place * round) });
	if (options.path !== undefined) {
		const { exhibit: _, ...found } = search(property, { seed, path: options.path });
		for (const point of covered()) points.add(point);
		outcome = found;
	} else {
		await pool.run(property, next, (answer) => {
			for (const point of answer.covered) points.add(point);
			const runs = outcome.runs + answer.outcome.runs;
			outcome = answer.outcome.ok ? { ...outcome, runs } : { ...answer.outcome, runs };
			say(0);
			return !outcome.ok;
		}, (more) => {
			for (const point of covered()) points.add(point);
			say(more);
		});
	}
	screen.progress('');
	return { outcome, covered: [...points].sort(), seconds: seconds() };
}

/** Plays the smallest case again, draws it, and writes what can be written. */
function show(property: AnyProperty, outcome: Omit<Outcome, 'exhibit'>, options: FuzzOptions, screen: Screen): Shown {
	const files: string[] = [];
	const { exhibit } = search(property, { seed: outcome.seed, path: outcome.path });
	const seen = exhibit?.() ?? null;
	const keep = (ending: string, content: Uint8Array | string): void => {
		const file = join(options.out, `fuzz-${outcome.property}-${outcome.seed}.${ending}`);
		writeFile(file, content);
		files.push(file);
	};
	if (seen?.run != null) {
		if (options.json !== true) screen.lines(new Ladder(seen.run, screen.width).lines());
		keep('pcapng', captureOf(seen.run));
	}
	if (seen?.capture != null) keep('pcap', seen.capture);
	if (seen?.script != null) {
		keep('pkt', seen.script);
		if (options.json !== true) screen.print(`\n${seen.script}`);
	}
	return { outcome, files };
}

function report({ outcome, files }: Shown, screen: Screen): void {
	screen.print(screen.paint(`  ✗ ${outcome.property}: ${outcome.why}`, 'bad'));
	screen.print(`  the case: ${outcome.counterexample}`);
	for (const file of files) screen.say(file.endsWith('.pkt') && outcome.property === 'segments' ? `${file}: npx dupack packetdrill ${file}` : file);
}

function lineOf({ property, seed, path }: Omit<Outcome, 'exhibit'>): string { return `npx dupack fuzz ${property} --seed ${seed} --path ${path}`; }

/** Fuzzes some targets; returns the exit code. */
export async function fuzz(wanted: readonly AnyProperty[], options: FuzzOptions, screen: Screen): Promise<number> {
	const pool = new FuzzPool(options.path === undefined ? options.jobs : 1);
	const found: object[] = [], broken: Omit<Outcome, 'exhibit'>[] = [];
	try {
		for (const property of wanted) {
			const { outcome, covered: points, seconds } = await hunt(property, options, pool, screen);
			const { ok, runs, seed } = outcome;
			const shown = ok ? { outcome, files: [] } : show(property, outcome, options, screen);
			found.push({ ...outcome, ...(ok ? {} : { files: shown.files, again: lineOf(outcome) }), seconds, covered: points });
			if (!ok) broken.push(outcome);
			if (options.json === true) continue;
			if (ok) screen.print(`${screen.paint('✓', 'good')} ${property.name}: ${runs} cases held, ${Math.round(runs / seconds)}/s, ${points.length} points covered (seed ${seed})`);
			else report(shown, screen);
		}
	} finally {
		await pool.end();
	}
	if (options.json === true) screen.print(JSON.stringify({ ok: broken.length === 0, outcomes: found }));
	for (const outcome of broken) screen.say(`Again: ${lineOf(outcome)}`);
	return broken.length === 0 ? EXIT_OK : EXIT_VIOLATED;
}

/** `dupack fuzz`: tries what must always hold with more cases than the tests do. */
export function fuzzCommand(program: Command): void {
	const names = targets.map(({ name }) => name);
	const longest = Math.max(...names.map(({ length }) => length));
	program.command('fuzz')
		.summary('look for cases that break what must always hold')
		.description(`Tries random cases, and makes the first that breaks something small.\n\nTargets:\n${targets.map(({ name, text }) => `  ${name.padEnd(longest)} ${text}`).join('\n')}`)
		.argument('[target]', 'one of them; all without it')
		.option('--runs <N>', 'cases to try', positive)
		.option('--time <seconds>', 'try for so long', positive)
		.option('--seed <N>', 'where the search begins', whole)
		.option('--path <path>', 'go straight to a case that a search has printed')
		.option('--jobs <N>', 'threads', positive, 1)
		.option('--out <folder>', 'where a counterexample is written to; made where it is not there', '.')
		.option('--json', 'as JSON')
		.addHelpText('before', examples)
		.action(async (name: string | undefined, options: FuzzOptions) => {
			const wanted = targets.filter((target) => name === undefined || target.name === name);
			if (wanted.length === 0) throw new CommandError(`'${name}' is no target.${didYouMean(name!, names)} There are ${names.join(', ')}.`);
			if (options.path !== undefined && (name === undefined || options.seed === undefined)) throw new CommandError('--path belongs to one target and one --seed: give both, as the search printed them.');
			// Before the search, not when it has found something.
			makeFolder(options.out);
			process.exitCode = await fuzz(wanted, options, new Screen());
		});
}
