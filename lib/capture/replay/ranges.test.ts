import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ranges } from './ranges.ts';

const pairs = fc.array(fc.tuple(fc.nat(60), fc.nat(12)), { maxLength: 40 });

test('ranges are the set of places that were added, in as few pieces as can be', () => {
	fc.assert(fc.property(pairs, fc.nat(60), fc.nat(12), (added, from, length) => {
		const ranges = new Ranges();
		const places = new Set<number>();
		for (const [at, span] of added) {
			ranges.add(at, at + span);
			for (let i = at; i < at + span; i++) places.add(i);
		}
		const seen: number[] = [];
		for (let i = 0; i < ranges.count; i++) {
			assert.ok(i === 0 || ranges.from(i) > ranges.to(i - 1));
			for (let place = ranges.from(i); place < ranges.to(i); place++) seen.push(place);
		}
		assert.equal(seen, [...places].sort((a, b) => a - b));
		const asked = Array.from({ length }, (_, i) => places.has(from + i));
		assert.is(ranges.touches(from, from + length), asked.includes(true));
		assert.is(ranges.covers(from, from + length), !asked.includes(false));
	}));
});

test.run();
