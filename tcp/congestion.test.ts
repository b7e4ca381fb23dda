import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bare, settle } from './rig.test.helper.ts';
import { linux, rfc } from './index.ts';
import type { Profile } from './index.ts';

const MSS = 1448;

/** Two hosts with a connection, over which an octet has gone: the windows of the SYNs are superseded. */
function opened(profile: Profile = rfc): { client: Bare; server: Bare; c: number; s: number } {
	const client = new Bare(1, profile), server = new Bare(2);
	const listener = server.listen(80);
	const c = client.connect(2, 80);
	settle(client, server, 0);
	const s = server.accept(listener);
	client.write(c, new Uint8Array(1));
	for (const packet of client.drain()) server.receive(packet, 50_000);
	server.read(s);
	server.advance(300_000);
	for (const ack of server.drain()) client.receive(ack, 300_000);
	return { client, server, c, s };
}

function cwnd(host: Bare, at: number): number {
	host.tcp.tcb.go(at);
	return host.tcp.tcb.cc.cwnd;
}

test('RFC 6928 §2: the first window is ten segments, and no more than that leaves at once', () => {
	const { client, c } = opened();
	assert.is(cwnd(client, c), 10 * MSS);
	client.write(c, new Uint8Array(40 * MSS));
	assert.is(client.drain().length, 10);
});

for (const [name, profile, segments] of [['rfc', rfc, 1], ['linux', linux, 10]] as const) {
	test(`RFC 5681 §3.1: after a SYN was lost the first window is one segment, unless the profile forgives it: ${name}`, () => {
		const client = new Bare(1, profile), server = new Bare(2, profile);
		server.listen(80);
		const c = client.connect(2, 80);
		client.drain();
		client.advance(profile.rtoInitial);
		settle(client, server, profile.rtoInitial);
		client.write(c, new Uint8Array(40 * MSS));
		assert.is(client.drain().length, segments);
		assert.ok(client.tcp.tcb.cc.ssthresh > 1000 * MSS);
	});

	test(`RFC 5681 §3.1: the same where the <SYN,ACK> was lost: ${name}`, () => {
		const client = new Bare(1, profile), server = new Bare(2, profile);
		const listener = server.listen(80);
		client.connect(2, 80);
		for (const packet of client.drain()) server.receive(packet, 0);
		server.drain();
		server.advance(profile.rtoInitial);
		settle(server, client, profile.rtoInitial);
		server.write(server.accept(listener), new Uint8Array(40 * MSS));
		assert.is(server.drain().length, segments);
		assert.ok(server.tcp.tcb.cc.ssthresh > 1000 * MSS);
	});
}

test('RFC 5681 §3.1: in slow start the window grows by what is acknowledged', () => {
	const { client, server, c, s } = opened();
	client.write(c, new Uint8Array(40 * MSS));
	const before = cwnd(client, c);
	for (const packet of client.drain().slice(0, 2)) server.receive(packet, 300_010);
	for (const ack of server.drain()) client.receive(ack, 300_020);
	assert.is(cwnd(client, c), before + 2 * MSS);
	server.read(s);
});

test('RFC 5681 §3.2: the third duplicate ACK sends the first segment again at once and halves the window', () => {
	const { client, server, c } = opened({ ...rfc, sack: false });
	client.write(c, new Uint8Array(10 * MSS));
	const segments = client.drain();
	for (const [i, packet] of segments.slice(1, 4).entries()) {
		server.receive(packet, 300_010 + i);
		for (const ack of server.drain()) client.receive(ack, 300_010 + i);
		const again = client.drain();
		if (i < 2) assert.is(again.length, 0, `duplicate ACK ${i + 1}`);
		else assert.equal(again[0]!.slice(36, 40), segments[0]!.slice(36, 40));
	}
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.cc.ssthresh, Math.floor((10 * MSS) / 2));
	assert.is(client.tcp.counters.fastRetransmits, 1);
});

