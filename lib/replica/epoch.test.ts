import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { put32 } from '../wire/bytes.ts';
import { PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import { LETTER, LETTER_ACKNOWLEDGEMENT, LETTER_ENTRIES } from './letter.ts';
import { Pair } from './pair.test.helper.ts';
import { getU32 } from './number.ts';
import type { Replica } from './replica.ts';

/** A message of that kind as it was sent last, with its epoch moved. */
function letterOf(pair: Pair, from: 'a' | 'b', kind: number, epochs: number): Uint8Array {
	const frame = [...pair.trace.of('frameSent')].reverse().find(({ place, port, bytes }) => place === from && port === PORT_CHANNEL && bytes[LETTER.kind] === kind)!.bytes.slice();
	put32(frame, LETTER.epoch, getU32(frame, LETTER.epoch) + epochs);
	return frame;
}

/** Ports by which a replica speaks when it is handed a message of the channel. */
function answersTo(replica: Replica, frame: Uint8Array, now: number): number[] {
	replica.receive(PORT_CHANNEL, frame, 0, frame.length, now);
	const ports: number[] = [];
	replica.drain({ take: (_bytes, _at, _length, port) => { ports.push(port); } });
	return ports;
}

/** A pair whose newest request is in a message under way to the backup, or acknowledged by one under way to the primary. */
function underWay(what: 'entry' | 'acknowledgement'): Pair {
	const pair = new Pair({ requests: [1000, 2000], knobs: { checksum: false } }).run(1999);
	const before = pair.a.logged, wanted = what === 'entry' ? pair.a : pair.b;
	while (wanted.logged === before || !isSaid(pair, what === 'entry' ? 'a' : 'b')) pair.world.run({ maxSteps: 1 });
	return pair;
}

/** Whether the last thing that happened was that a replica said something on the channel. */
function isSaid({ trace }: Pair, who: 'a' | 'b'): boolean {
	const last = [...trace.of('frameSent')].at(-1)!;
	return last.index >= trace.length - 2 && last.place === who && last.port === PORT_CHANNEL;
}

test('an entry that bears an old epoch is refused and counted; one of this epoch is taken', () => {
	const pair = underWay('entry'), { b } = pair;
	const logged = b.logged;
	assert.is(pair.a.logged, logged + 1, 'the backup has not got it yet');
	assert.equal(answersTo(b, letterOf(pair, 'a', LETTER_ENTRIES, -1), pair.world.now), []);
	assert.equal([b.logged, b.counters.channelEpoch], [logged, 1]);
	assert.equal(answersTo(b, letterOf(pair, 'a', LETTER_ENTRIES, 0), pair.world.now), [PORT_CHANNEL]);
	assert.equal([b.logged, b.counters.channelEpoch], [logged + 1, 1]);
});

test('an acknowledgement that bears an old epoch lets no output out; one of this epoch does', () => {
	const pair = underWay('acknowledgement'), { a } = pair;
	assert.equal([a.held, pair.b.logged], [1, a.logged]);
	assert.equal(answersTo(a, letterOf(pair, 'b', LETTER_ACKNOWLEDGEMENT, -1), pair.world.now), []);
	assert.equal([a.held, a.counters.channelEpoch], [1, 1]);
	assert.ok(answersTo(a, letterOf(pair, 'b', LETTER_ACKNOWLEDGEMENT, 0), pair.world.now).includes(PORT_CLIENTS));
	assert.is(a.held, 0);
});

test('who hears of a later epoch lets nothing out, and asks the arbiter at once', () => {
	const pair = underWay('acknowledgement'), { a } = pair;
	assert.equal(answersTo(a, letterOf(pair, 'b', LETTER_ACKNOWLEDGEMENT, 1), pair.world.now), [PORT_ARBITER]);
	assert.is(a.held, 1);
	const other = underWay('entry'), { b } = other;
	const logged = b.logged;
	assert.equal(answersTo(b, letterOf(other, 'a', LETTER_ENTRIES, 1), other.world.now), [PORT_ARBITER]);
	assert.is(b.logged, logged);
});

test('an acknowledgement that comes when the lease has run out lets nothing out', () => {
	const pair = underWay('acknowledgement'), { a } = pair;
	const logged = a.logged;
	// What it echoes was said long ago: nobody knows what the backup has done since.
	const answers = answersTo(a, letterOf(pair, 'b', LETTER_ACKNOWLEDGEMENT, 0), pair.world.now + pair.knobs.lease);
	assert.not(answers.includes(PORT_CLIENTS));
	assert.ok(a.held > 0);
	assert.is(a.acknowledged, logged, 'it was taken in all the same');
});

test.run();
