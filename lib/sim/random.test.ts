import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { Random, draw, streamKey, threshold } from './random.ts';

/** How a source begins. */
const first = (seed: number, ...names: string[]): string => [1, 2, 3, 4].map((n) => draw(streamKey(seed, ...names), n)).join();

test('a draw depends on seed, names and number alone', () => {
	fc.assert(fc.property(fc.maxSafeInteger(), fc.array(fc.string()), fc.nat(), (seed, names, n) => {
		assert.is(draw(streamKey(seed, ...names), n), draw(streamKey(seed, ...names), n));
	}));
});

test('seeds that differ in any bit, and names that differ in any cut, have sources of their own', () => {
	const all = [
		...Array.from({ length: 53 }, (_, bit) => first(2 ** bit)), first(0), first(-1),
		first(0, ''), first(0, 'a'), first(0, 'ab'), first(0, 'a', 'b'), first(0, 'b', 'a'), first(0, 'ab', ''), first(0, '', 'ab'),
	];
	assert.is(new Set(all).size, all.length);
});

test('draws are even: no byte and no pair of neighbours is preferred', () => {
	for (const name of ['loss', 'jitter', 'corruption']) {
		const key = streamKey(1, 'link', name);
		const [bytes, pairs] = [new Float64Array(256), new Float64Array(256)];
		const n = 1 << 18;
		for (let i = 1; i <= n; i++) {
			const [a, b] = [draw(key, i), draw(key, i + 1)];
			bytes[a >>> 24]!++;
			pairs[((a >>> 28) << 4) | (b >>> 28)]!++;
		}
		for (const counts of [bytes, pairs]) {
			const chi = counts.reduce((sum, count) => sum + (count - n / 256) ** 2 / (n / 256), 0);
			// 255 degrees of freedom: 255 ± 5 deviations of 22.6.
			assert.ok(chi > 142 && chi < 368, `χ² = ${chi}`);
		}
	}
});

test('a random source goes on from its count', () => {
	const one = new Random(7, 'client');
	const skipped = Array.from({ length: 10 }, () => one.next());
	const other = new Random(7, 'client');
	other.count = one.count;
	assert.is(other.next(), one.next());
	assert.ok(new Set(skipped).size > 1);
});

test('bounds and probabilities are kept', () => {
	fc.assert(fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
		const value = new Random(seed).below(bound);
		assert.ok(Number.isInteger(value) && value >= 0 && value < bound);
	}));
	const random = new Random(3);
	for (let i = 0; i < 1000; i++) {
		assert.is(random.chance(1), true);
		assert.is(random.chance(0), false);
	}
	assert.is(threshold(0.5), 2 ** 31);
	assert.is(random.bytes(5).length, 5);
});

test.run();
