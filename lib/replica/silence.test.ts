import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Silence } from './silence.ts';

test('silence is the time since the peer was heard', () => {
	const silence = new Silence(500);
	assert.not(silence.judged(1e9));
	silence.heard(1000, 5000);
	assert.is(silence.due, 6000);
	assert.not(silence.judged(5999));
	assert.ok(silence.judged(6000));
	silence.heard(5999, 5000);
	assert.not(silence.judged(6000));
	silence.rest();
	assert.not(silence.judged(1e12));
});

test('a judge that did not run has heard nothing, and counts none of it', () => {
	const silence = new Silence(500);
	silence.heard(0, 5000);
	// It wanted to run at 1000 and ran at 41000: 40000 do not count.
	silence.ran(41_000, 1000);
	assert.not(silence.judged(41_000));
	assert.is(silence.due, 45_000);
	// Late for the judgement itself: it listens once more before it judges.
	silence.ran(60_000, 45_000);
	assert.not(silence.judged(60_000));
	assert.ok(silence.judged(silence.due));
});

test('a timer that is a little late is no stall', () => {
	const silence = new Silence(500);
	silence.heard(0, 5000);
	silence.ran(5400, 5000);
	assert.ok(silence.judged(5400));
});

test.run();
