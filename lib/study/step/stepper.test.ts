import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { scenarios } from '../../../scenarios/index.ts';
import duplicateOutput from '../../../scenarios/duplicate-output.ts';
import clientClosed from '../../../scenarios/client-closed.ts';
import { perform } from '../perform.ts';
import { Stepper, playOf } from './stepper.ts';
import { tell } from './tell.ts';
import { viewLines } from './view-lines.ts';
import type { View } from './view.ts';

const play = playOf(duplicateOutput, 'default', { seed: 1 });

function valueOf(view: View, name: string, title?: string): readonly string[] {
	const row = view.groups.filter((group) => title === undefined || group.title.startsWith(title)).flatMap(({ rows }) => rows).find((one) => one.name === name);
	return row?.values ?? [];
}

function textOf({ head, body }: ReturnType<typeof viewLines>): string {
	return [...head, ...body].map((line) => line.map(({ text }) => text).join('')).join('\n');
}

test('step by step a run is the run it is at once', () => {
	for (const scenario of [duplicateOutput, clientClosed]) {
		const arm = Object.keys(scenario.arms)[0]!;
		const { run } = perform(scenario, arm);
		const stepper = new Stepper(playOf(scenario, arm, {}));
		assert.is(stepper.steps, run.steps);
		while (stepper.at < stepper.steps) stepper.go(stepper.at + 1);
		stepper.stage.run(scenario.until(perform(scenario, arm).knobs));
		assert.is(stepper.stage.trace.digest(), run.digest);
	}
});

test('back and forth leads to where one was', () => {
	const stepper = new Stepper(play);
	const views = Array.from({ length: stepper.steps + 1 }, (_, step) => {
		stepper.go(step);
		return JSON.stringify([stepper.view(), stepper.events()]);
	});
	fc.assert(fc.property(fc.array(fc.integer({ min: -5, max: stepper.steps + 5 }), { minLength: 1, maxLength: 8 }), (visits) => {
		for (const step of visits) {
			stepper.go(step);
			const at = Math.max(0, Math.min(stepper.steps, step));
			assert.is(stepper.at, at);
			assert.is(JSON.stringify([stepper.view(), stepper.events()]), views[at]);
		}
	}), { numRuns: 12 });
});

test('looking changes nothing', () => {
	const looked = new Stepper(play), unlooked = new Stepper(play);
	for (let step = 1; step <= 60; step++) {
		looked.go(step);
		looked.view();
	}
	unlooked.go(60);
	assert.is(looked.stage.trace.digest(), unlooked.stage.trace.digest());
});

test('both replicas, the client, the gate and the switch are seen where the lecture is', () => {
	const stepper = new Stepper(play);
	stepper.go(stepper.find('crashed', 1));
	assert.equal(valueOf(stepper.view(), 'stands'), ['dead', 'running']);
	stepper.go(stepper.find('peerSilent', 1) - 1);
	const before = stepper.view();
	assert.equal(valueOf(before, 'counter'), ['11', '10']);
	assert.equal(valueOf(before, 'executed'), ['6', '5']);
	assert.equal(valueOf(before, 'snd.nxt'), ['4', '1', '5']);
	assert.equal(valueOf(before, '02:00:00:00:00:01'), ['at the primary']);
	stepper.go(stepper.find('tookOver', 1));
	const live = stepper.view();
	assert.equal(valueOf(live, 'counter'), ['11', '11']);
	assert.equal(valueOf(live, 'snd.nxt'), ['4', '4', '5']);
	assert.is(valueOf(live, 'role')[1], 'alone');
	stepper.go(stepper.find('macMoved', 1));
	assert.equal(valueOf(stepper.view(), '02:00:00:00:00:01'), ['at the backup']);
	assert.is(stepper.find('crashed', 1), -1);
	assert.ok(stepper.find('crashed', -1) > 0);
});

test('what has changed bears a star, and what differs is marked', () => {
	const stepper = new Stepper(play);
	const took = stepper.find('tookOver', 1);
	stepper.go(took - 1);
	const before = stepper.view();
	stepper.go(took);
	const text = textOf(viewLines(stepper.view(), before, stepper.events(), stepper.steps));
	assert.match(text, new RegExp(`step ${took} of ${stepper.steps}`));
	assert.match(text, /alone \*/);
	assert.match(text, /executed +6 +7 \* +≠/);
	assert.match(text, 'takes over in epoch 2');
	assert.not.match(textOf(viewLines(before, null, [], stepper.steps)), '*');
});

test('every event of every scenario is told in words', () => {
	for (const scenario of scenarios) {
		const { run } = perform(scenario, Object.keys(scenario.arms)[0]!);
		for (const event of run.trace) {
			const text = tell(event);
			assert.ok(text.length > 0);
			assert.not.match(text, /undefined|NaN|\[object/);
		}
	}
});

test('the log and the gate are seen entry by entry and output by output', () => {
	const stepper = new Stepper(play);
	const row = (name: RegExp): readonly string[] => stepper.view().groups.flatMap(({ rows }) => rows).find((one) => name.test(one.name))?.values ?? [];
	stepper.go(stepper.find('crashed', 1));
	const entry = /^\d+ "inc/, reply = /PSH ACK|"11/;
	assert.equal(row(entry), ['executed', 'unexecuted']);
	assert.equal(row(reply), ['let go', '–']);
	stepper.go(stepper.find('tookOver', 1));
	assert.equal(row(entry), ['executed', 'executed']);
	assert.equal(row(reply), ['let go', 'let go again']);
	stepper.go(stepper.find('crashed', -1) - 1);
	const held = new Stepper(play);
	held.go(held.find('outputHeld', 1));
	assert.match(held.view().groups.flatMap(({ rows }) => rows).find(({ key }) => /^output \d/.test(key))!.values[0]!, /^waits for \d+$/);
});

test('lines are no longer than there are columns, and nothing is lost but what is behind them', () => {
	const stepper = new Stepper(play);
	stepper.go(stepper.find('tookOver', 1));
	const whole = textOf(viewLines(stepper.view(), null, stepper.events(), stepper.steps)).split('\n');
	const narrow = textOf(viewLines(stepper.view(), null, stepper.events(), stepper.steps, 50)).split('\n');
	assert.equal(narrow, whole.map((line) => [...line].slice(0, 50).join('')));
});

test('one crash point can be stepped through too', () => {
	const stepper = new Stepper(playOf(duplicateOutput, 'default', { seed: 1 }, { victim: 'backup', at: 20, fault: null }));
	stepper.go(stepper.find('crashed', 1));
	assert.equal(valueOf(stepper.view(), 'stands'), ['running', 'dead']);
});

test.run();
