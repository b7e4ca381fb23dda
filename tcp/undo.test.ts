import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { linux, write32 } from './index.ts';
import { Peer } from './peer.test.helper.ts';

const MSS = 1448;

/** A connection of the linux profile with timestamps and SACK, and a peer that acknowledges by hand. */
class Acker {
	readonly peer: Peer = new Peer(linux);

	constructor() {
		const { peer } = this;
		const listener = peer.bare.listen(80);
		peer.send({ flags: SYN, seq: 0, options: [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7] });
		peer.wait(40_000);
		peer.send({ flags: ACK, seq: 1, ack: 1, options: this.#stamps(1_000_000) });
		peer.at = peer.bare.accept(listener);
	}

	get tcb(): typeof this.peer.bare.tcp.tcb {
		this.peer.bare.state(this.peer.at);
		return this.peer.bare.tcp.tcb;
	}

	#stamps(sentAt: number): number[] {
		const bytes = new Uint8Array(12);
		bytes.set([1, 1, 8, 10]);
		const tsVal = Math.floor(this.peer.now / 1000);
		write32(bytes, 4, tsVal);
		write32(bytes, 8, Math.floor(sentAt / 1000) + this.peer.bare.tcp.tcb.ts.offset);
		return [...bytes];
	}

	/** Acknowledges whole segments up to `una`, SACKs some behind, and echoes what was sent at a time. Returns the segments it draws. */
	ack(una: number, sentAt: number, sacks: readonly (readonly [number, number])[] = []): number[] {
		const options = this.#stamps(sentAt);
		const { iss } = this.tcb.snd;
		if (sacks.length > 0) options.push(1, 1, 5, 2 + 8 * sacks.length);
		for (const edge of sacks.flat()) {
			const bytes = new Uint8Array(4);
			write32(bytes, 0, iss + 1 + edge * MSS);
			options.push(...bytes);
		}
		return this.peer.send({ flags: ACK, seq: 1, ack: 1 + una * MSS, options }).map(({ seq }) => (seq - 1) / MSS);
	}
}

test('RFC 3522 §3.2: an echo older than the first repeat shows that the original arrived, and the window is given back', () => {
	const acker = new Acker(), { peer } = acker;
	peer.bare.write(peer.at, new Uint8Array(10 * MSS));
	const sentAt = peer.now;
	peer.answers();
	const { cwnd } = acker.tcb.cc;
	peer.wait(40_000);
	assert.equal(acker.ack(0, 1_000_000, [[1, 6]]).slice(0, 1), [0]);
	assert.ok(acker.tcb.cc.cwnd < cwnd);
	peer.wait(10_000);
	acker.ack(6, sentAt);
	assert.is(peer.bare.tcp.counters.undone, 1);
	assert.ok(acker.tcb.cc.cwnd >= cwnd);
});

test('the echo of a repeat of an earlier recovery, still out when the next one began, is no original of it', () => {
	const acker = new Acker(), { peer } = acker;
	peer.bare.write(peer.at, new Uint8Array(40 * MSS));
	peer.answers();
	peer.wait(40_000);
	// The first of ten is lost; with each further SACK new segments leave.
	acker.ack(0, 1_000_000, [[1, 5]]);
	const firstRepeatAt = peer.now;
	peer.wait(5000);
	acker.ack(0, 1_000_000, [[1, 10]]);
	peer.wait(36_000);
	// Of these the first was lost as well, and is sent again within the same recovery.
	assert.ok(acker.tcb.snd.nxt - acker.tcb.snd.iss > 13 * MSS);
	assert.ok(acker.ack(0, 1_000_000, [[11, 13], [1, 10]]).includes(10));
	const secondRepeatAt = peer.now;
	peer.wait(2000);
	// The recovery ends, and the next begins with another loss.
	acker.ack(10, firstRepeatAt, [[11, 13]]);
	const end = (acker.tcb.snd.nxt - acker.tcb.snd.iss - 1) / MSS;
	assert.ok(end > 14);
	peer.wait(36_000);
	acker.ack(10, firstRepeatAt, [[14, end], [11, 13]]);
	assert.is(peer.bare.tcp.counters.fastRetransmits, 2);
	acker.ack(13, secondRepeatAt, [[14, end]]);
	assert.is(peer.bare.tcp.counters.undone, 0);
});

test.run();
