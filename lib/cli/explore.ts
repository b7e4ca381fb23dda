import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { Explorer, Replay, explorables, faultKinds } from '../search/explore/index.ts';
import type { Explorable, Explored, FaultKind, Found, Spending } from '../search/explore/index.ts';
import { Ladder, Run, captureOf, wrap } from '../study/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from './exit.ts';
import { Screen } from './screen.ts';
import { didYouMean } from './suggest.ts';
import { writeFile } from './own-files.ts';

interface ExploreOptions {
	readonly depth?: number;
	readonly faults?: readonly FaultKind[];
	readonly times?: number;
	readonly time: number;
	readonly pcap?: string;
	readonly json?: true;
}

const examples = `
Examples:
  $ dupack explore                          what can be explored
  $ dupack explore handshake                two hosts, two faults: every order, every state
  $ dupack explore duplicate-output --times 2 --time 300
  $ dupack explore split-brain --faults cut,drop
`;

function numberOf(text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('give a whole number from 0 on.');
	return value;
}

function faultsOf(text: string): FaultKind[] {
	return text.split(',').filter((word) => word !== '').map((word) => {
		const kind = faultKinds.find((one) => one === word);
		if (kind === undefined) throw new InvalidArgumentError(`there is no fault '${word}'.${didYouMean(word, faultKinds)} There are ${faultKinds.join(', ')}.`);
		return kind;
	});
}

function find(name: string): Explorable {
	const found = explorables.find((one) => one.name === name);
	if (found === undefined) throw new CommandError(`'${name}' cannot be explored.${didYouMean(name, explorables.map((one) => one.name))} 'dupack explore' lists what can.`);
	return found;
}

function list(screen: Screen): void {
	const longest = Math.max(...explorables.map(({ name }) => name.length));
	for (const { name, text } of explorables) {
		const [first = '', ...rest] = wrap(text, screen.width - longest - 2);
		screen.print(`${screen.bold(name.padEnd(longest))}  ${first}`);
		for (const line of rest) screen.print(`${' '.repeat(longest)}  ${line}`);
	}
}

/** What may befall it: what it is made for, where nothing else is asked for; each kind that is asked for at least once. */
function mostOf({ most }: Explorable, faults: readonly FaultKind[], times: number | undefined): Spending {
	const has = (...kinds: readonly FaultKind[]): boolean => kinds.some((kind) => faults.includes(kind));
	return {
		frames: has('drop', 'dup', 'delay', 'reorder') ? times ?? Math.max(1, most.frames) : 0,
		crashes: has('crash') ? Math.max(1, most.crashes) : 0,
		cuts: has('cut') ? Math.max(1, most.cuts) : 0,
	};
}

function explore(name: string, options: ExploreOptions): number {
	const screen = new Screen();
	const world = find(name);
	const faults = options.faults ?? world.faults;
	const most = mostOf(world, faults, options.times);
	const began = Date.now();
	const seconds = (): number => (Date.now() - began) / 1000;
	const { depth } = options;
	const found = new Explorer(world.build(), {
		faults, most, ...(depth === undefined ? {} : { depth }),
		enough: ({ situations, distinct, depth: deep }) => {
			screen.progress(`${situations} situations, ${distinct} of them new, ${deep} moves deep, ${Math.round(situations / Math.max(0.001, seconds()))}/s`);
			return seconds() > options.time;
		},
	}).run();
	screen.progress('');
	const took = seconds();
	if (options.json) screen.print(JSON.stringify({ explored: name, faults, most, seconds: took, ...found }));
	else report(world, faults, most, found, took, screen);
	const { violation } = found;
	if (violation === null) return EXIT_OK;
	show(world, violation, options, screen);
	screen.say(`Again: npx dupack explore ${name} --faults ${faults.join(',')} --times ${most.frames}${depth === undefined ? '' : ` --depth ${depth}`}`);
	return EXIT_VIOLATED;
}

function times(count: number, one: string, more: string): string { return count === 0 ? '' : `${count} ${count === 1 ? one : more}`; }

function report({ name, text }: Explorable, faults: readonly FaultKind[], most: Spending, found: Explored, took: number, screen: Screen): void {
	screen.print(`${screen.bold(name)}  ${text}`);
	const spending = [times(most.frames, 'faulty frame', 'faulty frames'), times(most.crashes, 'crash', 'crashes'), times(most.cuts, 'cut', 'cuts')].filter((part) => part !== '');
	screen.print(screen.paint(`  at most ${spending.join(', ') || 'no fault'} (${faults.join(', ')})`, 'faint'));
	const count = (n: number): string => n.toLocaleString('en');
	screen.print(`  ${count(found.situations)} situations, ${count(found.distinct)} of them distinct, made of ${count(found.machineStates)} states of machines and ${count(found.machineSteps)} steps between them`);
	screen.print(`  ${found.depth} moves deep, ${count(found.ends)} ends, ${took.toFixed(1)} s, ${count(Math.round(found.situations / took))} a second`);
	if (found.states.length > 0) for (const line of wrap(`TCP states: ${found.states.join(', ')}`, screen.width - 2)) screen.print(`  ${line}`);
	if (found.changes.length > 0) for (const line of wrap(`changes: ${found.changes.join(', ')}`, screen.width - 2)) screen.print(`  ${line}`);
	if (found.violation === null) screen.print(screen.paint(found.complete ? '  ✓ everything holds in all of them, and there are no others' : '  ✓ everything holds in all of them; the bound was reached before all were visited', 'good'));
}

/** Plays the shortest way to a violation, and draws it. */
function show(world: Explorable, { invariant, text, path }: Found, options: ExploreOptions, screen: Screen): void {
	const system = world.build();
	let lost = '';
	try {
		new Replay(system).walk(path);
	} catch (error) {
		lost = (error as Error).message;
	}
	const run = new Run(system.scene);
	if (options.pcap !== undefined) {
		writeFile(options.pcap, captureOf(run));
		screen.say(`${run.packets.length} frames in ${options.pcap}`);
	}
	if (options.json) return;
	screen.lines(new Ladder(run, screen.width).lines());
	screen.print(screen.paint(`\n  ✗ ${invariant}: ${text}`, 'bad'));
	if (lost !== '') screen.print(`  the way there cannot be walked to its end: ${lost}`);
	screen.print(screen.paint(`  ${path.length} moves`, 'faint'));
}

/** `dupack explore`: everything that can happen in a small world. */
export function exploreCommand(program: Command): void {
	program.command('explore')
		.summary('visit every state a small world can come to, under every order and every choice of faults')
		.description('Visits every situation a small world can come to: every order of what is under way, every choice of faults up to a bound. Situations that were met are not visited twice. It runs the stack and the pair themselves, no model of them.')
		.argument('[world]', 'what to explore; all are listed without it')
		.option('--depth <N>', 'moves of the longest way', numberOf)
		.option('--faults <kinds>', `which faults: ${faultKinds.join(',')}`, faultsOf)
		.option('--times <N>', 'how many single frames are lost, repeated, delayed or overtaken on one way', numberOf)
		.option('--time <seconds>', 'end after so long', numberOf, 30)
		.option('--pcap <file>', 'write the way to a violation as pcapng')
		.option('--json', 'as JSON')
		.addHelpText('before', examples)
		.action((name: string | undefined, options: ExploreOptions) => {
			if (name === undefined) list(new Screen());
			else process.exitCode = explore(name, options);
		});
}
