import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Image } from './image.ts';
import { Intake } from './intake.ts';

const lender = Uint8Array.from({ length: 1024 }, (_, i) => (i * 7 + 1) & 0xff);

test('the octets wanted are copied and none beside them, wherever they lie and however often they come from one array', () => {
	fc.assert(fc.property(
		fc.array(fc.record({ to: fc.nat(300), from: fc.nat(300), length: fc.nat(400), other: fc.boolean(), odd: fc.nat(3) }), { maxLength: 8 }),
		(pieces) => {
			const image = new Image({ pools: [], pages: 1, scratch: 1024 });
			const intake = new Intake(image), expected = new Uint8Array(1024);
			for (const { to, from, length, other, odd } of pieces) {
				const bytes = other ? lender.subarray(odd) : lender;
				intake.take(image.scratch + to, bytes, from, length);
				expected.set(bytes.subarray(from, from + length), to);
			}
			assert.equal(image.u8.subarray(image.scratch, image.scratch + 1024), expected);
		},
	));
});

test('what the lender changes between two pieces is seen', () => {
	const image = new Image({ pools: [], pages: 1, scratch: 64 });
	const intake = new Intake(image), bytes = new Uint8Array(16);
	for (let value = 1; value < 5; value++) {
		bytes.fill(value);
		intake.take(image.scratch, bytes, 0, 16);
		assert.ok(image.u8.subarray(image.scratch, image.scratch + 16).every((octet) => octet === value));
	}
});

test.run();
