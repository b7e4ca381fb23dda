import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../wire/address.ts';
import { TCP_ERROR, TCP_SEGMENT } from './network.ts';
import { CLIENT6, CLIENT_MAC, Rig, SERVER6, advertisement, checked6, dual, hex, icmp6, ipv6, solicitation, udp, udp6 } from './rig.test.helper.ts';

const segment = Array.from({ length: 20 }, (_, i) => i + 1);
const ALL = { to: 'ff02::1', toMac: '33:33:00:00:00:01' };

/** A rig that knows the client well. */
function acquainted(chunk: number = 4096): Rig {
	const rig = dual({}, chunk);
	rig.take(solicitation());
	rig.take(advertisement(0x60));
	rig.drain();
	return rig;
}

/** What one frame is counted as, and which parameter problem is told of it: code and pointer. */
function fate(frame: Uint8Array): string {
	const rig = acquainted();
	const before = rig.network.counters.counted();
	rig.take(frame);
	const after = rig.network.counters.counted();
	const told = rig.drain().map((error) => ` ${error[54]}/${error[55]} at ${error[61]}`);
	return Object.keys(after).filter((name) => !['framesIn', 'framesOut', 'icmpNotDue'].includes(name) && after[name] !== before[name]).join(' ') + told.join('');
}

test('a TCP segment is left to TCP, whatever headers and padding are around it', () => {
	const options = [6, 0, 1, 4, 0, 0, 0, 0];
	const routing = [60, 0, 0, 0, 0, 0, 0, 0];
	for (const [headers, next] of [[[], 6], [options, 60], [[60, 0, 5, 2, 0, 0, 1, 0, 43, 0, 1, 0, 0, 1, 0, 0, ...routing, ...options], 0], [[6, 0, 0, 0, 0, 0, 0, 9], 44], [[6, 4, ...new Uint8Array(22)], 51]] as const) {
		const rig = dual();
		assert.is(rig.take(ipv6([...headers, ...segment], { next, padding: 6, hopLimit: 9 })), TCP_SEGMENT);
		const { packet } = rig.network.ip;
		const { u8 } = rig.image;
		assert.equal([...u8.subarray(packet.payloadAt, packet.payloadAt + packet.payloadLength)], segment);
		assert.equal([formatAddress(u8, packet.srcAt), formatAddress(u8, packet.dstAt)], [CLIENT6, SERVER6]);
		assert.equal([packet.family, packet.protocol, packet.ttl, packet.toMany, packet.payloadAt % 4, packet.srcAt % 4], [6, 6, 9, false, 0, 0]);
	}
});

test('every damage has a name of its own', () => {
	const good = ipv6(segment, { next: 6 });
	const changed = (at: number, value: number): Uint8Array => { const copy = good.slice(); copy[at] = value; return copy; };
	assert.is(fate(good), 'tcpIn');
	assert.is(fate(good.subarray(0, 53)), 'ipv6Short');
	assert.is(fate(changed(14, 0x40)), 'ipv6Version');
	assert.is(fate(good.subarray(0, 73)), 'ipv6PayloadLength');
	assert.is(fate(ipv6([6, 0, 0, 0], { next: 60 })), 'ipv6Extension');
	assert.is(fate(ipv6([6, 1, 0, 0, 0, 0, 0, 0], { next: 60 })), 'ipv6Extension', 'longer than the packet');
	assert.is(fate(ipv6(Array.from({ length: 9 * 8 }, (_, i) => i % 8 === 0 ? 60 : 0), { next: 60 })), 'ipv6Extension', 'too many');
	assert.is(fate(ipv6([6, 0, 5, 9, 0, 0, 0, 0, ...segment], { next: 60 })), 'ipv6Extension', 'an option longer than its header');
	for (const from of ['::', '::1', 'ff02::1', '::ffff:10.0.0.2', SERVER6]) assert.is(fate(ipv6(segment, { from })), 'ipv6Source', from);
	for (const to of ['2001:db8::3', 'ff02::2', '::1', 'ff02::1:ff00:7', '::ffff:10.0.0.1']) assert.is(fate(ipv6(segment, { to })), 'ipv6NotForUs', to);
	assert.is(fate(ipv6(segment, { toMac: '33:33:00:00:00:01' })), 'ipv6LinkGroup');
});

