import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { linux, rfc, setKeepIdle, setOptions, KEEP_ALIVE } from './index.ts';
import type { Profile } from './index.ts';
import { Peer } from './peer.test.helper.ts';

/** A connection whose peer announces so small a window with the ACK of our SYN, and 3000 octets written to it. */
function withWindow(profile: Profile, wnd: number): { peer: Peer; texts: number[] } {
	const peer = new Peer(profile);
	const listener = peer.bare.listen(80);
	peer.send({ flags: SYN, seq: 0, options: [2, 4, 5, 180] });
	peer.send({ flags: ACK, seq: 1, ack: 1, wnd });
	peer.at = peer.bare.accept(listener);
	peer.bare.write(peer.at, new Uint8Array(3000));
	return { peer, texts: peer.answers().map(({ text }) => text) };
}

test('segments fit half the largest window, and all of one up to 536; the congestion window keeps their number', () => {
	const { peer, texts } = withWindow(linux, 800);
	assert.equal(texts, [400, 400]);
	const { snd, cc } = peer.bare.tcp.tcb;
	assert.is(snd.mss, 400);
	assert.is(cc.cwnd, 10 * 400);
	assert.equal(withWindow(linux, 536).texts, [536]);
	assert.equal(withWindow(linux, 540).texts, [270, 270]);
	assert.equal(withWindow(linux, 60_000).texts, [1460, 1460, 80]);
	assert.is(withWindow(rfc, 800).peer.bare.tcp.tcb.snd.mss, 1460);
});

test('a larger window makes them longer again, and up to their whole size', () => {
	const { peer } = withWindow(linux, 800);
	assert.equal(peer.send({ flags: ACK, seq: 1, ack: 801, wnd: 1200 }).map(({ text }) => text), [600, 600]);
	assert.is(peer.bare.tcp.tcb.cc.cwnd % 600, 0);
	assert.equal(peer.send({ flags: ACK, seq: 1, ack: 2001, wnd: 60_000 }).map(({ text }) => text), [1000]);
	assert.is(peer.bare.tcp.tcb.snd.mss, 1460);
	assert.is(peer.bare.tcp.tcb.snd.whole, 0);
});

test('RFC 9293 §3.8.4: the time of silence may be set after keep-alive was switched on', () => {
	const peer = new Peer();
	peer.open();
	setOptions(peer.bare.tcp, peer.at, KEEP_ALIVE);
	setKeepIdle(peer.bare.tcp, peer.at, 1_000_000);
	assert.is(peer.wait(900_000).length, 0);
	const probes = peer.wait(200_000);
	assert.equal(probes.map(({ seq, text }) => [seq, text]), [[0, 0]]);
});

test.run();
