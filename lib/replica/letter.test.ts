import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ETHERNET, ETHERTYPE_CHANNEL } from '../wire/ethernet.ts';
import { LETTER, LETTER_ENTRIES, machineMac, Post } from './letter.ts';
import { Store } from './store.ts';

const LIMIT = 2000;
const make = (checked = true): Post => new Post(new Store(Post.sizeOf(LIMIT)), LIMIT, 7, checked);

function written(post: Post, body: Uint8Array): Uint8Array {
	post.u8.set(body, post.body);
	const length = post.seal(LETTER_ENTRIES, 3, 9, 123_456_789_012, 42, 17, 5000, body.length);
	return post.u8.slice(post.at, post.at + length);
}

test('a message is a whole Ethernet frame, and reads back as it was written', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: LIMIT - LETTER.end }), fc.boolean(), fc.nat(3), (body, checked, shift) => {
		const bytes = written(make(checked), body);
		assert.is((bytes[ETHERNET.type]! << 8) | bytes[ETHERNET.type + 1]!, ETHERTYPE_CHANNEL);
		assert.equal(bytes.slice(6, 12), machineMac(7));
		const elsewhere = new Uint8Array(bytes.length + 3);
		elsewhere.set(bytes, shift);
		const post = make(checked);
		assert.is(post.open(elsewhere, shift, bytes.length), '');
		const { kind, flags, epoch, from, room, time, index, mark } = post.letter;
		assert.equal({ kind, flags, epoch, from, room, time, index, mark }, { kind: LETTER_ENTRIES, flags: 3, epoch: 9, from: 7, room: 5000, time: 123_456_789_012, index: 42, mark: 17 });
		assert.equal(post.letter.u8.slice(post.letter.at, post.letter.at + post.letter.length), body);
	}));
});

test('any flipped bit is noticed', () => {
	const bytes = written(make(), Uint8Array.from({ length: 301 }, (_, i) => i & 255));
	const post = make();
	for (let bit = ETHERNET.end * 8; bit < bytes.length * 8; bit++) {
		const bad = bytes.slice();
		bad[bit >> 3] = bad[bit >> 3]! ^ (1 << (bit & 7));
		assert.is.not(post.open(bad, 0, bad.length), '', `bit ${bit}`);
	}
});

test('padding is no part of a message', () => {
	const bytes = written(make(), Uint8Array.of(1, 2, 3));
	const long = new Uint8Array(bytes.length + 20).fill(9);
	long.set(bytes);
	const post = make();
	assert.is(post.open(long, 0, long.length), '');
	assert.is(post.letter.length, 3);
});

test('what is cut, foreign or too long is malformed', () => {
	const post = make();
	const bytes = written(make(), new Uint8Array(40));
	for (let length = 0; length < bytes.length; length++) assert.is(post.open(bytes, 0, length), 'channelMalformed');
	assert.is(post.open(new Uint8Array(LIMIT + 1), 0, LIMIT + 1), 'channelMalformed');
	fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (any) => { assert.is.not(post.open(any, 0, any.length), ''); }));
});

test.run();
