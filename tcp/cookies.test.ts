import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bare, settle } from './rig.test.helper.ts';
import { linux, rfc } from './index.ts';

test('RFC 4987 §3.6: a full backlog answers with cookies, and their ACKs open connections', () => {
	const server = new Bare(2, linux);
	const listener = server.listen(80, 2);
	const clients = [1, 3, 4, 5].map((last) => new Bare(last));
	const synAcks = clients.map((client) => {
		client.connect(2, 80);
		for (const packet of client.drain()) server.receive(packet, 0);
		return server.drain()[0]!;
	});
	assert.is(server.tcp.counters.cookiesSent, 2);
	assert.is(server.image.live(server.tcp.tcbs), 3);
	const last = clients[3]!;
	last.receive(synAcks[3]!, 1000);
	for (const packet of last.drain()) server.receive(packet, 1000);
	assert.is(server.tcp.counters.cookiesTaken, 1);
	const s = server.accept(listener);
	assert.ok(s !== 0);
	server.write(s, new Uint8Array([1, 2, 3]));
	settle(last, server, 2000);
	assert.is(last.tcp.counters.segmentsIn > 1, true);
});

test('an ACK that is no cookie of ours draws a RST', () => {
	const server = new Bare(2, linux), first = new Bare(3), client = new Bare(1);
	server.listen(80, 1);
	first.connect(2, 80);
	client.connect(2, 80);
	for (const packet of [...first.drain(), ...client.drain()]) server.receive(packet, 0);
	const synAck = server.drain()[1]!;
	client.receive(synAck, 0);
	const [ack] = client.drain();
	server.receive(ack!, 3 * 60_000_000);
	assert.is(server.tcp.counters.cookiesTaken, 0);
	assert.is(server.tcp.counters.resetsSent, 1);
});

test('without cookies a full backlog drops the SYN', () => {
	const server = new Bare(2, rfc), client = new Bare(1);
	server.listen(80, 0);
	client.connect(2, 80);
	for (const packet of client.drain()) server.receive(packet, 0);
	assert.is(server.drain().length, 0);
	assert.is(server.tcp.counters.listenFull, 1);
});

test.run();
