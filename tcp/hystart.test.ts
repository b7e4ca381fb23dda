import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK } from '../lib/wire/tcp.ts';
import { linux, rfc } from './index.ts';
import type { Profile } from './index.ts';
import { Peer } from './peer.test.helper.ts';

const MSS = 1460;
const LARGEST = 0x3fff_ffff;

/** A sender that always has text, and a peer that acknowledges every segment; a round is all that is out. */
class Rounds {
	readonly peer: Peer;
	#next = 1;
	#until = 1;

	constructor(profile: Profile, rtt: number) {
		this.peer = new Peer({ ...profile, timestamps: false, sendBuffer: 400_000 });
		this.peer.open([2, 4, 5, 180, 1, 3, 3, 7], rtt);
		this.#fill();
	}

	get tcb(): typeof this.peer.bare.tcp.tcb {
		this.peer.bare.state(this.peer.at);
		return this.peer.bare.tcp.tcb;
	}

	#fill(): void {
		this.peer.bare.write(this.peer.at, new Uint8Array(400_000));
		for (const { seq, text } of this.peer.answers()) this.#until = Math.max(this.#until, seq + text);
	}

	/** Acknowledges what is out after `rtt`, one segment each `apart` µs; at most `most` of them. */
	round(rtt: number, most: number = Infinity, apart: number = 0): void {
		const end = this.#until;
		const wait = this.peer.now + rtt;
		this.peer.bare.advance(wait);
		this.peer.now = wait;
		for (let i = 0; this.#next < end && i < most; i++) {
			this.#next += Math.min(MSS, end - this.#next);
			this.peer.now += apart;
			for (const { seq, text } of this.peer.send({ flags: ACK, seq: 1, ack: this.#next, wnd: 60_000 })) this.#until = Math.max(this.#until, seq + text);
			this.#fill();
		}
	}
}

test('RFC 9406 §4.2: a round trip an eighth longer than the last round\'s begins conservative slow start', () => {
	const shorter = new Rounds(rfc, 80_000);
	shorter.round(80_000);
	assert.is(shorter.tcb.cc.cwnd, 20 * MSS);
	shorter.round(89_999);
	assert.is(shorter.tcb.hystart.rounds, 0);
	assert.is(shorter.tcb.cc.cwnd, 40 * MSS);
	const longer = new Rounds(rfc, 80_000);
	longer.round(80_000);
	longer.round(90_000);
	// Seven segments' worth at full speed, the others at a quarter.
	assert.is(longer.tcb.hystart.rounds, 4);
	assert.is(longer.tcb.cc.cwnd, 20 * MSS + 7 * MSS + 13 * (MSS >> 2));
	assert.is(longer.tcb.cc.ssthresh, LARGEST);
});

test('RFC 9406 §4.3: what counts as longer is never less than 4 ms, nor more than 16 ms', () => {
	for (const [rtt, least] of [[8000, 4000], [400_000, 16_000]] as const) {
		for (const more of [least - 1, least]) {
			const rounds = new Rounds(rfc, rtt);
			rounds.round(rtt);
			rounds.round(rtt + more);
			assert.is(rounds.tcb.hystart.rounds > 0, more === least, `${rtt} µs and ${more}`);
		}
	}
});

test('RFC 9406 §4.2: a round with fewer than 8 samples says nothing', () => {
	const rounds = new Rounds(rfc, 80_000);
	rounds.round(80_000);
	rounds.round(200_000, 7);
	assert.is(rounds.tcb.hystart.rounds, 0);
	rounds.round(0, 1);
	assert.is(rounds.tcb.hystart.rounds, 5);
});

test('RFC 9406 §4.2: after 5 rounds of it congestion avoidance begins, the partial one counted', () => {
	const rounds = new Rounds(rfc, 80_000);
	rounds.round(80_000);
	for (let i = 0; i < 4; i++) rounds.round(100_000);
	assert.is(rounds.tcb.cc.ssthresh, LARGEST);
	rounds.round(100_000);
	const { cwnd, ssthresh } = rounds.tcb.cc;
	assert.ok(ssthresh <= cwnd && ssthresh >= cwnd - MSS);
});

test('RFC 9406 §4.2: a round trip below what it was entered at shows that it was a mistake: slow start goes on', () => {
	const rounds = new Rounds(rfc, 80_000);
	rounds.round(80_000);
	rounds.round(100_000);
	assert.ok(rounds.tcb.hystart.rounds > 0);
	const before = rounds.tcb.cc.cwnd;
	rounds.round(81_000);
	assert.is(rounds.tcb.hystart.rounds, 0);
	assert.ok(rounds.tcb.cc.cwnd > 1.6 * before);
	assert.is(rounds.tcb.cc.ssthresh, LARGEST);
});

test('RFC 9406 §4.3: it is for the first slow start; after a loss there is a threshold', () => {
	const rounds = new Rounds(rfc, 80_000);
	rounds.round(80_000);
	rounds.tcb.cc.ssthresh = 60 * MSS;
	rounds.round(120_000);
	assert.is(rounds.tcb.hystart.rounds, 0);
	assert.is(rounds.tcb.cc.cwnd, 40 * MSS);
});

test('profile linux: a longer round trip ends slow start at once, from 16 segments on', () => {
	const rounds = new Rounds(linux, 80_000);
	rounds.round(120_000);
	rounds.round(60_000);
	assert.is(rounds.tcb.cc.ssthresh, LARGEST);
	const before = rounds.tcb.cc.cwnd;
	assert.is(before, 40 * MSS);
	rounds.round(60_000 + 7501);
	// The ninth sample of the round is the first to count.
	assert.is(rounds.tcb.cc.ssthresh, before + 8 * MSS);
});

test('profile linux: ACKs in close order for half a round trip end slow start', () => {
	const rounds = new Rounds(linux, 20_000);
	rounds.round(20_000);
	const before = rounds.tcb.cc.cwnd;
	assert.is(rounds.tcb.cc.ssthresh, LARGEST);
	rounds.round(20_000, Infinity, 1000);
	assert.ok(rounds.tcb.cc.ssthresh > before && rounds.tcb.cc.ssthresh < 2 * before);
});

test('profile freebsd and any other without it: nothing but a loss ends slow start', () => {
	const rounds = new Rounds({ ...rfc, slowStartExit: 'loss' }, 20_000);
	for (let i = 0; i < 4; i++) rounds.round(20_000 + 30_000 * i);
	assert.is(rounds.tcb.cc.cwnd, 160 * MSS);
});

test.run();
