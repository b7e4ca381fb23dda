import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { Segment } from './segment.ts';
import { StreamTable } from './stream-table.ts';

/** A segment between two endpoints, its addresses 4 or 16 bytes long. */
function segmentOf(source: Uint8Array, sourcePort: number, destination: Uint8Array, destinationPort: number): Segment {
	const segment = new Segment();
	segment.bytes = new Uint8Array([...source, ...destination]);
	segment.sourceAt = 0;
	segment.destinationAt = source.length;
	segment.addressLength = source.length;
	segment.sourcePort = sourcePort;
	segment.destinationPort = destinationPort;
	return segment;
}

function ipv6(groups: readonly number[]): Uint8Array {
	return new Uint8Array(groups.flatMap((group) => [group >> 8, group & 255]));
}

// Few different addresses and ports, so that connections meet again; many, so that the table grows.
const few = fc.constantFrom(0, 1, 127, 128, 255);
const many = fc.nat(255);

function addresses(byte: fc.Arbitrary<number>): fc.Arbitrary<[Uint8Array, Uint8Array]> {
	const of = (length: number): fc.Arbitrary<[Uint8Array, Uint8Array]> => {
		const address = fc.array(byte, { minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));
		return fc.tuple(address, address);
	};
	return fc.oneof(of(4), of(16));
}

for (const [name, byte, size] of [['few', few, 200], ['many', many, 4000]] as const) {
	test(`numbers connections like a map with text keys: ${name} endpoints`, () => {
		const port = fc.constantFrom(0, 80, 40_000, 65_535);
		const segment = fc.tuple(addresses(byte), port, port).map(([[source, destination], from, to]) => segmentOf(source, from, destination, to));
		fc.assert(fc.property(fc.array(segment, { maxLength: size, size: 'max' }), (segments) => {
			const table = new StreamTable();
			const model = new Map<string, number>();
			for (const one of segments) {
				const ends = [`${one.bytes.subarray(0, one.addressLength)} ${one.sourcePort}`, `${one.bytes.subarray(one.addressLength)} ${one.destinationPort}`];
				const key = [...ends].sort().join(' ');
				const found = table.find(one);
				assert.is(found, model.get(key) ?? -1);
				if (found < 0) model.set(key, table.add());
			}
			assert.is(table.count, model.size);
		}), { numRuns: 30 });
	});
}

test('both directions are told apart, and lead to the same connection', () => {
	const [a, b] = [Uint8Array.of(10, 0, 0, 9), Uint8Array.of(192, 168, 0, 1)];
	const table = new StreamTable();
	assert.is(table.find(segmentOf(a, 4000, b, 80)), -1);
	const end = table.end;
	const stream = table.add();
	assert.is(table.find(segmentOf(b, 80, a, 4000)), stream);
	assert.is(table.end, 1 - end);
	assert.equal(table.endpoint(stream, end), { address: '10.0.0.9', port: 4000 });
	assert.equal(table.endpoint(stream, 1 - end), { address: '192.168.0.1', port: 80 });
});

test('a host that talks to itself', () => {
	const self = Uint8Array.of(127, 0, 0, 1);
	const table = new StreamTable();
	table.find(segmentOf(self, 5, self, 6));
	const end = table.end;
	table.add();
	assert.is(table.find(segmentOf(self, 6, self, 5)), 0);
	assert.is(table.end, 1 - end);
	assert.is(table.find(segmentOf(self, 5, self, 5)), -1);
});

test('a new connection takes the place of the old one', () => {
	const table = new StreamTable();
	const segment = segmentOf(Uint8Array.of(1, 1, 1, 1), 1, Uint8Array.of(2, 2, 2, 2), 2);
	table.find(segment);
	assert.is(table.add(), 0);
	table.find(segment);
	assert.is(table.add(), 1);
	assert.is(table.find(segment), 1);
});

function shown(groups: readonly number[]): string {
	const table = new StreamTable();
	table.find(segmentOf(ipv6(groups), 1, ipv6(groups), 2));
	return table.endpoint(table.add(), 0).address;
}

test('IPv6 addresses are written as RFC 5952 has them', () => {
	assert.is(shown([0x2001, 0xdb8, 0, 0, 0, 0, 2, 1]), '2001:db8::2:1');
	assert.is(shown([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1]), '2001:db8:0:1:1:1:1:1');
	assert.is(shown([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1]), '2001:db8::1:0:0:1');
	assert.is(shown([0, 0, 0, 0, 0, 0, 0, 1]), '::1');
	assert.is(shown([0, 0, 0, 0, 0, 0, 0, 0]), '::');
	assert.is(shown([0xfe80, 0, 0, 0, 0, 0, 0, 0]), 'fe80::');
});

test.run();
