import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Packer, Unpacker } from './luggage.ts';
import { copy, get64, put64 } from './number.ts';

test('64 bits carry every safe integer', () => {
	const u8 = new Uint8Array(11);
	fc.assert(fc.property(fc.maxSafeInteger(), fc.nat(3), (value, at) => {
		put64(u8, at, value);
		assert.is(get64(u8, at), value);
	}), { numRuns: 1000, examples: [[-1, 0], [2 ** 32, 0], [-(2 ** 32), 1], [Number.MIN_SAFE_INTEGER, 2]] });
});

test('copies short and long, and onto itself', () => {
	for (const length of [0, 1, 96, 97, 500]) {
		const from = Uint8Array.from({ length: 600 }, (_, i) => i & 255);
		const to = new Uint8Array(600);
		copy(from, 50, length, to, 7);
		assert.equal(to.slice(7, 7 + length), from.slice(50, 50 + length));
		assert.is(to[7 + length], 0);
		const wanted = from.slice(50, 50 + length);
		copy(from, 50, length, from, 52);
		assert.equal(from.slice(52, 52 + length), wanted);
	}
});

test('luggage comes back as it was packed', () => {
	fc.assert(fc.property(fc.array(fc.oneof(fc.double({ noNaN: true }), fc.boolean(), fc.uint8Array({ maxLength: 2000 })), { maxLength: 20 }), (items) => {
		const packer = new Packer();
		for (const item of items) {
			if (typeof item === 'number') packer.number(item);
			else if (typeof item === 'boolean') packer.flag(item);
			else packer.bytes(item, 0, item.length);
		}
		const unpacker = new Unpacker(packer.packed());
		for (const item of items) {
			if (typeof item === 'number') assert.ok(Object.is(unpacker.number(), item));
			else if (typeof item === 'boolean') assert.is(unpacker.flag(), item);
			else {
				const into = new Uint8Array(item.length);
				unpacker.bytes(into, 0, into.length);
				assert.equal(into, item);
			}
		}
	}));
});

test.run();
