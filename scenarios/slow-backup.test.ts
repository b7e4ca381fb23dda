import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { failoversOf, lagOf } from '../lib/study/scenario.ts';
import { perform } from '../lib/study/index.ts';
import slowBackup from './slow-backup.ts';

test('the slower the backup, the longer the drain; detection and switch do not depend on it', () => {
	const failovers = [0, 2_000, 6_000, 12_000].map((pace) => failoversOf(perform(slowBackup, 'lags', { set: { pace } }).run)[0]!);
	const [first] = failovers;
	for (const [i, { detection, drain, switch: moved, total }] of failovers.entries()) {
		assert.is(detection, first!.detection);
		assert.is(moved, first!.switch);
		assert.is(total, detection + drain + moved);
		if (i > 0) assert.ok(drain >= failovers[i - 1]!.drain, `${drain}`);
	}
	assert.ok(failovers.at(-1)!.drain > 100_000);
});

test('who executes nothing before it goes live is live at once, and lies', () => {
	const { run } = perform(slowBackup, 'lags', { set: { drain: false } });
	assert.ok(failoversOf(run)[0]!.drain < 1_000);
	assert.not.ok(run.holds);
});

test('the longer the lease, the longer the detection', () => {
	const detections = [10_000, 50_000, 200_000].map((lease) => failoversOf(perform(slowBackup, 'keeps-up', { set: { lease } }).run)[0]!.detection);
	assert.equal(detections.map((time) => Math.round(time / 1000)), [10, 50, 200]);
});

test('with a small buffer the lag is never more than both buffers hold, at any pace', () => {
	for (const pace of [1_500, 5_000, 20_000]) {
		const { run } = perform(slowBackup, 'full', { set: { pace } });
		assert.ok(Math.max(...lagOf(run).map(({ entries }) => entries)) <= 32, `pace ${pace}`);
		assert.is(run.events('arbiterAsked').length, 0);
		assert.ok(run.holds);
	}
});

test('a tighter throttle keeps the lag lower', () => {
	const most = [2, 8, 16].map((throttle) => Math.max(...lagOf(perform(slowBackup, 'throttled', { set: { throttle } }).run).map(({ entries }) => entries)));
	assert.ok(most[0]! <= most[1]! && most[1]! <= most[2]! && most[0]! < most[2]!, most.join());
});

test.run();
