import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { ACK, analysisOf, ipv4Bytes, ipv6Bytes, pcapOf, tcpBytes } from './traffic.test.helper.ts';
import { CaptureReader } from './capture-reader.ts';
import { Decoder } from './decoder.ts';
import { skipReasons } from './layer.ts';

const tcp = tcpBytes({ from: 'c', flags: ACK, seq: 7, ack: 9, data: 5 });
const ipv4 = ipv4Bytes('c', 6, tcp);
const ipv6 = ipv6Bytes('c', 6, tcp);
const MACS = Buffer.alloc(12, 2);

function hex(text: string): Buffer { return Buffer.from(text.replaceAll(' ', ''), 'hex'); }

function udp(port: number, payload: Uint8Array): Buffer {
	const header = Buffer.alloc(8);
	header.writeUInt16BE(5555, 0);
	header.writeUInt16BE(port, 2);
	header.writeUInt16BE(8 + payload.length, 4);
	return ipv4Bytes('c', 17, Buffer.concat([header, payload]));
}

function ethernet(...parts: Uint8Array[]): Buffer { return Buffer.concat([MACS, ...parts]); }

const wlan = Buffer.concat([hex('0801 0000'), Buffer.alloc(20), hex('aaaa03 000000 0800'), ipv4]);

/** Packets in which the one segment is found, by link type and what is around it. */
const found: readonly [name: string, linkType: number, bytes: Uint8Array][] = [
	['Ethernet', 1, ethernet(hex('0800'), ipv4)],
	['Ethernet, IPv6', 1, ethernet(hex('86dd'), ipv6)],
	['padding behind IP', 1, ethernet(hex('0800'), ipv4, Buffer.alloc(20))],
	['VLAN', 1, ethernet(hex('8100 0005 0800'), ipv4)],
	['QinQ', 1, ethernet(hex('88a8 0005 8100 0006 86dd'), ipv6)],
	['old QinQ', 1, ethernet(hex('9100 0005 8100 0006 0800'), ipv4)],
	['802.1ah', 1, ethernet(hex('88e7 00000001'), MACS, hex('0800'), ipv4)],
	['802.3 with LLC and SNAP', 1, ethernet(Buffer.from([0, 8 + ipv4.length]), hex('aaaa03 000000 0800'), ipv4)],
	['MPLS', 1, ethernet(hex('8847 00001000 00002100'), ipv4)],
	['PPPoE', 1, ethernet(hex('8864 1100 0001'), Buffer.from([0, 2 + ipv4.length]), hex('0021'), ipv4)],
	['FabricPath', 1, ethernet(hex('8903 0001'), MACS, hex('0800'), ipv4, Buffer.alloc(4))],
	['null, little endian', 0, Buffer.concat([hex('02000000'), ipv4])],
	['null, big endian', 0, Buffer.concat([hex('0000001e'), ipv6])],
	['null, 16 bits in the byte order of the network', 0, Buffer.concat([hex('00020000'), ipv4])],
	['null, 16 bits behind what means nothing', 0, Buffer.concat([hex('02000200'), ipv4])],
	['null, an EtherType behind what means nothing', 0, Buffer.concat([hex('02000800'), ipv4])],
	['loop', 108, Buffer.concat([hex('00000018'), ipv6])],
	['PPP in HDLC framing', 9, Buffer.concat([hex('ff030021'), ipv4])],
	['PPP, short protocol', 9, Buffer.concat([hex('57'), ipv6])],
	['Cisco HDLC', 104, Buffer.concat([hex('0f000800'), ipv4])],
	['raw', 101, ipv4],
	['raw, IPv6', 101, ipv6],
	['raw IPv4', 228, ipv4],
	['raw IPv6', 229, ipv6],
	['Linux cooked', 113, Buffer.concat([Buffer.alloc(14), hex('0800'), ipv4])],
	['Linux cooked v2', 276, Buffer.concat([hex('86dd'), Buffer.alloc(18), ipv6])],
	['FDDI', 10, Buffer.concat([hex('50'), MACS, hex('aaaa03 000000 0800'), ipv4])],
	['802.11', 105, wlan],
	['802.11 with a Prism header', 119, Buffer.concat([Buffer.alloc(144), wlan])],
	['802.11 with an AVS header', 163, Buffer.concat([hex('80211001 00000040'), Buffer.alloc(56), wlan])],
	['radiotap with a check sequence', 127, Buffer.concat([hex('0000 0900 02000000 10'), wlan, hex('01020304')])],
	['radiotap, clock before the flags, padded', 127, Buffer.concat([hex('0000 1100 03000000 0000000000000000 20'), hex('8801 0000'), Buffer.alloc(20), hex('0000 0000 aaaa03 000000 0800'), ipv4])],
	['netfilter log', 239, Buffer.concat([hex('0200 0000 0600 0a00 6100 0000'), Buffer.from([4 + ipv4.length, 0, 9, 0]), ipv4])],
	['packet filter log', 117, Buffer.concat([hex('3d180000'), Buffer.alloc(60), ipv6])],
	['decrypted by IPsec', 109, Buffer.concat([hex('02000000'), Buffer.alloc(8), ipv4])],
	['PKTAP', 258, Buffer.concat([hex('10000000 01000000 0c000000 00000000'), ipv4])],
	['Juniper Ethernet', 178, Buffer.concat([hex('4d474380 0002 0101'), ethernet(hex('0800'), ipv4)])],
	['Token Ring with a source route', 6, Buffer.concat([hex('1040 020202020202 820202020202 0410 0010 aaaa03 000000 0800'), ipv4])],
	['Frame Relay', 107, Buffer.concat([hex('1841 03cc'), ipv4])],
	['Frame Relay with SNAP', 107, Buffer.concat([hex('1841 0300 80 000000 86dd'), ipv6])],
	['ATM', 100, Buffer.concat([hex('aaaa03 000000 0800'), ipv4])],
	['Fibre Channel', 122, Buffer.concat([Buffer.alloc(16), hex('aaaa03 000000 0800'), ipv4])],
	['FireWire', 138, Buffer.concat([Buffer.alloc(16), hex('0800'), ipv4])],
	['MACsec in the clear', 1, ethernet(hex('88e5 0000 00000001 0800'), ipv4)],
	['Cisco MetaData', 1, ethernet(hex('8909 0101 00010001 0800'), ipv4)],
	['TRILL', 1, ethernet(hex('22f3 0001 0001 0002'), ethernet(hex('0800'), ipv4))],
	['a service header', 1, ethernet(hex('894f 0fc2 0201 00000001'), ipv4)],
	['radiotap', 127, Buffer.concat([hex('0000 0800 00000000'), wlan])],
	['PPI', 192, Buffer.concat([hex('0000 0800 01000000'), ethernet(hex('0800'), ipv4)])],
	['IPv4 options', 101, Buffer.concat([hex('46'), ipv4.subarray(1, 2), Buffer.from([0, 24 + tcp.length]), ipv4.subarray(4, 20), hex('01010100'), tcp])],
	['a length of 0 that is left to the card', 101, Buffer.concat([ipv4.subarray(0, 2), hex('0000'), ipv4.subarray(4)])],
	['extension headers', 101, ipv6Bytes('c', 0, Buffer.concat([hex('3c00 0000 0000 0000'), hex('2b00 0000 0000 0000'), hex('0600 0000 0000 0000'), tcp]))],
	['an atomic fragment', 101, ipv6Bytes('c', 44, Buffer.concat([hex('0600 0000 0000 0001'), tcp]))],
	['authentication header', 101, ipv4Bytes('c', 51, Buffer.concat([hex('0604 0000'), Buffer.alloc(20), tcp]))],
	['IP in IP', 101, ipv4Bytes('c', 4, ipv4)],
	['IPv6 in IPv4', 101, ipv4Bytes('c', 41, ipv6)],
	['GRE', 101, ipv4Bytes('c', 47, Buffer.concat([hex('0000 0800'), ipv4]))],
	['GRE with key and sequence number', 101, ipv4Bytes('c', 47, Buffer.concat([hex('3000 6558 00000001 00000002'), ethernet(hex('0800'), ipv4)]))],
	['ERSPAN', 101, ipv4Bytes('c', 47, Buffer.concat([hex('1000 88be 00000001 1001000000000000'), ethernet(hex('0800'), ipv4)]))],
	['VXLAN', 101, udp(4789, Buffer.concat([hex('0800000000000100'), ethernet(hex('0800'), ipv4)]))],
	['Geneve', 101, udp(6081, Buffer.concat([hex('0100655800000100 01020001 00000000').subarray(0, 12), ethernet(hex('0800'), ipv4)]))],
	['GTP version 0', 101, udp(3386, Buffer.concat([hex('1eff'), Buffer.alloc(18), ipv4]))],
	['LISP', 101, udp(4341, Buffer.concat([hex('8000000000000001'), ipv4]))],
	['AYIYA', 101, udp(5072, Buffer.concat([hex('41521129 00000000'), Buffer.alloc(36), ipv6]))],
	['TZSP', 101, udp(37008, Buffer.concat([hex('01000001 00 0a0101 01'), ethernet(hex('0800'), ipv4)]))],
	['PIM', 101, ipv4Bytes('c', 103, Buffer.concat([hex('2100 0000 00000000'), ipv4]))],
	['GTP', 101, udp(2152, Buffer.concat([hex('30ff'), Buffer.from([0, ipv4.length]), hex('00000001'), ipv4]))],
];

