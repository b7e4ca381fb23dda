import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freebsd, linux } from './index.ts';
import type { Profile, Tcp } from './index.ts';
import { Peer } from './peer.test.helper.ts';
import { beginReduction, reduce } from './prr.ts';

const MSS = 1460;

/** A connection with twenty segments out whose recovery begins with such a threshold, in segments. */
function recovering(threshold: number, profile: Profile = freebsd): Tcp {
	const peer = new Peer(profile);
	peer.open();
	peer.state();
	const { tcp } = peer.bare;
	tcp.tcb.cc.cwnd = 24 * MSS;
	peer.bare.write(peer.at, new Uint8Array(20 * MSS));
	assert.is(peer.answers().reduce((sum, { text }) => sum + text, 0), 20 * MSS);
	peer.state();
	tcp.tcb.prr.delivered = 99;
	tcp.tcb.prr.sent = 99;
	tcp.tcb.cc.ssthresh = threshold * MSS;
	beginReduction(tcp);
	return tcp;
}

/** What may be sent for the next ACK, in octets; then it is sent. */
function sends(t: Tcp, delivered: number, progress: boolean): number {
	const { cc, prr, snd } = t.tcb;
	reduce(t, delivered, progress);
	const room = cc.cwnd - (snd.nxt - snd.una);
	prr.sent += room;
	return room;
}

test('RFC 6937 §3: the first retransmission is sent in any case, and from then on half a segment for each that arrives where the window is halved', () => {
	const t = recovering(10);
	assert.is(t.tcb.prr.from, 20 * MSS);
	assert.equal([1, 2, 3, 4, 5, 6].map(() => sends(t, MSS, false)), [MSS, 0, MSS / 2, MSS / 2, MSS / 2, MSS / 2]);
});

test('RFC 6937 §3: the share is rounded up, so that what is left over is not lost', () => {
	const t = recovering(7);
	sends(t, 0, false);
	let total = MSS;
	for (let i = 1; i <= 12; i++) {
		total += sends(t, MSS, false);
		assert.is(total, Math.max(MSS, Math.ceil((i * MSS * 7) / 20)));
	}
});

test('RFC 6937 §3: what was sent beyond the share is waited for, and the window does not fall below what is out', () => {
	const t = recovering(10);
	t.tcb.prr.sent = 5 * MSS;
	assert.is(sends(t, MSS, true), 0);
});

test('RFC 6937 §3.1: below the threshold as many as arrived are sent, one more where the ACK made progress, and never beyond the threshold', () => {
	const t = recovering(30);
	assert.is(sends(t, 2 * MSS, false), 2 * MSS);
	assert.is(sends(t, MSS, true), 2 * MSS);
	assert.is(sends(t, 0, false), 0);
	// What the retransmissions sent too little of so far may be made up for.
	t.tcb.prr.sent = MSS;
	assert.is(sends(t, MSS, false), 3 * MSS);
	const near = recovering(21);
	near.tcb.prr.sent = MSS;
	assert.is(sends(near, 5 * MSS, true), MSS);
});

test('RFC 6937 §3: at the threshold itself nothing is over it', () => {
	const t = recovering(20);
	t.tcb.prr.sent = MSS;
	t.tcb.prr.delivered = 3 * MSS;
	assert.is(sends(t, MSS, true), 0);
});

test('a window that counts segments comes down from itself by whole ones, and by no ACK that tells of nothing', () => {
	const t = recovering(10, linux);
	assert.is(t.tcb.prr.from, 24 * MSS);
	t.tcb.cc.cwnd = 7;
	reduce(t, 0, false);
	assert.is(t.tcb.cc.cwnd, 7);
	assert.equal([1, 2, 3, 4, 5].map(() => sends(t, MSS, false)), [MSS, 0, MSS, 0, MSS]);
});

test.run();
