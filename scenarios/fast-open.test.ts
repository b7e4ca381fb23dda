import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { enact, perform, valuesOf } from '../lib/study/index.ts';
import fastOpen from './fast-open.ts';

test('with serials the request is executed once, whenever the copy comes and whenever the primary dies', () => {
	const knobs = valuesOf(fastOpen, fastOpen.arms['serials']!);
	for (const after of [0, 100, 1_000, 30_000, 400_000]) {
		const run = enact(fastOpen, { ...knobs, 'copy-after': after });
		assert.is(run.service['counter'], 11, `copy after ${after}`);
		assert.ok(run.holds);
	}
	for (let at = 30; at < 170; at += 7) {
		const run = enact(fastOpen, knobs, { crashAt: at });
		assert.ok(Number(run.service['counter']) <= 11, `step ${at}`);
		assert.ok(run.holds, `step ${at}: ${run.verdict}`);
	}
});

test('without serials it depends on when the copy comes', () => {
	const counters = [60, 400_000].map((after) => perform(fastOpen, 'plain', { set: { 'copy-after': after } }).run.service['counter']);
	assert.equal(counters, [12, 13]);
});

test('both machines take and give the same cookies: their images are equal behind every entry', () => {
	for (const arm of Object.keys(fastOpen.arms)) assert.equal(perform(fastOpen, arm).run.violations, [], arm);
});

test.run();