for (const [name, linkType, bytes] of found) {
	test(name, () => {
		const { rows, analysis } = analysisOf(pcapOf(linkType, [{ time: 1e6, bytes }]));
		assert.equal(rows, [[1, 0]]);
		const { segment } = analysis;
		assert.equal([segment.seq, segment.ack, segment.length, segment.sourcePort, segment.isWhole], [7, 9, 5, 40_000, true]);
		assert.is(segment.bytes[segment.dataAt], 0x61);
	});
}

/** Packets without a segment, and why. */
const skipped: readonly [name: string, linkType: number, bytes: Uint8Array, reason: (typeof skipReasons)[number]][] = [
	['a link type that is not read', 147, ipv4, 'link_type'],
	['ARP', 1, ethernet(hex('0806'), Buffer.alloc(28)), 'not_ip'],
	['spanning tree', 1, ethernet(hex('0026 424203'), Buffer.alloc(40)), 'not_ip'],
	['UDP', 101, udp(53, Buffer.alloc(4)), 'not_tcp'],
	['a fragment alone', 101, ipv4Bytes('c', 6, tcp, 1, 0x2000), 'fragment'],
	['ESP', 101, ipv4Bytes('c', 50, tcp), 'tunnel'],
	['encrypted MACsec', 1, ethernet(hex('88e5 0c00 00000001 0800'), ipv4), 'tunnel'],
	['loop in the byte order of the host', 108, Buffer.concat([hex('02000000'), ipv4]), 'not_ip'],
	['loop with an EtherType', 108, Buffer.concat([hex('00000800'), ipv4]), 'not_ip'],
	['null, a family behind what means nothing', 0, Buffer.concat([hex('01000002'), ipv4]), 'not_ip'],
	['null with the family of Linux', 0, Buffer.concat([hex('0a000000'), ipv6]), 'not_ip'],
	['a netlink message', 113, Buffer.concat([hex('0000 0338'), Buffer.alloc(10), hex('0800'), ipv4]), 'not_ip'],
	['SNAP that is no unnumbered frame', 1, ethernet(Buffer.from([0, 8 + ipv4.length]), hex('aaaa75 000000 0800'), ipv4), 'not_ip'],
	['three bytes', 1, hex('010203'), 'truncated'],
	['no bytes', 101, new Uint8Array(), 'truncated'],
	['an IPv4 header shorter than any', 101, Buffer.concat([hex('41'), ipv4.subarray(1)]), 'malformed'],
];

