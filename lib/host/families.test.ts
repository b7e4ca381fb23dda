import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ESTABLISHED, EVENT_DATA, send } from '../../tcp/index.ts';
import type { Application } from './application.ts';
import { Host } from './host.ts';

/** Sends back what it reads. */
const echo: Application = {
	name: 'echo', pools: [],
	attach: () => undefined,
	start: (io) => { io.listen(7); },
	ready: (io, socket) => {
		for (let next = io.accept(socket); next !== 0; next = io.accept(socket)) { /* taken in */ }
		const length = io.peek(socket);
		if (length > 0) { io.write(socket, io.bytes, io.at, length); io.consume(socket, length); }
	},
};

/** Connects, asks once and keeps the answer. */
function asking(address: string, heard: string[]): Application {
	return {
		name: 'ask', pools: [],
		attach: () => undefined,
		start: (io) => { const socket = io.connect(address, 7); assert.ok(socket > 0); io.write(socket, Uint8Array.from('hello', (letter) => letter.charCodeAt(0))); },
		ready: (io, socket, events) => {
			if ((events & EVENT_DATA) === 0) return;
			const length = io.peek(socket);
			heard.push(String.fromCharCode(...io.bytes.subarray(io.at, io.at + length)));
			io.consume(socket, length);
		},
	};
}

test('TCP speaks over both families, across the link and through neighbour discovery', () => {
	for (const address of ['10.0.0.1', '2001:db8::1', 'fe80::ff:fe00:1']) {
		const heard: string[] = [];
		const server = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24', '2001:db8::1/64'], application: echo });
		const client = new Host({ mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24', '2001:db8::2/64'], application: asking(address, heard) });
		let now = 0;
		for (let round = 0; round < 20; round++) {
			now += 1000;
			for (const [from, to] of [[client, server], [server, client]] as const) {
				from.wake(now);
				from.drain({ take: (bytes, at, length) => { to.receive(0, bytes, at, length, now); } });
			}
		}
		assert.equal(heard, ['hello'], address);
		for (const host of [server, client]) assert.is(host.network.counters.value('icmpNotDue') + host.network.counters.value('noRoute'), 0);
	}
});

/** Opens as many connections at once. */
function opening(count: number, sockets: number[]): Application {
	return { name: 'open', pools: [], attach: () => undefined, start: (io) => { for (let i = 0; i < count; i++) sockets.push(io.connect('10.0.0.1', 7)); }, ready: () => undefined };
}

test('64 connections opened at once, to a neighbour still to be found, lose no SYN', () => {
	const sockets: number[] = [];
	const server = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: echo, tcp: { connections: 128 } });
	const client = new Host({ mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: opening(64, sockets), tcp: { connections: 128 } });
	let now = 0;
	for (let round = 0; round < 6; round++) {
		now += 1000;
		for (const [from, to] of [[client, server], [server, client]] as const) {
			from.wake(now);
			from.drain({ take: (bytes, at, length) => { to.receive(0, bytes, at, length, now); } });
		}
	}
	const states = sockets.map((socket) => { client.tcp.tcb.go(socket); return client.tcp.tcb.state; });
	assert.equal(states.filter((state) => state === ESTABLISHED).length, 64);
	assert.is(client.tcp.counters.retransmits, 0);
});

test('RFC 4861 §7.3.1: what TCP sees arrive saves asking the neighbour', () => {
	const heard: string[] = [];
	const server = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: echo });
	const client = new Host({ mac: '02:00:00:00:00:02', addresses: ['10.0.0.2/24'], application: asking('10.0.0.1', heard) });
	let now = 0;
	const ping = new Uint8Array(1);
	for (let round = 0; round < 200; round++) {
		now += 1_000_000;
		const socket = client.tcp.image.first(client.tcp.tcbs);
		if (round > 5) send(client.tcp, socket, ping, 0, 1);
		for (let turn = 0; turn < 3; turn++) {
			for (const [from, to] of [[client, server], [server, client]] as const) {
				from.wake(now);
				from.drain({ take: (bytes, at, length) => { to.receive(0, bytes, at, length, now); } });
			}
		}
	}
	assert.ok(heard.length > 150);
	assert.is(client.network.counters.value('solicitations'), 1);
	assert.is(server.network.counters.value('solicitations'), 0);
});

test.run();
