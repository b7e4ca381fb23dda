import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Image } from '../memory/index.ts';
import { getDigest, GREETING_LENGTH, judgeGreeting, putDigest, putGreeting } from './greeting.ts';
import type { Likeness } from './greeting.ts';
import { machinePool } from './machine-record.ts';
import { layoutDigest, textDigest } from './text-digest.ts';
import { ToyHost } from './toy.test.helper.ts';

const likeness: Likeness = { build: '0123456789abcdef', layout: 'fedcba9876543210', profile: '00ff00ff00ff00ff' };
const state = 'aaaaaaaabbbbbbbb';

function greeting(of: Likeness, image: string): Uint8Array {
	const u8 = new Uint8Array(GREETING_LENGTH + 3);
	putGreeting(u8, 3, of, image);
	return u8;
}

test('likes are let in, others are told what differs', () => {
	const judged = (of: Likeness, image = state): string => judgeGreeting(greeting(of, image), 3, GREETING_LENGTH, likeness, state);
	assert.is(judged(likeness), 'NONE');
	assert.is(judged({ ...likeness, build: '0123456789abcdee' }), 'BUILD_MISMATCH');
	assert.is(judged({ ...likeness, layout: '0000000000000000' }), 'LAYOUT_MISMATCH');
	assert.is(judged({ ...likeness, profile: '0000000000000000' }), 'PROFILE_MISMATCH');
	assert.is(judged(likeness, '0000000000000000'), 'STATE_MISMATCH');
	assert.is(judgeGreeting(greeting(likeness, '0000000000000000'), 3, GREETING_LENGTH, likeness, ''), 'NONE');
	assert.is(judgeGreeting(greeting(likeness, state), 3, GREETING_LENGTH - 1, likeness, state), 'BUILD_MISMATCH');
});

test('a digest is 16 hex digits', () => {
	const u8 = new Uint8Array(8);
	putDigest(u8, 0, state);
	assert.is(getDigest(u8, 0), state);
	assert.throws(() => putDigest(u8, 0, 'xyz'), /16 hex digits/);
});

test('a text and a layout have a digest of that form, and others another', () => {
	assert.match(textDigest(''), /^[0-9a-f]{16}$/);
	const all = new Set(Array.from({ length: 2000 }, (_, i) => textDigest(`profile ${i}`)));
	assert.is(all.size, 2000);
	assert.is(layoutDigest(new ToyHost().image), layoutDigest(new ToyHost(7).image));
	assert.is.not(layoutDigest(new ToyHost().image), layoutDigest(new Image({ pools: [machinePool], pages: 0 })));
});

test.run();
