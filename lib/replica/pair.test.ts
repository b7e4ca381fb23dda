import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Invariants, violationsIn } from './invariants.ts';
import type { Knobs, Policy } from './knobs.ts';
import { Pair } from './pair.test.helper.ts';
import { toyReply } from './toy.test.helper.ts';

/** One thing that goes wrong: before which step, to whom. */
interface Mishap {
	readonly step: number;
	readonly what: 'crash a' | 'crash b' | 'stop a' | 'stop b' | 'cut channel' | 'cut arbiter' | 'entropy' | 'hand over';
	/** µs after which what was stopped or cut goes on */
	readonly lasts: number;
}

interface Run {
	readonly seed: number;
	readonly mishaps: readonly Mishap[];
	readonly bad: number;
	readonly knobs: Partial<Knobs>;
	readonly drift: number;
}

const policies: Policy[] = ['unreleased', 'lecture', 'nothing'];
const whats: Mishap['what'][] = ['crash a', 'crash a', 'crash b', 'stop a', 'stop b', 'cut channel', 'cut arbiter', 'entropy', 'hand over'];
const STEPS = 340;

const mishap: fc.Arbitrary<Mishap> = fc.record({ step: fc.integer({ min: 1, max: STEPS }), what: fc.constantFrom(...whats), lasts: fc.integer({ min: 100, max: 15_000 }) });
const runs: fc.Arbitrary<Run> = fc.record({
	seed: fc.nat(),
	mishaps: fc.array(mishap, { minLength: 1, maxLength: 3 }),
	bad: fc.constantFrom(0, 0.05, 0.25),
	drift: fc.integer({ min: -900, max: 900 }),
	knobs: fc.record({ executeBehind: fc.nat(3), executeEvery: fc.constantFrom(0, 0, 400), policy: fc.constantFrom(...policies), watermarkDelay: fc.constantFrom(0, 100, 900), digestEvery: fc.constantFrom(0, 5), outputFrom: fc.constantFrom('primary', 'primary', 'backup') }),
});

function happen(pair: Pair, { what, lasts }: Mishap): void {
	const { world, channel, arbiterLinks } = pair;
	const place = what.endsWith('a') ? 'a' : 'b';
	switch (what) {
		case 'crash a': case 'crash b': return world.crash(place);
		case 'stop a': case 'stop b':
			world.stop(place);
			return world.at(world.now + lasts, (w) => w.cont(place));
		case 'cut channel':
			world.cut(channel);
			return world.at(world.now + lasts, (w) => w.mend(channel));
		case 'cut arbiter':
			for (const link of arbiterLinks) world.cut(link);
			return world.at(world.now + lasts, (w) => { for (const link of arbiterLinks) w.mend(link); });
		case 'entropy': return pair.a.entropy(Uint8Array.of(lasts & 255), world.place('a').clock.toNode(world.now));
		case 'hand over': return pair.a.handOver(world.place('a').clock.toNode(world.now));
	}
}

// The last one comes when every takeover is over.
const requests = [...Array.from({ length: 11 }, (_, i) => 1000 + 700 * i), 30_000];

function play(run: Run, protections: Partial<Knobs> = {}): Pair {
	const faults = { loss: run.bad, duplication: run.bad, duplicateBy: 400, reordering: run.bad, reorderBy: 500, corruption: run.bad / 4, jitter: 40 };
	const pair = new Pair({ seed: run.seed, requests, knobs: { ...run.knobs, ...protections }, channel: faults, arbiterLink: faults, clients: { loss: run.bad / 4, duplication: run.bad }, clock: { drift: run.drift } });
	for (const one of run.mishaps) pair.world.beforeStep(one.step, () => happen(pair, one));
	return pair.run(45_000);
}

function complaint(pair: Pair): string {
	const verdict = pair.verdict();
	if (verdict.conflict !== null) return `two logs: entry ${verdict.conflict.index} in epoch ${verdict.conflict.epoch}`;
	return verdict.violation?.text ?? violationsIn(pair.trace)[0]?.text ?? '';
}

test('whatever dies, stops or is cut, whenever: the client sees a machine that never failed', () => {
	fc.assert(fc.property(runs, (run) => {
		const pair = play(run);
		assert.is(complaint(pair), '');
		assert.equal(pair.world.failures, []);
		for (const { fault } of [pair.a, pair.b]) assert.is(fault, null);
	}), { numRuns: 400 });
});

test('every crash point of a run, of either machine: the service goes on', () => {
	for (const who of ['a', 'b'] as const) for (let step = 1; step <= STEPS; step += 2) {
		const run: Run = { seed: step, mishaps: [{ step, what: `crash ${who}`, lasts: 0 }], bad: 0, knobs: { executeBehind: 1 }, drift: 0 };
		const pair = play(run);
		assert.is(complaint(pair), '', `${who} before step ${step}`);
		const survivor = who === 'a' ? pair.b : pair.a;
		assert.is(survivor.role, 'alone', `${who} before step ${step}`);
		// A request that was still on its way in is lost, and this client asks once.
		if ([...pair.trace.of('crashed')][0]!.time > 25_000) continue;
		assert.ok(pair.frames.some((frame) => toyReply(frame)?.serial === 12), `${who} before step ${step}`);
	}
});

// With a protection switched off the search has to find what it protects from.
const unprotected: readonly { name: string; knobs: Partial<Knobs> }[] = [
	{ name: 'the Output Rule', knobs: { outputRule: false } },
	{ name: 'the drain', knobs: { drain: false, executeBehind: 2 } },
	{ name: 'the arbiter', knobs: { arbiter: false } },
];

for (const { name, knobs } of unprotected) {
	test(`without ${name} the search finds a frame that cannot be`, () => {
		const found = fc.check(fc.property(runs, (run) => play(run, knobs).verdict().ok), { numRuns: 400, seed: 1, endOnFailure: true });
		assert.ok(found.failed, `${found.numRuns} runs found nothing`);
	});
}

test('without the lease the search finds two that speak', () => {
	const found = fc.check(fc.property(runs, (run) => violationsIn(play(run, { lease: 0 }).trace).length === 0), { numRuns: 1000, seed: 1, endOnFailure: true });
	assert.ok(found.failed, `${found.numRuns} runs found nothing`);
});

test('the same seed gives the same run', () => {
	fc.assert(fc.property(runs, (run) => { assert.is(play(run).trace.digest(), play(run).trace.digest()); }), { numRuns: 20 });
});

test('the watch finds while a run goes on what it finds in the end', () => {
	const run: Run = { seed: 3, mishaps: [{ step: 60, what: 'cut channel', lasts: 20_000 }], bad: 0, knobs: { arbiter: false }, drift: 0 };
	const pair = play(run);
	const watch = new Invariants(pair.trace);
	assert.equal(watch.check(), violationsIn(pair.trace));
	assert.ok(watch.violations.length > 0);
});

test.run();
