import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Bare, settle } from './rig.test.helper.ts';
import { nextDeadline, stateNames, freebsd, linux, rfc } from './index.ts';

const CLOSED = stateNames.indexOf('CLOSED'), ESTABLISHED = stateNames.indexOf('ESTABLISHED'), TIME_WAIT = stateNames.indexOf('TIME-WAIT');

function opened(): { client: Bare; server: Bare; c: number; s: number } {
	const client = new Bare(1), server = new Bare(2);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 0);
	return { client, server, c, s: server.accept(listener) };
}

test('RFC 9293 §3.5: three segments open a connection', () => {
	const client = new Bare(1), server = new Bare(2);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	assert.is(settle(client, server, 0), 3);
	const s = server.accept(listener);
	assert.is(client.state(c), ESTABLISHED);
	assert.is(server.state(s), ESTABLISHED);
});

test('text goes both ways and the close in order ends in TIME-WAIT on the side that closed first', () => {
	const { client, server, c, s } = opened();
	client.write(c, new Uint8Array([1, 2, 3]));
	settle(client, server, 10);
	assert.equal([...server.read(s)], [1, 2, 3]);
	server.write(s, new Uint8Array([4]));
	settle(client, server, 20);
	assert.equal([...client.read(c)], [4]);
	client.shutdown(c);
	settle(client, server, 30);
	server.shutdown(s);
	settle(client, server, 40);
	assert.is(client.state(c), TIME_WAIT);
	assert.is(server.state(s), CLOSED);
	client.advance(1e9);
	assert.is(client.state(c), CLOSED);
});

/** Two hosts over a link with faults; returns what arrived on each side. */
function transfer(seed: number, sizes: { up: number; down: number }, loss: number, profile = rfc): void {
	let state = seed | 1;
	const chance = (): number => { state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d); state = Math.imul(state ^ (state >>> 12), 0x297a_2d39); state ^= state >>> 15; return (state >>> 0) / 2 ** 32; };
	const client = new Bare(1, profile), server = new Bare(2, profile);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	const up = Uint8Array.from({ length: sizes.up }, (_, i) => (i * 7 + seed) & 255), down = Uint8Array.from({ length: sizes.down }, (_, i) => (i * 13 + seed) & 255);
	let s = 0, sentUp = 0, sentDown = 0, now = 0;
	const gotUp: number[] = [], gotDown: number[] = [];
	const air: { at: number; order: number; to: Bare; packet: Uint8Array }[] = [];
	const launch = (from: Bare, to: Bare): void => {
		for (const packet of from.drain()) {
			const copies = chance() < loss ? 0 : chance() < loss ? 2 : 1;
			for (let i = 0; i < copies; i++) air.push({ at: now + 1000 + Math.floor(chance() * (chance() < loss ? 50_000 : 500)), order: chance(), to, packet });
		}
	};
	for (let steps = 0; ; steps++) {
		if (steps > 60_000) throw new Error(`no end in sight at ${now} µs: client ${stateNames[client.state(c)]}, server ${s === 0 ? '-' : stateNames[server.state(s)]}, ${gotUp.length}/${sizes.up} up, ${gotDown.length}/${sizes.down} down`);
		if (s === 0) s = server.accept(listener);
		if (client.state(c) === ESTABLISHED && sentUp < up.length) sentUp += Math.max(0, client.write(c, up.subarray(sentUp, sentUp + 3000)));
		if (s !== 0 && sentDown < down.length) sentDown += Math.max(0, server.write(s, down.subarray(sentDown, sentDown + 3000)));
		gotDown.push(...client.read(c));
		if (s !== 0) gotUp.push(...server.read(s));
		if (sentUp === up.length && gotDown.length === down.length && client.state(c) === ESTABLISHED) client.shutdown(c);
		if (s !== 0 && sentDown === down.length && gotUp.length === up.length && server.state(s) >= ESTABLISHED) server.shutdown(s);
		launch(client, server);
		launch(server, client);
		if (s !== 0 && client.state(c) === CLOSED && server.state(s) === CLOSED) break;
		air.sort((a, b) => a.at - b.at || a.order - b.order);
		const due = Math.min(air[0]?.at ?? Infinity, nextDeadline(client.tcp), nextDeadline(server.tcp));
		if (due === Infinity) break;
		now = Math.max(now, due);
		if (air.length > 0 && air[0]!.at <= now) { const { to, packet } = air.shift()!; to.receive(packet, now); }
		client.advance(now);
		server.advance(now);
	}
	client.tcp.tcb.go(c);
	const context = `client ${stateNames[client.state(c)]} error ${client.tcp.tcb.error}`;
	assert.is(gotUp.length, up.length, context);
	assert.is(gotDown.length, down.length, context);
	assert.equal(Uint8Array.from(gotUp), up);
	assert.equal(Uint8Array.from(gotDown), down);
	assert.is(client.image.live(client.tcp.runs), 0);
	assert.is(server.image.live(server.tcp.ranges), 0);
}

for (const profile of [rfc, linux, freebsd]) {
	test(`over a link that loses, repeats and reorders every byte arrives once and in order: ${profile.name}`, () => {
		fc.assert(fc.property(fc.integer(), fc.record({ up: fc.nat(40_000), down: fc.nat(40_000) }), fc.constantFrom(0, 0.02, 0.1, 0.25), (seed, sizes, loss) => {
			transfer(seed, sizes, loss, profile);
		}), { numRuns: 60 });
	});
}

test.run();
