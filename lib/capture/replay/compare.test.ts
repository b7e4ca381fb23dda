import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { craft, replayed } from './capture-maker.test.helper.ts';
import type { Crafted } from './capture-maker.test.helper.ts';
import type { Divergence, DivergenceClass } from './divergence.ts';

const TIMESTAMPS = [1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 0];
const MSS = [2, 4, 5, 180];
const SCALE = [1, 3, 3, 7];

const opening: readonly Crafted[] = [
	{ by: 'client', flags: 'S', seq: 0, options: [...MSS, ...SCALE] },
	{ by: 'server', flags: 'S', seq: 0, ack: 1, options: MSS },
	{ by: 'client', flags: '', seq: 1, ack: 1 },
];

function all(segments: readonly Crafted[], name: DivergenceClass): Divergence[] {
	return replayed(craft(segments)).divergences.filter((divergence) => divergence.class === name);
}

/** The one divergence of a class there has to be. */
function found(segments: readonly Crafted[], name: DivergenceClass): Divergence {
	const [divergence] = all(segments, name);
	if (divergence === undefined) throw new Error(`no divergence of ${name}`);
	return divergence;
}

test('what a SYN-ACK did not agree to is named', () => {
	const options = found(opening, 'options');
	assert.is(options.count, 1);
	assert.is(options.frame, 2);
	assert.match(options.text, 'no window scale');
	assert.match(options.text, 'our stack MSS 1460, window scale');
	assert.is(found([{ ...opening[0]!, options: [...MSS, ...SCALE, ...TIMESTAMPS] }, ...opening.slice(1)], 'options').count, 1);
});

test('the same bytes in other segments: the first that was cut otherwise is shown', () => {
	const x = 'x'.repeat(600), y = 'y'.repeat(300);
	// The captured server waited for an acknowledgement of its first segment; our stack has the same window.
	const segments: Crafted[] = [
		...opening,
		{ by: 'client', flags: 'P', seq: 1, ack: 1, data: 'ask', window: 500 },
		{ by: 'server', flags: 'P', seq: 1, ack: 4, data: x },
		{ by: 'server', flags: 'P', seq: 601, ack: 4, data: y },
		{ by: 'client', flags: '', seq: 4, ack: 901 },
	];
	const divergence = found(segments, 'segmentation');
	assert.equal(divergence.expected, { seq: 1, ack: 4, length: 600, flags: 'PSH ACK', window: 65535 });
	assert.is(divergence.frame, 5);
	assert.is(divergence.got?.seq, 1);
	assert.is.not(divergence.got?.length, 600);
	assert.equal(all([...segments.slice(0, 3), { ...segments[3]!, window: 65535 }, ...segments.slice(4)], 'segmentation'), []);
});

test('places acknowledged by one of both alone are counted', () => {
	const data = (seq: number): Crafted => ({ by: 'client', flags: 'P', seq, ack: 1, data: 'x' });
	const divergence = found([...opening, data(1), data(2), data(3), { by: 'server', flags: '', seq: 1, ack: 4 }], 'ack');
	// Our stack acknowledges a connection's first segments at once.
	assert.is(divergence.text, '0 places acknowledged in the capture alone, 2 by our stack alone');
	assert.is(divergence.got?.ack, 2);
});

test('bytes that only the captured side sent again', () => {
	const answer: Crafted = { by: 'server', flags: 'P', seq: 1, ack: 4, data: 'answer' };
	const segments: Crafted[] = [...opening, { by: 'client', flags: 'P', seq: 1, ack: 1, data: 'ask' }, answer, answer, { by: 'client', flags: '', seq: 4, ack: 7 }];
	const divergence = found(segments, 'retransmission');
	assert.is(divergence.count, 1);
	assert.is(divergence.frame, 6);
	assert.is(divergence.got, null);
});

test('a window is compared where the same was acknowledged', () => {
	const divergence = found([...opening, { by: 'client', flags: 'P', seq: 1, ack: 1, data: 'ask' }, { by: 'server', flags: '', seq: 1, ack: 4, window: 77 }], 'window');
	assert.is(divergence.expected?.window, 77);
	assert.is(divergence.got?.ack, 4);
});

test('a reset by the captured side that ours does not send, since it never got that far', () => {
	// The reset is of a connection that the captured server alone had given up.
	const divergence = found([{ by: 'client', flags: 'R', seq: 1, ack: 1 }, { by: 'server', flags: 'R', seq: 1 }], 'reset');
	assert.is(divergence.expected?.flags, 'RST');
	assert.is(divergence.got, null);
});

test.run();
