import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Knobs } from './knobs.ts';
import { PORT_CHANNEL } from './core.ts';
import { violationsIn } from './invariants.ts';
import { Pair, answered, every, holds, story } from './pair.test.helper.ts';

// Who may speak, when the two no longer hear each other.

test('a proven death needs no lease and no silence', () => {
	const pair = story({ requests: every(5, 1000) }, 20_000, ({ world, b }) => {
		world.at(2550, (w) => { w.crash('a'); b.peerDied(w.now); });
	});
	const took = [...pair.trace.of('tookOver')][0]!;
	assert.ok(took.time < 2750, `took over at ${took.time}`);
	holds(pair);
});

/** When the backup takes over from a primary that falls silent long before its lease is over. */
function takeoverTime(fenced: boolean, knobs: Partial<Knobs> = {}): number {
	const pair = story({ requests: every(5, 1000), knobs: { silence: 1_000, ...knobs } }, 20_000, ({ world, b }) => {
		world.at(2550, (w) => w.crash('a'));
		if (fenced) world.at(4500, (w) => { assert.ok(b.mayFence); b.fenced(w.now); });
	});
	return [...pair.trace.of('tookOver')][0]!.time;
}

test('a fence at the switch port replaces the wait for the lease', () => {
	assert.ok(takeoverTime(true) < 4600);
	assert.ok(takeoverTime(false) > 7000);
});

test('the wait for the lease allows for clocks that drift apart', () => {
	const { lease } = new Pair().knobs;
	assert.is(takeoverTime(false, { drift: 0.1 }) - takeoverTime(false, { drift: 0 }), lease / 10);
});

test('who has only asked may not fence: the other may win', () => {
	story({ requests: every(5, 1000), knobs: { silence: 1_000 }, arbiterLink: { loss: 1 } }, 20_000, ({ world, b }) => {
		world.at(2550, (w) => w.crash('a'));
		world.at(9000, (w) => {
			assert.not(b.mayFence);
			b.fenced(w.now);
			assert.is(b.role, 'backup');
		});
	});
});

test('stopped and continued: the old primary lets nothing out, learns that it lost, halts', () => {
	const pair = story({ requests: every(30, 1000) }, 60_000, ({ world }) => {
		world.at(7550, (w) => w.stop('a'));
		world.at(25_000, (w) => w.cont('a'));
	});
	assert.is(pair.a.role, 'halted');
	assert.is(pair.a.haltReason, 'lost');
	assert.is(pair.b.role, 'alone');
	for (const { port, time } of pair.client.seen) assert.ok(port === 1 || time < 8000, `the old primary was heard at ${time}`);
	holds(pair);
});

test('the log link is cut: exactly one goes on', () => {
	for (let at = 5000; at < 8000; at += 250) {
		const pair = story({ requests: every(30, 1000) }, 60_000, ({ world, channel }) => world.at(at, (w) => w.cut(channel)));
		const roles = [pair.a.role, pair.b.role].sort();
		assert.equal(roles, ['alone', 'halted']);
		assert.is(answered(pair).at(-1), 30);
		holds(pair);
	}
});

test('without an arbiter both go on, and the client is told two stories', () => {
	const pair = story({ requests: every(30, 1000), knobs: { arbiter: false } }, 60_000, ({ world, channel }) => world.at(5000, (w) => w.cut(channel)));
	assert.equal([pair.a.role, pair.b.role], ['alone', 'alone']);
	assert.not(pair.verdict().ok);
	assert.ok(violationsIn(pair.trace).some(({ invariant }) => invariant === 'one-speaker'));
});

test('who has asked the arbiter acknowledges nothing, and takes nothing in, whatever it hears', () => {
	const pair = story({ requests: every(30, 1000) }, 60_000, ({ world, channel, arbiterLinks }) => {
		world.at(5000, (w) => { w.cut(channel); for (const link of arbiterLinks) w.cut(link); });
		// The backup asks at about 10000; the primary is heard again before it has given up.
		world.at(10_500, (w) => w.mend(channel));
	});
	const asked = [...pair.trace.of('arbiterAsked')].find(({ place }) => place === 'b')!;
	assert.ok(asked.time < 10_500, `asked at ${asked.time}`);
	const said = Array.from(pair.trace.of('frameSent')).filter((frame) => frame.place === 'b' && frame.port === PORT_CHANNEL && frame.time > asked.time);
	assert.is(said.length, 0);
	assert.ok(pair.b.counters.channelLate > 0);
	assert.is([...pair.trace.of('entryReceived')].filter(({ time }) => time > asked.time).length, 0);
	assert.is([...pair.trace.of('tookOver')].length + [...pair.trace.of('wentAlone')].length, 0);
});

test('no arbiter in reach: silence, and asking again, until it is', () => {
	const pair = story({ requests: every(30, 1000) }, 40_000, ({ world, arbiterLinks }) => {
		for (const link of arbiterLinks) world.cut(link);
		world.at(7550, (w) => w.crash('a'));
	});
	assert.is(pair.b.role, 'backup');
	const quiet = pair.client.seen.length;
	assert.ok([...pair.trace.of('arbiterAsked')].length > 5);
	for (const link of pair.arbiterLinks) pair.world.mend(link);
	pair.run(60_000);
	assert.is(pair.b.role, 'alone');
	assert.ok(pair.client.seen.length > quiet);
	holds(pair);
});

test('a lost answer is asked for again, and is the same', () => {
	const pair = story({ requests: every(30, 1000) }, 60_000, ({ world, arbiterLinks }) => {
		arbiterLinks[1]!.script('arbiter', { act: 'lose', times: 3 });
		world.at(7550, (w) => w.crash('a'));
	});
	assert.is(pair.b.role, 'alone');
	assert.is([...pair.trace.of('arbiterDecided')].length, 1);
	assert.is([...pair.trace.of('arbiterAsked')].length, 4);
	holds(pair);
});

test.run();
