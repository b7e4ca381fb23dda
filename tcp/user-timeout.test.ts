import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OPTION_USER_TIMEOUT, TCP_HEADER } from '../lib/wire/tcp.ts';
import { readUserTimeout, writeUserTimeout } from './user-timeout.ts';
import { Bare, settle } from './rig.test.helper.ts';
import { CLOSED, advertiseUserTimeout, linux, rfc, setUserTimeout, socket, connect } from './index.ts';
import type { Profile } from './index.ts';

const MINUTE = 60_000_000, HOUR = 60 * MINUTE;

/** The number in the option a segment bears; −1 where there is none. */
function advertised(packet: Uint8Array): number {
	const end = 32 + (packet[44]! >> 4) * 4;
	for (let at = 32 + TCP_HEADER; at < end;) {
		const kind = packet[at]!;
		if (kind <= 1) { at++; continue; }
		if (kind === OPTION_USER_TIMEOUT) return (packet[at + 2]! << 8) | packet[at + 3]!;
		at += packet[at + 1]!;
	}
	return -1;
}

interface Pair { client: Bare; server: Bare; c: number; s: number; packets: Uint8Array[] }

/** A connection; what the sides advertise, µs, null: the option is off. */
function open(clientUto: number | null, serverUto: number | null, profile: Profile = rfc): Pair {
	const client = new Bare(1, profile), server = new Bare(2, profile);
	const listener = server.listen(80);
	if (serverUto !== null) advertiseUserTimeout(server.tcp, listener, serverUto);
	const c = socket(client.tcp);
	if (clientUto !== null) advertiseUserTimeout(client.tcp, c, clientUto);
	connect(client.tcp, 0, 0, client.addressOf(2, 4128), 80, c);
	const packets = client.drain();
	server.receive(packets[0]!, 1000);
	packets.push(...server.drain());
	client.receive(packets[1]!, 2000);
	settle(client, server, 2000);
	return { client, server, c, s: server.accept(listener), packets };
}

function patience(host: Bare, at: number): number {
	host.tcp.tcb.go(at);
	return host.tcp.tcb.limit.silence;
}

test('RFC 5482 §3.3: seconds or minutes in fifteen bits; zero is ignored', () => {
	assert.is(readUserTimeout(0), 0);
	assert.is(readUserTimeout(0x8000), 0);
	assert.is(readUserTimeout(90), 90_000_000);
	assert.is(readUserTimeout(0x8000 | 90), 90 * MINUTE);
	const bytes = new Uint8Array(4);
	const written = (us: number): number[] => { writeUserTimeout(bytes, 0, us); return [...bytes]; };
	assert.equal(written(120_000_000), [28, 4, 0, 120]);
	assert.equal(written(1), [28, 4, 0, 1], 'never zero');
	assert.equal(written(32_767_000_000), [28, 4, 0x7f, 0xff]);
	assert.equal(written(32_768_000_000), [28, 4, 0x80 | (547 >> 8), 547 & 0xff], 'minutes, rounded up');
	assert.equal(written(1e15), [28, 4, 0xff, 0xff]);
});

test('RFC 5482 §2: the option is off unless asked for', () => {
	const { packets, client, c } = open(null, 300_000_000);
	assert.is(advertised(packets[0]!), -1);
	assert.is(patience(client, c), 0, 'nor is it taken');
});

test('RFC 5482 §3: it is in the SYN and in the SYN-ACK', () => {
	const { packets, client, server, c, s } = open(200_000_000, 300_000_000);
	assert.equal(packets.slice(0, 2).map(advertised), [200, 300]);
	assert.is(patience(client, c), 300_000_000);
	assert.is(patience(server, s), 300_000_000, 'the longer of both');
});

test('RFC 5482 §3.1: USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT))', () => {
	const { client, server, c, s } = open(1_000_000, 2_000_000);
	assert.is(patience(client, c), 100_000_000, 'L_LIMIT');
	assert.is(patience(server, s), 100_000_000);
	const longest = open(2 * HOUR, 3 * HOUR);
	assert.is(patience(longest.client, longest.c), HOUR, 'U_LIMIT');
});

test('RFC 5482 §2: what the application sets itself, the peer does not change (CHANGEABLE)', () => {
	const client = new Bare(1), server = new Bare(2);
	const listener = server.listen(80);
	advertiseUserTimeout(server.tcp, listener, 500_000_000);
	const c = socket(client.tcp);
	advertiseUserTimeout(client.tcp, c, 150_000_000);
	setUserTimeout(client.tcp, c, 30_000_000);
	connect(client.tcp, 0, 0, client.addressOf(2, 4128), 80, c);
	const [syn] = client.drain();
	assert.is(advertised(syn!), 30, 'the peer is told of it');
	server.receive(syn!, 1000);
	settle(client, server, 2000);
	assert.is(patience(client, c), 30_000_000);
});

test('a change is told with the next segment that has room for it, once', () => {
	const { client, server, c, s } = open(200_000_000, 200_000_000, linux);
	advertiseUserTimeout(client.tcp, c, 400_000_000);
	const [told] = client.drain();
	assert.is(advertised(told!), 400);
	server.receive(told!, 3000);
	assert.is(patience(server, s), 400_000_000);
	client.write(c, new Uint8Array(10));
	assert.equal(client.drain().map(advertised), [-1]);
	client.write(c, new Uint8Array(3 * 1448));
	advertiseUserTimeout(client.tcp, c, 500_000_000);
	const packets = client.drain();
	assert.ok(packets.every((packet) => packet.length - 32 <= 1480), 'no packet is longer for it');
	assert.is(packets.filter((packet) => advertised(packet) === 500).length, 1);
});

test('a SYN that is sent again bears it again', () => {
	const client = new Bare(1);
	const c = socket(client.tcp);
	advertiseUserTimeout(client.tcp, c, 200_000_000);
	connect(client.tcp, 0, 0, client.addressOf(2, 4128), 80, c);
	client.drain();
	client.advance(rfc.rtoInitial);
	assert.equal(client.drain().map(advertised), [200]);
});

test('the connection is given up when that time is over, and not before', () => {
	const { client, c } = open(100_000_000, 160_000_000);
	client.write(c, new Uint8Array(10));
	client.drain();
	client.advance(2000 + 159_000_000);
	assert.is.not(client.state(c), CLOSED);
	client.advance(2000 + 160_100_000);
	assert.is(client.state(c), CLOSED);
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.error, 3, 'timed out');
});

test('all of it is in the image', () => {
	const { client, server, c, s } = open(200_000_000, 200_000_000);
	advertiseUserTimeout(client.tcp, c, 700_000_000);
	const other = new Bare(1);
	other.image.restore(client.image.snapshot());
	other.tcp.now = client.tcp.now;
	const [mine] = client.drain(), [theirs] = other.drain();
	assert.equal(theirs, mine);
	server.receive(theirs!, 3000);
	assert.is(patience(server, s), 700_000_000);
});

test.run();
