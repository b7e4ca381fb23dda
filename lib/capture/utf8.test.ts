import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

test('writes what TextEncoder writes, lone surrogates too', () => {
	const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)));
	fc.assert(fc.property(text, (value) => {
		assert.equal([...encodeUtf8(value)], [...new TextEncoder().encode(value)]);
	}));
});

test('reads back what it wrote', () => {
	fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => {
		const bytes = encodeUtf8(value);
		assert.is(decodeUtf8(bytes, 0, bytes.length), value);
	}));
});

test('any bytes give a string, and well-formed ones the right one', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
		const text = decodeUtf8(bytes, 0, bytes.length);
		let strict: string | undefined;
		try { strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes); } catch { strict = undefined; }
		if (strict === undefined) assert.ok(text.includes('\ufffd'));
		else assert.is(text, strict);
	}));
});

test.run();
