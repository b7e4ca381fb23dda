import { bytesToHex } from '@noble/hashes/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { encodeUtf8 } from '../capture/utf8.ts';
import { crashOutcomes, writeFault } from '../study/crash-points.ts';
import type { CrashOutcome, CrashPlan, Victim } from '../study/crash-points.ts';
import { ranges } from '../study/matrix/fold.ts';
import { pointJson, wrap } from '../study/index.ts';
import type { PerformOptions, PointJson, Scenario } from '../study/index.ts';
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

function printHistories(worlds: readonly WorldJson[], screen: Screen): void {
	const histories = new Map<string, WorldJson[]>();
	for (const world of worlds) {
		const key = historyOf(world);
		histories.set(key, [...(histories.get(key) ?? []), world]);
	}
	const dim = (text: string): void => { for (const line of wrap(text, screen.width - 13)) screen.print(screen.paint(`             ${line}`, 'faint')); };
	for (const alike of histories.values()) {
		const first = alike[0]!, { mark, tone } = marks[first.verdict];
		const plain = alike.filter(({ fault }) => fault === '').flatMap(({ points }) => points), struck = alike.filter(({ fault }) => fault !== '');
		screen.print(`${screen.paint(`  ${mark} ${first.verdict.padEnd(8)}`, tone)} ${livedText(first)}`);
		if (plain.length > 0) dim(`killed before step${plain.length === 1 ? '' : 's'} ${ranges(plain)}`);
		if (struck.length > 0) dim(`${struck.length} world${struck.length === 1 ? '' : 's'} with one more fault, such as ${optionsOf(struck[0]!)}${struck[0]!.frame === '' ? '' : ` (${struck[0]!.frame})`}`);
		if (first.text !== '') for (const line of wrap(first.text, screen.width - 13)) screen.print(screen.paint(`             ${line}`, tone));
	}
	screen.print(`  ${histories.size} distinct histories`);
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
	const histories = new Set(worlds.map(historyOf)).size;
	const points = worlds.filter(({ fault }) => fault === '').reduce((sum, world) => sum + world.points.length, 0);
	if (isJson) screen.print(JSON.stringify({ scenario: scenario.name, seed, crash: victim, faults, digest, ok: bad === undefined, points, histories, worlds }, null, 2));
	else {
		printHistories(worlds, screen);
		const fine = worlds.filter(({ verdict }) => verdict === 'ok').length;
		screen.print(`  ${points} crash points of the ${victim}, ${worlds.length} worlds that differ, ${fine} ok${screen.paint(` · seed ${seed} · digest ${digest}`, 'faint')}`);
	}
	if (bad === undefined) return EXIT_OK;
	screen.say(`The criterion is violated. Again: ${again([optionsOf(bad)])}`);
	return EXIT_VIOLATED;
}
