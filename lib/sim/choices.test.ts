import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Toy, World, WorldError } from './index.ts';
import type { Choice } from './index.ts';
import { Trace } from '../trace/index.ts';

/** Two toys that serve each other one ball each, and a third that listens. */
function world(trace: Trace | null = null, period: number = 100): World {
	const it = new World({ seed: 1, trace });
	it.add('a', new Toy({ id: 1, peer: 2, balls: 2, bounces: 2 }));
	it.add('b', new Toy({ id: 2, peer: 1, balls: 1, bounces: 1, period }));
	it.link(['a', 0], ['b', 0], { delay: 5, bandwidth: Infinity });
	return it;
}

/** Takes what the clock would take. */
function stepByChoice(it: World): boolean {
	const [first] = it.choices.list().map((choice) => ({ choice, due: it.choices.dueAt(choice) })).sort((x, y) => x.due - y.due);
	if (first === undefined) return false;
	it.choices.take(first.choice);
	return true;
}

test('says what may happen, and by when', () => {
	const it = world();
	assert.equal(it.choices.list(), [{ kind: 'wake', place: 'a' }, { kind: 'wake', place: 'b' }]);
	it.choices.take({ kind: 'wake', place: 'b' });
	assert.equal([it.now, it.steps], [100, 1]);
	assert.equal(it.choices.list(), [{ kind: 'output', place: 'b' }, { kind: 'wake', place: 'a' }]);
	it.choices.take({ kind: 'output', place: 'b' });
	const frame = { kind: 'frame', lane: 1, nth: 0 } as const;
	assert.equal(it.choices.list(), [frame, { kind: 'wake', place: 'a' }]);
	assert.is(it.choices.dueAt(frame), 105);
	assert.is(it.choices.bytesOf(frame).length, 60);
});

test('what is taken before its time moves time there; what was due before it happens late, and time never goes back', () => {
	const it = world();
	it.choices.take({ kind: 'wake', place: 'b' });
	it.choices.take({ kind: 'output', place: 'b' });
	it.choices.take({ kind: 'frame', lane: 1, nth: 0 });
	assert.is(it.now, 105);
	it.choices.take({ kind: 'wake', place: 'a' });
	assert.is(it.now, 105);
});

test('loses and copies a frame, and counts so', () => {
	const it = world();
	it.choices.take({ kind: 'wake', place: 'b' });
	it.choices.take({ kind: 'output', place: 'b' });
	const frame = { kind: 'frame', lane: 1, nth: 0 } as const;
	it.choices.copy(frame);
	it.choices.copy(frame);
	assert.is(it.inFlight(), 3);
	it.choices.lose(frame);
	it.choices.take({ kind: 'frame', lane: 1, nth: 1 });
	const { sent, copies, arrived, lost } = it.links[0]!.back.counters;
	assert.equal([sent, copies, arrived, lost.scripted, it.inFlight()], [1, 2, 1, 1, 1]);
});

test('overtaking: the second of a lane before the first', () => {
	const it = world();
	for (const place of ['a', 'a']) it.choices.take({ kind: 'wake', place });
	for (const place of ['a', 'a']) it.choices.take({ kind: 'output', place });
	const [first, second] = [0, 1].map((nth) => it.choices.bytesOf({ kind: 'frame', lane: 0, nth }));
	it.choices.take({ kind: 'frame', lane: 0, nth: 1 });
	assert.equal(it.choices.bytesOf({ kind: 'frame', lane: 0, nth: 0 }), first);
	assert.is(second!.length, 60);
});

test('an action may be taken early', () => {
	const it = world();
	const done: string[] = [];
	it.at(1000, () => { done.push('later'); });
	it.at(500, () => { done.push('sooner'); });
	it.choices.take({ kind: 'action' });
	assert.equal([done, it.now], [['sooner'], 500]);
	it.choices.take({ kind: 'action' });
	assert.equal([done, it.now, it.steps], [['sooner', 'later'], 1000, 0]);
});

test('what cannot happen is refused', () => {
	const it = world();
	for (const choice of [{ kind: 'action' }, { kind: 'frame', lane: 0, nth: 0 }, { kind: 'output', place: 'a' }, { kind: 'wake', place: 'c' }] satisfies Choice[]) {
		assert.throws(() => it.choices.take(choice), (error: WorldError) => error.code === 'NO_CHOICE');
	}
	it.crash('a');
	assert.throws(() => it.choices.take({ kind: 'wake', place: 'a' }), (error: WorldError) => error.code === 'NO_CHOICE');
});

test('choosing what is due first is running', () => {
	const [traceA, traceB] = [new Trace(1), new Trace(1)];
	// No two things are due at one time.
	const ran = world(traceA, 137), chosen = world(traceB, 137);
	ran.run();
	while (stepByChoice(chosen)) { /* on */ }
	assert.is(chosen.steps, ran.steps);
	assert.is(traceB.digest(), traceA.digest());
	assert.is(chosen.digest(), ran.digest());
});

test('the digest tells states apart, and not the ways to them', () => {
	// Both timers are taken at one time, in either order.
	const [ab, ba] = [world(), world()];
	for (const [it, order] of [[ab, ['a', 'b']], [ba, ['b', 'a']]] as const) {
		for (const place of order) it.choices.take({ kind: 'wake', place });
		for (const place of order) it.choices.take({ kind: 'output', place });
	}
	assert.is(ab.digest(), ba.digest());
	const before = ab.digest();
	ab.choices.copy({ kind: 'frame', lane: 0, nth: 0 });
	assert.is.not(ab.digest(), before);
	ab.choices.lose({ kind: 'frame', lane: 0, nth: 1 });
	assert.is(ab.digest(), before);
	ab.cut(ab.links[0]!);
	assert.is.not(ab.digest(), before);
});

test('saving, going astray and restoring leaves the digest as it was', () => {
	const choices = fc.array(fc.nat(1000), { maxLength: 40 });
	fc.assert(fc.property(choices, choices, (there, astray) => {
		const it = world();
		const wander = (path: readonly number[]): void => {
			for (const n of path) {
				const list = it.choices.list();
				if (list.length > 0) it.choices.take(list[n % list.length]!);
			}
		};
		wander(there);
		const state = it.save(), digest = it.digest();
		wander(astray);
		it.restore(state);
		assert.is(it.digest(), digest);
	}), { numRuns: 50 });
});

test.run();
