import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gratuitousArp } from '../wire/arp.ts';
import { put16, put32 } from '../wire/bytes.ts';
import { fieldDifference, frameFields, likeness } from './frame-fields.ts';

const TCP = 34;

/** A TCP segment with a timestamp option and some payload. */
function segment(seq: number, payload = 'hello'): Uint8Array {
	const frame = new Uint8Array(TCP + 32 + payload.length);
	frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]);
	frame.set([0x45, 0, 0, 52 + payload.length, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2], 14);
	put16(frame, TCP, 7000);
	put16(frame, TCP + 2, 40_000);
	put32(frame, TCP + 4, seq);
	frame[TCP + 12] = 0x80;
	frame[TCP + 13] = 0x18;
	frame.set([1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8], TCP + 20);
	for (let i = 0; i < payload.length; i++) frame[TCP + 32 + i] = payload.charCodeAt(i);
	return frame;
}

test('the field that differs is named by its RFC name', () => {
	const change = (at: number): string => {
		const frame = segment(1);
		frame[at] = frame[at]! ^ 1;
		return fieldDifference(segment(1), frame)!.field;
	};
	assert.is(fieldDifference(segment(1), segment(1)), null);
	assert.is(fieldDifference(segment(1), segment(2))!.field, 'tcp seq');
	assert.is(change(0), 'ethernet destination');
	assert.is(change(19), 'ip id');
	assert.is(change(22), 'ip ttl');
	assert.is(change(TCP + 11), 'tcp ack');
	assert.is(change(TCP + 15), 'tcp window');
	assert.is(change(TCP + 27), 'tcp TSval');
	assert.is(change(TCP + 31), 'tcp TSecr');
	assert.is(change(TCP + 17), 'tcp checksum');
	assert.is(change(TCP + 34), 'payload');
	const difference = fieldDifference(segment(1), segment(0x102))!;
	assert.equal([difference.expected, difference.found], ['00000001', '00000102']);
	const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
	assert.is(fieldDifference(gratuitousArp(mac, Uint8Array.of(10, 0, 0, 1)), gratuitousArp(mac, Uint8Array.of(10, 0, 0, 2)))!.field, 'arp sender');
});

test('the same sequence number says most about what a frame is', () => {
	const other = segment(500, 'other');
	assert.ok(likeness(other, segment(500)) > likeness(other, segment(1, 'other')));
	assert.is(likeness(other, gratuitousArp(new Uint8Array(6), new Uint8Array(4))), 0);
});

test('any two frames can be compared', () => {
	const any = fc.oneof(fc.uint8Array({ maxLength: 90 }), fc.tuple(fc.nat(80), fc.nat(255)).map(([at, value]) => { const frame = segment(7); frame[at] = value; return frame; }));
	fc.assert(fc.property(any, any, (a, b) => {
		const same = a.length === b.length && a.every((byte, i) => byte === b[i]);
		assert.is(fieldDifference(a, b) === null, same);
		for (const { at, length } of frameFields(a)) assert.ok(at >= 0 && length >= 0 && at + length <= a.length);
		likeness(a, b);
	}), { numRuns: 1000 });
});

test.run();
