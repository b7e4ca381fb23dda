import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { get16, get32, put16 } from '../wire/bytes.ts';
import { fold, sum } from '../wire/checksum.ts';
import { CWR, FIN, PSH } from '../wire/tcp.ts';
import { Cutter } from './cutter.ts';
import { canLive, Lab } from './live.test.helper.ts';
import { merge, segments, throughKernel } from './merger.test.helper.ts';
import { GSO_ECN, GSO_TCPV4, GSO_TCPV6, NEEDS_CSUM, OFFLOAD, OFFLOAD_HEAD } from './offload.ts';

const cutter = new Cutter();

/** The frames that bytes with an offload header are. */
function cut(bytes: Uint8Array): Buffer[] {
	const frames: Buffer[] = [];
	cutter.bytes.fill(0xee);
	cutter.bytes.set(bytes);
	const count = cutter.cut(bytes.length, { take: (from, at, length) => { frames.push(Buffer.from(from.subarray(at, at + length))); } }, 0);
	assert.is(count, frames.length);
	return frames;
}

/** A large frame as Linux hands it over, and where its headers begin. */
interface Large {
	readonly bytes: Uint8Array;
	readonly ip: number;
	readonly tcp: number;
	readonly text: number;
}

interface Recipe {
	readonly family: 4 | 6;
	/** 802.1Q tags */
	readonly tags: number;
	/** octets of IPv4's options, or of an extension header of IPv6's: a multiple of 8 */
	readonly extra: number;
	/** octets of TCP's options: a multiple of 4 */
	readonly options: number;
	readonly flags: number;
	readonly size: number;
	readonly length: number;
	readonly id: number;
	readonly seq: number;
}

function addressSum(bytes: Uint8Array, ip: number, family: number, length: number): number {
	let total = 6 + length;
	for (let i = family === 4 ? ip + 12 : ip + 8, end = i + (family === 4 ? 8 : 32); i < end; i += 2) total += get16(bytes, i);
	return fold(total);
}

function large({ family, tags, extra, options, flags, size, length, id, seq }: Recipe): Large {
	const ip = 14 + 4 * tags, tcp = ip + (family === 4 ? 20 : 40) + extra, text = tcp + 20 + options;
	const frame = new Uint8Array(text + length).map((_, i) => (i * 7 + (i >> 8)) & 255);
	for (let i = 0; i < tags; i++) put16(frame, 12 + 4 * i, 0x8100);
	put16(frame, 12 + 4 * tags, family === 4 ? 0x0800 : 0x86dd);
	frame[ip] = family === 4 ? 0x40 | (5 + extra / 4) : 0x60;
	if (family === 4) {
		put16(frame, ip + 2, frame.length - ip);
		put16(frame, ip + 4, id);
	} else put16(frame, ip + 4, frame.length - ip - 40);
	new DataView(frame.buffer).setUint32(tcp + 4, seq);
	frame[tcp + 12] = (5 + options / 4) << 4;
	frame[tcp + 13] = flags;
	put16(frame, tcp + 16, addressSum(frame, ip, family, frame.length - tcp));
	const head = new DataView(new ArrayBuffer(OFFLOAD_HEAD));
	head.setUint8(OFFLOAD.flags, NEEDS_CSUM);
	head.setUint8(OFFLOAD.type, (family === 4 ? GSO_TCPV4 : GSO_TCPV6) | ((flags & CWR) === 0 ? 0 : GSO_ECN));
	head.setUint16(OFFLOAD.size, size, true);
	head.setUint16(OFFLOAD.sumStart, tcp, true);
	head.setUint16(OFFLOAD.sumOffset, 16, true);
	return { bytes: Buffer.concat([new Uint8Array(head.buffer), frame]), ip, tcp, text };
}

function plainSum(frame: Uint8Array, from: number, to: number): number {
	const bytes = frame.slice(from, to);
	return sum({ u8: Buffer.concat([new Uint8Array(1), bytes]), u16: new Uint16Array(0), i32: new Int32Array(0), f64: new Float64Array(0) }, 1, bytes.length);
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
	family: fc.constantFrom(4, 6), tags: fc.nat(2), extra: fc.constantFrom(0, 8, 24), options: fc.constantFrom(0, 12, 40),
	flags: fc.nat(255), size: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 500, max: 9000 })), length: fc.integer({ min: 1, max: 20_000 }), id: fc.nat(0xffff), seq: fc.nat(0xffff_ffff),
});

