import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK } from '../lib/wire/tcp.ts';
import { rfc, write32 } from './index.ts';
import type { Tcb } from './index.ts';
import { Peer } from './peer.test.helper.ts';

/** A timestamps option. */
function stamps(value: number, echo: number = 0): number[] {
	const bytes = new Uint8Array(10);
	bytes.set([8, 10]);
	write32(bytes, 2, value);
	write32(bytes, 6, echo);
	return [...bytes];
}

/** A connection whose SYN had these options. */
function opened(options: readonly number[]): { readonly peer: Peer; readonly tcb: Tcb } {
	const peer = new Peer(rfc);
	peer.open(options);
	peer.state();
	return { peer, tcb: peer.bare.tcp.tcb };
}

test('RFC 9293 §3.2: an option of length 0 or 1 ends the reading; what came before it counts', () => {
	for (const length of [0, 1]) assert.is(opened([2, 4, 4, 0, 99, length, 1, 1]).tcb.snd.mss, 1024);
});

test('an option that goes on behind the header is none', () => {
	const { tcb } = opened([2, 4, 4, 0, 8, 10, 0, 0]);
	assert.equal([tcb.snd.mss, tcb.ts.on], [1024, 0]);
});

test('RFC 7323 §2.3: a window scale above 14 counts as 14', () => {
	assert.is(opened([3, 3, 15, 1]).tcb.snd.scale, 14);
	assert.is(opened([3, 3, 14, 1]).tcb.snd.scale, 14);
});

test('an MSS that leaves no room for text is not believed', () => {
	assert.ok(opened([2, 4, 0, 1]).tcb.snd.mss >= 64);
	assert.ok(opened([2, 4, 0, 1, ...stamps(1), 1, 1]).tcb.snd.mss > 0);
});

test('RFC 6691 §2: options that stand in every segment are paid for by the text', () => {
	assert.is(opened([2, 4, 5, 180, ...stamps(1), 1, 1]).tcb.snd.mss, 1448);
});

test('of two timestamps the first counts', () => {
	assert.is(opened([...stamps(7), ...stamps(9)]).tcb.ts.recent, 7);
});

test('RFC 7323 §3.2: timestamps that were not agreed on say nothing', () => {
	const { peer } = opened([2, 4, 5, 180]);
	for (const [i, value] of [5, -5, 0x7fff_fff0, -0x7fff_fff0].entries()) {
		peer.send({ flags: ACK, seq: 1 + 2_920 * i, ack: 1, text: 1_460, options: [1, 1, ...stamps(value)] });
		assert.is(peer.send({ flags: ACK, seq: 1 + 2_920 * i + 1_460, ack: 1, text: 1_460, options: [1, 1, ...stamps(value)] })[0]?.ack, 1 + 2_920 * (i + 1));
	}
});

test('RFC 7323 §3.2: what comes without timestamps, agreed on or not, is taken', () => {
	const { peer } = opened([2, 4, 5, 180, ...stamps(1), 1, 1]);
	peer.send({ flags: ACK, seq: 1, ack: 1, text: 1_448, options: [1, 1, ...stamps(2)] });
	assert.is(peer.send({ flags: ACK, seq: 1_449, ack: 1, text: 1_448 })[0]?.ack, 2_897);
});

test('RFC 2018 §4, RFC 2883 §4: SACK blocks beyond what was sent say nothing, and a DSACK is no news', () => {
	const mss = 1460, { peer, tcb } = opened([2, 4, 5, 180, 4, 2, 1, 1]);
	peer.bare.write(peer.at, new Uint8Array(6 * mss));
	assert.is(peer.answers().length, 6);
	peer.sack(1, 1 + mss, 1 + 60 * mss);
	assert.is(tcb.runs.sacked, 0);
	const option = new Uint8Array(20);
	option.set([1, 1, 5, 18]);
	for (const [i, octets] of [2, 3, 1, 4].entries()) write32(option, 4 + 4 * i, peer.iss + 1 + octets * mss);
	peer.send({ flags: ACK, seq: 1, ack: 1, options: [...option] });
	assert.is(tcb.runs.sacked, 3 * mss);
	assert.is(peer.bare.tcp.counters.dsacksTaken, 1);
});

test('RFC 2018 §2: nobody who did not permit it is sent a SACK', () => {
	const { peer } = opened([2, 4, 5, 180]);
	assert.equal(peer.send({ flags: ACK, seq: 101, ack: 1, text: 100 })[0]?.sacks, []);
});

test.run();
