import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { add, diff, earliest, geq, gt, latest, leq, lt } from './seq.ts';
import { cubeRoot } from './cubic.ts';

test('RFC 9293 §3.4: the order of sequence numbers holds across 2³¹ and 2³²', () => {
	fc.assert(fc.property(fc.oneof(fc.integer(), fc.constantFrom(0x7fff_ffff, -0x8000_0000, -1, 0)), fc.integer({ min: 1, max: 0x7fff_ffff }), (a, n) => {
		const b = add(a, n);
		assert.ok(lt(a, b) && leq(a, b) && gt(b, a) && geq(b, a) && !lt(b, a) && !geq(a, b));
		assert.is(diff(b, a), n);
		assert.is(latest(a, b), b);
		assert.is(earliest(a, b), a);
	}));
});

test('a number is neither before nor after itself', () => {
	fc.assert(fc.property(fc.integer(), (a) => { assert.ok(leq(a, a) && geq(a, a) && !lt(a, a) && !gt(a, a)); }));
});

test('RFC 9438 §4.2: the cube root is one, to a millionth', () => {
	fc.assert(fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (x) => {
		const root = cubeRoot(x);
		assert.ok(Math.abs(root * root * root - x) <= x * 1e-6);
	}));
	assert.is(cubeRoot(0), 0);
	assert.is(cubeRoot(-1), 0);
});

test.run();
