import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Image, pool, record } from '../memory/index.ts';
import type { RecordType } from '../memory/index.ts';
import { AddressIndex } from './address-index.ts';

const shape = { address: 'bytes 16' } as const;
const Holder: RecordType<typeof shape> = record(shape);

test('the index finds what a plain map finds, through any adding and removing', () => {
	fc.assert(fc.property(fc.array(fc.tuple(fc.nat(12), fc.boolean()), { maxLength: 100, size: 'max' }), fc.uint8Array({ minLength: 16, maxLength: 16, size: 'max' }), (steps, base) => {
		const image = new Image({ pools: [pool('holder', Holder, 8)], pages: 0, scratch: 64 });
		const holders = image.pool('holder');
		const index = new AddressIndex(image, 8, Holder.placement.fields[0]!.offset);
		const model = new Map<number, number>();
		const cursor = new Holder(image);
		const key = image.scratch;
		const put = (at: number, value: number): void => { image.u8.set(base, at); image.u8[at + 15] = value; };
		for (const [value, add] of steps) {
			put(key, value);
			const known = model.get(value);
			if (add && known === undefined && model.size < 8) {
				const at = image.alloc(holders);
				cursor.go(at);
				put(cursor.address, value);
				index.add(at);
				model.set(value, at);
			} else if (!add && known !== undefined) {
				index.remove(known);
				image.free(holders, known);
				model.delete(value);
			}
			for (let other = 0; other <= 12; other++) { put(key, other); assert.is(index.find(key), model.get(other) ?? 0); }
		}
	}));
});

test('the neighbours of one network are spread over the slots', () => {
	const image = new Image({ pools: [pool('holder', Holder, 200)], pages: 0, scratch: 64 });
	const index = new AddressIndex(image, 200, Holder.placement.fields[0]!.offset);
	const cursor = new Holder(image);
	for (let host = 1; host <= 200; host++) {
		cursor.go(image.alloc(image.pool('holder')));
		image.u8.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, host], cursor.address);
		index.add(cursor.at);
	}
	assert.ok(index.longest <= 16, `a search looks at ${index.longest} slots`);
});

test.run();
