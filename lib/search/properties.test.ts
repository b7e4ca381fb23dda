import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { properties } from './properties.ts';
import { explain, search } from './property.ts';

for (const property of properties) {
	test(`${property.name}: ${property.text}`, () => {
		assert.is(explain(search(property)), '');
	});
}

test.run();
