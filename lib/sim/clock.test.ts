import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { NodeClock } from './clock.ts';
import { WorldError } from './error.ts';

const clocks = fc.record({ offset: fc.integer({ min: -1e12, max: 1e12 }), drift: fc.integer({ min: -100_000, max: 100_000 }) });

test('shows whole microseconds and never goes back', () => {
	fc.assert(fc.property(clocks, fc.nat({ max: 1e12 }), fc.nat({ max: 1e6 }), (options, time, more) => {
		const clock = new NodeClock(options);
		assert.ok(Number.isSafeInteger(clock.toNode(time)));
		assert.ok(clock.toNode(time + more) >= clock.toNode(time));
	}));
});

test('a wish is met at the first microsecond at which the clock shows it', () => {
	fc.assert(fc.property(clocks, fc.nat({ max: 1e12 }), (options, time) => {
		const clock = new NodeClock(options);
		const shown = clock.toNode(time);
		const met = clock.toWorld(shown);
		assert.ok(met <= time);
		assert.ok(clock.toNode(met) >= shown && clock.toNode(met - 1) < shown);
	}));
	assert.is(new NodeClock({ drift: 50 }).toWorld(Infinity), Infinity);
});

test('drift is parts per million', () => {
	assert.is(new NodeClock({ offset: 5, drift: 100 }).toNode(1e6), 1_000_105);
	assert.is(new NodeClock({ drift: -100 }).toNode(1e6), 999_900);
});

test('refuses what is no clock', () => {
	for (const options of [{ offset: 0.5 }, { drift: NaN }, { drift: -1e6 }]) {
		assert.throws(() => new NodeClock(options), (error: unknown) => error instanceof WorldError && error.code === 'BAD_OPTION');
	}
});

test.run();
