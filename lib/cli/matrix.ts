import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { Ladder, Run, wrap } from '../study/index.ts';
import { axes, breachesIn, cellAt, combinations, combined, lessons, pointLines, selector, senseless, tableLines } from '../study/matrix/index.ts';
import type { Breach, Cell, Coordinates, Lesson } from '../study/matrix/index.ts';
import { matrixHtml } from '../study/matrix/html.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from './exit.ts';
import { runCombinations } from './matrix-pool.ts';
import { Screen } from './screen.ts';
import { didYouMean } from './suggest.ts';
import { writeFile } from './own-files.ts';

interface MatrixOptions {
	readonly seed: number;
	readonly only?: readonly string[];
	readonly crash?: number;
	readonly faults?: true;
	readonly points?: true;
	readonly threads: number;
	readonly html?: string;
	readonly json?: true;
}

const examples = `
Examples:
  $ dupack matrix                                        every combination, every crash point
  $ dupack matrix --only transport=udp,policy=normal     a part of it
  $ dupack matrix --only transport=udp --points          with the history behind each crash point
  $ dupack matrix --html matrix.html                     a page to look at
  $ dupack matrix --only transport=tcp,serials=none,policy=normal,client=no-retry,fault=none --crash 60
                                                         one world, with its ladder
`;

const selectable = axes.filter(({ name }) => name !== 'crash');
const axesText = `\nAxes:\n${axes.map(({ name, text, values }) => `  ${name.padEnd(10)} ${text}:\n             ${values.join(', ')}`).join('\n')}`;

function wholeNumber(text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('it is a whole number from 0 on.');
	return value;
}

/** What is looked at: of each axis named, the values given. */
function selected(only: readonly string[]): Coordinates[] {
	const wanted = new Map<string, string[]>();
	for (const part of only.flatMap((text) => text.split(','))) {
		const [, name = part, value = ''] = /^([^=]*)=(.*)$/.exec(part) ?? [];
		const axis = selectable.find((one) => one.name === name);
		if (axis === undefined) throw new CommandError(`The matrix has no axis '${name}'.${didYouMean(name, selectable.map((one) => one.name))} It has ${selectable.map((one) => one.name).join(', ')}.`);
		if (!axis.values.includes(value)) throw new CommandError(`'${value}' is no value of ${name}.${didYouMean(value, axis.values)} It may be ${axis.values.join(', ')}.`);
		wanted.set(name, [...(wanted.get(name) ?? []), value]);
	}
	return combinations().filter((coordinates) => [...wanted].every(([name, values]) => values.includes(coordinates[name as keyof Coordinates])));
}

/** The command line that shows one cell's world. */
function again(cell: Cell, seed: number): string {
	return `npx dupack matrix --seed ${seed} --only ${selector(cell)} --crash ${Math.max(0, cell.crash)}`;
}

function one(coordinates: readonly Coordinates[], options: MatrixOptions, screen: Screen): number {
	const [only, ...others] = coordinates;
	if (only === undefined || others.length > 0) throw new CommandError(`--crash shows one world, and ${coordinates.length} combinations are selected: name one with --only transport=…,serials=…,policy=…,client=…,fault=….`);
	if (senseless(only) !== '') throw new CommandError(`That combination makes no sense: ${senseless(only)}.`);
	const { cell, stage } = cellAt(only, options.seed, options.crash!);
	if (options.crash! > 0 && stage.trace.of('crashed').next().done === true) throw new CommandError(`There is no step ${options.crash}: that world has steps 1 to ${stage.world.steps}.`);
	const [breach] = breachesIn([cell]);
	if (options.json) screen.print(JSON.stringify({ seed: options.seed, ok: breach === undefined, axes, cells: [cell] }, null, 2));
	else {
		screen.lines(new Ladder(new Run(stage), screen.width).lines());
		screen.print();
		for (const combination of combined([cell])) screen.lines(pointLines(combination, screen.width));
	}
	if (breach === undefined) return EXIT_OK;
	screen.say(`${breach.text} Again: ${again(cell, options.seed)}`);
	return EXIT_VIOLATED;
}

function printLessons(all: readonly Lesson[], screen: Screen): void {
	screen.print();
	for (const { ok, text, evidence } of all) {
		const [first = '', ...rest] = wrap(text, screen.width - 4);
		screen.print(`${screen.paint(ok ? '  ✓ ' : '  ✗ ', ok ? 'good' : 'bad')}${first}`);
		for (const line of rest) screen.print(`    ${line}`);
		for (const line of wrap(evidence, screen.width - 6)) screen.print(screen.paint(`      ${line}`, 'faint'));
	}
}

function sayBreaches(breaches: readonly Breach[], seed: number, screen: Screen): void {
	const [first] = breaches;
	if (first === undefined) return;
	screen.say(`${breaches.length} ${breaches.length === 1 ? 'cell is' : 'cells are'} not as ${breaches.length === 1 ? 'it' : 'they'} must be. The first: ${first.text}\nAgain: ${again(first.cell, seed)}`);
}

function writePage(path: string, cells: readonly Cell[], all: readonly Lesson[], seed: number): void {
	writeFile(path, matrixHtml(cells, all, seed));
}

async function execute(options: MatrixOptions): Promise<number> {
	const screen = new Screen();
	const coordinates = selected(options.only ?? []);
	if (options.crash !== undefined) return one(coordinates, options, screen);
	const cells = await runCombinations(coordinates, options.seed, options.threads, (done, count) => {
		screen.progress(`${done} of ${coordinates.length} combinations, ${count} worlds`);
	});
	screen.progress('');
	const isWhole = coordinates.length === combinations().length;
	const shown = isWhole ? lessons(cells) : [];
	const breaches = breachesIn(cells);
	const ok = breaches.length === 0 && shown.every((lesson) => lesson.ok);
	if (options.html !== undefined) writePage(options.html, cells, shown, options.seed);
	if (options.json) screen.print(JSON.stringify({ seed: options.seed, ok, axes, lessons: shown, cells }));
	else {
		screen.lines(tableLines(cells, { width: screen.width, byFault: options.faults === true, points: options.points === true }));
		printLessons(shown, screen);
		screen.print(`  ${coordinates.length} combination${coordinates.length === 1 ? '' : 's'}, ${cells.length} worlds${screen.paint(` · seed ${options.seed}`, 'faint')}`);
	}
	sayBreaches(breaches, options.seed, screen);
	return ok ? EXIT_OK : EXIT_VIOLATED;
}

/** `dupack matrix`: what keeps an application from seeing a duplicate, and what does not. */
export function matrixCommand(program: Command): void {
	program.command('matrix')
		.description('the dedup matrix: transport, serials, policy, client, one fault, and every crash point')
		.option('--seed <N>', 'where everything that is drawn comes from', wholeNumber, 1)
		.option('--only <axis=value>', 'look at a part; several with commas, values of one axis add up', (value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
		.option('--faults', 'a row for each fault')
		.option('--points', 'the histories behind each row, with the crash points that lead to them')
		.option('--crash <N>', 'one world of one combination, with its ladder; 0: without a crash', wholeNumber)
		.option('--html <file>', 'write a page that needs nothing but itself')
		.option('--threads <N>', 'threads to run on; 0: as many as there are cores', wholeNumber, 0)
		.option('--json', 'as JSON')
		.addHelpText('before', examples)
		.addHelpText('after', axesText)
		.action(async (options: MatrixOptions) => {
			process.exitCode = await execute(options);
		});
}
