import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { TCP_SEGMENT } from './network.ts';
import { CLIENT, CLIENT6, CLIENT_MAC, Rig, acquaint, advertisement, dual, hex, icmp, ipv4, ipv6, solicitation } from './rig.test.helper.ts';

const SECOND = 1_000_000;

/** One fragment of an IPv4 packet. */
function piece4(payload: Uint8Array, offset: number, length: number, more: boolean = offset + length < payload.length, id: number = 7): Uint8Array {
	return ipv4(payload.subarray(offset, offset + length), { protocol: 6, id, fragment: (offset >> 3) | (more ? 0x2000 : 0), padding: 3 });
}

/** One fragment of an IPv6 packet, behind an options header that stands in every fragment. */
function piece6(payload: Uint8Array, offset: number, length: number, more: boolean = offset + length < payload.length, id: number = 7): Uint8Array {
	return ipv6([44, 0, 1, 4, 0, 0, 0, 0, 6, 0, offset >> 8, (offset & 255) | (more ? 1 : 0), 0, 0, 0, id, ...payload.subarray(offset, offset + length)], { next: 60, padding: 3 });
}

const families = [piece4, piece6] as const;

function counted(rig: Rig, ...without: readonly string[]): { [name: string]: number } {
	return Object.fromEntries(Object.entries(rig.network.counters.counted()).filter(([name]) => !['framesIn', 'framesOut', ...without].includes(name)));
}

test('a datagram cut anywhere, in any order, with repeats, becomes whole, and leaves nothing behind', () => {
	fc.assert(fc.property(fc.uint8Array({ minLength: 9, maxLength: 3000, size: 'max' }), fc.array(fc.nat(374), { maxLength: 12, size: 'max' }), fc.infiniteStream(fc.nat()), fc.constantFrom(...families), fc.constantFrom(1024, 4096), (payload, cuts, random, piece, chunk) => {
		const rig = dual({ quotas: { reassembly: 4000 } }, chunk);
		const at = [...new Set([0, 8, ...cuts.map((cut) => cut * 8).filter((cut) => cut < payload.length)])].sort((a, b) => a - b);
		const pieces = at.map((from, i) => piece(payload, from, (at[i + 1] ?? payload.length) - from));
		const next = random[Symbol.iterator]();
		const pick = (below: number): number => (next.next().value ?? 0) % below;
		for (let i = pieces.length - 1; i > 0; i--) { const j = pick(i + 1); [pieces[i], pieces[j]] = [pieces[j]!, pieces[i]!]; }
		for (const [i, frame] of pieces.entries()) {
			const last = i === pieces.length - 1;
			if (!last && pick(3) === 0) rig.take(frame);
			assert.is(rig.take(frame), last ? TCP_SEGMENT : 0);
		}
		const { packet } = rig.network.ip;
		assert.is(hex(rig.image.u8.subarray(packet.payloadAt, packet.payloadAt + packet.payloadLength)), hex(payload));
		assert.equal([packet.protocol, packet.fragmented, packet.payloadAt % 4, packet.headerAt + packet.length], [6, true, 0, packet.payloadAt + packet.payloadLength]);
		assert.equal([rig.image.livePages, rig.network.nextDeadline], [0, Infinity]);
		const { frames, counted: fates } = rig.fates();
		assert.is(fates, frames);
	}), { numRuns: 200 });
});

test('RFC 5722 §4: fragments that overlap spoil their datagram, and what comes of it later', () => {
	const payload = new Uint8Array(64).map((_, i) => i);
	for (const piece of families) {
		for (const [from, length, more] of [[16, 16, true], [0, 32, true], [16, 8, false], [24, 8, true], [0, 24, true]] as const) {
			const rig = dual();
			rig.take(piece(payload, 8, 24, true));
			rig.take(piece(payload, from, length, more));
			rig.take(piece(payload, 0, 8));
			rig.take(piece(payload, 32, 32));
			assert.equal(counted(rig), { fragmentIn: 1, fragmentOverlap: 1, fragmentSpoilt: 2 }, `${from}+${length}`);
			assert.is(rig.image.livePages, 0);
			rig.network.runDue(61 * SECOND);
			assert.equal(rig.drain(), []);
			assert.is(rig.network.nextDeadline, Infinity);
		}
	}
});

