import { test } from 'uvu';
import * as assert from 'uvu/assert';
import duplicateOutput from '../../scenarios/duplicate-output.ts';
import skipDrain from '../../scenarios/skip-drain.ts';
import { classesOf, crashOutcomes, performPlan, readFault, writeFault } from './crash-points.ts';
import type { CrashOutcome } from './crash-points.ts';
import { StudyError } from './error.ts';
import { crashAt, perform } from './perform.ts';

const steps = perform(duplicateOutput, 'default').run.steps;

/** What of a world does not depend on when exactly its victim died. */
function lived({ run }: CrashOutcome['performance']): string {
	const { delivered, deliveredAt, error } = run.client();
	return JSON.stringify([delivered, deliveredAt, error, run.service, run.verdict, run.packets.map(({ time, bytes }) => [time, ...bytes])]);
}

test('a fault is written and read', () => {
	const fault = { link: 'arbiter of primary', place: 'primary', nth: 7, act: 'lose' } as const;
	assert.is(writeFault(fault), 'arbiter of primary:primary:7:lose');
	assert.equal(readFault(writeFault(fault)), fault);
	for (const text of ['', 'log:primary:7', 'log:primary:0:lose', 'log:primary:7:corrupt', 'log:primary:x:lose']) {
		assert.throws(() => readFault(text), (error: unknown) => error instanceof StudyError && error.code === 'FAULT_INVALID');
	}
	assert.throws(() => performPlan(duplicateOutput, { victim: 'primary', at: 9, fault: { ...fault, link: 'nowhere' } }), (error: unknown) => error instanceof StudyError && /There is no link 'nowhere'/.test(error.message));
});

test('the classes are all crash points, in order, and those of one class lead to one world', () => {
	const classes = classesOf(duplicateOutput, 'primary', steps);
	assert.equal(classes.flat(), Array.from({ length: steps }, (_, i) => i + 1));
	assert.ok(classes.length < steps / 2);
	for (const points of classes.filter(({ length }) => length > 2).slice(0, 6)) {
		const worlds = points.map((at) => lived(crashAt(duplicateOutput, at, steps).performance));
		assert.is(new Set(worlds).size, 1, `points ${points.join(', ')}`);
	}
});

test('without a backup the primary goes on alone, whenever it was lost', () => {
	for (const { performance, plan } of crashOutcomes(duplicateOutput, 'backup', 0, steps)) {
		const { run } = performance;
		assert.is(run.events('crashed', 'backup').length, 1);
		assert.is(run.events('crashed', 'primary').length, 0);
		assert.is(run.verdict, 'ok', `killed before step ${plan.at}`);
		assert.equal(run.client().delivered, ['11']);
		assert.is(run.events('wentAlone', 'primary').length, 1);
	}
});

test('with one fault more, of each kind, the protections hold', () => {
	let struck = 0;
	const seen = new Set<string>();
	for (const { performance, plan, done } of crashOutcomes(duplicateOutput, 'primary', 1, 66)) {
		if (done % 3 !== 0) continue;
		assert.is(performance.run.verdict, 'ok', JSON.stringify(plan));
		assert.equal(performance.run.client().delivered, ['11'], JSON.stringify(plan));
		if (plan.fault === null) continue;
		struck++;
		seen.add(plan.fault.act);
		if (plan.fault.act === 'lose') assert.ok(performance.run.events('frameLost').some(({ reason }) => reason === 'scripted'), JSON.stringify(plan));
	}
	assert.equal([...seen].sort(), ['delay', 'duplicate', 'lose']);
	assert.ok(struck > 60);
});

test('a protection that is off is found out', () => {
	const open = perform(skipDrain, 'skip').run.steps;
	const verdicts = [...crashOutcomes(skipDrain, 'primary', 0, Math.min(open, 90))].map(({ performance }) => performance.run.holds);
	assert.ok(verdicts.includes(true));
	assert.ok(verdicts.includes(false));
});

test.run();
