import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeUtf8 } from '../capture/utf8.ts';
import { crashOutcomes, writeFault } from '../study/crash-points.ts';
import type { CrashOutcome, CrashPlan, Victim } from '../study/crash-points.ts';
import { ranges } from '../study/ranges.ts';
import { armOf, pointJson, wrap } from '../study/index.ts';
import type { PerformOptions, PointJson, Scenario, Tone } from '../study/index.ts';
import { EXIT_OK, EXIT_VIOLATED } from './exit.ts';
import type { Screen } from './screen.ts';

/** What is to be run: every crash point of whom, alone or with one further fault. */
export interface PointsOrder extends PerformOptions {
	readonly seed: number;
	readonly victim: Victim;
	readonly faults: 0 | 1;
	/** steps of the run as the scenario plans it */
	readonly steps: number;
}

/** A world as JSON has it. */
interface WorldJson extends PointJson {
	readonly crash: Victim;
	/** `log:primary:7:lose`; '' for none */
	readonly fault: string;
	/** what the frame was that the fault befell */
	readonly frame: string;
	/** crash points that lead to this world */
	readonly points: readonly number[];
	/** outputs that were on the network twice because of the takeover */
	readonly repeats: number;
}

function worldJson({ plan, points, performance, frame }: CrashOutcome): WorldJson {
	return { ...pointJson({ at: plan.at, performance }), crash: plan.victim, fault: plan.fault === null ? '' : writeFault(plan.fault), frame, points, repeats: performance.run.repeats.length };
}

/** What two worlds have to have in common to be told together. */
function historyOf({ client, service, repeats, verdict, text }: WorldJson): string {
	return JSON.stringify([repeats > 0, client.delivered, client.error, client.resets > 0, client.dupAcks > 0, service, verdict, text.replace(/\d+/g, '#')]);
}

/** What replays one world. */
export function planOptions({ victim, at, fault }: CrashPlan): string[] {
	return [...(victim === 'primary' ? [] : [`--crash ${victim}`]), ...(fault === null ? [] : [`--fault ${writeFault(fault)}`]), `--crash-at ${at}`];
}

function optionsOf({ crash, fault, at }: WorldJson): string {
	return [...(crash === 'primary' ? [] : [`--crash ${crash}`]), ...(fault === '' ? [] : [`--fault ${fault}`]), `--crash-at ${at}`].join(' ');
}

const marks = { ok: { mark: '✓', tone: 'good' }, shown: { mark: '◇', tone: 'first' }, violated: { mark: '✗', tone: 'bad' } } as const;

/** What a client lived through, in a few words. */
function livedText({ client, service, repeats }: WorldJson): string {
	const state = Object.entries(service).map(([what, value]) => `${what} ${value}`).join(', ') || 'no service state';
	const told = client.error === '' ? '' : ` and told ${client.error}`;
	return `the application was given ${client.delivered.join(', ') || 'nothing'}${told}; ${repeats > 0 ? 'something was repeated; ' : ''}${client.dupAcks > 0 ? 'a duplicate ACK; ' : ''}${client.resets > 0 ? 'a RST; ' : ''}${state}`;
}

/** Worlds that the client and the service cannot tell apart. */
interface History {
	readonly verdict: PointJson['verdict'];
	/** what it shows, in a sentence */
	readonly shows: string;
	/** what was violated or shown; '' for nothing */
	readonly text: string;
	/** crash points that lead to it without a further fault */
	readonly points: readonly number[];
	/** worlds with one more fault that lead to it */
	readonly struck: number;
	/** options of the first world that shows it, and the frame that its fault befell; '' for none */
	readonly options: string;
	readonly frame: string;
}

function historiesOf(worlds: readonly WorldJson[]): History[] {
	const histories = new Map<string, WorldJson[]>();
	for (const world of worlds) {
		const key = historyOf(world);
		const alike = histories.get(key);
		if (alike === undefined) histories.set(key, [world]);
		else alike.push(world);
	}
	return [...histories.values()].map((alike) => {
		const struck = alike.filter(({ fault }) => fault !== ''), plain = alike.filter(({ fault }) => fault === '');
		const sample = plain[0] ?? struck[0]!;
		return { verdict: sample.verdict, shows: livedText(sample), text: sample.text, points: plain.flatMap(({ points }) => points), struck: struck.length, options: optionsOf(struck[0] ?? sample), frame: struck[0]?.frame ?? '' };
	});
}

function printHistory({ verdict, shows, text, points, struck, options, frame }: History, screen: Screen): void {
	const { mark, tone } = marks[verdict];
	const below = (more: string, shade: Tone): void => { for (const line of wrap(more, screen.width - 13)) screen.print(screen.paint(`             ${line}`, shade)); };
	const [first = '', ...rest] = wrap(shows, screen.width - 13);
	screen.print(`${screen.paint(`  ${mark} ${verdict.padEnd(8)}`, tone)} ${first}`);
	for (const line of rest) screen.print(`             ${line}`);
	if (points.length > 0) below(`killed before step${points.length === 1 ? '' : 's'} ${ranges(points)}`, 'faint');
	if (struck > 0) below(`${struck} world${struck === 1 ? '' : 's'} with one more fault, such as ${options}${frame === '' ? '' : ` (${frame})`}`, 'faint');
	if (text !== '') below(text, tone);
}

/**
 * Runs every crash point of the primary or the backup, and with `faults` 1 each
 * of them with every fault of a frame around it.
 *
 * @param again  the command line that replays one world, given its options
 */
export function runOutcomes(scenario: Scenario, order: PointsOrder, isJson: boolean, screen: Screen, again: (options: readonly string[]) => string): number {
	const { victim, faults, steps, seed } = order;
	const worlds: WorldJson[] = [], digests: string[] = [];
	for (const outcome of crashOutcomes(scenario, victim, faults, steps, order)) {
		worlds.push(worldJson(outcome));
		digests.push(outcome.performance.run.digest);
		screen.progress(`${outcome.done} of ${outcome.all} crash points that differ, ${worlds.length} worlds`);
	}
	screen.progress('');
	const digest = bytesToHex(sha256(encodeUtf8(digests.join('\n'))));
	const bad = worlds.find(({ verdict }) => verdict === 'violated');
	const histories = historiesOf(worlds);
	const plain = worlds.filter(({ fault }) => fault === '');
	const points = plain.flatMap((world) => world.points.map((at) => ({ ...world, at }))).sort((a, b) => a.at - b.at);
	if (isJson) screen.print(JSON.stringify({ scenario: scenario.name, arm: armOf(scenario, order), seed, crash: victim, faults, digest, ok: bad === undefined, histories, points, worlds }, null, 2));
	else {
		for (const history of histories) printHistory(history, screen);
		const fine = worlds.filter(({ verdict }) => verdict === 'ok').length;
		screen.print(`  ${points.length} crash points of the ${victim}, ${worlds.length} worlds that differ, ${fine} ok, ${histories.length} distinct histories`);
		screen.print(screen.paint(`  seed ${seed} · digest ${digest}`, 'faint'));
	}
	if (bad === undefined) return EXIT_OK;
	screen.say(`The criterion is violated. Again: ${again([optionsOf(bad)])}`);
	return EXIT_VIOLATED;
}
