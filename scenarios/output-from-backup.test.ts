import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crashOutcomes } from '../lib/study/crash-points.ts';
import type { Victim } from '../lib/study/crash-points.ts';
import { perform } from '../lib/study/index.ts';
import type { Scenario } from '../lib/study/index.ts';
import { Counter, TcpClient, scenario } from '../lib/study/scenario.ts';
import type { Computer, Stage } from '../lib/study/scenario.ts';
import outputFromBackup from './output-from-backup.ts';

const ALL = '11,12,13,14,15';

function walk(victim: Victim, faults: 0 | 1, every: number): { worlds: number; repeats: number } {
	const { steps } = perform(outputFromBackup, 'primary-dies').run;
	let worlds = 0, repeats = 0, last = 0;
	for (const { performance, plan, done } of crashOutcomes(outputFromBackup, victim, faults, steps)) {
		if (done % every !== 0) continue;
		const { run } = performance;
		assert.is(run.verdict, 'ok', JSON.stringify(plan));
		// A fault may have the backup take over: where that one is killed then, nobody is left, and nothing wrong is told.
		if (faults === 0) assert.is(run.client().delivered.join(), ALL, JSON.stringify(plan));
		else assert.ok(ALL.startsWith(run.client().delivered.join()), JSON.stringify(plan));
		worlds++;
		repeats += run.repeats.length;
		last = done;
	}
	assert.ok(last > 0);
	return { worlds, repeats };
}

test('wherever the primary dies nothing is lost, and what is repeated is what the client asked for again', () => {
	const { worlds, repeats } = walk('primary', 0, 1);
	assert.ok(worlds > 50);
	assert.is(repeats, 0);
});

test('wherever the backup dies nothing is lost either, and now something is repeated', () => {
	const { worlds, repeats } = walk('backup', 0, 1);
	assert.ok(worlds > 50);
	assert.ok(repeats > 10);
});

test('with one fault more it is the same', () => {
	assert.ok(walk('primary', 1, 9).worlds > 100);
	assert.ok(walk('backup', 1, 9).worlds > 100);
});

/** Somebody dies again and again, and each time a new backup joins. */
function rounds(dies: (stage: Stage, input: Computer, output: Computer) => void): Scenario {
	return scenario({
		name: 'rounds', title: '', lecture: '', until: 9_000_000,
		service: () => new Counter(),
		play(stage) {
			stage.client(new TcpClient({ connectAt: 5_000, requests: Array.from({ length: 100 }, (_, i) => 10_000 + 20_000 * i) }));
			let input: Computer = 'primary';
			const other = (computer: Computer): Computer => (computer === 'primary' ? 'backup' : 'primary');
			let next = 3;
			stage.always(({ kind }) => kind === 'delivered', () => {
				if (--next === 0) dies(stage, input, other(input));
			});
			stage.always(({ kind }) => kind === 'tookOver' || kind === 'wentAlone', ({ place }) => {
				input = place as Computer;
				stage.at(stage.world.now + 5_000, () => {
					stage.world.crash(other(input), 'is switched off');
					stage.join(other(input));
				});
			});
			stage.always(({ kind }) => kind === 'joined', () => { next = 3; });
		},
		claims: () => [],
	});
}

const kills: { readonly [who: string]: (stage: Stage, input: Computer, output: Computer) => void } = {
	input: (stage, input) => stage.kill(input),
	output: (stage, _input, output) => stage.kill(output),
};

for (const [who, dies] of Object.entries(kills)) {
	test(`pair after pair, the one with the ${who} dies: all is served, once`, () => {
		const { run } = perform(rounds(dies), 'default', { set: { 'output-from': 'backup' } });
		assert.ok(run.events('joined').length >= 5, `${run.events('joined').length} joined`);
		assert.is(run.verdict, 'ok');
		assert.equal(run.client().delivered, Array.from({ length: 100 }, (_, i) => String(11 + i)));
	});
}

test('a primary that hands over leaves nothing to repeat, and the input moves on', () => {
	const handOver = (stage: Stage, input: Computer): void => {
		stage.replica(input).handOver(stage.world.place(input).clock.toNode(stage.world.now));
		stage.world.touch(input);
	};
	const { run } = perform(rounds(handOver), 'default', { set: { 'output-from': 'backup' } });
	assert.ok(run.events('joined').length >= 5);
	assert.is(run.verdict, 'ok');
	assert.is(run.events('outputRepeated').length, 0);
	assert.is(run.client().dupAcks.length, 0);
	assert.equal(run.client().delivered, Array.from({ length: 100 }, (_, i) => String(11 + i)));
});

test('what the primary keeps is given up or sent again as policy says, when it is left alone', () => {
	for (const [policy, repeats] of [['nothing', 0], ['lecture', 1], ['unreleased', 2]] as const) {
		const { run } = perform(outputFromBackup, 'backup-dies', { set: { policy } });
		assert.is(run.events('outputRepeated').length, repeats, policy);
		assert.is(run.verdict, 'ok');
		assert.is(run.client().delivered.join(), ALL);
	}
});

test.run();
