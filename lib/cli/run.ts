import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { performPlan, readFault } from '../study/crash-points.ts';
import type { FrameFault, Victim } from '../study/crash-points.ts';
import { playOf } from '../study/step/stepper.ts';
import { ladderSvg } from '../study/svg/ladder-svg.ts';
import { Ladder, StudyError, armOf, captureOf, checkStep, perform, performanceLines, pointJson, readKnob, study, studyJson, wrap, writeKnob } from '../study/index.ts';
import type { PerformOptions, Performance, PointJson, Scenario, Study, Values } from '../study/index.ts';
import { CommandError, EXIT_OK, EXIT_VIOLATED } from './exit.ts';
import { loadScenario, whereIn } from './load.ts';
import type { Loaded } from './load.ts';
import { planOptions, runOutcomes } from './points.ts';
import { Screen } from './screen.ts';
import { stepThrough } from './step.ts';
import { didYouMean } from './suggest.ts';
import { writeFile } from './own-files.ts';

interface RunOptions {
	readonly seed: number;
	readonly set?: readonly string[];
	readonly crashAt?: number | 'all';
	readonly arm?: string;
	readonly pcap?: string;
	readonly svg?: string;
	readonly step?: true;
	readonly crash: Victim;
	readonly faults: 0 | 1;
	readonly fault?: FrameFault;
	readonly json?: true;
}

/** What is run, read from the command line. */
interface Order extends PerformOptions {
	readonly seed: number;
	readonly set: Values;
	readonly arm?: string;
}

const examples = `
Examples:
  $ dupack run duplicate-output
  $ dupack run duplicate-output --pcap run.pcapng      open it in Wireshark
  $ dupack run duplicate-output --svg run.svg          the ladder as a picture
  $ dupack run duplicate-output --set client-profile=rfc
  $ dupack run duplicate-output --crash-at all         kill the primary before every step
  $ dupack run skip-drain --json
  $ dupack run skip-drain --step                       go through it, forward and back
  $ dupack run ./mine.ts                               a scenario of your own
`;

function seedOf(text: string): number {
	const seed = Number(text);
	if (text.trim() === '' || !Number.isSafeInteger(seed)) throw new InvalidArgumentError('a seed is a whole number.');
	return seed;
}

function stepOf(text: string): number | 'all' {
	if (text === 'all') return 'all';
	const step = Number(text);
	if (!Number.isSafeInteger(step) || step < 1) throw new InvalidArgumentError('a step is a whole number from 1 on, or \'all\'.');
	return step;
}

function faultsOf(text: string): 0 | 1 {
	if (text !== '0' && text !== '1') throw new InvalidArgumentError('it is 0 or 1.');
	return text === '1' ? 1 : 0;
}

/** Reads `knob=value` as the scenario's knobs have it. */
function readSet(scenario: Scenario, settings: readonly string[]): Values {
	return Object.fromEntries(settings.map((setting) => {
		const [, name = setting, value] = /^([^=]*)=(.*)$/.exec(setting) ?? [];
		const knob = scenario.knobs[name];
		if (knob === undefined) throw new CommandError(`'${scenario.name}' has no knob '${name}'.${didYouMean(name, Object.keys(scenario.knobs))} 'dupack scenarios ${scenario.name}' lists them.`);
		if (value === undefined) throw new CommandError(`--set ${name} gives no value: write --set ${name}=${writeKnob(knob.value)}, for instance.`);
		return [name, readKnob(name, knob, value)];
	}));
}

function checkArm(scenario: Scenario, arm: string | undefined): void {
	if (arm === undefined || scenario.arms[arm] !== undefined) return;
	throw new CommandError(`'${scenario.name}' has no arm '${arm}'.${didYouMean(arm, Object.keys(scenario.arms))} It has ${Object.keys(scenario.arms).join(', ')}.`);
}

/** The command line that does the same again. */
function again(name: string, order: Order, rest: readonly string[] = []): string {
	const sets = Object.entries(order.set).map(([knob, value]) => `--set ${knob}=${writeKnob(value)}`);
	return ['npx dupack run', name, ...(order.arm === undefined ? [] : [`--arm ${order.arm}`]), `--seed ${order.seed}`, ...sets, ...rest].join(' ');
}

