import { existsSync, statSync } from 'node:fs';
import { extname, isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isScenario } from '../study/index.ts';
import type { Scenario } from '../study/index.ts';
import { scenarios } from '../../scenarios/index.ts';
import { CommandError, EXIT_USAGE, EXIT_VIOLATED } from './exit.ts';
import { offerOwnModules } from '../live/own-modules.ts';
import { didYouMean } from './suggest.ts';

/** A scenario and where it came from. */
export interface Loaded {
	readonly scenario: Scenario;
	/** the file it lies in, as an absolute path; '' for one of the house */
	readonly file: string;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];

function looksLikeFile(name: string): boolean {
	return EXTENSIONS.includes(extname(name)) || name.includes('/') || isAbsolute(name);
}

/**
 * Finds a scenario by its name, or loads it from a file.
 *
 * @throws CommandError  says what was meant, or where the file is wrong
 */
export async function loadScenario(name: string): Promise<Loaded> {
	const own = scenarios.find((scenario) => scenario.name === name);
	if (own !== undefined) return { scenario: own, file: '' };
	if (!looksLikeFile(name)) {
		const suggestion = didYouMean(name, scenarios.map((scenario) => scenario.name));
		throw new CommandError(`There is no scenario '${name}'.${suggestion} 'dupack scenarios' lists them; a file of your own is given with its path.`);
	}
	const file = resolve(name);
	if (!existsSync(file) || !statSync(file).isFile()) throw new CommandError(`There is no file '${name}'.`);
	if (!EXTENSIONS.includes(extname(file))) throw new CommandError(`'${name}' is no scenario file: it has to end in ${EXTENSIONS.join(', ')}.`);
	return { scenario: await fromFile(file), file };
}

async function fromFile(file: string): Promise<Scenario> {
	process.setSourceMapsEnabled(true);
	if (extname(file).endsWith('ts')) {
		const { register } = await import('tsx/esm/api');
		register();
	}
	offerOwnModules();
	let module: { readonly default?: unknown };
	try {
		module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
	} catch (error) {
		throw new CommandError(`The scenario file cannot be loaded. ${whereIn(error, file)}`, EXIT_VIOLATED);
	}
	// A file that is loaded as CommonJS hands its default over one level down.
	const inner = (module.default as { readonly default?: unknown } | undefined)?.default;
	const found = [module.default, inner].find(isScenario);
	if (found === undefined) throw new CommandError(`'${relative('', file)}' has no scenario as its default export: write 'export default scenario({ … })', with scenario from 'dupack/scenario'.`, EXIT_USAGE);
	return found;
}

/** What went wrong in a file, and where: `mine.ts:12:7: TypeError: …`. */
export function whereIn(error: unknown, file: string): string {
	if (!(error instanceof Error)) return `${relative('', file)}: threw ${String(error)}`;
	// A frame of the stack, or the head of a syntax error; tsx may add a query to the file's URL.
	const places = [pathToFileURL(file).href, file].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	const found = new RegExp(`(?:${places.join('|')})(?:\\?[^\\s:()]*)?:(\\d+)(?::(\\d+))?`).exec(error.stack ?? '');
	const where = found === null ? relative('', file) : [relative('', file), found[1], ...(found[2] === undefined ? [] : [found[2]])].join(':');
	return `${where}: ${error.name}: ${error.message}`;
}
