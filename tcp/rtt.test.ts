import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { freebsd, linux, rfc, stateNames } from './index.ts';
import type { Profile, Tcp } from './index.ts';
import { Peer } from './peer.test.helper.ts';
import { backOff, endBackOff, takeSample } from './rtt.ts';

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

test('RFC 6298 §3: one sample a round trip, of the first segment of a flight', () => {
	const peer = opened(100_000);
	peer.bare.write(peer.at, new Uint8Array(2 * MSS));
	peer.answers();
	peer.wait(180_000);
	peer.send({ flags: ACK, seq: 1, ack: 1 + MSS });
	assert.is(estimate(peer).srtt, 110_000);
	peer.wait(320_000);
	peer.send({ flags: ACK, seq: 1, ack: 1 + 2 * MSS });
	assert.is(estimate(peer).srtt, 110_000);
	const every = new Peer(linux);
	every.open(PLAIN, 100_000);
	every.bare.write(every.at, new Uint8Array(2 * MSS));
	every.answers();
	every.wait(100_000);
	every.send({ flags: ACK, seq: 1, ack: 1 + MSS });
	every.wait(80_000);
	every.send({ flags: ACK, seq: 1, ack: 1 + 2 * MSS });
	assert.is(estimate(every).srtt, 110_000, 'or every ACK gives one');
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

/** Samples, µs, taken one by one, each of a flight that is acknowledged with it; the last estimate. */
function after(profile: Profile, samples: readonly number[]): Tcp {
	const peer = new Peer(profile);
	peer.open();
	peer.state();
	const { tcp } = peer.bare;
	const { rtt, rack, snd } = tcp.tcb;
	rtt.has = 0;
	rack.minRtt = 0;
	for (const sample of samples) {
		snd.nxt = (snd.nxt + 1) | 0;
		snd.una = snd.nxt;
		takeSample(tcp, sample, sample);
	}
	return tcp;
}

test('RFC 6298 §2.3: an eighth of each sample enters SRTT, a quarter of its distance RTTVAR', () => {
	fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 3_000_000 }), { minLength: 1, maxLength: 30 }), ([first = 1, ...others]) => {
		let srtt = first, rttvar = first / 2;
		for (const r of others) {
			rttvar = 0.75 * rttvar + 0.25 * Math.abs(srtt - r);
			srtt = 0.875 * srtt + 0.125 * r;
		}
		const { rtt } = after(rfc, [first, ...others]).tcb;
		assert.ok(Math.abs((rtt.srtt >> 3) - srtt) < 3, `${rtt.srtt >> 3} ${srtt}`);
		assert.ok(Math.abs(rtt.var / 4 - rttvar) < 6, `${rtt.var / 4} ${rttvar}`);
		assert.is(rtt.rto, Math.min(rfc.rtoMax, Math.max(rfc.rtoMin, (rtt.srtt >> 3) + Math.max(rfc.rtoGranularity, rtt.var))));
	}));
});

test('where every ACK is a sample the largest spread of a round counts, and falls by a quarter of what it is too much', () => {
	const { rtoGranularity } = linux;
	assert.is(after(linux, [400_000]).tcb.rtt.var, 800_000);
	assert.is(after(linux, [1_000]).tcb.rtt.var, rtoGranularity, 'it is never less than this');
	// Nothing differs: the mean falls to three quarters each time, 600,000 and 450,000, and is compared with from the round after the first.
	assert.is(after(linux, [400_000, 400_000]).tcb.rtt.var, 800_000);
	assert.is(after(linux, [400_000, 400_000, 400_000]).tcb.rtt.var, 800_000 - (800_000 - 450_000) / 4);
	// A longer one counts at once: 800,000 · 3/4 + 600,000.
	assert.is(after(linux, [400_000, 1_000_000]).tcb.rtt.var, 1_200_000);
	// Shorter ones raise the mean by an eighth only: 800,000 + (350,000 − 200,000) / 8.
	assert.is(after(linux, [400_000, 50_000]).tcb.rtt.mean, 818_750);
	assert.is(after(linux, [400_000, 50_000]).tcb.rtt.srtt >> 3, 400_000 - 350_000 / 8);
	assert.is(after(linux, [400_000, 350_000]).tcb.rtt.mean, 800_000 + 50_000 - 200_000, 'and lower it as any');
});

test('RFC 8985 §6.2: the shortest round trip is kept for five minutes, and no longer', () => {
	const t = after(rfc, [300_000, 200_000, 250_000]);
	const { rack } = t.tcb;
	assert.is(rack.minRtt, 200_000);
	t.now += 299_999_999;
	takeSample(t, 250_000, 250_000);
	assert.is(rack.minRtt, 200_000);
	t.now += 1;
	takeSample(t, 250_000, 250_000);
	assert.is(rack.minRtt, 250_000);
	t.now += 299_999_999;
	takeSample(t, 250_000, 250_000);
	t.now += 299_999_999;
	takeSample(t, 260_000, 260_000);
	assert.is(rack.minRtt, 250_000, 'one that is as short keeps it young');
});

test('RFC 6298 §5.5: a time-out doubles up to the largest; what a profile adds to it is not doubled', () => {
	const t = after(freebsd, [100_000]);
	const { rtt } = t.tcb;
	const { rtoSlop, rtoMax } = freebsd;
	const first = rtt.rto;
	assert.is(first, 100_000 + 200_000 + rtoSlop);
	backOff(t);
	assert.is(rtt.rto, (first - rtoSlop) * 2 + rtoSlop);
	for (let i = 0; i < 300; i++) backOff(t);
	assert.is(rtt.rto, rtoMax);
	assert.is(rtt.backoff, 255);
	rtt.has = 0;
	rtt.backoff = 0;
	rtt.rto = freebsd.rtoInitial;
	backOff(t);
	assert.is(rtt.rto, 2 * freebsd.rtoInitial + rtoSlop, 'before the first sample nothing has been added');
	backOff(t);
	assert.is(rtt.rto, 4 * freebsd.rtoInitial + rtoSlop);
});

test('RFC 6298 §5: the doublings are taken back to the estimate, or to the first value where there is none', () => {
	const t = after(rfc, []);
	const { rtt } = t.tcb;
	for (const has of [0, 1]) {
		rtt.has = has;
		rtt.srtt = 5_000_000 << 3;
		rtt.var = 1_000_000;
		backOff(t);
		assert.is(rtt.backoff, 1);
		rtt.strikes = 1;
		endBackOff(t);
		assert.equal([rtt.rto, rtt.backoff, rtt.strikes], [has === 0 ? rfc.rtoInitial : 6_000_000, 0, 0]);
	}
	const all = after(linux, [400_000]);
	backOff(all);
	const { rto } = all.tcb.rtt;
	endBackOff(all);
	assert.is(all.tcb.rtt.rto, rto, 'where each ACK is a sample, that sample does it');
});

test.run();
