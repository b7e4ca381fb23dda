import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { enact, perform, valuesOf } from '../lib/study/index.ts';
import splitBrain from './split-brain.ts';

const arms = Object.keys(splitBrain.arms);

test('however the arbiter fails, at most one goes on in an epoch, unless it forgets or is not asked', () => {
	for (const arm of arms) {
		const { run } = perform(splitBrain, arm);
		const gone = [...run.events('tookOver'), ...run.events('wentAlone')];
		assert.is(gone.length, arm === 'no-arbiter' || arm === 'forgets' ? 2 : 1, arm);
		assert.is(run.violations.some(({ invariant }) => invariant === 'one-speaker'), gone.length === 2, arm);
	}
});

test('it does not matter when the link is lost, or how long the lease is', () => {
	for (const lease of [5_000, 20_000, 120_000]) {
		const { claims } = perform(splitBrain, 'arbiter', { set: { lease } });
		assert.equal(claims.filter(({ ok }) => !ok), [], `lease ${lease}`);
	}
});

test('an arbiter that never comes back is waited for for ever', () => {
	const knobs = valuesOf(splitBrain, splitBrain.arms['unreachable']!);
	const run = enact({ ...splitBrain, until: () => 390_000 }, knobs);
	assert.equal([run.stage.primary.role, run.stage.backup.role], ['primary', 'backup']);
	assert.is(run.events('tookOver').length + run.events('wentAlone').length + run.events('halted').length, 0);
	assert.ok(run.holds);
});

test('a clock that runs faster or slower leaves no moment in which both speak', () => {
	for (const drift of [-900, 900]) {
		const knobs = valuesOf(splitBrain, splitBrain.arms['arbiter']!);
		const run = enact({ ...splitBrain, stage: (values) => ({ ...splitBrain.stage(values), clock: { offset: 12_345_678, drift } }) }, knobs);
		assert.equal(splitBrain.claims(run, knobs, 'arbiter').filter(({ ok }) => !ok), []);
		assert.ok(run.holds);
	}
});

test.run();
