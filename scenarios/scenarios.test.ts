import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crashAt, study } from '../lib/study/index.ts';
import { broken } from '../lib/search/invariants.ts';
import { scenarios } from './index.ts';

for (const scenario of scenarios) {
	test(`${scenario.name}: every claim of every arm holds, and the same seed gives the same digests`, () => {
		const first = study(scenario), again = study(scenario);
		for (const { arm, claims } of first.arms) for (const { id, ok, evidence } of claims) assert.ok(ok, `${arm} ${id}: ${evidence}`);
		assert.ok(first.arms.every(({ claims }) => claims.length > 1));
		assert.equal(first.arms.map(({ run }) => run.digest), again.arms.map(({ run }) => run.digest));
	});

	test(`${scenario.name}: nothing hangs on the seed`, () => {
		for (const seed of [2, 77_777, -5]) {
			const { arms } = study(scenario, { seed });
			for (const { arm, claims } of arms) assert.equal(claims.filter(({ ok }) => !ok).map(({ id }) => id), [], `${arm}, seed ${seed}`);
		}
	});

	test(`${scenario.name}: claims name frames that exist`, () => {
		for (const { run, claims } of study(scenario).arms) {
			for (const { id, frames } of claims) assert.ok(frames.every((number) => run.packets[number - 1]?.number === number), id);
		}
	});
}

test('wherever the primary dies, the criterion holds while the protections are on', () => {
	for (const scenario of scenarios) {
		const [arm] = study(scenario).arms;
		const { steps } = arm!.run;
		// Each step of each is walked by `dupack run NAME --crash-at all`; here every few.
		for (let at = 1; at <= steps; at += 13) {
			const { performance } = crashAt(scenario, at, steps);
			assert.ok(performance.ok, `${scenario.name} step ${at}: ${performance.run.verdict}`);
			assert.is(performance.claims.length, 0);
			if (performance.run.holds) assert.equal(broken({ run: performance.run }), [], `${scenario.name} step ${at}`);
		}
	}
});

test.run();
