import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as options from './user-options.ts';

test('every option of the user has a bit of its own, in one octet', () => {
	const bits: number[] = Object.values(options);
	assert.is(new Set(bits).size, bits.length);
	for (const bit of bits) assert.ok(bit > 0 && bit < 256 && (bit & (bit - 1)) === 0, String(bit));
});

test.run();
