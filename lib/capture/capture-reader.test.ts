import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { CaptureReader } from './capture-reader.ts';
import { MAGIC_MICROSECONDS, MAGIC_MODIFIED, MAGIC_NANOSECONDS } from './pcap-layout.ts';
import { PcapngWriter } from './pcapng-writer.ts';
import { readCapture } from './read-capture.ts';

/** Words and bytes one after another, in a byte order of choice. */
class Builder {
	readonly parts: Uint8Array[] = [];
	readonly little: boolean;

	constructor(little: boolean) { this.little = little; }

	u16(...values: number[]): this { return this.#put(2, values); }

	u32(...values: number[]): this { return this.#put(4, values); }

	bytes(value: Uint8Array): this {
		this.parts.push(value);
		return this;
	}

	/** A pcapng block around a body that is padded here. */
	block(type: number, body: Uint8Array): this {
		const padded = (body.length + 3) & ~3;
		return this.u32(type, padded + 12).bytes(body).bytes(new Uint8Array(padded - body.length)).u32(padded + 12);
	}

	done(): Uint8Array { return Buffer.concat(this.parts); }

	#put(size: 2 | 4, values: number[]): this {
		const view = new DataView(new ArrayBuffer(size * values.length));
		values.forEach((value, i) => { if (size === 2) view.setUint16(i * 2, value, this.little); else view.setUint32(i * 4, value, this.little); });
		return this.bytes(new Uint8Array(view.buffer));
	}
}

const one = Uint8Array.of(1, 2, 3, 4, 5);
const two = Uint8Array.of(6, 7, 8);

function pcap(little: boolean, magic: number, link = 1, minor = 4): Builder {
	return new Builder(little).u32(magic).u16(2, minor).u32(0, 0, 65_535, link);
}

/** Two packets whose times have a fraction of 7 and 8 units. */
function pcapOfTwo(little: boolean, magic: number, link = 1, minor = 4): Uint8Array {
	const extra = new Uint8Array(magic === MAGIC_MODIFIED ? 8 : 0);
	const lengths = (captured: number, original: number): number[] => (minor < 3 ? [original, captured] : [captured, original]);
	return pcap(little, magic, link, minor)
		.u32(100, 7, ...lengths(5, 60)).bytes(extra).bytes(one)
		.u32(101, 8, ...lengths(3, 3)).bytes(extra).bytes(two)
		.done();
}

function sectionHeader(little: boolean, minor = 0): Builder {
	return new Builder(little).block(0x0a0d0d0a, new Builder(little).u32(0x1a2b3c4d).u16(1, minor).u32(0xffff_ffff, 0xffff_ffff).done());
}

/** Two sections in both byte orders, every kind of block, several resolutions. */
function pcapngOfAll(little: boolean): Uint8Array {
	const body = (): Builder => new Builder(little);
	const first = sectionHeader(little)
		.block(1, body().u16(1, 0).u32(0).done())
		// if_tsresol 9 (ns), if_tsoffset 1000 s
		.block(1, body().u16(101, 0).u32(4).u16(9, 1).bytes(Uint8Array.of(9, 0, 0, 0)).u16(14, 8).bytes(offsetOf(little, 1000n)).u16(0, 0).done())
		// if_tsresol 2⁻¹⁰
		.block(1, body().u16(113, 0).u32(0).u16(9, 1).bytes(Uint8Array.of(0x8a, 0, 0, 0)).u16(0, 0).done())
		.block(4, body().u32(0).done())
		.block(6, body().u32(0, 0x0005_6e5d, 0x1234_5678, 5, 60).bytes(one).bytes(new Uint8Array(3)).u16(1, 2).bytes(Uint8Array.of(104, 105, 0, 0)).u16(1, 1).bytes(Uint8Array.of(33, 0, 0, 0)).u16(0, 0).done())
		.block(0xbad, one)
		.block(6, body().u32(1, 0x17b3_6e5d, 0x1234_5678, 3, 3).bytes(two).done())
		.block(2, body().u16(2, 0).u32(0, 1536, 3, 3).bytes(two).done())
		.block(5, body().u32(0, 0, 0).done())
		.block(3, body().u32(5).bytes(one).done())
		.done();
	const second = sectionHeader(!little, 2).block(1, new Builder(!little).u16(228, 0).u32(2).done()).block(3, new Builder(!little).u32(5).bytes(one.subarray(0, 2)).done()).done();
	return Buffer.concat([first, second]);
}

function offsetOf(little: boolean, seconds: bigint): Uint8Array {
	const view = new DataView(new ArrayBuffer(8));
	view.setBigInt64(0, seconds, little);
	return new Uint8Array(view.buffer);
}

const captures: Array<[name: string, bytes: Uint8Array]> = [];
for (const little of [true, false]) {
	const order = little ? 'little' : 'big';
	for (const [unit, magic] of [['µs', MAGIC_MICROSECONDS], ['ns', MAGIC_NANOSECONDS], ['modified', MAGIC_MODIFIED]] as const) captures.push([`pcap ${unit} ${order}`, pcapOfTwo(little, magic)]);
	captures.push([`pcapng ${order}`, pcapngOfAll(little)]);
}

for (const little of [true, false]) {
	for (const [magic, nanos] of [[MAGIC_MICROSECONDS, [7000, 8000]], [MAGIC_NANOSECONDS, [7, 8]], [MAGIC_MODIFIED, [7000, 8000]]] as const) {
		test(`pcap ${magic.toString(16)}, ${little ? 'little' : 'big'} endian`, () => {
			const { packets, error } = readCapture(pcapOfTwo(little, magic));
			assert.is(error, undefined);
			assert.equal(packets.map((packet) => [packet.frame, packet.seconds, packet.nanos, packet.linkType, packet.originalLength, ...packet.bytes]), [
				[1, 100, nanos[0], 1, 60, 1, 2, 3, 4, 5],
				[2, 101, nanos[1], 1, 3, 6, 7, 8],
			]);
		});
	}

	test(`pcapng, ${little ? 'little' : 'big'} endian first`, () => {
		const { packets, error } = readCapture(pcapngOfAll(little));
		assert.is(error, undefined);
		assert.equal(packets.map((packet) => [packet.frame, packet.linkType, packet.interfaceId, packet.originalLength, packet.seconds, packet.nanos, packet.comments.join('|')]), [
			[1, 1, 0, 60, 1_528_720_899, 987_064_000, 'hi|!'],
			// A custom block is no packet, but a frame.
			[2, -1, 0, 8, 0, 0, ''],
			[3, 101, 1, 3, 1_707_830_029 + 1000, 719_983_736, ''],
			[4, 113, 2, 3, 1, 500_000_000, ''],
			[5, 1, 0, 5, 0, 0, ''],
			[6, 228, 0, 5, 0, 0, ''],
		]);
		assert.equal(packets.map((packet) => packet.bytes.length), [5, 8, 3, 3, 5, 2]);
	});
}

test('the bits of a frame check sequence are no part of the link type', () => {
	assert.is(readCapture(pcapOfTwo(true, MAGIC_MICROSECONDS, 0x2400_0001)).packets[0]?.linkType, 1);
	const reserved = readCapture(pcapOfTwo(true, MAGIC_MICROSECONDS, 0x0030_0001));
	assert.is(reserved.error?.code, 'CAPTURE_DAMAGED');
	assert.is(reserved.error?.offset, 20);
});

test('old pcap with its lengths the other way round', () => {
	assert.equal(readCapture(pcapOfTwo(true, MAGIC_MICROSECONDS, 1, 2)).packets.map((packet) => packet.originalLength), [60, 3]);
});

function bad(bytes: Uint8Array): [string | undefined, number | undefined, number] {
	const { packets, error } = readCapture(bytes);
	return [error?.code, error?.offset, packets.length];
}

test('what cannot be read has a code and an offset', () => {
	const good = pcapOfTwo(true, MAGIC_MICROSECONDS);
	assert.equal(bad(new Uint8Array()), ['CAPTURE_CUT', 0, 0]);
	assert.equal(bad(good.subarray(0, 10)), ['CAPTURE_CUT', 0, 0]);
	assert.equal(bad(good.subarray(0, 24)), [undefined, undefined, 0]);
	assert.equal(bad(good.subarray(0, good.length - 1)), ['CAPTURE_CUT', 45, 1]);
	assert.equal(bad(Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0)), ['CAPTURE_UNKNOWN', 0, 0]);
	assert.equal(bad(new Builder(true).u32(MAGIC_MICROSECONDS).u16(1, 4).u32(0, 0, 0, 1).done()), ['CAPTURE_VERSION', 0, 0]);
	assert.equal(bad(Buffer.concat([good, new Builder(true).u32(1, 1, 0xffff_ffff, 1).done()])), ['CAPTURE_DAMAGED', good.length, 2]);
	assert.equal(bad(sectionHeader(true).block(6, new Builder(true).u32(0, 0, 0, 0, 0).done()).done()), ['CAPTURE_DAMAGED', 28, 0]);
	assert.equal(bad(sectionHeader(true).u32(99, 16, 0, 20).done()), ['CAPTURE_DAMAGED', 28, 0]);
	assert.equal(bad(sectionHeader(true).u32(99, 3, 0, 3).done()), ['CAPTURE_DAMAGED', 28, 0]);
	assert.equal(bad(sectionHeader(true, 1).done()), ['CAPTURE_VERSION', 0, 0]);
});

