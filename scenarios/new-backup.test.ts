import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '../lib/memory/index.ts';
import { enact, perform, valuesOf } from '../lib/study/index.ts';
import type { Run, Scenario, Values } from '../lib/study/index.ts';
import newBackup from './new-backup.ts';

const values = (set: Values = {}): Values => valuesOf(newBackup, newBackup.arms['joins']!, set);

/** The scenario with the survivor killed before a step of its own. */
function killedAt(step: number): Scenario {
	return { ...newBackup, play: (stage, knobs) => { stage.world.beforeStep(step, () => stage.kill('backup')); newBackup.play(stage, { ...knobs, rounds: 1 }); } };
}

/** The steps in which a new backup is made, of a run with one death. */
function joining(): { from: number; to: number } {
	const run = enact(newBackup, values({ rounds: 1 }));
	return { from: run.events('started')[0]!.step + 1, to: run.events('joined')[0]!.step + 12 };
}

function service(run: Run): string {
	const { delivered } = run.client();
	return delivered.every((text, i) => text === String(11 + i)) ? 'right' : delivered.join();
}

test('the survivor killed before each step of a join: only one that the arbiter took in ever takes over', () => {
	const { from, to } = joining();
	let picked = 0;
	for (let step = from; step <= to; step++) {
		const run = enact(killedAt(step), values({ rounds: 1 }));
		const takenIn = run.events('arbiterDecided').some(({ epoch }) => epoch === 3);
		const took = run.events('tookOver').some(({ epoch }) => epoch === 4);
		assert.is(took, takenIn, `step ${step}`);
		assert.ok(run.holds, `step ${step}: ${run.verdict}`);
		assert.is(service(run), 'right', `step ${step}`);
		if (took) picked++;
	}
	assert.ok(picked > 0 && picked < to - from);
});

test('the image that was sent and the log behind it make the same machine', () => {
	const { run } = perform(newBackup, 'ten-in-a-row');
	const [a, b] = (['primary', 'backup'] as const).map((computer) => run.stage.replica(computer));
	assert.equal([a!.role, b!.role].sort(), ['backup', 'primary']);
	assert.is(a!.executed, b!.executed);
	assert.equal(differences(a!.machine.host.image, b!.machine.host.image), []);
});

test('a backup that executes late, a lossy log and a lossy network change nothing of it', () => {
	for (const set of [{ behind: 3 }, { 'log-loss': 0.1 }, { loss: 0.05 }, { 'behind': 2, 'log-loss': 0.1, 'loss': 0.05, 'port-dies': true }]) {
		const run = enact({ ...newBackup, until: () => 8_000_000 }, values(set), { seed: 5 });
		assert.ok(run.holds, `${JSON.stringify(set)}: ${run.verdict}`);
		assert.is(service(run), 'right');
		assert.is(run.client().error, '');
	}
});

test('a port that went down with its machine comes up with the new one, however the switch is told', () => {
	for (const announce of ['rarp', 'any', 'none']) {
		const { claims } = perform(newBackup, 'joins', { set: { announce, 'port-dies': true } });
		assert.equal(claims.filter(({ ok }) => !ok).map(({ id }) => id), [], announce);
	}
});

test.run();
