import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Packer, Unpacker } from './luggage.ts';
import { ByteRing } from './ring.ts';

const CAPACITY = 256, LONGEST = 100, SLOTS = 8;

function make(first = 1): ByteRing {
	return new ByteRing(new Uint8Array(ByteRing.sizeOf(CAPACITY, LONGEST) + 16), 8, CAPACITY, LONGEST, SLOTS, first);
}

function push(ring: ByteRing, length: number, fill: number): void {
	const at = ring.open(length);
	ring.u8.fill(fill, at, at + length);
	ring.close(length);
}

function contents(ring: ByteRing): number[][] {
	const all: number[][] = [];
	for (let i = ring.first; i < ring.next; i++) all.push([...ring.u8.subarray(ring.placeOf(i), ring.placeOf(i) + ring.lengthOf(i))]);
	return all;
}

type Act = { do: 'push'; length: number } | { do: 'cut'; length: number } | { do: 'trim'; count: number } | { do: 'truncate'; count: number } | { do: 'carry' };

const act: fc.Arbitrary<Act> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), length: fc.integer({ min: 0, max: LONGEST }) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), length: fc.integer({ min: 0, max: LONGEST }) }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constant('trim' as const), count: fc.integer({ min: 0, max: 5 }) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), count: fc.integer({ min: 0, max: 3 }) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('carry' as const) }) },
);

test('holds what a list would hold, whatever is done to it', () => {
	fc.assert(fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
		let ring = make();
		const model: number[][] = [];
		let fill = 0;
		for (const one of acts) {
			if (one.do === 'push' || one.do === 'cut') {
				const used = model.reduce((sum, bytes) => sum + ((bytes.length + 7) & ~7), 0);
				const fits = used + ((one.length + 7) & ~7) <= CAPACITY && model.length < SLOTS;
				assert.is(ring.fits(one.length), fits);
				if (!fits) continue;
				fill = (fill + 1) & 255;
				// A record that was opened for the longest and came out shorter leaves no trace.
				const at = ring.open(one.do === 'cut' ? LONGEST : one.length);
				ring.u8.fill(fill, at, at + one.length);
				ring.close(one.length);
				model.push(Array.from({ length: one.length }, () => fill));
			} else if (one.do === 'trim') {
				ring.trim(ring.first + one.count);
				model.splice(0, one.count);
			} else if (one.do === 'truncate') {
				ring.truncate(ring.next - one.count);
				model.splice(Math.max(0, model.length - one.count));
			} else {
				const packer = new Packer();
				ring.carry(packer);
				const other = make(77);
				push(other, 50, 9);
				other.carry(new Unpacker(packer.packed()));
				assert.is(other.first, ring.first);
				ring = other;
			}
			assert.equal(contents(ring), model);
		}
	}), { numRuns: 500 });
});

test('a full ring says so, and how much room is left', () => {
	const ring = make();
	assert.is(ring.room, CAPACITY);
	push(ring, 100, 1);
	push(ring, 100, 2);
	assert.is(ring.room, CAPACITY - 208);
	assert.not(ring.fits(49));
	assert.ok(ring.fits(48));
	ring.trim(2);
	assert.ok(ring.fits(49));
	for (let i = 0; i < SLOTS - 1; i++) push(ring, 1, i);
	assert.is(ring.room, 0);
	assert.not(ring.fits(0));
});

test('takes powers of two only', () => {
	assert.throws(() => new ByteRing(new Uint8Array(1024), 0, 100, 10, 3, 1), /power of two/);
});

test.run();
