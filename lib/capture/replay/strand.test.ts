import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Strand, UNKNOWN } from './strand.ts';

/** What is captured of a direction, segment by segment: data at a place, or the other side's ACK. */
type Step = { readonly from: number; readonly length: number; readonly fin?: boolean } | { readonly ack: number };

/** Puts in order what a stream of known bytes was captured as; byte n lies at n of slab 0. */
function weave(steps: readonly Step[]): Strand {
	const strand = new Strand();
	for (const step of steps) {
		if ('ack' in step) strand.noteAck(step.ack);
		else strand.noteData(step.from, step.from + step.length, step.fin === true);
	}
	strand.settle();
	for (const [when, step] of steps.entries()) {
		if ('ack' in step) strand.takeAck(when, step.ack);
		else {
			strand.takeData(when, step.from, step.length, step.length, 0, step.from);
			if (step.fin === true) strand.takeFin(when, step.from + step.length);
		}
	}
	return strand;
}

/** Each byte's place in slab 0; UNKNOWN where it is not known. */
function bytesOf(strand: Strand): number[] {
	const bytes: number[] = [];
	for (let piece = 0; piece < strand.from.length; piece++) {
		assert.is(strand.from[piece], bytes.length);
		for (let i = 0; i < strand.to[piece]! - strand.from[piece]!; i++) bytes.push(strand.slab[piece] === UNKNOWN ? UNKNOWN : strand.at[piece]! + i);
	}
	assert.is(strand.end, bytes.length);
	return bytes;
}

test('segments in any order, repeated and overlapping at will, are put in order', () => {
	const cut = fc.record({ from: fc.nat(80), length: fc.integer({ min: 1, max: 30 }) });
	fc.assert(fc.property(fc.array(cut, { minLength: 1, maxLength: 30 }), (steps) => {
		const places = new Set(steps.flatMap(({ from, length }) => Array.from({ length }, (_, i) => from + i)));
		let end = 0;
		while (places.has(end)) end++;
		assert.equal(bytesOf(weave(steps)), Array.from({ length: end }, (_, i) => i));
	}));
});

test('pieces have their turn with the segment that made them follow', () => {
	const strand = weave([{ from: 4, length: 4 }, { from: 0, length: 2 }, { from: 1, length: 4 }]);
	assert.equal(strand.when, [1, 2, 2]);
	assert.equal(strand.from, [0, 2, 5]);
});

test('of bytes that come twice those in order count, and before their turn the first', () => {
	const strand = new Strand();
	const cuts = [[4, 3], [6, 4], [2, 4], [0, 5], [1, 3]] as const;
	for (const [from, length] of cuts) strand.noteData(from, from + length, false);
	strand.settle();
	// Each segment's bytes are told by its slab.
	for (const [nth, [from, length]] of cuts.entries()) strand.takeData(nth, from, length, length, nth, 0);
	const slabs = strand.from.flatMap((from, piece) => Array.from({ length: strand.to[piece]! - from }, () => strand.slab[piece]!));
	assert.equal(slabs, [3, 3, 3, 3, 3, 0, 0, 1, 1, 1]);
	assert.equal(strand.from.map((from, piece) => from - strand.at[piece]!), strand.slab.map((slab) => cuts[slab]![0]));
	assert.equal([strand.overlapping, strand.repeated], [3, 1]);
});

test('what was acknowledged and never captured is not known, and waited for by nobody', () => {
	const strand = weave([{ from: 0, length: 3 }, { ack: 3 }, { from: 5, length: 2 }, { ack: 7 }]);
	assert.equal(bytesOf(strand), [0, 1, 2, UNKNOWN, UNKNOWN, 5, 6]);
	assert.equal(strand.when, [0, 2, 2]);
	assert.is(strand.filled, 2);
});

test('what was never acknowledged ends where it is not known', () => {
	assert.equal(bytesOf(weave([{ from: 0, length: 3 }, { from: 5, length: 2 }, { ack: 3 }])), [0, 1, 2]);
});

test('of a side that was not captured there are as many bytes as were acknowledged; a last step of one is its FIN', () => {
	const strand = weave([{ ack: 10 }, { ack: 25 }, { ack: 26 }]);
	assert.equal([strand.end, strand.hasFin, strand.finWhen], [25, true, 2]);
	assert.equal(strand.when, [0, 1]);
});

test('a FIN stands behind the last byte, whenever it came', () => {
	const early = weave([{ from: 2, length: 2, fin: true }, { from: 0, length: 2 }]);
	assert.equal([early.end, early.hasFin, early.finWhen], [4, true, 1]);
	const within = weave([{ from: 0, length: 2, fin: true }, { from: 2, length: 2 }]);
	assert.equal([within.end, within.hasFin], [4, false]);
	const unseen = weave([{ from: 0, length: 2 }, { ack: 3 }]);
	assert.equal([unseen.end, unseen.hasFin, unseen.isFinImplied], [2, true, true]);
});

test('what is further away than any window is no part of it', () => {
	const strand = weave([{ from: 0, length: 2 }, { ack: 0x3000_0000 }, { from: 0x2000_0000, length: 2 }, { ack: 2 }]);
	assert.equal([strand.end, strand.filled, strand.acked], [2, 0, 2]);
	assert.ok(strand.isStray(0x3000_0000));
});

test.run();
