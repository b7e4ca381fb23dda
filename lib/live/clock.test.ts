import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Clock } from './clock.ts';

test('clocks that agree on the moment they count from tell the same time', () => {
	const first = new Clock();
	const others = Array.from({ length: 20 }, () => new Clock(first.base));
	for (const other of others) {
		// Whatever comes between two readings, the second is never before the first by more than what the clocks differ in.
		const before = first.now(), between = other.now(), after = first.now();
		assert.ok(before - 100 <= between && between <= after + 100, `${before} ${between} ${after}`);
	}
});

test('time is whole microseconds and does not run backwards', () => {
	const clock = new Clock();
	let last = clock.now();
	assert.ok(last >= 0 && last < 10_000_000);
	for (let i = 0; i < 10_000; i++) {
		const now = clock.now();
		assert.ok(now >= last && Number.isInteger(now));
		last = now;
	}
});

test.run();
