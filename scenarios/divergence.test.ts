import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partingOf } from '../lib/study/scenario.ts';
import { enact, perform, valuesOf } from '../lib/study/index.ts';
import divergence from './divergence.ts';

const kinds = ['packets', 'timers', 'time', 'random'] as const;

test('whatever it takes from itself, the backup finds it at the next digest and stops, and the primary goes on alone', () => {
	for (const own of kinds) for (const every of [1, 5, 16]) {
		const { run, claims } = perform(divergence, 'found', { set: { own, 'digest-every': every } });
		assert.equal(claims.filter(({ ok }) => !ok).map(({ id }) => id), [], `${own}, every ${every}`);
		assert.ok(run.oracle.ok);
		assert.is(run.stage.backup.haltReason, 'diverged');
		assert.is(run.stage.primary.role, 'alone');
	}
});

test('whatever it takes from itself, a backup with digests in its log does not go live', () => {
	for (const own of kinds) {
		const { run } = perform(divergence, 'refuses', { set: { own, 'digest-every': 2 } });
		assert.is(run.events('tookOver').length, 0, own);
		assert.is(run.stage.backup.haltReason, 'diverged');
		assert.ok(run.oracle.ok);
	}
});

test('what parts first is named by its record and field, with both values', () => {
	const fields = kinds.map((own) => partingOf(perform(divergence, own).run)!);
	assert.equal(fields.map(({ of }) => of), ['frames', 'wake', 'wake', 'entropy']);
	for (const { field, entry, equal, differences } of fields) {
		assert.match(field.where, /^[A-Za-z]+#\d+ \S+$/);
		assert.is.not(field.a, field.b);
		assert.is(equal, entry - 1);
		assert.ok(differences.includes(field));
	}
});

test('a backup that takes everything from the log has nothing to find, however often it looks', () => {
	const run = enact(divergence, valuesOf(divergence, divergence.arms['log']!, { 'digest-every': 1 }));
	assert.is(partingOf(run), null);
	assert.is(run.events('diverged').length, 0);
	assert.is(run.events('tookOver').length, 1);
	assert.ok(run.holds);
});

test('a run whose stage did not watch has no parting', () => {
	const { play } = divergence;
	const blind = { ...divergence, play: (stage: Parameters<typeof play>[0]): void => stage.run(0) };
	assert.is(partingOf(enact(blind, valuesOf(divergence, divergence.arms['time']!))), null);
});

test.run();
