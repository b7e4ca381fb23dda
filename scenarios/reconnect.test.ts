import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '../lib/memory/index.ts';
import { SessionClient } from '../lib/service/index.ts';
import { enact, valuesOf } from '../lib/study/index.ts';
import type { Scenario } from '../lib/study/index.ts';
import reconnect from './reconnect.ts';

const serials = valuesOf(reconnect, reconnect.arms['serials']!);

test('with serials, wherever the primary dies, each request is executed once and answered once', () => {
	const { steps } = enact(reconnect, serials);
	for (let at = 1; at <= steps; at += 3) {
		const run = enact(reconnect, serials, { crashAt: at });
		assert.equal(run.client().delivered, ['11', '12'], `step ${at}: ${run.client().error}`);
		assert.is(run.service['counter'], 12, `step ${at}`);
		assert.ok(run.holds, `step ${at}: ${run.verdict}`);
	}
});

test('both replicas forget a silent client at the same entry, however late the backup executes, whatever its clock shows', () => {
	const idle: Scenario = {
		...reconnect,
		stage: (knobs) => ({ ...reconnect.stage(knobs), clock: { offset: 5_000_000, drift: 300 } }),
		play: (stage) => { stage.client(new SessionClient({ connectAt: 10_000, requests: [20_000, 40_000, 300_000] })); },
	};
	for (const behind of [0, 1, 5]) {
		const run = enact(idle, { ...serials, behind, lifetime: 100_000 });
		assert.equal([run.client().delivered.join(), run.client().error], ['11,12', 'ESESSION']);
		assert.ok(run.holds);
		const { primary, backup } = run.stage;
		assert.is(backup.executed, primary.executed - behind);
		if (behind === 0) assert.equal(differences(primary.machine.host.image, backup.machine.host.image), []);
	}
});

test('a session with nothing to say for less than its lifetime is not forgotten', () => {
	const run = enact({ ...reconnect, play: (stage) => { stage.client(new SessionClient({ connectAt: 10_000, requests: [20_000, 110_000, 200_000] })); } }, { ...serials, lifetime: 100_000 });
	assert.equal(run.client().delivered, ['11', '12', '13']);
});

test.run();