test('RFC 3042: the first two duplicate ACKs let a new segment out each', () => {
	const { client, server, c } = opened({ ...rfc, sack: false });
	client.write(c, new Uint8Array(14 * MSS));
	const segments = client.drain();
	assert.is(segments.length, 10);
	for (const packet of segments.slice(1, 3)) {
		server.receive(packet, 300_010);
		for (const ack of server.drain()) client.receive(ack, 300_010);
		assert.is(client.drain().length, 1);
	}
});

test('RFC 5681 §4.1: after an idle time the window is the first one again', () => {
	const { client, server, c, s } = opened();
	for (let i = 0; i < 6; i++) {
		client.write(c, new Uint8Array(40 * MSS));
		settle(client, server, 300_000 + 100 * i);
		server.read(s);
		settle(client, server, 300_050 + 100 * i);
	}
	assert.ok(cwnd(client, c) > 14600);
	client.advance(10_000_000);
	client.write(c, new Uint8Array(40 * MSS));
	assert.is(client.drain().length, 10);
});

test('RFC 5681 §3.1: a time-out brings the window down to one segment', () => {
	const { client, c } = opened();
	client.write(c, new Uint8Array(10 * MSS));
	client.drain();
	client.advance(300_000 + rfc.rtoInitial + 10);
	assert.is(client.drain().length, 1);
	assert.is(cwnd(client, c), MSS);
});

test('RFC 6298 §5.5: time-outs double, and RFC 6298 §3: what was sent twice is no sample', () => {
	// Without timestamps: the ACK could be for any of the four.
	const { client, server, c } = opened({ ...rfc, timestamps: false });
	client.write(c, new Uint8Array(100));
	client.drain();
	client.tcp.tcb.go(c);
	const { rto } = client.tcp.tcb.rtt;
	const { srtt } = client.tcp.tcb.rtt;
	let now = 300_000;
	for (const factor of [1, 2, 4]) {
		now += rto * factor;
		client.advance(now - 1);
		assert.is(client.drain().length, 0);
		client.advance(now);
		const [again] = client.drain();
		assert.ok(again !== undefined);
		if (factor === 4) server.receive(again, now + 5000);
	}
	server.advance(now + 300_000);
	for (const ack of server.drain()) client.receive(ack, now + 300_000);
	client.tcp.tcb.go(c);
	assert.is(client.tcp.tcb.rtt.srtt, srtt);
	assert.is(client.tcp.tcb.rtt.backoff, 0);
});

test('RFC 8985 §7: a lost tail is probed after two round trips, long before the time-out', () => {
	const profile: Profile = { ...rfc, rack: true, tailProbe: true, rateReduction: true };
	const { client, c } = opened(profile);
	client.write(c, new Uint8Array(3 * MSS));
	const lost = client.drain();
	client.tcp.tcb.go(c);
	const due = 300_000 + (client.tcp.tcb.rtt.srtt >> 2) + 2000;
	client.advance(due);
	const [probe] = client.drain();
	assert.equal(probe!.slice(36, 40), lost[2]!.slice(36, 40));
	assert.is(client.tcp.counters.tailProbes, 1);
	assert.is(client.tcp.counters.timeouts, 0);
});

test('RFC 8985 §6.2: what was sent before something that has arrived is lost a quarter round trip later, not at once', () => {
	const profile: Profile = { ...rfc, rack: true, tailProbe: false, rateReduction: true };
	const { client, server, c } = opened(profile);
	client.write(c, new Uint8Array(2 * MSS));
	const [, second] = client.drain();
	client.tcp.tcb.go(c);
	const { minRtt } = client.tcp.tcb.rack;
	server.receive(second!, 350_000);
	for (const ack of server.drain()) client.receive(ack, 400_000);
	assert.is(client.drain().length, 0);
	assert.is(client.tcp.counters.fastRetransmits, 0);
	client.tcp.tcb.go(c);
	client.advance(400_000 + Math.min(minRtt >> 2, client.tcp.tcb.rtt.srtt >> 3));
	assert.is(client.drain().length, 1);
	assert.is(client.tcp.counters.fastRetransmits, 1);
});

test.run();