test('every piece is a whole frame: its text, its place in the stream, its lengths, its id and its checksums', () => {
	fc.assert(fc.property(recipes, (recipe) => {
		const { family, size, length, id, seq, flags } = recipe;
		const { bytes, ip, tcp, text } = large(recipe);
		const frames = cut(bytes);
		assert.is(frames.length, Math.ceil(length / size));
		assert.ok(Buffer.concat(frames.map((frame) => frame.subarray(text))).equals(bytes.subarray(OFFLOAD_HEAD + text)));
		for (const [i, frame] of frames.entries()) {
			assert.is(get32(frame, tcp + 4), (seq + i * size) | 0);
			assert.is(get16(frame, family === 4 ? ip + 2 : ip + 4), frame.length - ip - (family === 4 ? 0 : 40));
			if (family === 4) {
				assert.is(get16(frame, ip + 4), (id + i) & 0xffff);
				assert.is(plainSum(frame, ip, ip + ((frame[ip]! & 15) << 2)), 0xffff);
			}
			assert.is(fold(addressSum(frame, ip, family, frame.length - tcp) + plainSum(frame, tcp, frame.length)), 0xffff);
			// RFC 9293 §3.9.1.2: what is pushed ends with the last; RFC 3168 §6.1.2: CWR is said once.
			assert.is(frame[tcp + 13], flags & ~(i < frames.length - 1 ? PSH | FIN : 0) & ~(i > 0 ? CWR : 0));
		}
	}), { numRuns: 300 });
});

test('what was put together is cut into the same frames to the last byte', () => {
	const frames = segments(300_000), pieces = merge(frames);
	assert.ok(pieces.some(({ count }) => count > 40));
	const got = pieces.flatMap(({ bytes }) => cut(bytes));
	assert.is(got.length, frames.length);
	assert.is(got.findIndex((frame, i) => !frame.equals(frames[i]!)), -1);
});

test('a small frame gets the checksum it lacks, all ones for none, and is else left as it is', () => {
	const head = Uint8Array.of(NEEDS_CSUM, 0, 0, 0, 0, 0, 34, 0, 6, 0);
	fc.assert(fc.property(fc.uint8Array({ minLength: 42, maxLength: 200 }), (frame) => {
		const [got] = cut(Buffer.concat([head, frame]));
		assert.is(get16(got!, 40), (plainSum(frame, 34, frame.length) ^ 0xffff) || 0xffff);
		put16(got!, 40, get16(frame, 40));
		assert.ok(got!.equals(frame));
		assert.ok(cut(Buffer.concat([new Uint8Array(OFFLOAD_HEAD), frame]))[0]!.equals(frame));
	}));
	const zero = new Uint8Array(42).fill(0xff, 34, 40);
	assert.is(get16(cut(Buffer.concat([head, zero]))[0]!, 40), 0xffff);
});

test('what is damaged is counted, and nothing of it lies outside of what was read', () => {
	const { bytes } = large({ family: 4, tags: 0, extra: 0, options: 12, flags: PSH, size: 100, length: 1000, id: 1, seq: 1 });
	fc.assert(fc.property(fc.array(fc.tuple(fc.nat(OFFLOAD_HEAD + 66), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.nat(bytes.length), (changes, length) => {
		const damaged = bytes.slice(0, length);
		for (const [at, value] of changes) if (at < length) damaged[at] = value;
		const before = cutter.refused;
		const frames = cut(damaged);
		assert.is(cutter.refused - before, frames.length === 0 ? 1 : 0);
		for (const frame of frames) assert.ok(frame.length <= length);
	}), { numRuns: 500 });
	const before = cutter.refused;
	assert.equal(cut(new Uint8Array(3)), []);
	// A kind that was never offered: large datagrams.
	assert.equal(cut(Buffer.concat([Uint8Array.of(NEEDS_CSUM, 5, 0, 0, 100, 0, 34, 0, 16, 0), bytes.subarray(OFFLOAD_HEAD)])), []);
	assert.is(cutter.refused, before + 2);
});

if (canLive()) {
	test('the kernel hands over what it did not cut, and cut here it is the same to the last byte', async () => {
		await Lab.use(['dk1', 'dk2'], async (lab) => {
			const frames = segments(200_000);
			const reader = '{ header: true, offload: 15 }';
			const got = throughKernel(lab, merge(frames), { reader, got: 'cutter.cut(length, { take }, 0);', count: frames.length });
			assert.is(got.length, frames.length);
			assert.is(got.findIndex((frame, i) => frame !== Buffer.from(frames[i]!).toString('base64')), -1);
			const pieces = throughKernel(lab, merge(frames), { reader, got: `take(cutter.bytes, ${OFFLOAD_HEAD}, length - ${OFFLOAD_HEAD});`, count: merge(frames).length });
			assert.ok(pieces.length < frames.length / 4, `${pieces.length} pieces of ${frames.length} frames`);
		});
	});
}

test.run();
