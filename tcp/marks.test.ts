import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { ACK, FIN, PSH } from '../lib/wire/tcp.ts';
import { linux, rfc, send, setOptions, NO_DELAY } from './index.ts';
import type { Profile } from './index.ts';
import { Peer } from './peer.test.helper.ts';
import type { Got } from './peer.test.helper.ts';

function opened(profile: Profile): Peer {
	const peer = new Peer(profile);
	peer.open();
	return peer;
}

/** Writes octets that end a record. */
function record(peer: Peer, octets: number, more = false): void {
	assert.is(send(peer.bare.tcp, peer.at, new Uint8Array(octets), 0, octets, more, true), octets);
}

function ranges(got: readonly Got[]): (readonly [number, number])[] { return got.map(({ seq, text }) => [seq, seq + text]); }

function marksLeft({ bare }: Peer): number { return bare.image.live(bare.tcp.marks); }

test('a record shares no segment with what is written behind it; where the profile knows of none, it does', () => {
	for (const [profile, expected] of [[linux, [[1, 11], [11, 31], [31, 61]]], [rfc, [[1, 61]]]] as const) {
		const peer = opened(profile);
		setOptions(peer.bare.tcp, peer.at, NO_DELAY);
		for (const octets of [10, 20, 30]) record(peer, octets);
		const got = peer.answers();
		assert.equal(ranges(got), expected, profile.name);
		assert.ok(got.every(({ flags }) => flags === (ACK | PSH)), 'each of them ends something written');
		peer.send({ flags: ACK, seq: 1, ack: 61 });
		assert.is(marksLeft(peer), 0);
	}
});

test('the FIN still goes with the last record', () => {
	const peer = opened(linux);
	record(peer, 10);
	record(peer, 20);
	peer.bare.shutdown(peer.at);
	assert.equal(peer.answers().map(({ seq, text, flags }) => [seq, text, flags & FIN]), [[1, 10, 0], [11, 20, FIN]]);
});

test('what is sent again is joined, though not across the end of a record', () => {
	const peer = opened({ ...linux, tailProbe: false });
	setOptions(peer.bare.tcp, peer.at, NO_DELAY);
	const sent: Got[] = [];
	for (const [octets, ends] of [[10, false], [20, true], [30, false], [40, false]] as const) {
		if (ends) record(peer, octets);
		else peer.bare.write(peer.at, new Uint8Array(octets));
		sent.push(...peer.wait(1));
	}
	assert.equal(ranges(sent), [[1, 11], [11, 31], [31, 61], [61, 101]]);
	assert.equal(ranges(peer.wait(1_000_000)), [[1, 31]]);
	assert.equal(ranges(peer.send({ flags: ACK, seq: 1, ack: 31 })), [[31, 101]]);
});

test('where no mark is left the stream stays whole, and that is counted', () => {
	const peer = opened(linux);
	setOptions(peer.bare.tcp, peer.at, NO_DELAY);
	for (let i = 0; i < 18; i++) record(peer, 10);
	assert.is(peer.bare.tcp.counters.noMark, 2);
	assert.equal(ranges(peer.answers()).at(-1), [161, 181]);
});

test('marks lie in the image: a restored host cuts where the first would have', () => {
	const peer = opened(linux);
	setOptions(peer.bare.tcp, peer.at, NO_DELAY);
	for (const octets of [10, 20, 30]) record(peer, octets);
	const before = peer.bare.image.snapshot();
	const first = ranges(peer.answers());
	peer.bare.image.restore(before);
	peer.bare.tcp.attach();
	assert.equal(ranges(peer.answers()), first);
	assert.equal(first, [[1, 11], [11, 31], [31, 61]]);
});

test('property: whatever is written and acknowledged, no segment crosses the end of a record, and all of it is sent', () => {
	const write = fc.record({ octets: fc.integer({ min: 1, max: 4000 }), ends: fc.boolean(), more: fc.boolean(), acked: fc.boolean(), lost: fc.boolean() });
	fc.assert(fc.property(fc.array(write, { minLength: 1, maxLength: 14 }), (writes) => {
		const peer = opened(linux);
		const ends = new Set<number>();
		let written = 1, told = 1;
		const look = (got: readonly Got[]): void => {
			for (const { seq, text } of got) {
				for (const end of ends) assert.not.ok(seq < end && seq + text > end, `${seq}:${seq + text} crosses ${end}`);
				told = Math.max(told, seq + text);
			}
		};
		for (const { octets, ends: isEnd, more, acked, lost } of writes) {
			const taken = send(peer.bare.tcp, peer.at, new Uint8Array(octets), 0, octets, more, isEnd);
			written += taken;
			if (isEnd && taken === octets) ends.add(written);
			look(peer.answers());
			if (lost) look(peer.wait(3_000_000));
			if (acked) look(peer.send({ flags: ACK, seq: 1, ack: told }));
		}
		// What is corked by `more` goes with the end.
		peer.bare.shutdown(peer.at);
		look(peer.answers());
		for (let i = 0; i < 100; i++) look(peer.send({ flags: ACK, seq: 1, ack: told }));
		assert.is(told, written);
		peer.send({ flags: ACK, seq: 1, ack: written + 1 });
		assert.is(marksLeft(peer), 0);
	}), { numRuns: 150 });
});

test.run();
