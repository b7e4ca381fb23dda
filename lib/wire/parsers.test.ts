import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { ARP, parseArp, putArp } from './arp.ts';
import { wireDrops } from './drop.ts';
import { EthernetHeader, ETHERTYPE_IPV4, parseEthernet, putEthernet } from './ethernet.ts';
import { NdOptions, parseNdOptions } from './icmpv6.ts';
import { IPV4, Ipv4Header, parseIpv4 } from './ipv4.ts';
import { IPV6, Ipv6Header, parseIpv6 } from './ipv6.ts';
import { UDP, UdpHeader, parseUdp, putUdp } from './udp.ts';

/** Bytes in the middle of others, so that a look beyond their end is seen to read what is not theirs. */
function within(bytes: Uint8Array, around: number): Uint8Array {
	const memory = new Uint8Array(bytes.length + 128).fill(around);
	memory.set(bytes, 64);
	return memory;
}

/** A result of a parser, and what it told. */
type Told = readonly [number, object];
const parsers: readonly ((memory: Uint8Array, length: number) => Told)[] = [
	(memory, length) => { const header = new EthernetHeader(); return [parseEthernet(memory, 64, length, header), header]; },
	(memory, length) => { const header = new Ipv4Header(); return [parseIpv4(memory, 64, length, header), header]; },
	(memory, length) => { const header = new Ipv6Header(); return [parseIpv6(memory, 64, length, header), header]; },
	(memory, length) => { const header = new UdpHeader(); return [parseUdp(memory, 64, length, header), header]; },
	(memory, length) => { const options = new NdOptions(); return [parseNdOptions(memory, 64, 64 + length, 1, options), options]; },
	(memory, length) => [parseArp(memory, 64, length), {}],
];

/** Bytes that look a little like headers. */
const likely = fc.tuple(fc.constantFrom([], [0x45, 0, 0, 40], [0x46, 0, 0, 60], [0x60, 0, 0, 0, 0, 24, 60, 9], [0x60, 0, 0, 0, 0, 16, 44, 9], [0, 1, 8, 0, 6, 4]), fc.uint8Array({ maxLength: 90, size: 'max' }))
	.map(([start, rest]) => Uint8Array.of(...start, ...rest));

test('no parser throws, and what one says of some bytes does not hang on the bytes around them', () => {
	fc.assert(fc.property(likely, (bytes) => {
		for (const parse of parsers) {
			const [code, told] = parse(within(bytes, 0), bytes.length);
			const [again, toldAgain] = parse(within(bytes, 255), bytes.length);
			assert.is(code, again);
			if (code === 0) assert.equal(told, toldAgain);
			assert.ok(code >= 0 && code <= wireDrops.length);
			const { payloadAt = 64, payloadLength = 0 } = told as { payloadAt?: number; payloadLength?: number };
			if (code === 0) assert.ok(payloadAt >= 64 && payloadLength >= 0 && payloadAt + payloadLength <= 64 + bytes.length);
		}
	}), { numRuns: 3000 });
});

test('what is put is what is parsed', () => {
	fc.assert(fc.property(fc.nat(0xffff), fc.integer({ min: 1, max: 0xffff }), fc.uint8Array({ maxLength: 60, size: 'max' }), fc.uint8Array({ minLength: 12, maxLength: 12, size: 'max' }), (source, destination, payload, macs) => {
		const memory = new Uint8Array(128);
		memory.set(macs, 100);
		putEthernet(memory, 0, 100, 106, ETHERTYPE_IPV4);
		const frame = new EthernetHeader();
		assert.is(parseEthernet(memory, 0, 14 + UDP.end + payload.length, frame), 0);
		assert.equal([frame.type, frame.payloadAt, frame.tags, ...memory.subarray(0, 12)], [ETHERTYPE_IPV4, 14, 0, ...macs]);
		putUdp(memory, 14, source, destination, payload.length);
		const header = new UdpHeader();
		assert.is(parseUdp(memory, 14, frame.payloadLength, header), 0);
		assert.equal([header.source, header.destination, header.payloadLength, header.checksum], [source, destination, payload.length, 0]);
		putArp(memory, 14, source);
		assert.is(parseArp(memory, 14, ARP.end), 0);
		assert.is((memory[14 + ARP.operation]! << 8) | memory[15 + ARP.operation]!, source);
	}));
});

test('headers have the lengths their RFCs give them', () => {
	assert.equal([IPV4.end, IPV4.checksum, IPV4.destination, IPV6.end, IPV6.hopLimit, IPV6.destination, UDP.end, ARP.end, ARP.target], [20, 10, 16, 40, 7, 24, 8, 28, 24]);
});

test.run();
