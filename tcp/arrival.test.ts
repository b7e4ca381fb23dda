import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, FIN, RST, SYN } from '../lib/wire/tcp.ts';
import { ERROR_RESET, NO_ERROR, freebsd, linux, rfc, stateNames } from './index.ts';
import type { Profile } from './index.ts';
import { Peer } from './peer.test.helper.ts';

const CLOSED = stateNames.indexOf('CLOSED'), ESTABLISHED = stateNames.indexOf('ESTABLISHED'), TIME_WAIT = stateNames.indexOf('TIME-WAIT'), LAST_ACK = stateNames.indexOf('LAST-ACK');

function opened(profile: Profile = rfc): Peer {
	const peer = new Peer(profile);
	peer.open();
	return peer;
}

/** A connection that closed first: both FINs are acknowledged. */
function waiting(profile: Profile = rfc): Peer {
	const peer = opened(profile);
	peer.bare.shutdown(peer.at);
	peer.answers();
	peer.send({ flags: FIN | ACK, seq: 1, ack: 2 });
	assert.is(peer.state(), TIME_WAIT);
	return peer;
}

test('RFC 5961 §3.2: a RST at the right edge of the window is outside, one before it draws a challenge ACK', () => {
	const peer = opened();
	const edge = 1 + 65_535;
	assert.equal(peer.send({ flags: RST, seq: edge }), []);
	const [challenge] = peer.send({ flags: RST, seq: edge - 1 });
	assert.is(challenge?.flags, ACK);
	assert.is(challenge?.seq, 1);
	assert.is(peer.state(), ESTABLISHED);
	assert.equal(peer.send({ flags: RST, seq: 1 }), []);
	assert.is(peer.state(), CLOSED);
	assert.is(peer.error(), ERROR_RESET);
});

test('RFC 9293 §3.10.7.4: text that begins at the right edge is not taken, whatever the state, and draws an ACK', () => {
	for (const profile of [rfc, linux]) {
		for (const ends of [false, true]) {
			const peer = opened(profile);
			if (ends) peer.send({ flags: FIN | ACK, seq: 1, ack: 1 });
			peer.wait(500_000);
			const { rcv, early } = peer.bare.tcp.tcb;
			const edge = (rcv.edge - rcv.irs) | 0;
			assert.equal(peer.send({ flags: ACK, seq: edge, ack: 1, text: 10 }).map(({ flags, ack }) => [flags, ack]), [[ACK, ends ? 2 : 1]]);
			assert.is(early.first, 0);
		}
	}
});

test('RFC 9293 §3.10.7.4: in TIME-WAIT the FIN again draws an ACK, and only the very ACK that is expected draws nothing', () => {
	const peer = waiting();
	assert.is(peer.send({ flags: FIN | ACK, seq: 1, ack: 2 })[0]?.ack, 2);
	assert.equal(peer.send({ flags: ACK, seq: 2, ack: 2 }), []);
	assert.is(peer.send({ flags: ACK, seq: 70_000, ack: 2 })[0]?.flags, ACK);
	assert.is(peer.send({ flags: ACK, seq: 2, ack: 1 })[0]?.flags, ACK);
	assert.equal(peer.send({ flags: FIN, seq: 1 }), [], 'no peer sends a FIN without an ACK');
	assert.is(peer.state(), TIME_WAIT);
});

test('two bare segments out of place draw one ACK where the profile limits them, and another when its time has passed', () => {
	const peer = opened(linux);
	const old = { flags: ACK, seq: 200_000, ack: 1 };
	assert.is(peer.send(old).length, 1);
	assert.is(peer.send(old).length, 0);
	peer.wait(linux.answerEvery - 1);
	assert.is(peer.send(old).length, 0);
	peer.wait(1);
	assert.is(peer.send(old).length, 1);
	assert.is(peer.send({ ...old, text: 10 }).length, 1, 'one with text is repeated by a timer that gives up');
});

test('RFC 9293 §3.10.7.4: of a segment that repeats what was taken only the rest counts, octet for octet', () => {
	const peer = opened();
	peer.send({ flags: ACK, seq: 1, ack: 1, text: 10 });
	peer.send({ flags: ACK, seq: 6, ack: 1, text: 20 });
	// The peer's octets bear their own numbers.
	assert.equal([...peer.bare.read(peer.at)], Array.from({ length: 25 }, (_, i) => i + 1));
});

test('RFC 1337: whether a RST ends TIME-WAIT is the profile\'s; where it does, the user hears of no error', () => {
	for (const [profile, state] of [[rfc, TIME_WAIT], [linux, CLOSED]] as const) {
		const peer = waiting(profile);
		assert.equal(peer.send({ flags: RST, seq: 2 }), []);
		assert.is(peer.state(), state, profile.name);
		assert.is(peer.error(), NO_ERROR, profile.name);
	}
});

test('RFC 6191 §2: a higher number opens a connection in TIME-WAIT anew where the profile says so, else it is challenged', () => {
	for (const [profile, flags] of [[rfc, SYN | ACK], [freebsd, ACK]] as const) {
		const peer = waiting(profile);
		assert.is(peer.send({ flags: SYN, seq: 5000 })[0]?.flags, flags, profile.name);
	}
});

test('TIME-WAIT reuse: the new incarnation begins above everything the old one sent, however little the clock of ISNs has moved (RFC 9293 §3.6.1)', () => {
	const peer = opened();
	peer.bare.write(peer.at, new Uint8Array(1000));
	peer.answers();
	peer.bare.shutdown(peer.at);
	peer.answers();
	peer.send({ flags: FIN | ACK, seq: 1, ack: 1002 });
	assert.is(peer.state(), TIME_WAIT);
	const before = peer.iss;
	const [answer] = peer.send({ flags: SYN, seq: 5000 });
	assert.is(answer?.flags, SYN | ACK);
	assert.ok(((peer.iss - before) | 0) >= 1002, `the ISS moved by ${(peer.iss - before) | 0}`);
});

