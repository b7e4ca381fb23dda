import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Lease } from './lease.ts';

test('a lease runs from the time that was echoed, however late the echo comes', () => {
	const lease = new Lease(50);
	assert.is(lease.end, -Infinity);
	assert.ok(lease.heard(100, 120));
	assert.is(lease.end, 150);
	assert.ok(lease.heard(110, 149));
	assert.is(lease.end, 160);
	assert.is(lease.dueAt, 160);
});

test('an older echo is no news; one that comes too late begins nothing', () => {
	const lease = new Lease(50);
	lease.heard(100, 120);
	assert.not(lease.heard(90, 125));
	assert.not(lease.heard(100, 130));
	assert.is(lease.end, 150);
	lease.reset();
	assert.ok(lease.heard(200, 260));
	assert.is(lease.end, 250);
	assert.is(lease.dueAt, Infinity, 'it had run out before it was heard of');
});

test('without a lease nothing runs out', () => {
	const lease = new Lease(0);
	assert.is(lease.end, Infinity);
	assert.is(lease.dueAt, Infinity);
});

test.run();