test('RFC 8200 §4: what is refused with a parameter problem says where', () => {
	assert.is(fate(ipv6([0, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0, ...segment], { next: 60 })), 'ipv6Extension 4/1 at 40', 'hop-by-hop options not first');
	assert.is(fate(ipv6([6, 0, 0x3f, 0, 1, 2, 0, 0, ...segment], { next: 60 })), 'tcpIn', '00: skip');
	assert.is(fate(ipv6([6, 0, 0x41, 0, 1, 2, 0, 0, ...segment], { next: 60 })), 'ipv6Option', '01: discard');
	assert.is(fate(ipv6([6, 0, 1, 0, 0x81, 0, 0, 0, ...segment], { next: 60 })), 'ipv6Option 4/2 at 44', '10: discard and tell');
	assert.is(fate(ipv6([6, 0, 0x81, 0, 0, 0, 0, 0, ...segment], { next: 60, ...ALL })), 'ipv6Option 4/2 at 42', '10: also of what went to many');
	assert.is(fate(ipv6([6, 0, 0xc1, 0, 0, 0, 0, 0, ...segment], { next: 60, ...ALL })), 'ipv6Option', '11: only of what did not');
	assert.is(fate(ipv6([6, 0, 0xc1, 0, 0, 0, 0, 0, ...segment], { next: 60 })), 'ipv6Option 4/2 at 42');
	assert.is(fate(ipv6([6, 0, 0x81, 0, 0, 0, 0, 0, ...segment], { next: 60, ...ALL, from: '::' })), 'ipv6Option', 'RFC 4443 §2.4 (e.6): a source that is not one host');
	assert.is(fate(ipv6([6, 2, 0, 1, ...new Uint8Array(20), ...segment], { next: 43 })), 'ipv6Route 4/0 at 42', 'RFC 5095: routing type 0');
	assert.is(fate(ipv6(segment, { next: 99 })), 'protocolUnknown 4/1 at 6');
	assert.is(fate(ipv6([99, 0, 1, 4, 0, 0, 0, 0], { next: 60 })), 'protocolUnknown 4/1 at 40');
	assert.is(fate(ipv6(segment, { next: 59 })), 'protocolUnknown', 'no next header: nothing to tell');
	assert.is(fate(ipv6(segment, { next: 1 })), 'protocolUnknown 4/1 at 6', 'ICMP of IPv4 is no protocol of IPv6');
});

test('RFC 4443 §4.2: an echo comes back with every byte, also from a group', () => {
	fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 1400, size: 'max' }), fc.boolean(), (data, group) => {
		const rig = acquainted();
		rig.take(icmp6(128, 0, [...data.subarray(0, 4)], data.subarray(4), group ? ALL : {}));
		const [reply, ...others] = rig.drain();
		assert.equal(others, []);
		assert.is(hex(reply!.subarray(0, 14)), '02000000000202000000000186dd');
		assert.is(hex(reply!.subarray(22, 54)), hex(parseAddress(SERVER6)) + hex(parseAddress(CLIENT6)));
		assert.is(hex(reply!.subarray(58)), hex(data));
		assert.is(reply![54], 129);
		assert.equal(checked6(Uint8Array.from(reply!, (byte, i) => i === 56 || i === 57 ? 0 : byte), 2), reply);
	}));
});

test('ICMPv6 that is damaged, unknown or an error in vain is dropped by name', () => {
	const bad = icmp6(128, 0, [0, 0, 0, 0], []);
	bad[56]! ^= 1;
	assert.is(fate(bad), 'icmpv6Checksum');
	assert.is(fate(ipv6([128, 0, 0, 0], { next: 58 })), 'icmpv6Short');
	assert.is(fate(icmp6(200, 0, [0, 0, 0, 0], [])), 'icmpv6Unknown');
	assert.is(fate(icmp6(128, 0, [0, 0, 0, 0], [], { from: '::', ...ALL })), 'ipv6Source');
	const quote = ipv6(segment, { from: SERVER6, to: CLIENT6, next: 6 }).subarray(14);
	assert.is(fate(icmp6(1, 0, [0, 0, 0, 0], quote.subarray(0, 47))), 'icmpErrorShort');
	assert.is(fate(icmp6(1, 0, [0, 0, 0, 0], ipv6(segment, { from: CLIENT6, next: 6 }).subarray(14))), 'icmpErrorUnrelated');
	assert.is(fate(icmp6(1, 0, [0, 0, 0, 0], ipv6([6, 0, 0, 8, 0, 0, 0, 7, ...segment], { from: SERVER6, to: CLIENT6, next: 44 }).subarray(14))), 'icmpErrorUnrelated', 'a later fragment has no ports');
});

test('RFC 5927 §4.1: an error about a segment of ours is told with ports and sequence number, quoted behind extension headers too', () => {
	const quoted = [0, 80, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef, ...new Uint8Array(12)];
	for (const [headers, next] of [[[], 6], [[6, 0, 1, 4, 0, 0, 0, 0], 60]] as const) {
		const rig = dual();
		const quote = ipv6([...headers, ...quoted], { from: SERVER6, to: CLIENT6, next }).subarray(14);
		assert.is(rig.take(icmp6(2, 0, [0, 0, 5, 0xdc], quote.subarray(0, quote.length - 8), { from: 'fe80::fe' })), TCP_ERROR);
		const { error } = rig.network.icmp;
		assert.equal([error.family, error.type, error.mtu, error.protocol, error.localPort, error.remotePort, error.seq >>> 0], [6, 2, 1500, 6, 80, 0x1234, 0x89abcdef]);
		assert.equal([error.localAt, error.remoteAt, error.fromAt].map((at) => formatAddress(rig.image.u8, at)), [SERVER6, CLIENT6, 'fe80::fe']);
	}
});