test('two ends contradict each other', () => {
	const payload = new Uint8Array(64);
	for (const piece of families) {
		for (const [first, then] of [[[32, 8, true], [16, 8, false]], [[16, 8, true], [16, 8, false]], [[16, 8, false], [16, 8, true]], [[16, 8, false], [32, 8, true]]] as const) {
			const rig = dual();
			rig.take(piece(payload, first[0], first[1], first[2]));
			rig.take(piece(payload, then[0], then[1], then[2]));
			assert.equal(counted(rig), { fragmentIn: 1, fragmentOverlap: 1 }, `${String(first)} then ${String(then)}`);
		}
		const rig = dual();
		rig.take(piece(payload, 32, 32, false));
		rig.take(piece(payload, 16, 8, false));
		rig.take(piece(payload, 0, 8));
		assert.equal(counted(rig), { fragmentIn: 1, fragmentOverlap: 1, fragmentSpoilt: 1 });
	}
});

test('RFC 1122 §3.3.2, RFC 8200 §4.5: after 60 s the sender of the first fragment is told', () => {
	const payload = new Uint8Array(64).map((_, i) => i);
	for (const [piece, header] of [[piece4, 34], [piece6, 54]] as const) {
		const rig = dual();
		acquaint(rig);
		rig.take(solicitation());
		rig.drain();
		const first = piece(payload, 0, 16);
		rig.take(piece(payload, 32, 8), 5);
		rig.take(first, 9);
		assert.is(rig.network.nextDeadline, 60 * SECOND + 5);
		rig.network.runDue(60 * SECOND + 4);
		assert.is(rig.image.live(rig.image.pool('reassembly')), 1);
		rig.network.runDue(60 * SECOND + 5);
		const error = rig.drain().find((frame) => frame[header] === 3 || frame[header] === 11);
		assert.equal([error![header], error![header + 1]], [header === 34 ? 11 : 3, 1]);
		assert.is(hex(error!.subarray(header + 8)), hex(first.subarray(14, first.length - 3)));
		assert.is(rig.network.counters.value('reassemblyTimedOut'), 1);
		rig.take(piece(payload, 16, 8), 200 * SECOND);
		rig.network.runDue(400 * SECOND);
		assert.equal(rig.drain().filter((frame) => frame[header] === 3 || frame[header] === 11), [], 'without the first one nobody is told');
	}
});

test('deadlines of datagrams and of neighbours run in their common order', () => {
	const rig = dual();
	rig.take(piece4(new Uint8Array(64), 32, 8), 0);
	const ask = (now: number): void => { rig.drain(() => { rig.network.ip.output(6, rig.address('10.0.0.1'), rig.address('10.0.0.9', 1), rig.payload(new Uint8Array(8)), 8, now, 0, 0); }); };
	ask(59 * SECOND + 1);
	assert.is(rig.network.nextDeadline, 60 * SECOND);
	rig.network.runDue(60 * SECOND);
	assert.equal([rig.network.counters.value('reassemblyTimedOut'), rig.network.counters.value('solicitations'), rig.network.nextDeadline], [1, 1, 60 * SECOND + 1]);
	rig.network.runDue(60 * SECOND + 1);
	assert.is(rig.network.counters.value('solicitations'), 2);
});

test('a datagram without a route is given up once, not once a fragment', () => {
	const rig = dual();
	const socket = rig.network.udp.open(0, 1000);
	for (const to of ['192.0.2.1', '2001:db8:9::1']) assert.is(rig.network.udp.send(socket, rig.address(to), 1, rig.payload(new Uint8Array(4000)), 4000, 0), -1);
	assert.is(rig.network.counters.value('noRoute'), 2);
});

test('fragments that can be none are dropped by name, and IPv6 says where', () => {
	const payload = new Uint8Array(64);
	const rig = dual();
	rig.take(piece4(payload, 0, 12, true));
	rig.take(piece4(payload, 64, 0, false));
	rig.take(ipv4(payload, { fragment: 0x1fff }));
	assert.equal(counted(rig), { ipv4FragmentLength: 2, fragmentTooLong: 1 });
	const six = dual();
	six.take(solicitation());
	six.take(advertisement(0x60));
	six.drain();
	six.take(piece6(payload, 0, 12, true));
	six.take(piece6(payload, 64, 0, false));
	six.take(ipv6([6, 0, 0xff, 0xf8, 0, 0, 0, 7, ...payload], { next: 44 }));
	assert.equal(counted(six, 'ndIn'), { ipv6FragmentLength: 2, fragmentTooLong: 1 });
	assert.equal(six.drain().map((error) => [error[54], error[55], error[61]]), [[4, 0, 4], [4, 0, 42]]);
});