for (const [name, linkType, bytes, reason] of skipped) {
	test(`${name}: ${reason}`, () => {
		const { rows, analysis } = analysisOf(pcapOf(linkType, [{ time: 1e6, bytes }]));
		assert.equal(rows, []);
		assert.equal(Object.entries(analysis.skipped).filter(([, count]) => count > 0), [[reason, 1]]);
	});
}

test('a cut segment keeps the length it had on the wire', () => {
	const { analysis } = analysisOf(pcapOf(101, [{ time: 1e6, bytes: ipv4.subarray(0, 42), original: ipv4.length }]));
	assert.equal([analysis.segment.length, analysis.segment.capturedLength], [5, 2]);
});

test('an ICMP error is shown with the connection it quotes, and not analysed', () => {
	const quote = ipv4Bytes('c', 1, Buffer.concat([hex('0300 0000 00000000'), ipv4]));
	const redirect = ipv4Bytes('c', 1, Buffer.concat([hex('0500 0000 00000000'), ipv4]));
	const short = ipv4Bytes('c', 1, Buffer.concat([hex('0300 0000 00000000'), ipv4.subarray(0, 28)]));
	const { rows, analysis } = analysisOf(pcapOf(101, [quote, redirect, short, ipv4].map((bytes, i) => ({ time: i, bytes }))));
	assert.equal(rows, [[1, 0], [2, -1], [3, -1], [4, 0]]);
	assert.is(analysis.segment.isWhole, true);
	// A first fragment is waited for, but where a redirect quotes it: that is cut to 8 bytes of TCP.
	const piece = ipv4Bytes('c', 6, tcp, 3, 0x2000);
	const errors = [3, 5].map((type) => ipv4Bytes('c', 1, Buffer.concat([Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]), piece])));
	assert.equal(analysisOf(pcapOf(101, errors.map((bytes, i) => ({ time: i, bytes })))).rows, [[2, -1]]);
});

