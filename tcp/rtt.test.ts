import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { rfc, stateNames } from './index.ts';
import { Peer } from './peer.test.helper.ts';

const MSS = 1460, ESTABLISHED = stateNames.indexOf('ESTABLISHED');
const PLAIN = [2, 4, 5, 180];

/** A connection without SACK and timestamps, whose handshake took so long, µs. */
function opened(rtt: number): Peer {
	const peer = new Peer(rfc);
	peer.open(PLAIN, rtt);
	return peer;
}

/** What the estimator says. */
function estimate(peer: Peer): { readonly srtt: number; readonly rto: number } {
	peer.state();
	const { srtt, rto } = peer.bare.tcp.tcb.rtt;
	return { srtt: srtt >> 3, rto };
}

test('RFC 6298 §2.2: after the first sample R, SRTT is R and the time-out R + 4 · R/2', () => {
	assert.equal(estimate(opened(900_000)), { srtt: 900_000, rto: 2_700_000 });
});

test('RFC 6298 §5.7: where the SYN had to be repeated, the time-out begins at 3 s', () => {
	const peer = new Peer(rfc);
	const listener = peer.bare.listen(80);
	peer.send({ flags: SYN, seq: 0, options: PLAIN });
	assert.is(peer.wait(rfc.rtoInitial).length, 1);
	peer.send({ flags: ACK, seq: 1, ack: 1 });
	peer.at = peer.bare.accept(listener);
	assert.is(estimate(peer).rto, 3_000_000);
});

test('RFC 6298 §3: an ACK of what was sent twice is no sample (Karn)', () => {
	const peer = opened(100_000);
	peer.bare.write(peer.at, new Uint8Array(6 * MSS));
	peer.answers();
	peer.wait(100_000);
	for (let i = 0; i < 3; i++) peer.send({ flags: ACK, seq: 1, ack: 1 });
	assert.is(peer.bare.tcp.counters.retransmits, 1);
	peer.wait(1_000);
	peer.send({ flags: ACK, seq: 1, ack: 1 + MSS });
	assert.is(estimate(peer).srtt, 100_000);
});

test('RFC 6298 §5: when new data is acknowledged the doublings are taken back, and time-outs are counted anew', () => {
	const peer = opened(100_000);
	const { rto } = estimate(peer);
	let octets = 1;
	for (let i = 0; i < 3 * rfc.retries; i++) {
		peer.bare.write(peer.at, new Uint8Array(10));
		peer.answers();
		assert.is(peer.wait(rto).length, 1, `time-out ${i}`);
		assert.is(estimate(peer).rto, 2 * rto);
		octets += 10;
		peer.send({ flags: ACK, seq: 1, ack: octets });
		assert.is(estimate(peer).rto, rto);
	}
	assert.is(peer.state(), ESTABLISHED);
});

test('RFC 5681 §2: a segment with text is no duplicate ACK', () => {
	const peer = opened(100_000);
	peer.bare.write(peer.at, new Uint8Array(6 * MSS));
	peer.answers();
	for (let i = 0; i < 4; i++) peer.send({ flags: ACK, seq: 1 + 10 * i, ack: 1, text: 10 });
	assert.is(peer.bare.tcp.counters.retransmits, 0);
});

test('RFC 3465 §2.1: many ACKs for an octet each open the window by those octets', () => {
	const peer = opened(100_000);
	peer.bare.write(peer.at, new Uint8Array(20 * MSS));
	peer.answers();
	peer.state();
	const { cwnd } = peer.bare.tcp.tcb.cc;
	for (let i = 1; i <= 10; i++) peer.send({ flags: ACK, seq: 1, ack: 1 + i });
	peer.state();
	assert.is(peer.bare.tcp.tcb.cc.cwnd, cwnd + 10);
});

test('RFC 6528 §3: a connection between the same two sockets has an ISN one higher every 4 µs', () => {
	const isn = (later: number): number => {
		const peer = new Peer(rfc);
		peer.now += later;
		peer.open();
		return peer.iss;
	};
	assert.is((isn(40_000) - isn(0)) | 0, 10_000);
});

test.run();