function title(scenario: Scenario, screen: Screen): void {
	screen.print(`${screen.bold(scenario.name)}  ${scenario.title}`);
	for (const line of wrap(scenario.lecture, screen.width - 2)) screen.print(screen.paint(`  ${line}`, 'faint'));
	screen.print();
}

function printStudy({ scenario, arms }: Study, screen: Screen): void {
	title(scenario, screen);
	for (const [i, performance] of arms.entries()) {
		if (Object.keys(scenario.arms).length > 1) screen.print(`${i > 0 ? '\n' : ''}${screen.bold(performance.arm)}  ${performance.title}`);
		if (i === 0) screen.lines(new Ladder(performance.run, screen.width).lines());
		for (const exhibit of scenario.exhibits(performance.run, performance.knobs)) {
			screen.print(`\n${screen.bold(exhibit.title)}`);
			screen.lines(exhibit.lines);
		}
		screen.print();
		screen.lines(performanceLines(performance, screen.width));
	}
	if (arms.length > 1) screen.print(screen.paint(`\n--arm ${arms.at(-1)!.arm} draws that one's ladder.`, 'faint'));
}

function runAll(scenario: Scenario, order: Order): Study {
	if (order.arm === undefined) return study(scenario, order);
	const one = perform(scenario, order.arm, order);
	return { scenario, seed: order.seed, arms: [one], ok: one.ok };
}

function writePcap(path: string, { run }: Performance, screen: Screen): void {
	writeFile(path, captureOf(run));
	screen.say(`${run.packets.length} frames in ${path}`);
}

function writeSvg(path: string, { name, title: lead }: Scenario, { arm, run }: Performance): void {
	writeFile(path, ladderSvg(run, { title: arm === 'default' ? name : `${name} · ${arm}`, lead }));
}

function runOnce(name: string, scenario: Scenario, order: Order, options: RunOptions, screen: Screen): number {
	const result = runAll(scenario, order);
	if (options.pcap !== undefined) writePcap(options.pcap, result.arms[0]!, screen);
	if (options.svg !== undefined) writeSvg(options.svg, scenario, result.arms[0]!);
	if (options.json) screen.print(JSON.stringify(studyJson(result), null, 2));
	else printStudy(result, screen);
	if (result.ok) return EXIT_OK;
	screen.say(`Not everything holds. Again: ${again(name, order)}`);
	return EXIT_VIOLATED;
}

/** Steps of the run as the scenario plans it. */
function stepsOf(scenario: Scenario, order: Order): number {
	return perform(scenario, armOf(scenario, order), order).run.steps;
}

function runPoint(name: string, scenario: Scenario, order: Order, at: number, options: RunOptions, screen: Screen): number {
	const { crash: victim, fault = null } = options;
	checkStep(at, stepsOf(scenario, order));
	const performance = performPlan(scenario, { victim, at, fault }, order);
	const result: Study = { scenario, seed: order.seed, arms: [performance], ok: performance.ok };
	if (options.pcap !== undefined) writePcap(options.pcap, performance, screen);
	if (options.svg !== undefined) writeSvg(options.svg, scenario, performance);
	if (options.json) screen.print(JSON.stringify({ ...studyJson(result), crashAt: at }, null, 2));
	else {
		title(scenario, screen);
		screen.lines(new Ladder(performance.run, screen.width).lines());
		screen.print();
		printPoint(pointJson({ at, performance }), performance, victim, screen);
	}
	if (performance.ok) return EXIT_OK;
	screen.say(`The criterion is violated. Again: ${again(name, order, planOptions({ victim, at, fault }))}`);
	return EXIT_VIOLATED;
}

function printPoint(point: PointJson, { run }: Performance, victim: Victim, screen: Screen): void {
	const { at, client, service, verdict, text } = point;
	screen.print(screen.paint(`  ${verdict === 'ok' ? '✓' : verdict === 'shown' ? '◇' : '✗'} The ${victim} is killed before step ${at}: ${verdict}${text === '' ? '' : `. ${text}`}`, verdict === 'ok' ? 'good' : verdict === 'shown' ? 'first' : 'bad'));
	screen.print(`  the application was given ${client.delivered.join(', ') || 'nothing'}${client.error === '' ? '' : ` and told ${client.error}`}; ${serviceText(service)}`);
	screen.print(screen.paint(`  seed ${run.seed} · ${run.steps} steps · digest ${run.digest}`, 'faint'));
}