test('fragments are put together in any order, and the last to come is the frame', () => {
	const big = tcpBytes({ from: 'c', flags: ACK, seq: 7, ack: 9, data: 2000 });
	const pieces = [0, 800, 1600].map((from) => ipv4Bytes('c', 6, big.subarray(from, from + 800), 77, (from < 1600 ? 0x2000 : 0) | (from / 8)));
	fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), fc.constantFrom(0, 1, 2), (order, again) => {
		const packets = [order[0] === again ? order[1]! : order[0]!, ...order].map((piece, i) => ({ time: i, bytes: pieces[piece]! }));
		const { rows, analysis } = analysisOf(pcapOf(101, packets));
		assert.is(rows.length, 1);
		assert.is(analysis.segment.length, 2000);
		assert.equal(Buffer.from(analysis.segment.bytes.subarray(analysis.segment.dataAt)), big.subarray(20));
	}));
});

/** A fragment header of IPv6, with TCP behind it. */
function head(offset: number, more: number): Buffer { return Buffer.from([6, 0, offset >> 8, (offset & 0xf8) | more, 0, 0, 0, 9]); }

test('IPv6 fragments too; of a cut first fragment the header is shown, no more', () => {
	const one = ipv6Bytes('c', 44, Buffer.concat([head(0, 1), tcp.subarray(0, 16)]));
	const two = ipv6Bytes('c', 44, Buffer.concat([head(16, 0), tcp.subarray(16)]));
	assert.equal(analysisOf(pcapOf(101, [one, two].map((bytes, i) => ({ time: i, bytes })))).rows, [[2, 0]]);
	const first = ipv4Bytes('c', 6, Buffer.concat([tcp, Buffer.alloc(100)]), 5, 0x2000);
	const { rows, analysis } = analysisOf(pcapOf(101, [{ time: 0, bytes: first.subarray(0, 60), original: first.length }]));
	assert.equal(rows, [[1, 0]]);
	assert.is(analysis.segment.isWhole, false);
});

test('a first fragment of IPv6 that the capture cut is left alone', () => {
	const first = ipv6Bytes('c', 44, Buffer.concat([head(0, 1), tcp, Buffer.alloc(100)]));
	assert.equal(analysisOf(pcapOf(101, [{ time: 0, bytes: first.subarray(0, 80), original: first.length }])).rows, []);
});

test('fragments of two VLANs are of two datagrams, as tshark has it', () => {
	const [head, tail] = [ipv4Bytes('c', 6, tcp.subarray(0, 16), 7, 0x2000), ipv4Bytes('c', 6, tcp.subarray(16), 7, 2)];
	const tagged = (packet: Buffer, ...vlans: number[]): Buffer => Buffer.concat([Buffer.alloc(12), ...vlans.map((vlan) => hex(`8100 0${vlan.toString(16).padStart(3, '0')}`)), hex('0800'), packet]);
	const found = (...frames: Buffer[]): number => analysisOf(pcapOf(1, frames.map((bytes, i) => ({ time: i, bytes })))).rows.length;
	assert.is(found(tagged(head, 5), tagged(tail, 5)), 1);
	assert.is(found(tagged(head, 5), tagged(tail, 6)), 0);
	// The outermost VLAN counts alone.
	assert.is(found(tagged(head, 5, 6), tagged(tail, 5, 7)), 1);
	assert.is(found(head, tagged(tail, 5)), 0);
});

