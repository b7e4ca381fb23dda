import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { didYouMean, distance } from './suggest.ts';

test('a word is at no distance from itself, and at one from each of its neighbours', () => {
	fc.assert(fc.property(fc.string({ maxLength: 12 }), fc.nat(11), (word, at) => {
		assert.is(distance(word, word), 0);
		assert.is(distance(word, `${word.slice(0, at)}x${word.slice(at)}`), 1);
		if (at < word.length) assert.is(distance(word, word.slice(0, at) + word.slice(at + 1)), 1);
	}));
	assert.is(distance('drain', 'drian'), 1);
});

test('what is near is suggested, what is far is not', () => {
	const names = ['duplicate-output', 'skip-drain', 'output-rule'];
	assert.match(didYouMean('duplicat-output', names), 'duplicate-output');
	assert.match(didYouMean('skip', names), 'skip-drain');
	assert.is(didYouMean('xyz', names), '');
	assert.is(didYouMean('xyz', []), '');
});

test.run();