/** What a reader yields of bytes that come in pieces of these lengths, over and over. */
function inPieces(bytes: Uint8Array, lengths: readonly number[]): unknown[] {
	const reader = new CaptureReader();
	const { record } = reader;
	const seen: unknown[] = [];
	for (let at = 0, i = 0; at < bytes.length; i++) {
		const length = lengths[i % lengths.length] ?? 1;
		reader.push(bytes.subarray(at, at + length));
		while (reader.next()) seen.push([record.frame, record.offset, record.seconds, record.nanos, ...record.bytes.subarray(record.at, record.at + record.capturedLength), ...record.comments]);
		at += length;
	}
	reader.end();
	return [...seen, reader.error?.code, reader.error?.offset];
}

test('how the bytes are cut into chunks makes no difference', () => {
	fc.assert(fc.property(fc.constantFrom(...captures), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), fc.nat(400), ([, bytes], lengths, cut) => {
		const given = bytes.subarray(0, bytes.length - Math.min(cut, bytes.length));
		assert.equal(inPieces(given, lengths), inPieces(given, [1000]));
	}));
});

test('damage anywhere costs nothing that lies before it', () => {
	fc.assert(fc.property(fc.constantFrom(...captures), fc.nat(), fc.integer({ min: 1, max: 255 }), ([, bytes], where, change) => {
		const at = where % bytes.length;
		const broken = bytes.slice();
		broken[at] = (broken[at] ?? 0) ^ change;
		const before = inPieces(bytes, [1000]).filter((row): row is number[] => Array.isArray(row));
		const after = inPieces(broken, [1000]);
		for (const row of before) {
			const next = before[before.indexOf(row) + 1]?.[1] ?? bytes.length;
			if (next <= at) assert.equal(after[before.indexOf(row)], row);
		}
	}), { numRuns: 1000 });
});

