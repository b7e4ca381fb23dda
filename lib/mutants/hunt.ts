import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { processFor, testsFor } from './budget.ts';
import type { Hunter } from './budget.ts';
import { runNode } from './child.ts';
import type { Told } from './hunters/tell.ts';

/** What a hunter made of a mutant. */
export interface Catch {
	/** `none`: it was not found; `aside`: this hunter never runs the code it stands in */
	readonly fate: 'killed' | 'none' | 'aside';
	/** the test file, property, world or script that found it; `time-out`, `crash` */
	readonly by: string;
	/** test files, cases, situations or scripts it took */
	readonly runs: number;
	/** what was wrong, in one line */
	readonly why: string;
}

const ASIDE: Catch = { fate: 'aside', by: '', runs: 0, why: '' };

/** CPU time a hunter's process may use, s: several times what it takes where nothing is wrong. */
const LIMITS: { readonly [H in Hunter]: number } = { tests: 20, fuzz: 40, explore: 30, packetdrill: 25 };

/** One line of what a process has written that says what was wrong. */
function reasonIn(output: string): string {
	const lines = stripVTControlCharacters(output).split('\n').map((line) => line.trim()).filter((line) => line !== '');
	return (lines.find((line) => line.startsWith('FAIL')) ?? lines.find((line) => /Error|exceeded/.test(line)) ?? lines.at(-1) ?? '').slice(0, 200);
}

function toldIn(output: string): Told | null {
	const line = output.trimEnd().split('\n').at(-1) ?? '';
	try {
		return JSON.parse(line) as Told;
	} catch {
		return null;
	}
}

/** Lets one hunter loose in a workshop, until it finds something or its budget is used up. */
export function hunt(folder: string, root: string, hunter: Hunter, file: string): Promise<Catch> {
	return hunter === 'tests' ? huntWithTests(folder, root, file) : huntWith(hunter, folder, root, file);
}

function environment(root: string): NodeJS.ProcessEnv {
	return { ...process.env, DUPACK_SHARED: process.env['DUPACK_SHARED'] ?? join(root, '..', 'shared'), NO_COLOR: '1' };
}

async function huntWithTests(folder: string, root: string, file: string): Promise<Catch> {
	const seeded = pathToFileURL(join(folder, 'dist', 'lib', 'mutants', 'hunters', 'seeded.js')).href;
	let runs = 0;
	for (const name of testsFor(join(folder, 'dist'), file)) {
		runs++;
		const { code, output, late } = await runNode(['--import', seeded, join('dist', name)], folder, LIMITS.tests, environment(root));
		if (late) return { fate: 'killed', by: 'time-out', runs, why: name };
		// uvu ends with a summary; a file that ends before it has not run its tests.
		if (code !== 0 || !/^\s+Total:\s+\d+/m.test(output)) return { fate: 'killed', by: name.replace(/\.js$/, ''), runs, why: reasonIn(output) };
	}
	return { fate: 'none', by: '', runs, why: '' };
}

async function huntWith(hunter: Exclude<Hunter, 'tests'>, folder: string, root: string, file: string): Promise<Catch> {
	const args = processFor(hunter, root, file);
	if (args === null) return ASIDE;
	const { code, output, late } = await runNode(args, folder, LIMITS[hunter], environment(root));
	if (late) return { fate: 'killed', by: 'time-out', runs: 1, why: `more than ${LIMITS[hunter]} s` };
	const told = toldIn(output);
	if (code !== 0 || told === null) return { fate: 'killed', by: 'crash', runs: 1, why: reasonIn(output) };
	return { fate: told.by === '' ? 'none' : 'killed', by: told.by, runs: told.runs, why: told.why.split('\n')[0]!.slice(0, 200) };
}
