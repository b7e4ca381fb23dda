import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bare, settle } from './rig.test.helper.ts';
import { icmpArrives, rfc } from './index.ts';
import type { SegmentError } from './index.ts';

const MSS = 1448;

function sending(profile = rfc): { client: Bare; server: Bare; c: number; s: number } {
	const client = new Bare(1, profile), server = new Bare(2);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 0);
	client.write(c, new Uint8Array(4 * MSS).fill(3));
	return { client, server, c, s: server.accept(listener) };
}

function tooBig(client: Bare, c: number, offset: number, mtu: number): SegmentError {
	const { tcb } = client.tcp;
	tcb.go(c);
	return { family: 4, type: 3, code: 4, localAt: tcb.local.addr, remoteAt: tcb.remote.addr, localPort: tcb.local.port, remotePort: tcb.remote.port, seq: (tcb.snd.una + offset) | 0, mtu };
}

const textOf = (packet: Uint8Array): number => packet.length - 32 - (packet[32 + 12]! >> 4) * 4;

test('RFC 1191 §6.4: text is cut to the MTU a router names, and sent again at once with the window kept', () => {
	const { client, server, c, s } = sending();
	assert.ok(client.drain().every((packet) => textOf(packet) === MSS));
	const error = tooBig(client, c, 0, 1000);
	const before = client.tcp.tcb.cc.cwnd;
	icmpArrives(client.tcp, error);
	const again = client.drain();
	assert.ok(again.length > 0 && again.every((packet) => textOf(packet) <= 1000 - 40 - 12));
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.cc.cwnd, before);
	for (const packet of again) server.receive(packet, 10);
	settle(client, server, 20);
	assert.is(server.read(s).length, 4 * MSS);
});

test('RFC 5927 §4.1: a message about octets that are not in flight is not believed', () => {
	const { client, c } = sending();
	client.drain();
	icmpArrives(client.tcp, tooBig(client, c, 5 * MSS, 600));
	icmpArrives(client.tcp, tooBig(client, c, -1, 600));
	assert.is(client.tcp.counters.icmpOutOfWindow, 2);
	assert.is(client.drain().length, 0);
});

test('RFC 5927 §7.2: an MTU that is no smaller, or too small to be true, changes nothing or no more than it may', () => {
	const { client, c } = sending();
	client.drain();
	icmpArrives(client.tcp, tooBig(client, c, 0, 9000));
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.snd.mss, MSS);
	icmpArrives(client.tcp, tooBig(client, c, 0, 20));
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.snd.mss, 68 - 40 - 12);
});

test('RFC 2923 §2.1: a path that swallows large packets in silence is tried with small ones', () => {
	const { client, server, c, s } = sending();
	let now = 0;
	for (let round = 0; round < 40 && server.read(s).length === 0; round++) {
		for (const packet of client.drain()) if (textOf(packet) <= 536) server.receive(packet, now);
		for (const packet of server.drain()) client.receive(packet, now);
		now += 1_000_000;
		client.advance(now);
	}
	client.tcp.tcb.go(c);
	assert.is(client.tcp.counters.pathShrunk, 1);
	assert.ok(client.tcp.tcb.snd.mss <= 536);
});

test('a peer that is silent while only short segments are out says nothing of the path', () => {
	const client = new Bare(1), server = new Bare(2);
	server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 0);
	client.write(c, new Uint8Array(100));
	client.drain();
	for (let now = 1_000_000; now <= 64_000_000; now += 1_000_000) {
		client.advance(now);
		client.drain();
	}
	client.tcp.tcb.go(c);
	assert.ok(client.tcp.tcb.rtt.strikes > rfc.blackHoleAfter);
	assert.is(client.tcp.tcb.snd.mss, MSS);
	assert.is(client.tcp.counters.pathShrunk, 0);
});

test.run();
