import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Ipv4Header, PROTOCOL_TCP, parseIpv4 } from '../wire/ipv4.ts';
import { DONT_FRAGMENT, NO_ROUTE, TOO_LONG, TTL_SHIFT } from './ip.ts';
import { NOTHING, TCP_SEGMENT } from './network.ts';
import { CLIENT, Rig, acquaint, arp, client, hex, ipv4, mended, udp } from './rig.test.helper.ts';

const segment = Array.from({ length: 20 }, (_, i) => i + 1);

/** What one frame is counted as. */
function fate(frame: Uint8Array, rig: Rig = new Rig()): string {
	const before = rig.network.counters.counted();
	rig.take(frame);
	rig.drain();
	const after = rig.network.counters.counted();
	return Object.keys(after).filter((name) => !['framesIn', 'framesOut', 'solicitations', 'neighbourEvicted', 'icmpNotDue'].includes(name) && after[name] !== before[name]).join(' ');
}

function changed(frame: Uint8Array, at: number, value: number): Uint8Array {
	const copy = frame.slice();
	copy[at] = value;
	return copy;
}

test('a TCP segment is left to TCP, its addresses, payload, TTL and ECN told', () => {
	const rig = new Rig();
	assert.is(rig.take(ipv4(segment, { protocol: PROTOCOL_TCP })), TCP_SEGMENT);
	const { packet } = rig.network.ip;
	const { u8 } = rig.image;
	assert.is(hex(u8.subarray(packet.srcAt, packet.srcAt + 16)), '00000000000000000000ffff0a000002');
	assert.is(hex(u8.subarray(packet.dstAt, packet.dstAt + 16)), '00000000000000000000ffff0a000001');
	assert.equal([...u8.subarray(packet.payloadAt, packet.payloadAt + packet.payloadLength)], segment);
	assert.equal([packet.family, packet.protocol, packet.ttl, packet.ecn, packet.toMany, packet.payloadAt % 4, packet.srcAt % 4], [4, 6, 64, 0, false, 0, 0]);
	assert.is(rig.network.counters.value('tcpIn'), 1);
});

test('RFC 894: what Ethernet pads a short packet with is no part of it', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 40, size: 'max' }), fc.nat(40), (payload, padding) => {
		const rig = new Rig();
		rig.take(ipv4(payload, { protocol: PROTOCOL_TCP, padding }));
		assert.is(rig.network.ip.packet.payloadLength, payload.length);
	}));
});

test('every damage of a frame and of an IPv4 header has a name of its own', () => {
	const good = ipv4(segment, { protocol: PROTOCOL_TCP });
	assert.is(fate(good), 'tcpIn');
	assert.is(fate(good.subarray(0, 13)), 'ethernetShort');
	assert.is(fate(good.subarray(0, 0)), 'ethernetShort');
	assert.is(fate(changed(changed(good, 12, 0), 13, 46)), 'ethernetLength');
	assert.is(fate(changed(good, 12, 0x99)), 'etherTypeUnknown');
	assert.is(fate(changed(good, 5, 9)), 'ethernetNotForUs');
	assert.is(fate(changed(good, 6, 3)), 'ethernetSource');
	assert.is(fate(good.subarray(0, 33)), 'ipv4Short');
	assert.is(fate(changed(good, 14, 0x65)), 'ipv4Version');
	assert.is(fate(changed(good, 14, 0x44)), 'ipv4HeaderLength');
	assert.is(fate(changed(good, 14, 0x4f)), 'ipv4HeaderLength');
	assert.is(fate(good.subarray(0, 53)), 'ipv4TotalLength');
	assert.is(fate(changed(good, 17, 19)), 'ipv4TotalLength');
	assert.is(fate(changed(good, 22, 63)), 'ipv4Checksum');
});

test('RFC 1122 §3.2.1.3: sources that are no single other host are refused', () => {
	for (const from of ['0.0.0.0', '0.1.2.3', '127.0.0.1', '224.0.0.5', '240.0.0.1', '255.255.255.255', '10.0.0.255', '10.0.0.1']) assert.is(fate(ipv4(segment, { from })), 'ipv4Source', from);
});