test('any bytes behind any magic end in records or a typed error', () => {
	fc.assert(fc.property(fc.constantFrom(...captures), fc.nat(60), fc.uint8Array({ maxLength: 300 }), ([, bytes], keep, noise) => {
		const { error } = readCapture(Buffer.concat([bytes.subarray(0, keep), noise]));
		assert.ok(error === undefined || error.code.startsWith('CAPTURE_'));
	}), { numRuns: 1000 });
});

test('reads back what the writer wrote', () => {
	const frame = fc.record({ at: fc.nat(2 ** 50), bytes: fc.uint8Array({ maxLength: 60 }), comment: fc.option(fc.string({ unit: 'binary', minLength: 1 }), { nil: undefined }), to: fc.nat(2) });
	fc.assert(fc.property(fc.array(frame), (frames) => {
		const chunks: Uint8Array[] = [];
		const writer = new PcapngWriter((chunk) => { chunks.push(chunk); });
		for (const name of ['a', 'b', 'c']) writer.addInterface(name);
		for (const { at, bytes, comment, to } of frames) writer.packet(to, at, bytes, 0, bytes.length, comment);
		const { packets, error } = readCapture(Buffer.concat(chunks));
		assert.is(error, undefined);
		assert.equal(
			packets.map((packet) => [packet.seconds * 1e6 + packet.nanos / 1000, packet.interfaceId, ...packet.bytes, ...packet.comments]),
			frames.map(({ at, bytes, comment, to }) => [at, to, ...bytes, ...(comment === undefined ? [] : [comment])]),
		);
	}));
});

test.run();