test('RFC 4443 §3.1: a port nobody has; RFC 8200 §8.1: UDP without a checksum', () => {
	const rig = acquainted();
	const frame = udp6(9, 53, [1, 2, 3]);
	rig.take(frame);
	const [error] = rig.drain();
	assert.equal([error![54], error![55]], [1, 4]);
	assert.is(hex(error!.subarray(62)), hex(frame.subarray(14)));
	assert.is(fate(ipv6(udp(9, 53, [1]))), 'udpChecksum');
	rig.take(udp6(9, 53, new Uint8Array(1400)));
	assert.is(rig.drain()[0]!.length, 14 + 1280, 'RFC 4443 §2.4 (c)');
});

test('datagrams go between two hosts over IPv6', () => {
	const a = acquainted(), b = dual({ mac: CLIENT_MAC, addresses: [`${CLIENT6}/64`] });
	const from = a.network.udp.open(0, 1000), to = b.network.udp.open(0, 2000);
	for (const frame of a.drain(() => { assert.is(a.network.udp.send(from, a.address(CLIENT6), 2000, a.payload(Uint8Array.of(1, 2, 3)), 3, 0), 0); })) b.take(frame);
	const at = b.payload(new Uint8Array(0));
	assert.ok(b.network.udp.receive(to, at, 100));
	const { length, sourceAt, sourcePort } = b.network.udp.datagram;
	assert.equal([length, formatAddress(b.image.u8, sourceAt), sourcePort, hex(b.image.u8.subarray(at, at + 3))], [3, SERVER6, 1000, '010203']);
});

test('RFC 6724 §5: a source of the same scope as the destination', () => {
	const rig = dual({ addresses: ['fe80::5/64', `${SERVER6}/64`], gateway6: 'fe80::fe' });
	const at = rig.address('::', 1);
	const chosen = (to: string): string => { assert.ok(rig.network.addresses.putSource(rig.address(to), at)); return formatAddress(rig.image.u8, at); };
	assert.equal(['fe80::9', 'ff02::fb', '2001:db8::9', '2001:db8:9::9', 'ff05::1'].map(chosen), ['fe80::5', 'fe80::5', SERVER6, SERVER6, SERVER6]);
	const old = new Rig();
	assert.not.ok(old.network.addresses.putSource(old.address('fe80::9'), old.address('::', 1)));
});

test('RFC 2464 §7: a group needs no neighbour', () => {
	const rig = dual();
	const [frame] = rig.drain(() => { rig.network.ip.output(17, rig.address(SERVER6), rig.address('ff02::1:2', 1), rig.payload(new Uint8Array(8)), 8, 0, 0, 0); });
	assert.is(hex(frame!.subarray(0, 14)), '33330001000202000000000186dd');
});

function piece(offset: number, more: number, length: number): Uint8Array {
	return ipv6([17, 0, offset >> 8, (offset & 0xf8) | more, 0, 0, 0, 7, ...new Uint8Array(length)], { next: 44 });
}

test('whatever IPv6 arrives is counted exactly once, and a restored image goes on the same', () => {
	const seeds = [
		ipv6([60, 0, 5, 2, 0, 0, 1, 0, 6, 0, 1, 4, 0, 0, 0, 0, ...segment], { next: 0 }), icmp6(128, 0, [0, 0, 0, 0], [1, 2]), udp6(5, 7, [1]), udp6(5, 8, [1]),
		solicitation(), advertisement(0x60), advertisement(0x20, { options: [2, 1, 2, 0, 0, 0, 0, 8] }), piece(0, 1, 16), piece(16, 0, 5), piece(8, 1, 16), piece(0, 0, 30),
		icmp6(3, 0, [0, 0, 0, 0], ipv6(segment, { from: SERVER6, to: CLIENT6, next: 6 }).subarray(14)),
	];
	const frames = fc.array(fc.tuple(fc.constantFrom(...seeds), fc.nat(110), fc.nat(255), fc.nat(3), fc.nat(60)).map(([frame, at, value, how, cut]) => {
		const copy = frame.slice(0, how === 1 ? Math.max(14, frame.length - cut) : frame.length);
		if (how === 2 && at < copy.length) copy[at] = value;
		return copy;
	}), { maxLength: 25, size: 'max' });
	fc.assert(fc.property(frames, frames, fc.nat(9_000_000), (before, after, step) => {
		const quotas = { neighbours: 3, outbox: 4096, udpQueue: 4096, udpSockets: 2, reassemblies: 2, reassembly: 4000 };
		const rig = dual({ quotas }, 1024);
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
		const other = dual({ quotas }, 1024);
		other.image.restore(rig.image.snapshot());
		other.network.attach();
		const from = before.length * step;
		assert.equal(play(other, after, from), play(rig, after, from));
		assert.is(other.image.digest(), rig.image.digest());
	}), { numRuns: 300 });
});

test.run();
