import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, SYN } from '../lib/wire/tcp.ts';
import { Peer } from './peer.test.helper.ts';
import { Bare, settle } from './rig.test.helper.ts';
import { consume, linux, rfc, setSendBuffer, tcpInfo } from './index.ts';
import type { Profile, TcpInfo } from './index.ts';

interface Pair { client: Bare; server: Bare; c: number; s: number }

function open(profile: Profile = rfc): Pair {
	const client = new Bare(1, profile), server = new Bare(2, profile);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 10_000);
	return { client, server, c, s: server.accept(listener) };
}

function info(host: Bare, at: number): TcpInfo {
	const found = tcpInfo(host.tcp, at);
	assert.ok(found);
	return found!;
}

function pick<K extends keyof TcpInfo>(from: TcpInfo, ...names: K[]): Pick<TcpInfo, K> {
	return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<TcpInfo, K>;
}

test('what was agreed on, and the sizes', () => {
	const { client, c } = open();
	assert.equal(pick(info(client, c), 'state', 'congestion', 'timestamps', 'sack', 'scaling', 'ecn', 'synData', 'sndScale', 'rcvScale', 'advMss', 'sndMss', 'pathMtu', 'rcvMss'), {
		state: 'ESTABLISHED', congestion: 'open', timestamps: true, sack: true, scaling: true, ecn: false, synData: false, sndScale: 2, rcvScale: 2, advMss: 1460, sndMss: 1448, pathMtu: 1500, rcvMss: 536,
	});
	assert.is(info(client, c).sndSsthresh, Infinity);
});

test('segments and octets on both sides', () => {
	const { client, server, c, s } = open();
	client.write(c, new Uint8Array(2896));
	const [first] = client.drain();
	assert.equal(pick(info(client, c), 'unacked', 'unsent', 'bytesSent', 'bytesAcked', 'textOut'), { unacked: 2896, unsent: 0, bytesSent: 2896, bytesAcked: 0, textOut: 2 });
	server.receive(first!, 10_000);
	settle(client, server, 10_000);
	assert.equal(pick(info(server, s), 'bytesReceived', 'textIn', 'textOut', 'early'), { bytesReceived: 1448, textIn: 1, textOut: 0, early: 0 });
	assert.is(info(server, s).segmentsIn, 2, 'the ACK of the handshake, and text');
});

test('what is lost is sent again, and counted', () => {
	const { client, server, c, s } = open();
	client.write(c, new Uint8Array(2896));
	const [, second] = client.drain();
	server.receive(second!, 10_000);
	client.receive(server.drain()[0]!, 10_000);
	assert.equal(pick(info(server, s), 'early', 'bytesReceived'), { early: 1, bytesReceived: 0 });
	assert.equal(pick(info(client, c), 'sacked', 'bytesDelivered', 'congestion'), { sacked: 1448, bytesDelivered: 1448, congestion: 'disorder' });
	client.advance(3_000_000);
	settle(client, server, 3_000_000);
	assert.equal(pick(info(client, c), 'totalRetransmits', 'bytesRepeated', 'timeouts', 'bytesDelivered', 'bytesAcked', 'unacked'), { totalRetransmits: 1, bytesRepeated: 1448, timeouts: 1, bytesDelivered: 2896, bytesAcked: 2896, unacked: 0 });
});

test('how long ago', () => {
	const { client, c } = open();
	client.advance(510_000);
	assert.equal(pick(info(client, c), 'sinceSent', 'sinceText', 'sinceHeard'), { sinceSent: 500_000, sinceText: 500_000, sinceHeard: 500_000 });
	client.write(c, new Uint8Array(1));
	client.drain();
	client.advance(710_000);
	assert.is(info(client, c).sinceSent, 200_000);
});

test('what sending waits for: the network, the peer\'s window, and the user', () => {
	const peer = new Peer();
	peer.now = 1_000_000;
	peer.bare.listen(80);
	const listener = peer.bare.tcp.listeners[0]!;
	const [synAck] = peer.send({ flags: SYN, seq: 0 });
	assert.ok(synAck);
	peer.send({ flags: ACK, seq: 1, ack: 1, wnd: 0 });
	const at = peer.bare.accept(listener);
	const { bare } = peer;
	setSendBuffer(bare.tcp, at, 1072);
	assert.is(bare.write(at, new Uint8Array(3000)), 1072);
	bare.drain();
	peer.now += 300_000;
	peer.send({ flags: ACK, seq: 1, ack: 1, wnd: 5000 });
	bare.drain();
	assert.equal(pick(info(bare, at), 'busyTime', 'windowLimited', 'bufferLimited'), { busyTime: 300_000, windowLimited: 300_000, bufferLimited: 0 });
	peer.now += 100_000;
	peer.send({ flags: ACK, seq: 1, ack: 1073, wnd: 5000 });
	bare.drain();
	assert.equal(pick(info(bare, at), 'busyTime', 'windowLimited', 'bufferLimited'), { busyTime: 400_000, windowLimited: 300_000, bufferLimited: 100_000 });
	peer.now += 700_000;
	bare.advance(peer.now);
	assert.is(info(bare, at).busyTime, 400_000, 'there was nothing to send');
});

test('all of it is in the image', () => {
	const { client, server, c, s } = open(linux);
	client.write(c, new Uint8Array(9000));
	client.drain();
	const other = new Bare(1, linux);
	other.image.restore(client.image.snapshot());
	other.tcp.now = client.tcp.now;
	assert.equal(info(other, c), info(client, c));
	consume(server.tcp, s, 1);
});

test('a record that is free tells nothing', () => {
	const { client } = open();
	assert.is(tcpInfo(client.tcp, 0), null);
	assert.is(tcpInfo(client.tcp, 1 << 28), null);
	assert.is(tcpInfo(client.tcp, client.tcp.image.scratch), null);
});

test.run();
