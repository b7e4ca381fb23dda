import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, CWR, ECE, SYN, TCP_FLAGS } from '../lib/wire/tcp.ts';
import { Bare, settle } from './rig.test.helper.ts';
import { rfc, segmentArrives } from './index.ts';
import { CE, ECT_0 } from './ecn.ts';

const asking = { ...rfc, ecn: 'request' as const };
const flagsOf = (packet: Uint8Array): number => packet[32 + TCP_FLAGS]!;

function receive(to: Bare, packet: Uint8Array, now: number, ecn: number): void {
	to.advance(now);
	const at = to.image.scratch + 4352;
	to.image.u8.set(packet, at);
	segmentArrives(to.tcp, at, at + 16, at + 32, packet.length - 32, ecn);
}

test('RFC 3168 §6.1.1: SYN with ECE and CWR, SYN-ACK with ECE alone, and ECN is on', () => {
	const client = new Bare(1, asking), server = new Bare(2);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	const [syn] = client.drain();
	const [synAck] = (server.receive(syn!, 0), server.drain());
	assert.is(flagsOf(syn!), SYN | ECE | CWR);
	assert.is(flagsOf(synAck!), SYN | ACK | ECE);
	client.receive(synAck!, 0);
	settle(client, server, 0);
	assert.ok(server.accept(listener));
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.ecn.on, 1);
});

test('RFC 3168 §6.1.1: a host that does not know ECN reflects nothing, and it stays off', () => {
	const client = new Bare(1, asking), server = new Bare(2, { ...rfc, ecn: 'off' });
	server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 0);
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.ecn.on, 0);
});

test('RFC 3168 §6.1.1.1: a SYN that was not answered is sent again without ECN', () => {
	const client = new Bare(1, asking);
	client.connect(2, 80);
	client.drain();
	client.advance(rfc.rtoInitial);
	assert.is(flagsOf(client.drain()[0]!), SYN);
});

test('RFC 3168 §6.1.2, §6.1.3: a mark is echoed until CWR, and halves the window once a round trip', () => {
	const client = new Bare(1, asking), server = new Bare(2);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 0);
	const s = server.accept(listener);
	client.write(c, new Uint8Array(4 * 1448));
	const segments = client.drain();
	assert.is(client.tcp.ect, ECT_0);
	client.tcp.tcb.go(c);
	const before = client.tcp.tcb.cc.cwnd;
	const flight = 4 * 1448;
	receive(server, segments[0]!, 1000, CE);
	for (const segment of segments.slice(1)) receive(server, segment, 1000, ECT_0);
	const acks = server.drain();
	assert.ok(acks.length > 0 && acks.every((ack) => (flagsOf(ack) & ECE) !== 0));
	for (const ack of acks) client.receive(ack, 2000);
	client.tcp.tcb.go(c);
	assert.ok(client.tcp.tcb.cc.cwnd < before);
	assert.is(client.tcp.tcb.cc.cwnd, flight / 2);
	assert.is(client.tcp.counters.ecnReductions, 1);
	client.write(c, new Uint8Array(100));
	const [next] = client.drain();
	assert.is(flagsOf(next!) & CWR, CWR);
	receive(server, next!, 3000, ECT_0);
	server.read(s);
	server.write(s, new Uint8Array(1));
	assert.is(flagsOf(server.drain()[0]!) & ECE, 0);
});

test.run();