function serviceText(service: { readonly [name: string]: number | string }): string {
	return Object.entries(service).map(([what, value]) => `${what} ${value}`).join(', ') || 'no service state';
}

/** Goes through one run by hand: the arm asked for, or one crash point. */
function runSteps(scenario: Scenario, order: Order, { crashAt: at, crash: victim, fault, json, pcap, svg }: RunOptions, screen: Screen): Promise<void> {
	if (at === 'all') throw new CommandError('--step goes through one run: give --crash-at a step, not \'all\'.');
	if (json || pcap !== undefined || svg !== undefined) throw new CommandError('--step shows a run moment by moment: leave --json, --pcap and --svg out.');
	return stepThrough(playOf(scenario, armOf(scenario, order), order, at === undefined ? null : { victim, at, fault: fault ?? null }), screen);
}

async function execute(name: string, { scenario, file }: Loaded, options: RunOptions): Promise<number> {
	const screen = new Screen();
	checkArm(scenario, options.arm);
	const order: Order = { seed: options.seed, set: readSet(scenario, options.set ?? []), ...(options.arm === undefined ? {} : { arm: options.arm }) };
	try {
		if (options.crashAt === undefined && (options.fault !== undefined || options.faults !== 0 || options.crash !== 'primary')) throw new CommandError('--crash, --faults and --fault go with --crash-at: give it a step, or \'all\'.');
		if (options.step === true) {
			await runSteps(scenario, order, options, screen);
			return EXIT_OK;
		}
		if (options.crashAt === undefined) return runOnce(name, scenario, order, options, screen);
		if (options.crashAt !== 'all') return runPoint(name, scenario, order, options.crashAt, options, screen);
		if (options.svg !== undefined) throw new CommandError('--svg draws one run: give --crash-at a step, not \'all\'.');
		if (options.pcap !== undefined) throw new CommandError('--pcap writes one run: give --crash-at a step, not \'all\'.');
		if (options.fault !== undefined) throw new CommandError('--fault strikes one run: give --crash-at a step, or try every fault with --faults 1.');
		if (options.json !== true) title(scenario, screen);
		return runOutcomes(scenario, { ...order, victim: options.crash, faults: options.faults, steps: stepsOf(scenario, order) }, options.json === true, screen, (rest) => again(name, order, rest));
	} catch (error) {
		if (error instanceof CommandError || error instanceof StudyError || file === '') throw error;
		throw new CommandError(`The scenario threw. ${whereIn(error, file)}\nAgain: ${again(name, order)}`, EXIT_VIOLATED);
	}
}

/** `dupack run`: a scenario with its ladder and its claims. */
export function runCommand(program: Command): void {
	program.command('run')
		.description('run a scenario: the ladder diagram, the claims with their evidence, the digest')
		.argument('<scenario|file>', 'a scenario\'s name, or a .ts or .js file of your own')
		.option('--seed <N>', 'where everything that is drawn comes from', seedOf, 1)
		.option('--set <knob=value>', 'turn a knob; may be given several times', (value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
		.option('--arm <name>', 'run one arm alone')
		.option('--crash-at <N|all>', 'kill the primary before step N, or before each in turn', stepOf)
		.addOption(new Option('--crash <who>', 'who is killed there').choices(['primary', 'backup']).default('primary'))
		.addOption(new Option('--faults <n>', 'with --crash-at all: every combination with one fault more, of a frame around the crash').argParser(faultsOf).default(0))
		.option('--fault <link:sender:n:act>', 'with --crash-at N: lose, duplicate or delay the nth frame someone puts on a link', readFault)
		.option('--pcap <file>', 'write the default arm as pcapng')
		.option('--svg <file>', 'draw the default arm\'s ladder as SVG')
		.option('--step', 'go through the run forward and back: by keys, or by lines of stdin')
		.option('--json', 'as JSON')
		.addHelpText('before', examples)
		.action(async (name: string, options: RunOptions) => {
			process.exitCode = await execute(name, await loadScenario(name), options);
		});
}
