import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { TimeUnits } from './time-units.ts';

test('any count in any resolution is divided exactly', () => {
	const word = fc.nat(0xffff_ffff);
	const resolution = fc.oneof(fc.nat(19), fc.nat(63).map((exponent) => exponent | 0x80));
	fc.assert(fc.property(word, word, resolution, fc.integer({ min: -1000, max: 1000 }), (high, low, code, offset) => {
		const units = new TimeUnits(code, offset);
		units.take(high, low);
		const perSecond = (code & 0x80 ? 2n : 10n) ** BigInt(code & 0x7f);
		const value = (BigInt(high) << 32n) | BigInt(low);
		assert.is(units.seconds, Number(value / perSecond) + offset);
		assert.is(units.nanos, Number(((value % perSecond) * 1_000_000_000n) / perSecond));
	}), { numRuns: 5000 });
});

test('what a double rounds up is still the second before', () => {
	const units = new TimeUnits(6, 0);
	const value = Number.MAX_SAFE_INTEGER - 740_992;
	units.take(Math.floor(value / 2 ** 32), value >>> 0);
	assert.is(value, 9_007_199_253_999_999);
	assert.is(units.seconds, 9_007_199_253);
	assert.is(units.nanos, 999_999_000);
});

test.run();