test('quotas: bytes of a datagram, datagrams at once, fragments of one', () => {
	const payload = new Uint8Array(4000);
	for (const piece of families) {
		const rig = dual({ quotas: { reassembly: 2000, reassemblies: 2 } }, 1024);
		rig.take(piece(payload, 0, 1024));
		rig.take(piece(payload, 1024, 1024));
		assert.equal(counted(rig), { fragmentIn: 1, fragmentTooLong: 1 });
		rig.take(piece(payload, 0, 8, true, 8), 1);
		rig.take(piece(payload, 0, 8, true, 9), 2);
		assert.is(rig.network.counters.value('reassemblyEvicted'), 1);
		assert.is(rig.image.live(rig.image.pool('reassembly')), 2);
		for (let i = 1; i < 200; i++) rig.take(piece(payload, i * 8, 8, true, 9), 3);
		assert.equal([rig.network.counters.value('fragmentNoRoom'), rig.network.counters.value('fragmentSpoilt')], [1, 72]);
		const { frames, counted: fates } = rig.fates();
		assert.is(fates, frames);
	}
});

test('datagrams of one identification are told apart by address and protocol', () => {
	const payload = new Uint8Array(32).map((_, i) => i);
	const rig = dual();
	rig.take(piece4(payload, 0, 16));
	rig.take(ipv4(payload.subarray(16), { protocol: 17, id: 7, fragment: 2 }));
	rig.take(ipv4(payload.subarray(16), { protocol: 6, id: 7, fragment: 2, from: '10.0.0.3' }));
	rig.take(ipv4(payload.subarray(16), { protocol: 6, id: 8, fragment: 2 }));
	assert.is(rig.network.counters.value('fragmentIn'), 4);
	assert.is(rig.take(piece4(payload, 16, 16)), TCP_SEGMENT);
});

test('what is too long for the link is sent in fragments that the other end puts together', () => {
	fc.assert(fc.property(fc.integer({ min: 1473, max: 9000 }), fc.boolean(), (length, six) => {
		const a = dual(), b = dual({ mac: CLIENT_MAC, addresses: [`${CLIENT}/24`, `${CLIENT6}/64`] });
		acquaint(a);
		a.take(solicitation());
		a.take(advertisement(0x60));
		a.drain();
		const payload = new Uint8Array(length).map((_, i) => i * 7);
		const from = a.network.udp.open(0, 1000), to = b.network.udp.open(0, 2000);
		const frames = a.drain(() => { assert.is(a.network.udp.send(from, a.address(six ? CLIENT6 : CLIENT), 2000, a.payload(payload), length, 0), 0); });
		assert.ok(frames.length > 1 && frames.every((frame) => frame.length <= 1514));
		for (const frame of frames) b.take(frame);
		const at = b.payload(new Uint8Array(0));
		assert.ok(b.network.udp.receive(to, at, 65_000));
		assert.is(hex(b.image.u8.subarray(at, at + length)), hex(payload));
		assert.is(b.network.counters.value('udpIn'), 1);
	}), { numRuns: 60 });
});

test('an echo longer than the link comes back whole', () => {
	const rig = new Rig();
	acquaint(rig);
	const request = icmp(8, 0, [0, 1, 0, 1], new Uint8Array(4000).map((_, i) => i));
	for (let from = 0; from < request.length; from += 1480) rig.take(ipv4(request.subarray(from, from + 1480), { protocol: 1, fragment: (from >> 3) | (from + 1480 < request.length ? 0x2000 : 0) }));
	const replies = rig.drain();
	assert.is(replies.length, 3);
	assert.is(hex(Uint8Array.from(replies.flatMap((frame) => [...frame.subarray(34)])).subarray(4)), hex(request.subarray(4)));
});

test('RFC 6980 §5: neighbour discovery in fragments is ignored; RFC 8200 §4.5: fragments do not nest', () => {
	const ask = solicitation().subarray(54);
	const rig = dual();
	for (const [from, more] of [[0, 1], [16, 0]] as const) rig.take(ipv6([58, 0, 0, from | more, 0, 0, 0, 7, ...ask.subarray(from, more === 1 ? 16 : undefined)], { next: 44, hopLimit: 255, to: 'ff02::1:ff00:1', toMac: '33:33:ff:00:00:01' }));
	assert.equal(counted(rig, 'reassembled'), { fragmentIn: 1, ndIgnored: 1 });
	const inner = [6, 0, 0, 9, 0, 0, 0, 1, ...new Uint8Array(24)];
	for (const [from, more] of [[0, 1], [16, 0]] as const) rig.take(ipv6([44, 0, 0, from | more, 0, 0, 0, 8, ...inner.slice(from, more === 1 ? 16 : undefined)], { next: 44 }));
	assert.is(rig.network.counters.value('ipv6Extension'), 1);
});

test.run();
