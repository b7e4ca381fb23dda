import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, RST, SYN } from '../lib/wire/tcp.ts';
import { ESTABLISHED, SYN_RECEIVED, linux, rfc } from './index.ts';
import { Peer } from './peer.test.helper.ts';

/** Text in pieces of this many octets, so that a few of them fill more than a page. */
const UNIT = 97;
const segments = fc.array(fc.record({ at: fc.nat(24), length: fc.integer({ min: 1, max: 12 }), fill: fc.integer({ min: 1, max: 255 }), reads: fc.boolean() }), { minLength: 1, maxLength: 20 });

test('text in any order, overlapping with other octets: of what is early the first copy counts, and nothing shifts', () => {
	fc.assert(fc.property(segments, (all) => {
		const peer = new Peer(linux);
		peer.open();
		const held: number[] = [], read: number[] = [];
		let next = 0;
		for (const { at, length, fill, reads } of all) {
			const [left, right] = [at * UNIT, (at + length) * UNIT];
			const isInOrder = left <= next;
			for (let i = Math.max(left, next); i < right; i++) if (isInOrder || held[i] === undefined) held[i] = (fill + i - left) & 255;
			while (held[next] !== undefined) next++;
			const answers = peer.send({ flags: ACK, seq: 1 + left, ack: 1, text: right - left, fill });
			for (const { ack } of answers) assert.is(ack, 1 + next);
			if (reads) read.push(...peer.bare.read(peer.at));
		}
		read.push(...peer.bare.read(peer.at));
		assert.equal(read, held.slice(0, next));
	}));
});

test('one octet that is missing is missing', () => {
	const peer = new Peer(linux);
	peer.open();
	peer.send({ flags: ACK, seq: 11, ack: 1, text: 10 });
	// Octet 21 is not there.
	assert.equal(peer.send({ flags: ACK, seq: 22, ack: 1, text: 10 })[0]!.sacks, [[22, 32], [11, 21]]);
	assert.is(peer.send({ flags: ACK, seq: 1, ack: 1, text: 10 })[0]!.ack, 21);
	assert.is(peer.send({ flags: ACK, seq: 21, ack: 1, text: 1 })[0]!.ack, 32);
	assert.equal([...peer.bare.read(peer.at)], Array.from({ length: 31 }, (_, i) => 1 + i));
});

test('what lies behind the right edge of the window is not taken (RFC 9293 §3.10.7.4)', () => {
	const peer = new Peer({ ...rfc, receiveBuffer: 2000 });
	peer.open();
	peer.send({ flags: ACK, seq: 1, ack: 1, text: 1460 });
	peer.send({ flags: ACK, seq: 1461, ack: 1, text: 1460 });
	assert.is(peer.bare.read(peer.at).length, 2000);
});

test('a page that held text behind a gap is given back clean', () => {
	const peer = new Peer(rfc);
	peer.open();
	peer.send({ flags: ACK, seq: 2001, ack: 1, text: 1400 });
	peer.send({ flags: ACK | RST, seq: 1, ack: 1 });
	const { image } = peer.bare;
	for (let at = image.allocPage(); at !== 0; at = image.allocPage()) assert.ok(image.u8.subarray(at, at + image.chunk).every((byte) => byte === 0), `page ${at}`);
});

test('every segment out of order draws a duplicate ACK of its own, however many arrive at once (RFC 5681 §4.2)', () => {
	const peer = new Peer(linux);
	peer.open();
	for (const seq of [101, 201, 301]) peer.put({ flags: ACK, seq, ack: 1, text: 50 });
	assert.equal(peer.answers().map(({ ack, sacks }) => [ack, sacks[0]]), [[1, [101, 151]], [1, [201, 251]], [1, [301, 351]]]);
});

test('a segment whose checksum is wrong is dropped and counted, whatever it says', () => {
	const peer = new Peer(linux);
	peer.open();
	assert.equal(peer.send({ flags: ACK, seq: 1, ack: 1, text: 10, damaged: true }), []);
	assert.equal(peer.send({ flags: ACK | RST, seq: 1, ack: 1, damaged: true }), []);
	assert.equal([peer.bare.tcp.counters.badChecksum, peer.bare.read(peer.at).length, peer.state()], [2, 0, ESTABLISHED]);
});

test('an ACK of nothing ends no handshake: it draws a RST (RFC 9293 §3.10.7.4)', () => {
	const peer = new Peer(rfc);
	peer.bare.listen(80);
	const [synAck] = peer.send({ flags: SYN, seq: 0 });
	assert.is(synAck!.flags, SYN | ACK);
	assert.equal(peer.send({ flags: ACK, seq: 1, ack: 0 }).map(({ flags, seq }) => [flags, seq]), [[RST, 0]]);
	const { tcp } = peer.bare;
	const states: number[] = [];
	for (let at = tcp.image.first(tcp.tcbs); at !== 0; at = tcp.image.next(tcp.tcbs, at)) states.push(peer.bare.state(at));
	assert.ok(states.includes(SYN_RECEIVED));
	assert.is(peer.send({ flags: ACK, seq: 1, ack: 1 }).length, 0);
});

test.run();
