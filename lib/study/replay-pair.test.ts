import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { craft, replayOf } from '../capture/replay/capture-maker.test.helper.ts';
import type { Crafted } from '../capture/replay/capture-maker.test.helper.ts';
import { ReplayError } from '../capture/replay/index.ts';
import { crashFrame, playedFrames, replayCrash, replayPair } from './replay-pair.ts';

const exchange: readonly Crafted[] = [
	{ by: 'client', flags: 'S', seq: 0 },
	{ by: 'server', flags: 'S', seq: 0, ack: 1 },
	{ by: 'client', flags: '', seq: 1, ack: 1 },
	{ by: 'client', flags: 'P', seq: 1, ack: 1, data: 'ask' },
	{ by: 'server', flags: 'P', seq: 1, ack: 4, data: 'answer' },
	{ by: 'client', flags: 'P', seq: 4, ack: 7, data: 'again' },
	{ by: 'server', flags: 'P', seq: 7, ack: 9, data: 'the same' },
	{ by: 'client', flags: 'F', seq: 9, ack: 15 },
	{ by: 'server', flags: 'F', seq: 15, ack: 10 },
	{ by: 'client', flags: '', seq: 10, ack: 16 },
];

test('whichever frame the primary dies after, the client is sent the same bytes', () => {
	const replay = replayOf(craft(exchange));
	const whole = replayPair(replay, 0);
	assert.ok(whole.stream.ok);
	assert.ok(whole.run.holds, whole.run.verdict);
	const frames = playedFrames(replay.plan(0));
	assert.equal(frames, [1, 3, 4, 6, 8, 10]);
	const crashes = frames.map((frame) => replayCrash(replay, whole, frame));
	for (const crash of crashes) assert.ok(crash.ok, `frame ${crash.frame}: ${JSON.stringify(crash.claims.filter(({ ok }) => !ok))}`);
	assert.ok(crashes.some(({ repeated }) => repeated > 0), 'no frame was ever sent again');
	// Each crash is another run.
	assert.is(new Set(crashes.map(({ run }) => run.digest)).size, frames.length);
});

test('the pair may be the side that opens the connection', () => {
	const replay = replayOf(craft(exchange), { side: 'client' });
	const whole = replayPair(replay, 0);
	assert.ok(whole.stream.ok && whole.run.holds);
	for (const frame of playedFrames(replay.plan(0))) {
		const crash = replayCrash(replay, whole, frame);
		assert.ok(crash.ok, `frame ${frame}: ${JSON.stringify(crash.claims.filter(({ ok }) => !ok))}`);
	}
});

test('a crash is twice the same', () => {
	const replay = replayOf(craft(exchange));
	const whole = replayPair(replay, 0);
	assert.is(replayCrash(replay, whole, 4).run.digest, replayCrash(replay, whole, 4).run.digest);
});

test('what the pair does otherwise is noticed: a client that was sent other bytes', () => {
	const replay = replayOf(craft(exchange));
	const other = replayOf(craft(exchange.map((segment) => (segment.data === 'answer' ? { ...segment, data: 'ANSWER' } : segment))));
	const { claims, ok } = replayCrash(other, replayPair(replay, 0), 6);
	assert.not(ok);
	assert.equal(claims.filter((claim) => !claim.ok).map(({ id }) => id), ['same-replies']);
});

test('a frame of the side that is not played stands for the last one played before it', () => {
	const plan = replayOf(craft(exchange)).plan(0);
	assert.is(crashFrame(plan, 5), 4);
	assert.throws(() => crashFrame(replayOf(craft(exchange.slice(1))).plan(0), 1), (error: unknown) => error instanceof ReplayError && error.code === 'REPLAY_NO_FRAME');
});

test.run();