test('RFC 9293 §3.10.5: ABORT sends no RST once both sides have closed', () => {
	const peer = opened();
	peer.send({ flags: FIN | ACK, seq: 1, ack: 1 });
	peer.bare.shutdown(peer.at);
	peer.answers();
	assert.is(peer.state(), LAST_ACK);
	peer.bare.abort(peer.at);
	assert.equal(peer.answers(), []);
	assert.is(peer.state(), CLOSED);
});

test('RFC 2883 §4.2: the first part of a segment that is held already is reported, out of order', () => {
	const peer = opened();
	peer.send({ flags: ACK, seq: 200, ack: 1, text: 100 });
	peer.send({ flags: ACK, seq: 400, ack: 1, text: 100 });
	assert.equal(peer.send({ flags: ACK, seq: 150, ack: 1, text: 325 })[0]?.sacks, [[200, 300], [150, 500]]);
});

test('RFC 2883 §4.2: and in order, where the cumulative ACK has passed it', () => {
	const peer = opened();
	peer.send({ flags: ACK, seq: 200, ack: 1, text: 100 });
	const [answer] = peer.send({ flags: ACK, seq: 1, ack: 1, text: 250 });
	assert.is(answer?.ack, 300);
	assert.equal(answer?.sacks, [[200, 251]]);
});

test('RFC 9293 §3.10.7.3: text that comes with a SYN that crosses ours is kept for ESTABLISHED, a FIN is left to be repeated', () => {
	const peer = new Peer();
	peer.at = peer.bare.connect(2, 5000, 80);
	assert.is(peer.answers()[0]?.flags, SYN);
	assert.is(peer.send({ flags: SYN | FIN, seq: 0, text: 3 })[0]?.flags, SYN | ACK);
	assert.equal([...peer.bare.read(peer.at)], []);
	peer.send({ flags: ACK, seq: 4, ack: 1 });
	assert.is(peer.state(), ESTABLISHED);
	assert.is(peer.bare.read(peer.at).length, 3);
});

test('CLOSE in SYN-RECEIVED (RFC 9293 §3.10.4): text that came with the crossing SYN is readable once ours is acknowledged', () => {
	const peer = new Peer();
	peer.at = peer.bare.connect(2, 5000, 80);
	peer.answers();
	peer.send({ flags: SYN, seq: 0, text: 3 });
	peer.bare.shutdown(peer.at);
	peer.answers();
	peer.send({ flags: ACK, seq: 4, ack: 1 });
	assert.is(peer.bare.read(peer.at).length, 3);
	peer.send({ flags: ACK, seq: 4, ack: 1, text: 2 });
	assert.equal([...peer.bare.read(peer.at)], [4, 5]);
});

test('FIN and text that was held beyond it (RFC 9293 §3.10.7.4, eighth check): what follows the text in order ends the stream', () => {
	const peer = opened();
	peer.send({ flags: ACK, seq: 51, ack: 1, text: 100 });
	assert.is(peer.send({ flags: FIN | ACK, seq: 1, ack: 1, text: 100 }).at(-1)?.ack, 102);
	assert.is(stateNames[peer.state()], 'CLOSE-WAIT');
	assert.is(peer.bare.read(peer.at).length, 100);
	const bare = opened();
	bare.send({ flags: ACK, seq: 51, ack: 1, text: 100 });
	bare.send({ flags: FIN | ACK, seq: 1, ack: 1 });
	assert.is(stateNames[bare.state()], 'CLOSE-WAIT');
	assert.is(bare.bare.image.live(bare.bare.tcp.ranges), 0);
});

test('RFC 5961 §3.2: a RST with a SYN at the number of the peer\'s SYN lies below the window, whatever opened the connection', () => {
	for (const passive of [true, false]) {
		const peer = new Peer();
		if (passive) peer.bare.listen(80);
		else peer.at = peer.bare.connect(2, 5000, 80);
		peer.answers();
		peer.send({ flags: SYN, seq: 0 });
		assert.equal(peer.send({ flags: SYN | RST | ACK, seq: 0, ack: 1 }), []);
		// It is still in SYN-RECEIVED: the SYN again draws the same answer.
		assert.is(peer.send({ flags: SYN, seq: 0 })[0]?.flags, SYN | ACK, `passive ${passive}`);
	}
});

test('RFC 5482: what stays unacknowledged for the user\'s time ends the connection', () => {
	const peer = opened();
	peer.bare.tcp.tcb.go(peer.at);
	peer.bare.tcp.tcb.limit.silence = 2_500_000;
	peer.bare.write(peer.at, new Uint8Array(10));
	peer.answers();
	peer.wait(2_400_000);
	assert.is(peer.state(), ESTABLISHED);
	peer.wait(100_000);
	assert.is(peer.state(), CLOSED);
});

test('RFC 8985 §6.2: the first SACKs tell of no reordering, whatever the initial sequence number is', () => {
	for (let key = 0; key < 16; key++) {
		const peer = new Peer(linux);
		peer.bare.image.u8.fill(key * 17, peer.bare.tcp.root.key, peer.bare.tcp.root.key + 16);
		peer.open([2, 4, 5, 180, 4, 2, 1, 1], 100_000);
		peer.bare.write(peer.at, new Uint8Array(5840));
		peer.answers();
		peer.wait(100_000);
		for (let i = 2; i <= 4; i++) {
			const right = 1 + i * 1460;
			const [again] = peer.sack(1, 1461, right);
			assert.is(again?.seq, i < 4 ? undefined : 1, `key ${key}, ${i} segments`);
		}
	}
});

test.run();
