import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCapture } from '../capture/index.ts';
import { Ladder, captureOf } from '../study/index.ts';
import { properties } from './properties.ts';
import type { Property } from './property.ts';

for (const property of properties as unknown as readonly Property<unknown>[]) {
	test(`${property.name}: any case can be looked at`, () => {
		for (const value of fc.sample(property.arbitrary, { seed: 5, numRuns: 3 })) {
			const { run, capture, script } = property.exhibit!(value);
			if (run !== null) {
				assert.ok(new Ladder(run, 100).lines().length > 1);
				assert.is(readCapture(captureOf(run)).packets.length, run.packets.length);
			}
			assert.ok(run !== null || capture !== null || script !== null || property.name === 'segments');
		}
	});
}

test.run();
