import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { fold, sum } from './checksum.ts';
import { simdSum } from './sum-simd.ts';
import type { Views } from '../memory/index.ts';

function views(size: number): Views {
	const buffer = new ArrayBuffer(size);
	return { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
}

test('RFC 1071 §3: the numerical example sums to ddf2', () => {
	const memory = views(64);
	memory.u8.set([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7], 8);
	assert.is(sum(memory, 8, 8), 0xddf2);
});

test('every place and length sums as the definition says', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(7), (bytes, offset) => {
		const memory = views(320);
		memory.u8.set(bytes, offset);
		let total = 0;
		for (let i = 0; i < bytes.length; i++) {
			total += i % 2 === 0 ? bytes[i]! * 256 : bytes[i]!;
			if (total > 0xffff) total -= 0xffff;
		}
		assert.is(sum(memory, offset, bytes.length) % 0xffff, total % 0xffff);
	}));
});

test('the sum in WebAssembly is the same sum', () => {
	const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
	const { buffer } = memory;
	const plain: Views = { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
	const fast: Views = { ...plain, nativeSum: simdSum(memory) };
	fc.assert(fc.property(fc.uint8Array({ minLength: 64, maxLength: 3000 }), fc.nat(70), (bytes, offset) => {
		plain.u8.fill(0xa5);
		plain.u8.set(bytes, offset);
		assert.is(sum(fast, offset, bytes.length) % 0xffff, sum(plain, offset, bytes.length) % 0xffff);
	}));
	plain.u8.fill(255);
	assert.is(sum(fast, 0, 65536), 0xffff);
});

test('the longest segment of all ones does not overflow', () => {
	const memory = views(131072);
	memory.u8.fill(255);
	assert.is(sum(memory, 0, 131072), 0xffff);
	assert.is(fold(0xffff_ffff), 0xffff);
});

test.run();
