import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, FIN, SYN } from '../lib/wire/tcp.ts';
import { freebsd, linux, nextDeadline, rfc, shutdown, takeOverTcp, tcpInfo, write32 } from './index.ts';
import type { Profile, TcpInfo } from './index.ts';
import { Peer } from './peer.test.helper.ts';

// What a takeover changes in a connection (DESIGN.md §4): what is outstanding
// was sent by another, perhaps long ago, perhaps never.

const PROFILES = [rfc, linux, freebsd];
const MS = 1000, SECOND = 1_000_000, RTT = 40 * MS;
const SYN_OPTIONS = { plain: [2, 4, 5, 180], sack: [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7] } as const;
const MSS = { plain: 1460, sack: 1448 } as const;

/** A connection to a peer that acknowledges by hand, with SACK and timestamps or with neither. */
class Stage {
	readonly peer: Peer;
	readonly kind: 'plain' | 'sack';
	#began: number = 0;

	constructor(profile: Profile, kind: 'plain' | 'sack') {
		this.peer = new Peer(profile);
		this.kind = kind;
		const { peer } = this;
		const listener = peer.bare.listen(80);
		this.#began = peer.now;
		peer.send({ flags: SYN, seq: 0, options: SYN_OPTIONS[kind] });
		peer.wait(RTT);
		this.ack(0, this.#began);
		peer.at = peer.bare.accept(listener);
	}

	/** Sends whole segments. */
	write(segments: number): number {
		this.peer.bare.write(this.peer.at, new Uint8Array(segments * MSS[this.kind]));
		return this.peer.answers().length;
	}

	/** Acknowledges whole segments, SACKs others, and echoes what was sent at a time; how many segments that draws. */
	ack(una: number, sentAt: number, sack: readonly [number, number] | null = null, wnd: number = 60_000): number {
		const mss = MSS[this.kind], { peer } = this;
		const words: number[] = [];
		if (this.kind === 'sack') {
			words.push(0x0101_080a, Math.floor(peer.now / 1000), Math.floor(sentAt / 1000) + peer.bare.tcp.tcb.ts.offset);
			if (sack !== null) words.push(0x0101_050a, peer.iss + 1 + sack[0] * mss, peer.iss + 1 + sack[1] * mss);
		}
		const options = new Uint8Array(words.length * 4);
		words.forEach((word, i) => write32(options, i * 4, word));
		return peer.send({ flags: ACK, seq: 1, ack: 1 + una * mss, wnd, options: [...options] }).filter(({ text }) => text > 0).length;
	}

	/** Another goes live with this machine after so many µs in which nobody ran. */
	takeOver(outage: number): void {
		const { peer } = this, { tcp } = peer.bare;
		peer.now += outage;
		tcp.now = peer.now;
		takeOverTcp(tcp);
	}

	get info(): TcpInfo { return tcpInfo(this.peer.bare.tcp, this.peer.at)!; }
}

test('no round trip is measured on what was out, whatever is echoed', () => {
	for (const profile of PROFILES) for (const outage of [300 * MS, 5 * SECOND]) {
		const stage = new Stage(profile, 'sack');
		const sentAt = stage.peer.now;
		stage.write(2);
		const { rtt, rto } = stage.info;
		stage.takeOver(outage);
		stage.peer.wait(RTT);
		stage.ack(1, sentAt);
		stage.ack(2, sentAt);
		assert.equal([stage.info.unacked, stage.info.rtt, stage.info.rto], [0, rtt, rto], `${profile.name}, ${outage} µs`);
	}
});

test('what is out counts as sent again: of now, and not of when the dead sent it', () => {
	for (const profile of PROFILES) {
		const stage = new Stage(profile, 'sack');
		stage.write(4);
		stage.takeOver(5 * SECOND);
		assert.is(stage.info.repeated, 4 * MSS.sack, profile.name);
	}
});

test('what was out was all sent at the takeover: it is lost a round trip and a window of reordering after that, whenever the dead had sent it', () => {
	const stage = new Stage(linux, 'sack'), { peer } = stage;
	for (let i = 0; i < 3; i++) {
		assert.is(stage.write(1), 1);
		peer.wait(30 * MS);
	}
	stage.takeOver(5 * SECOND);
	const sentAt = peer.now;
	assert.is(stage.write(1), 1);
	peer.wait(RTT);
	// RFC 8985 §6.2, step 5: nothing was sent before what has arrived by more than that.
	assert.equal([stage.ack(1, sentAt, [3, 4]), stage.info.lost], [0, 0]);
	peer.wait(RTT >> 2);
	assert.is(stage.info.lost, 2 * MSS.sack);
});

test('duplicate ACKs drawn by what is sent again send nothing again; nor do those the dead had counted', () => {
	for (const profile of PROFILES) {
		const stage = new Stage(profile, 'plain');
		const { peer } = stage;
		const sentAt = peer.now;
		const count = stage.write(4);
		assert.is(count, 4, profile.name);
		stage.ack(0, sentAt);
		stage.ack(0, sentAt);
		assert.is(stage.info.congestion, 'disorder', profile.name);
		stage.takeOver(SECOND);
		assert.is(stage.info.congestion, 'open', profile.name);
		for (let i = 0; i < 4; i++) assert.is(stage.ack(0, sentAt), 0, profile.name);
		assert.equal([peer.bare.tcp.counters.fastRetransmits, stage.info.congestion], [0, 'open'], profile.name);
	}
});

test('every timer of the dead begins anew: of text, of a FIN, of a probe of a closed window', () => {
	for (const profile of PROFILES) {
		for (const what of ['text', 'FIN', 'FIN after theirs', 'closed window'] as const) {
			const stage = new Stage(profile, 'plain'), { peer } = stage;
			if (what === 'text') stage.write(1);
			else if (what === 'FIN') shutdown(peer.bare.tcp, peer.at);
			else if (what === 'FIN after theirs') {
				peer.send({ flags: FIN | ACK, seq: 1, ack: 1 });
				shutdown(peer.bare.tcp, peer.at);
			} else {
				stage.ack(0, peer.now, null, 0);
				stage.write(1);
			}
			peer.answers();
			assert.ok(nextDeadline(peer.bare.tcp) < peer.now + 8 * SECOND, `${profile.name}, ${what}: a timer runs`);
			stage.takeOver(10 * SECOND);
			const due = nextDeadline(peer.bare.tcp);
			assert.ok(due > peer.now, `${profile.name}, ${what}: due ${due - peer.now} µs from now`);
			assert.equal(peer.wait(0), [], `${profile.name}, ${what}`);
			assert.ok(peer.wait(8 * SECOND).length > 0, `${profile.name}, ${what}: it goes on`);
		}
	}
});

test.run();
