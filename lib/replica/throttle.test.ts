import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '../memory/index.ts';
import { violationsIn } from './invariants.ts';
import { Pair, quick } from './pair.test.helper.ts';
import type { PairOptions } from './pair.test.helper.ts';
import { Throttle } from './throttle.ts';
import { toyReply } from './toy.test.helper.ts';

const knobs = { throttleLag: 10, throttleEvery: 1000, throttlePause: 5000 } as const;

test('switched off it never pauses', () => {
	const throttle = new Throttle({ ...knobs, throttleLag: 0 });
	for (let now = 0; now < 100_000; now += 500) throttle.logged(now, 1000);
	assert.equal([throttle.pause, throttle.at], [0, -Infinity]);
});

test('lag lengthens the pause up to its bound; without lag it comes to nothing', () => {
	fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 3000 })), { maxLength: 60 }), (acts) => {
		const throttle = new Throttle(knobs);
		let now = 0, before = 0, reviewed = -Infinity;
		for (const [lag, passed] of acts) {
			now += passed;
			throttle.logged(now, lag);
			assert.ok(throttle.pause >= 0 && throttle.pause <= knobs.throttlePause && Number.isInteger(throttle.pause));
			assert.is(throttle.at, now + throttle.pause);
			if (now < reviewed + knobs.throttleEvery) assert.is(throttle.pause, before);
			else {
				assert.ok(lag > knobs.throttleLag ? throttle.pause > before || before === knobs.throttlePause : throttle.pause < before || before === 0);
				reviewed = now;
			}
			before = throttle.pause;
		}
		for (let i = 0; i < 60; i++) throttle.logged(now += knobs.throttleEvery, 0);
		assert.is(throttle.pause, 0);
	}));
});

/** Requests come faster than the backup executes; the most it lagged, and how many were answered. */
function lagOf(throttled: boolean, options: PairOptions = {}): { most: number; pair: Pair } {
	const requests = Array.from({ length: 400 }, (_, i) => 1000 + i * 100);
	const pair = new Pair({ requests, ...options, knobs: { logEntries: 1024, logBytes: 0x1_0000, executeEvery: 300, ...(throttled ? knobs : {}), ...options.knobs } });
	let most = 0;
	for (let now = 1000; now < 120_000; now += 500) {
		pair.run(now);
		most = Math.max(most, pair.a.lag);
	}
	return { most, pair };
}

test('a backup that is too slow lags without bound; with the throttle it does not, and all is answered', () => {
	const free = lagOf(false), bound = lagOf(true);
	assert.ok(free.most > 200, `${free.most}`);
	assert.ok(bound.most < free.most / 4, `${bound.most}`);
	for (const { pair } of [free, bound]) {
		pair.run(600_000);
		const serials = new Set(pair.frames.map((frame) => toyReply(frame)?.serial ?? 0).filter((serial) => serial > 0));
		assert.is(serials.size, 400);
		assert.is(pair.a.lag, 0);
		assert.equal(differences(pair.a.machine.host.image, pair.b.machine.host.image), []);
		assert.is(pair.verdict().violation?.text, undefined);
		assert.equal(violationsIn(pair.trace), []);
	}
});

test('a pause is no silence: nobody takes over, and who is alone does not pause', () => {
	const { pair } = lagOf(true, { knobs: { throttleLag: 1, throttlePause: 4000 } });
	assert.equal([pair.a.role, pair.b.role], ['primary', 'backup']);
	pair.world.crash('b');
	pair.run(200_000);
	assert.is(pair.a.role, 'alone');
	assert.is(pair.verdict().violation?.text, undefined);
});

test('read before it is woken, a throttled primary still hears that its backup is gone', () => {
	const { pair } = lagOf(true, { knobs: { throttleLag: 1, throttlePause: 4000, lease: 5000 }, requests: Array.from({ length: 2000 }, (_, i) => 1000 + i * 100) });
	pair.world.stop('a');
	pair.world.crash('b');
	pair.run(pair.world.now + 300);
	pair.world.cont('a');
	pair.run(pair.world.now + 60_000);
	assert.is(pair.a.role, 'alone');
});

test('saved and restored in a pause, a run goes on as if it had not been', () => {
	const options: PairOptions = { knobs: { ...quick, executeEvery: 300, ...knobs }, requests: Array.from({ length: 100 }, (_, i) => 1000 + i * 100) };
	const whole = new Pair(options).run(60_000);
	for (let at = 60; at < whole.world.steps; at += 40) {
		const pair = new Pair(options), again = new Pair(options);
		pair.world.run({ maxSteps: at });
		again.world.run({ maxSteps: at });
		const saved = pair.a.save();
		again.a.restore(saved);
		assert.equal(again.a.save().outside, saved.outside);
		again.run(60_000);
		assert.is(again.trace.digest(), whole.trace.digest(), `step ${at}`);
	}
});

test.run();
