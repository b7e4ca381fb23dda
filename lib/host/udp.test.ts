import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { formatAddress } from '../wire/address.ts';
import { put16 } from '../wire/bytes.ts';
import { UDP_FULL, UDP_IN_USE } from './udp.ts';
import { CLIENT, Rig, acquaint, client, hex, icmp, ipv4, udp } from './rig.test.helper.ts';

/** Reads all that waits: sender, port and bytes. */
function read(rig: Rig, socket: number, limit: number = 2048): string[] {
	const found: string[] = [];
	const at = rig.payload(new Uint8Array(0));
	while (rig.network.udp.receive(socket, at, limit)) {
		const { length, sourceAt, sourcePort } = rig.network.udp.datagram;
		found.push(`${formatAddress(rig.image.u8, sourceAt)}:${sourcePort} ${length} ${hex(rig.image.u8.subarray(at, at + Math.min(length, limit)))}`);
	}
	return found;
}

test('what one host sends, the other reads, whole and in order', () => {
	fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 1472, size: 'max' }), { maxLength: 12, size: 'max' }), fc.constantFrom(256, 1024, 4096), (datagrams, chunk) => {
		const a = new Rig({}, Math.max(1024, chunk)), b = client({});
		acquaint(a);
		const from = a.network.udp.open(0, 1000), to = b.network.udp.open(b.address(CLIENT), 2000);
		const at = a.address(CLIENT);
		for (const bytes of datagrams) for (const frame of a.drain(() => { assert.is(a.network.udp.send(from, at, 2000, a.payload(bytes), bytes.length, 0), 0); })) b.take(frame);
		assert.is(b.network.udp.waiting(to), datagrams.length);
		assert.equal(read(b, to), datagrams.map((bytes) => `10.0.0.1:1000 ${bytes.length} ${hex(bytes)}`));
		assert.is(b.image.livePages, 0);
		assert.is(b.network.counters.value('udpIn'), datagrams.length);
	}));
});

test('RFC 768: no checksum is none, a wrong one drops, and lengths are held against the packet', () => {
	const rig = new Rig();
	const socket = rig.network.udp.open(0, 7);
	const checked = udp(5, 7, [1, 2, 3]);
	rig.take(ipv4(checked));
	put16(checked, 6, 0x1234);
	rig.take(ipv4(checked));
	rig.take(ipv4(checked.subarray(0, 7)));
	for (const length of [7, 12]) {
		const bad = udp(5, 7, [1, 2, 3]);
		put16(bad, 4, length);
		rig.take(ipv4(bad));
	}
	rig.take(ipv4(udp(5, 0, [])));
	rig.take(ipv4([...udp(5, 7, [9]), 8, 8]));
	assert.equal(rig.network.counters.counted(), { framesIn: 7, udpChecksum: 1, udpShort: 1, udpLength: 2, udpPort: 1, udpIn: 2 });
	assert.equal(read(rig, socket), [`${CLIENT}:5 3 010203`, `${CLIENT}:5 1 09`]);
});

test('RFC 768: a checksum that comes out as zero is sent as all ones', () => {
	const rig = new Rig();
	acquaint(rig);
	const socket = rig.network.udp.open(0, 1);
	const sent = (payload: Uint8Array): number => {
		const [frame] = rig.drain(() => { rig.network.udp.send(socket, rig.address(CLIENT), 2, rig.payload(payload), 2, 0); });
		return (frame![40]! << 8) | frame![41]!;
	};
	const open = sent(Uint8Array.of(0, 0));
	assert.is.not(open, 0xffff);
	assert.is(sent(Uint8Array.of(open >> 8, open & 255)), 0xffff);
});

test('a connected socket comes before a bound one, that before one for any address', () => {
	const rig = new Rig();
	const { udp: sockets } = rig.network;
	const mine = sockets.open(rig.address('10.0.0.1'), 7);
	assert.is(sockets.open(0, 7), UDP_IN_USE);
	assert.is(sockets.open(rig.address('10.0.0.1'), 7), UDP_IN_USE);
	sockets.connect(mine, rig.address(CLIENT, 1), 5);
	const any = sockets.open(0, 7);
	assert.ok(any > 0);
	rig.take(ipv4(udp(5, 7, [1])));
	rig.take(ipv4(udp(6, 7, [2])));
	rig.take(ipv4(udp(5, 7, [3]), { from: '10.0.0.3' }));
	assert.equal([read(rig, mine).length, read(rig, any).length], [1, 2]);
	sockets.close(mine);
	rig.take(ipv4(udp(5, 7, [4])));
	assert.is(read(rig, any).length, 1);
});

test('quotas: sockets, and bytes waiting at each, end in a counted drop', () => {
	const rig = new Rig({ quotas: { udpSockets: 2, udpQueue: 1024 } }, 1024);
	const socket = rig.network.udp.open(0, 7);
	assert.ok(rig.network.udp.open(0, 0) > 0);
	assert.is(rig.network.udp.open(0, 0), UDP_FULL);
	for (let i = 0; i < 4; i++) rig.take(ipv4(udp(5, 7, new Uint8Array(400))));
	assert.is(rig.network.udp.waiting(socket), 2);
	assert.is(rig.network.counters.value('udpQueueFull'), 2);
	assert.is(rig.image.livePages, 1);
	rig.network.udp.close(socket);
	assert.is(rig.image.livePages, 0);
});

test('a socket without a port of its own gets a free dynamic one (RFC 6335 §6)', () => {
	const { udp: sockets } = new Rig().network;
	const ports = [sockets.open(0, 0), sockets.open(0, 49154), sockets.open(0, 0), sockets.open(0, 0)].map((socket) => sockets.port(socket));
	assert.equal(ports, [49152, 49154, 49153, 49155]);
});

test('what is longer than the room to read it in loses its end', () => {
	const rig = new Rig();
	const socket = rig.network.udp.open(0, 7);
	rig.take(ipv4(udp(5, 7, [1, 2, 3, 4])));
	rig.take(ipv4(udp(5, 7, [5])));
	assert.equal(read(rig, socket, 2), [`${CLIENT}:5 4 0102`, `${CLIENT}:5 1 05`]);
});

test('RFC 1122 §4.1.3.3: an ICMP error reaches the connected socket that sent the datagram', () => {
	const rig = new Rig();
	acquaint(rig);
	const { udp: sockets } = rig.network;
	const socket = sockets.open(0, 7);
	const error = (): void => {
		const [frame] = rig.drain(() => { sockets.send(socket, rig.address(CLIENT), 5, rig.payload(Uint8Array.of(1)), 1, 0); });
		rig.take(ipv4(icmp(3, 3, [0, 0, 0, 0], frame!.subarray(14, 42)), { protocol: 1 }));
	};
	error();
	assert.is(sockets.takeError(socket), -1, 'not connected: whose would it be');
	sockets.connect(socket, rig.address(CLIENT), 5);
	error();
	assert.is(sockets.takeError(socket), 3);
	assert.is(sockets.takeError(socket), -1);
});

test('a datagram to everyone reaches the socket for any address', () => {
	const rig = new Rig();
	const socket = rig.network.udp.open(0, 7);
	rig.take(ipv4(udp(5, 7, [1]), { to: '10.0.0.255', toMac: 'ff:ff:ff:ff:ff:ff' }));
	assert.is(read(rig, socket).length, 1);
	assert.is(formatAddress(rig.image.u8, rig.network.udp.datagram.destinationAt), '10.0.0.255');
});

test.run();