test('RFC 1122 §3.2.1.3: only our addresses and broadcasts are for us', () => {
	for (const to of ['10.0.0.3', '192.0.2.1', '224.0.0.2', '127.0.0.1', '0.0.0.0', '10.0.1.255']) assert.is(fate(ipv4(segment, { to })), 'ipv4NotForUs', to);
	for (const to of ['10.0.0.255', '255.255.255.255', '224.0.0.1', '10.0.0.1']) assert.is(fate(ipv4(segment, { to, protocol: 6 })), 'tcpIn', to);
});

test('RFC 1122 §3.3.6: a unicast packet in a broadcast frame is dropped', () => {
	assert.is(fate(ipv4(segment, { toMac: 'ff:ff:ff:ff:ff:ff' })), 'ipv4LinkBroadcast');
	const rig = new Rig();
	rig.take(ipv4(segment, { toMac: 'ff:ff:ff:ff:ff:ff', to: '10.0.0.255', protocol: 6 }));
	assert.ok(rig.network.ip.packet.toMany);
});

test('RFC 1122 §3.2.1.8: unknown options are passed over; a length that leads nowhere is not followed', () => {
	assert.is(fate(ipv4(segment, { protocol: 6, options: [1, 148, 4, 0, 0, 77, 3, 0] })), 'tcpIn');
	assert.is(fate(ipv4(segment, { protocol: 6, options: [0, 77, 0, 0] })), 'tcpIn', 'nothing counts behind the end of options');
	assert.is(fate(ipv4(segment, { protocol: 6, options: [1, 77, 0, 0] })), 'ipv4Option');
	assert.is(fate(ipv4(segment, { protocol: 6, options: [77, 1, 1, 1] })), 'ipv4Option');
	assert.is(fate(ipv4(segment, { protocol: 6, options: [1, 1, 1, 77] })), 'ipv4Option');
	assert.is(fate(ipv4(segment, { protocol: 6, options: [77, 9, 0, 0] })), 'ipv4Option');
	assert.is(fate(ipv4(segment, { protocol: 6, options: [131, 7, 4, 10, 0, 0, 9, 0] })), 'ipv4SourceRoute');
});

test('RFC 1122 §3.2.1.7: a TTL of 0 or 1 is no reason to drop what is for us', () => {
	for (const ttl of [0, 1]) assert.is(fate(ipv4(segment, { protocol: 6, ttl })), 'tcpIn');
});

test('IEEE 802.1Q: a priority tag is passed over, two as well; other VLANs and a third tag are not', () => {
	const plain = ipv4(segment, { protocol: PROTOCOL_TCP });
	const tagged = (...tags: readonly number[]): Uint8Array => Uint8Array.of(...plain.subarray(0, 12), ...tags, ...plain.subarray(12));
	const rig = new Rig();
	assert.is(rig.take(tagged(0x81, 0, 0xe0, 0)), TCP_SEGMENT);
	assert.is(rig.take(tagged(0x88, 0xa8, 0, 0, 0x81, 0, 0x20, 0)), TCP_SEGMENT);
	assert.is(rig.network.ip.packet.payloadAt % 4, 0);
	assert.is(fate(tagged(0x81, 0, 0, 5)), 'vlanOther');
	assert.is(fate(tagged(0x81, 0, 0, 0, 0x81, 0, 0, 0, 0x81, 0, 0, 0)), 'ethernetTags');
	assert.is(fate(tagged(0x81, 0, 0, 0).subarray(0, 17)), 'ethernetShort');
});

test('what is sent is parsed as what was asked for', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 1480, size: 'max' }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), fc.boolean(), fc.nat(0xffff), (payload, protocol, trafficClass, ttl, df, id) => {
		const rig = new Rig();
		acquaint(rig);
		rig.network.ip.seed(id);
		const flags = trafficClass | (df ? DONT_FRAGMENT : 0) | (ttl << TTL_SHIFT);
		const [frame] = rig.drain(() => { assert.ok(rig.network.ip.output(protocol, rig.address('10.0.0.1'), rig.address(CLIENT, 1), rig.payload(payload), payload.length, 0, flags, 0) > 0); });
		const header = new Ipv4Header();
		assert.is(parseIpv4(frame!, 14, frame!.length - 14, header), 0);
		assert.equal([header.protocol, header.trafficClass, header.ttl, header.id, header.totalLength, header.fragmentOffset, header.moreFragments], [protocol, trafficClass, ttl || 64, id, 20 + payload.length, 0, false]);
		assert.is(frame![20]! >> 6, df ? 1 : 0);
		assert.is(hex(frame!.subarray(34)), hex(payload));
		const other = client();
		other.take(frame!);
		assert.is(other.network.counters.value('ipv4Checksum'), 0);
		assert.is(other.network.counters.value('framesIn'), 1);
	}), { numRuns: 300 });
});

