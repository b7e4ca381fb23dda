import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { enact, perform, valuesOf } from '../lib/study/index.ts';
import poison from './poison.ts';

test('a backup that lags far behind falls too, when it comes to that entry', () => {
	const knobs = valuesOf(poison, poison.arms['poison']!, { behind: 1000 });
	const run = enact(poison, knobs);
	assert.equal(run.events('halted').map(({ reason }) => reason), ['fault', 'fault']);
	assert.is(run.events('tookOver').length, 0);
	assert.is(run.stage.primary.fault instanceof RangeError && run.stage.backup.fault instanceof RangeError, true);
});

test('nothing is thrown through a replica: the world counts no failure', () => {
	for (const arm of Object.keys(poison.arms)) assert.equal(perform(poison, arm).run.stage.world.failures, [], arm);
});

test('where the bug is not met the service is an ordinary counter', () => {
	const { run } = perform(poison, 'machine', { set: { fails: 'machine' } });
	assert.ok(run.holds);
	assert.is(run.service['counter'], 13);
});

test.run();
