import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scenarios } from '../../scenarios/index.ts';
import { durationText, failoverLines, failoversOf } from './failover.ts';
import { perform } from './perform.ts';
import type { Performance } from './perform.ts';

function played(name: string, arm: string): Performance {
	return perform(scenarios.find((scenario) => scenario.name === name)!, arm);
}

test('every takeover is split, and the parts are the whole', () => {
	const { run } = played('new-backup', 'ten-in-a-row');
	const failovers = failoversOf(run);
	assert.is(failovers.length, 10);
	for (const { from, to, detection, drain, answer, execution, switch: moved, total } of failovers) {
		assert.is.not(from, to);
		assert.is(detection + drain + moved, total);
		assert.ok(detection > 0 && detection <= 60_000 && answer > 0 && answer <= drain && execution <= drain && moved > 0 && moved < 1_000);
	}
	assert.equal([...new Set(failovers.map(({ to }) => to))], ['backup', 'primary']);
});

test('a hand-over needs no detection of silence', () => {
	for (const { detection, total } of failoversOf(played('new-backup', 'planned-stop').run)) assert.ok(detection < 100 && total < 1_000, `${detection} ${total}`);
});

test('a machine that only stopped to answer ended when it fell silent', () => {
	const [failover, ...others] = failoversOf(played('split-brain', 'arbiter').run);
	assert.is(others.length, 0);
	assert.equal([failover!.from, failover!.to], ['', 'backup']);
	assert.is(failover!.detection, 0);
	assert.is(failover!.total, failover!.drain + failover!.switch);
});

test('while the switch sends to the port of the dead, the switch is what takes long', () => {
	const [failover] = failoversOf(played('switch-port', 'black-hole').run);
	assert.ok(failover!.switch > 1_000_000 && failover!.switch > failover!.detection);
	const [quick] = failoversOf(played('switch-port', 'arp').run);
	assert.ok(quick!.switch < 1_000);
});

test('a run without a takeover has none', () => {
	assert.equal(failoversOf(played('poison', 'poison').run), []);
	assert.equal(failoverLines([]), []);
});

test('times and bars are as long as they say', () => {
	assert.equal([0, 999, 1_000, 52_345, 3_200_000, Infinity].map(durationText), ['0 µs', '999 µs', '1.0 ms', '52.3 ms', '3.20 s', 'never']);
	const lines = failoverLines(failoversOf(played('slow-backup', 'lags').run), 40);
	const [bar, words] = lines.map((line) => line.map(({ text }) => text).join(''));
	assert.ok([...bar!.trim()].length >= 38 && [...bar!.trim()].length <= 43, bar);
	assert.match(words!, /^ {2}░ detection \S+ ms \+ ▓ drain \S+ ms \+ █ switch \S+ µs = \S+ ms$/);
});

test.run();