test('RFC 791 §3.1: identifications go up by one, and round from 65535 to 0', () => {
	const rig = new Rig();
	acquaint(rig);
	rig.network.ip.seed(0xfffe);
	const ids = rig.drain(() => { for (let i = 0; i < 4; i++) rig.network.ip.output(6, rig.address('10.0.0.1'), rig.address(CLIENT, 1), rig.payload(new Uint8Array(8)), 8, 0, 0, 0); }).map((frame) => hex(frame.subarray(18, 20)));
	assert.equal(ids, ['fffe', 'ffff', '0000', '0001']);
	assert.is(rig.network.counters.value('framesOut'), 5);
});

test('a hint goes straight to the neighbour, and a wrong one does no harm', () => {
	const rig = new Rig();
	acquaint(rig);
	rig.take(arp({ sender: '10.0.0.3', senderMac: '02:00:00:00:00:03' }));
	rig.drain();
	const { ip, neighbours } = rig.network;
	const from = rig.address('10.0.0.1'), to = rig.address(CLIENT, 1);
	const send = (hop: number, now: number = 0): string[] => rig.drain(() => { ip.output(6, from, to, rig.payload(Uint8Array.of(1, 2, 3, 4)), 4, now, 0, hop); }).map((frame) => hex(frame.subarray(0, 6)));
	const hop = neighbours.find(to);
	assert.is(ip.output(6, from, to, rig.payload(Uint8Array.of(1)), 1, 0, 0, hop), hop);
	rig.drain();
	assert.equal(send(hop), ['020000000002']);
	assert.equal(send(neighbours.find(rig.address('10.0.0.3', 2))), ['020000000002'], 'the record of another');
	assert.is(send(hop, 61_000_000).length, 2, 'a stale one is polled');
});

test('packets from before the drain leave first, and a full outbox is counted', () => {
	const rig = new Rig({ quotas: { outbox: 4096 } });
	acquaint(rig);
	const send = (byte: number, length: number): number => rig.network.ip.output(6, rig.address('10.0.0.1'), rig.address(CLIENT, 1), rig.payload(new Uint8Array(length).fill(byte)), length, 0, 0, 0);
	for (let i = 1; i <= 4; i++) send(i, 1480);
	assert.is(rig.network.counters.value('outboxFull'), 2);
	assert.equal(rig.drain(() => { send(9, 4); }).map((frame) => [frame[34], frame.length]), [[1, 1514], [2, 1514], [9, 38]]);
	assert.is(rig.image.livePages, 0);
});

test('what cannot be sent says why', () => {
	const rig = new Rig();
	const { ip, counters } = rig.network;
	const send = (to: string, length: number): number => ip.output(6, rig.address('10.0.0.1'), rig.address(to, 1), rig.payload(new Uint8Array(8)), length, 0, DONT_FRAGMENT, 0);
	assert.is(send(CLIENT, 1481), TOO_LONG);
	assert.is(send('192.0.2.1', 8), NO_ROUTE);
	assert.is(send('10.0.0.1', 8), NO_ROUTE);
	assert.is(send('0.0.0.0', 8), NO_ROUTE);
	assert.equal(counters.counted(), { noRoute: 2, toOurselves: 1, tooLarge: 1 });
});

test('RFC 1112 §6.4 and RFC 894: broadcast and multicast need no neighbour', () => {
	const rig = new Rig();
	const send = (to: string): string[] => rig.drain(() => { rig.network.ip.output(17, rig.address('10.0.0.1'), rig.address(to, 1), rig.payload(new Uint8Array(8)), 8, 0, 0, 0); }).map((frame) => hex(frame.subarray(0, 14)));
	assert.equal(send('255.255.255.255'), ['ffffffffffff0200000000010800']);
	assert.equal(send('10.0.0.255'), ['ffffffffffff0200000000010800']);
	assert.equal(send('224.129.2.3'), ['01005e0102030200000000010800']);
});

