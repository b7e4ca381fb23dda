import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { axisTicks, formatBytes, formatTime } from './plot-axis.ts';

test('ticks are round, rise, and lie within their limits', () => {
	assert.equal(axisTicks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
	assert.equal(axisTicks(-3, 30, 6), [0, 10, 20, 30]);
	fc.assert(fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 2, max: 12 }), (low, span, count) => {
		const ticks = axisTicks(low, low + span, count);
		assert.ok(ticks.length <= count + 1 && ticks.length >= count / 2.5 - 2);
		for (const [i, tick] of ticks.entries()) assert.ok(tick >= low && tick <= low + span && (i === 0 || tick > (ticks[i - 1] ?? 0)));
	}));
});

test('numbers carry the unit that suits the axis', () => {
	assert.is(formatTime(1.5e9, 5e9), '1.5 s');
	assert.is(formatTime(1.5e6, 5e6), '1.5 ms');
	assert.is(formatTime(1500, 5000), '1.5 µs');
	assert.equal([999, 12_000, 3_400_000].map(formatBytes), ['999', '12 k', '3.4 M']);
});

test.run();
