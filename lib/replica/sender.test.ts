import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pair } from './pair.test.helper.ts';

test('however often it goes back, what is in flight is what was sent and not acknowledged: the log never comes to a standstill', () => {
	const requests = Array.from({ length: 400 }, (_, i) => 1000 + 200 * i);
	// A log that holds a few dozen entries, and a channel that loses every fifth message.
	const pair = new Pair({ requests, channel: { loss: 0.2 }, knobs: { logBytes: 4096, logEntries: 64, silence: 60_000, lease: 60_000, patience: 60_000 } }).run(200_000);
	assert.ok(pair.a.counters.resent > 50, `it went back ${pair.a.counters.resent} times`);
	assert.equal([pair.a.role, pair.b.role], ['primary', 'backup']);
	assert.is(pair.a.counters.logFull, 0);
	assert.is(pair.b.executed, pair.a.executed);
	assert.is(pair.a.held, 0);
});

test.run();