test('whatever arrives is counted exactly once, harms nothing, and a restored image goes on the same', () => {
	const frames = fc.array(fc.oneof(
		fc.uint8Array({ maxLength: 120, size: 'max' }),
		fc.tuple(fc.constantFrom(
			ipv4(udp(5, 7, [1, 2, 3]), { padding: 10 }), ipv4(udp(5, 9, []), { to: '10.0.0.255', toMac: 'ff:ff:ff:ff:ff:ff' }), ipv4(segment, { protocol: 6, options: [1, 7, 3, 4] }),
			ipv4([8, 0, 0xf7, 0xff, 0, 0, 0, 0], { protocol: 1 }), ipv4([3, 3, 0, 0, 0, 0, 0, 0, ...ipv4(segment, { from: '10.0.0.1', to: CLIENT }).subarray(14)], { protocol: 1 }),
			ipv4(segment, { protocol: 0 }), ipv4(segment, { fragment: 0x2000 }), arp(), arp({ operation: 2 }), arp({ target: '10.0.0.77' }),
		), fc.nat(70), fc.nat(255), fc.boolean(), fc.nat(60)).map(([frame, at, value, change, cut]) => {
			const copy = frame.slice(0, change ? frame.length : Math.max(14, frame.length - cut));
			if (change && at < copy.length) copy[at] = value;
			return copy;
		}),
	), { maxLength: 30, size: 'max' });
	fc.assert(fc.property(frames, frames, fc.nat(3_000_000), (before, after, step) => {
		const rig = new Rig({ quotas: { neighbours: 3, outbox: 4096, udpQueue: 4096, udpSockets: 2 } }, 1024);
		assert.ok(rig.network.udp.open(0, 7) > 0);
		const play = (on: Rig, list: readonly Uint8Array[], from: number): string[] => list.flatMap((frame, i) => {
			on.network.runDue(from + i * step);
			on.take(frame, from + i * step);
			return i % 3 === 0 ? on.drain().map(hex) : [];
		});
		play(rig, before, 0);
		const { frames: taken, counted } = rig.fates();
		assert.is(counted, taken);
		assert.is(taken, before.length);
		const other = new Rig({ quotas: { neighbours: 3, outbox: 4096, udpQueue: 4096, udpSockets: 2 } }, 1024);
		other.image.restore(rig.image.snapshot());
		other.network.attach();
		const from = before.length * step;
		assert.is(other.network.nextDeadline, rig.network.nextDeadline);
		assert.equal(play(other, after, from), play(rig, after, from));
		assert.is(other.image.digest(), rig.image.digest());
	}), { numRuns: 300 });
});

function told({ network: { ip: { packet } } }: Rig): unknown[] {
	return [packet.protocol, packet.payloadLength, packet.length, packet.ttl, packet.trafficClass, packet.toMany, packet.fragmented];
}

test('the short way of plain packets and the long way of all agree on every byte of a header', () => {
	fc.assert(fc.property(fc.integer({ min: 14, max: 39 }), fc.nat(255), fc.boolean(), fc.nat(60), (at, value, mend, length) => {
		const damaged = changed(ipv4(segment, { protocol: 6 }), at, value);
		const frame = mend ? mended(damaged) : damaged;
		const short = new Rig(), long = new Rig({ addresses: ['10.9.9.9/24', '10.0.0.1/24'] });
		const cut = frame.subarray(0, Math.max(length, 14));
		assert.is(short.take(cut), long.take(cut));
		assert.equal(short.network.counters.counted(), long.network.counters.counted());
		if (short.network.counters.value('tcpIn') === 1) assert.equal(told(short), told(long));
	}), { numRuns: 500 });
});

test('nothing is left for TCP of what is not TCP', () => {
	const rig = new Rig();
	assert.is(rig.take(ipv4(udp(1, 2, []))), NOTHING);
	assert.is(rig.take(ipv4(segment, { protocol: 0 })), NOTHING);
	assert.is(rig.network.counters.value('protocolUnknown'), 1);
});

test.run();
