import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { IPV4 } from '../wire/ipv4.ts';
import { NOTHING, TCP_ERROR } from './network.ts';
import { CLIENT, Rig, acquaint, client, hex, icmp, ipv4, udp } from './rig.test.helper.ts';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';

function known(): Rig {
	const rig = new Rig();
	acquaint(rig);
	return rig;
}

/** A packet of ours as a router quotes it: IP header and the first 8 bytes. */
function ours(parts: { readonly from?: string; readonly fragment?: number; readonly protocol?: number; readonly bytes?: number } = {}): Uint8Array {
	const segment = [0, 80, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0];
	return ipv4(segment, { from: '10.0.0.1', to: CLIENT, protocol: 6, ...parts }).subarray(14, 14 + (parts.bytes ?? 28));
}

test('RFC 1122 §3.2.2.6: an echo comes back with every byte', () => {
	fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 1476, size: 'max' }), (data) => {
		const rig = known();
		const request = icmp(8, 0, [...data.subarray(0, 4)], data.subarray(4));
		rig.take(ipv4(request, { protocol: 1 }));
		const [reply, ...others] = rig.drain();
		assert.equal(others, []);
		assert.is(hex(reply!.subarray(0, 12)), '020000000002020000000001');
		assert.is(hex(reply!.subarray(26, 34)), '0a0000010a000002');
		assert.is(hex(reply!.subarray(38)), hex(data));
		assert.equal([reply![34], reply![35]], [0, 0]);
		const peer = client();
		peer.take(reply!);
		assert.is(peer.network.counters.value('icmpUnknown'), 1, 'an echo reply with a right checksum that nobody asked for');
	}));
});

test('an echo to everyone, and what is no message, are dropped by name', () => {
	const rig = known();
	const before = rig.network.counters.counted();
	rig.take(ipv4(icmp(8, 0, [0, 0, 0, 0], []), { protocol: 1, to: '10.0.0.255', toMac: BROADCAST }));
	rig.take(ipv4(icmp(8, 0, [0, 0, 0, 0], []).subarray(0, 7), { protocol: 1 }));
	rig.take(ipv4([8, 0, 1, 1, 0, 0, 0, 0], { protocol: 1 }));
	rig.take(ipv4(icmp(13, 0, [0, 0, 0, 0], []), { protocol: 1 }));
	assert.equal(rig.drain(), []);
	const after = rig.network.counters.counted();
	assert.equal(Object.fromEntries(Object.entries(after).filter(([name]) => before[name] === undefined)), { icmpShort: 1, icmpChecksum: 1, icmpUnknown: 1, icmpBroadcast: 1 });
});

test('RFC 1122 §3.2.2.1: a port nobody has is answered with the packet that asked for it', () => {
	const rig = known();
	const frame = ipv4(udp(9, 53, [1, 2, 3]), { padding: 5 });
	rig.take(frame);
	const [error] = rig.drain();
	assert.equal([error![34], error![35]], [3, 3]);
	assert.is(hex(error!.subarray(42)), hex(frame.subarray(14, frame.length - 5)));
	rig.take(ipv4([1, 2, 3], { protocol: 99 }));
	assert.equal([...rig.drain()[0]!.subarray(34, 36)], [3, 2]);
});

test('RFC 1812 §4.3.2.3: an error quotes no more than makes 576 bytes', () => {
	const rig = known();
	rig.take(ipv4(udp(9, 53, new Uint8Array(1400)), {}));
	assert.is(rig.drain()[0]!.length, 14 + 576);
});

