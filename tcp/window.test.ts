import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK } from '../lib/wire/tcp.ts';
import { rfc, setReceiveBuffer, stateNames, write32 } from './index.ts';
import { Peer } from './peer.test.helper.ts';

const ESTABLISHED = stateNames.indexOf('ESTABLISHED');

function opened(): Peer {
	const peer = new Peer(rfc);
	peer.open();
	return peer;
}

test('RFC 9293 §3.10.7.4: the window of a segment that was overtaken is not taken', () => {
	const peer = opened();
	peer.send({ flags: ACK, seq: 11, ack: 1, wnd: 2_000, text: 10 });
	peer.send({ flags: ACK, seq: 1, ack: 1, wnd: 50_000, text: 10 });
	peer.state();
	assert.is(peer.bare.tcp.tcb.snd.wnd, 2_000);
});

test('RFC 9293 §3.8.6.1: a peer that answers every probe keeps its window closed for as long as it likes', () => {
	const peer = opened();
	peer.send({ flags: ACK, seq: 1, ack: 1, wnd: 0 });
	peer.bare.write(peer.at, new Uint8Array(100));
	peer.answers();
	let probes = 0;
	for (let i = 0; i < 4 * rfc.retries; i++) {
		const sent = peer.wait(rfc.persistMax);
		probes += sent.length;
		peer.send({ flags: ACK, seq: 1, ack: 1, wnd: 0 });
	}
	assert.ok(probes > 2 * rfc.retries, `${probes} probes`);
	assert.is(peer.state(), ESTABLISHED);
	// The octet of the probe, or all of it, as soon as there is a window.
	assert.ok(peer.send({ flags: ACK, seq: 1, ack: 1, wnd: 1_000 }).length > 0);
});

test('RFC 7323 §2.4: a coarse scale never pulls the right edge back', () => {
	const peer = new Peer({ ...rfc, windowScaling: true, windowScale: 7 });
	peer.open([2, 4, 5, 180, 1, 3, 3, 7]);
	let edge = 0, answers = 0;
	for (let seq = 1; seq < 3_000; seq += 100) {
		for (const { ack, wnd } of peer.send({ flags: ACK, seq, ack: 1, text: 100 })) {
			assert.ok(ack + (wnd << 7) >= edge, `${ack} + ${wnd << 7} < ${edge}`);
			edge = ack + (wnd << 7);
			answers++;
		}
	}
	assert.ok(answers > 0);
});

test('RFC 9293 §3.8.6: a buffer made smaller does not take back what was announced', () => {
	const peer = opened();
	const [first] = peer.send({ flags: ACK, seq: 1, ack: 1, text: 2_920 });
	setReceiveBuffer(peer.bare.tcp, peer.at, 10_000);
	const [next] = peer.send({ flags: ACK, seq: 2_921, ack: 1, text: 2_920 });
	assert.ok(next!.ack + next!.wnd >= first!.ack + first!.wnd, `${next!.ack} + ${next!.wnd}`);
});

test('RFC 2018 §4: the blocks of one ACK are no sign of reordering, whatever their order, and across 2³¹ too', () => {
	const mss = 1460, first = new Peer(rfc);
	first.open();
	// A clock that makes our numbers wrap behind the third segment (RFC 9293 §3.4.1: one every 4 µs).
	const peer = new Peer(rfc);
	peer.now += 4 * ((0x7fff_ffff - 3 * mss - first.iss) >>> 0);
	peer.open();
	assert.is(peer.iss, 0x7fff_ffff - 3 * mss);
	peer.bare.write(peer.at, new Uint8Array(10 * mss));
	const sent = peer.answers().length;
	assert.ok(sent >= 4, `${sent} segments`);
	const option = new Uint8Array(20);
	option.set([1, 1, 5, 18]);
	for (const [i, segments] of [3.5, 4, 1, 2].entries()) write32(option, 4 + 4 * i, peer.iss + 1 + segments * mss);
	peer.send({ flags: ACK, seq: 1, ack: 1, options: [...option] });
	peer.state();
	const { tcb } = peer.bare.tcp;
	assert.is(tcb.runs.sacked, 1.5 * mss);
	assert.is(tcb.info.reorderings, 0);
});

test.run();