test('fragments with a gap between them make no datagram, however many bytes they have', () => {
	const far = ipv4Bytes('c', 6, Buffer.alloc(400), 9, 0x2000 | 100);
	const last = ipv4Bytes('c', 6, Buffer.alloc(16), 9, 25);
	assert.equal(analysisOf(pcapOf(101, [far, last].map((bytes, i) => ({ time: i, bytes })))).rows, []);
});

test('of two fragments that claim to be the last the first counts', () => {
	const pieces = [ipv4Bytes('c', 6, tcp.subarray(16), 9, 2), ipv4Bytes('c', 6, Buffer.alloc(8), 9, 80), ipv4Bytes('c', 6, tcp.subarray(0, 16), 9, 0x2000)];
	const { rows, analysis } = analysisOf(pcapOf(101, pieces.map((bytes, i) => ({ time: i, bytes }))));
	assert.equal(rows, [[3, 0]]);
	assert.is(analysis.segment.length, 5);
});

test('a check sequence at the end of a frame is no data, though IP counts it', () => {
	const bytes = ethernet(hex('0800'), ipv4);
	const told = (field: number): number => {
		const { analysis } = analysisOf(pcapOf(field, [{ time: 0, bytes }]));
		return analysis.segment.length;
	};
	assert.equal([told(1), told(0x2400_0001), told(0x1400_0001), told(0x2000_0001)], [5, 1, 3, 5]);
});

test('IPv6: a home address is the source, the end of a route not used up the destination', () => {
	const address = (last: number): Buffer => Buffer.from([0xfd, 3, ...Array.from({ length: 13 }, () => 0), last]);
	const ends = (next: number, header: Uint8Array): string[] => {
		const { analysis } = analysisOf(pcapOf(229, [{ time: 0, bytes: ipv6Bytes('c', next, Buffer.concat([header, tcp])) }]));
		return [...analysis.streams()].flatMap(({ client, server }) => [client.address, server.address]);
	};
	assert.equal(ends(60, Buffer.concat([hex('0602 01020000 c910'), address(7)])), ['fd03::7', 'fd00::2']);
	assert.equal(ends(43, Buffer.concat([hex('0604 0001 00000000'), address(1), address(2)])), ['fd00::1', 'fd03::2']);
	assert.equal(ends(43, Buffer.concat([hex('0604 0401 01000000'), address(1), address(2)])), ['fd00::1', 'fd03::1']);
	assert.equal(ends(43, Buffer.concat([hex('0604 0000 00000000'), address(1), address(2)])), ['fd00::1', 'fd00::2']);
});

test('a source route leads to its end', () => {
	const route = hex('83 0b 04 01020304 05060708 00');
	const header = Buffer.concat([ipv4.subarray(0, 20), route]);
	header[0] = 0x48;
	header.writeUInt16BE(32 + tcp.length, 2);
	const { analysis } = analysisOf(pcapOf(101, [{ time: 0, bytes: Buffer.concat([header, tcp]) }]));
	assert.ok([...analysis.streams()].some(({ server }) => server.address === '5.6.7.8'));
});

test('any bytes of any link type give a segment within them, or a reason', () => {
	const packets = fc.oneof(fc.uint8Array({ maxLength: 120 }), fc.tuple(fc.constantFrom(...found), fc.nat(), fc.nat(255), fc.nat(200)).map(([[, , bytes], at, value, length]) => {
		const broken = Uint8Array.from(bytes).subarray(0, length);
		if (broken.length > 0) broken[at % broken.length] = value;
		return broken;
	}));
	const linkType = fc.constantFrom(...new Set(found.map(([, type]) => type)));
	const decoder = new Decoder();
	fc.assert(fc.property(linkType, packets, fc.nat(100), (type, bytes, more) => {
		const reader = new CaptureReader();
		reader.push(pcapOf(type, [{ time: 0, bytes, original: bytes.length + more }]));
		assert.is(reader.next(), true);
		const result = decoder.decode(reader.record);
		assert.ok(result <= 0 && result >= -skipReasons.length);
		const { segment } = decoder;
		if (result === 0 && segment.isWhole) {
			assert.ok(segment.dataAt + segment.capturedLength <= segment.bytes.length);
			assert.ok(segment.capturedLength <= segment.length && segment.length < 0x1_0000);
		}
	}), { numRuns: 3000 });
});

test.run();