test('RFC 1122 §3.2.2: no error answers an error, a broadcast or an empty ICMP message', () => {
	const rig = known();
	rig.take(ipv4(udp(9, 53, []), { to: '10.0.0.255', toMac: BROADCAST }));
	rig.take(ipv4(udp(9, 53, []), { to: '255.255.255.255', toMac: BROADCAST }));
	assert.equal(rig.drain(), []);
	assert.is(rig.network.counters.value('icmpNotDue'), 2);
	const { icmp: messages, ip } = rig.network;
	for (const type of [3, 4, 5, 11, 12]) {
		rig.take(ipv4(icmp(type, 0, [0, 0, 0, 0], []), { protocol: 1 }));
		messages.sendError(ip.packet, 3, 2, 0, 0);
	}
	assert.equal(rig.drain(), []);
	assert.is(rig.network.counters.value('icmpNotDue'), 7);
});

test('RFC 1812 §4.3.2.8: errors are limited to a burst of 50 and 1000 a second', () => {
	const rig = known();
	const sent = (now: number, count: number): number => {
		for (let i = 0; i < count; i++) rig.take(ipv4(udp(9, 53, [])), now);
		return rig.drain().length;
	};
	assert.is(sent(0, 60), 50);
	assert.is(sent(10_000, 20), 10);
	assert.is(sent(1_000_000, 60), 50);
	assert.is(rig.network.counters.value('icmpLimited'), 30);
});

test('RFC 5927 §4.1: an error about a segment of ours is told with its ports and sequence number', () => {
	const rig = known();
	const result = rig.take(ipv4(icmp(3, 4, [0, 0, 1400 >> 8, 1400 & 255], ours()), { protocol: 1, from: '10.0.0.254' }));
	assert.is(result, TCP_ERROR);
	const { error } = rig.network.icmp;
	const { u8 } = rig.image;
	assert.equal([error.family, error.type, error.code, error.mtu, error.protocol, error.localPort, error.remotePort, error.seq >>> 0], [4, 3, 4, 1400, 6, 80, 0x1234, 0x89abcdef]);
	assert.equal([error.localAt, error.remoteAt, error.fromAt].map((at) => hex(u8.subarray(at, at + 16))), ['0a000001', '0a000002', '0a0000fe'].map((word) => `00000000000000000000ffff${word}`));
	assert.is(rig.take(ipv4(icmp(3, 1, [0, 0, 5, 0], ours()), { protocol: 1 })), TCP_ERROR);
	assert.is(rig.network.icmp.error.mtu, 0, 'only "fragmentation needed" has an MTU');
});

test('an error that quotes too little, or nothing of ours, is dropped', () => {
	const rig = known();
	const quotes = [ours({ bytes: 27 }), ours({ bytes: 0 }), Uint8Array.from(ours(), (byte, i) => i === 0 ? 0x4f : byte), Uint8Array.from(ours(), (byte, i) => i === 0 ? 0x65 : byte), Uint8Array.from(ours(), (byte, i) => i === 0 ? 0x44 : byte), Uint8Array.from(ours(), (byte, i) => i === 0 ? 0x46 : byte), ours({ from: '10.0.0.9' }), ours({ fragment: 8 })];
	for (const quote of quotes) assert.is(rig.take(ipv4(icmp(11, 0, [0, 0, 0, 0], quote), { protocol: 1 })), NOTHING);
	assert.is(rig.network.counters.value('icmpErrorShort'), 6);
	assert.is(rig.network.counters.value('icmpErrorUnrelated'), 2);
});

test('an error never reaches behind what it quotes', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 80, size: 'max' }), fc.constantFrom(3, 4, 5, 11, 12), (body, type) => {
		const rig = known();
		const result = rig.take(ipv4(icmp(type, 0, [0, 0, 0, 0], body), { protocol: 1 }));
		const { error } = rig.network.icmp;
		if (result === TCP_ERROR) assert.is(body[IPV4.protocol], error.protocol);
		const { frames, counted } = rig.fates();
		assert.is(counted, frames);
	}));
});

test('the MAC an error goes to is asked for where it is not known', () => {
	const rig = new Rig();
	rig.take(ipv4(udp(9, 53, [])));
	assert.equal(rig.drain().map((frame) => hex(frame.subarray(0, 14))), ['ffffffffffff0200000000010806']);
});

test.run();
