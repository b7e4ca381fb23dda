import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import type { Repeat } from './repeat-finder.ts';
import { ACK, FIN, analysisOf, analysisOfSegments, ipv4Bytes, packetsOf, pcapOf, tcpBytes } from './traffic.test.helper.ts';
import type { Sent } from './traffic.test.helper.ts';

const text = Buffer.from('abcdefghijklmnopqrstuvwxyz');

/** A segment with bytes [from, to) of the text, at sequence numbers from 1000 on. */
function part(from: number, to: number, more: Partial<Sent> = {}): Sent {
	return { from: 's', flags: ACK, seq: 1000 + from, ack: 1, data: text.subarray(from, to), after: 300_000, ...more };
}

function repeatsOf(segments: readonly Sent[]): readonly Repeat[] {
	return [...analysisOfSegments(segments).analysis.streams()].flatMap(({ repeats }) => repeats);
}

test('every byte the same: identical, with its digest', () => {
	const once = part(0, 10, { id: 7 });
	const sha256 = createHash('sha256').update(ipv4Bytes('s', 6, tcpBytes(once), 7)).digest('hex');
	assert.equal(repeatsOf([once, part(10, 20), once]), [{ frame: 3, of: 1, kind: 'identical', sha256 }]);
});

/** A timestamps option. */
function stamped(value: number): readonly number[] { return [1, 1, 8, 10, 0, 0, 0, value, 0, 0, 0, 0]; }

test('the same segment under another header, and which fields', () => {
	assert.equal(repeatsOf([part(0, 10, { id: 1 }), part(0, 10, { id: 2 })]), [{ frame: 2, of: 1, kind: 'same_segment', differs: ['ip_id'] }]);
	assert.equal(repeatsOf([part(0, 10, { id: 1 }), part(0, 10, { id: 1, ack: 5, window: 3, flags: ACK | 8 })])[0]?.differs, ['ack', 'flags', 'window']);
	assert.equal(repeatsOf([part(0, 10, { id: 1, options: stamped(1) }), part(0, 10, { id: 1, options: stamped(2) })])[0]?.differs, ['options']);
	assert.equal(repeatsOf([part(0, 10, { id: 1, options: stamped(1) }), part(0, 10, { id: 1 })])[0]?.differs, ['options']);
});

test('other boundaries, the same bytes', () => {
	assert.equal(repeatsOf([part(0, 10), part(10, 20), part(5, 15)]).map(({ frame, of, kind }) => [frame, of, kind]), [[3, 2, 'resegmented']]);
});

test('other bytes, in the same segment or another, at the first that differs', () => {
	const other = Buffer.from(text);
	other[7] = 0;
	const wrong = part(5, 15, { data: other.subarray(5, 15) });
	assert.equal(repeatsOf([part(5, 15), wrong]), [{ frame: 2, of: 1, kind: 'different', seq: 1007 }]);
	assert.equal(repeatsOf([part(0, 10), part(10, 20), wrong]), [{ frame: 3, of: 1, kind: 'different', seq: 1007 }]);
});

test('filling a gap, or a keep-alive\'s odd byte, is no repeat', () => {
	assert.equal(repeatsOf([part(0, 5), part(10, 20), part(5, 10)]), []);
	assert.equal(repeatsOf([part(0, 5), part(4, 5, { data: Buffer.from('?') })]), []);
});

test('a repeat is found among the segments of other connections', () => {
	const others = Array.from({ length: 50 }, (_, i) => part(0, 26, { clientPort: 50_000 + i }));
	assert.equal(repeatsOf([part(0, 10), ...others, part(0, 10, { id: 0 })]).map(({ of }) => of), [1]);
});

test('FINs repeated are repeats', () => {
	const fin: Sent = { from: 'c', flags: ACK | FIN, seq: 5, ack: 5, id: 3, after: 300_000 };
	assert.equal(repeatsOf([fin, fin]).map(({ kind }) => kind), ['identical']);
});

test('however a text is cut up and sent again, it never differs; with one byte changed it always does', () => {
	const range = fc.tuple(fc.nat(25), fc.integer({ min: 1, max: 26 })).map(([from, length]): [number, number] => [from, Math.min(26, from + length)]);
	fc.assert(fc.property(fc.array(range, { minLength: 1, maxLength: 20 }), range, fc.nat(25), (ranges, [from, to], at) => {
		const sent = [part(0, 26), ...ranges.map(([a, b]) => part(a, b))];
		const before = repeatsOf(sent);
		assert.is(before.some(({ kind }) => kind === 'different'), false);
		const data = Buffer.from(text);
		data[at] = 0x21;
		const after = repeatsOf([...sent, part(from, to, { data: data.subarray(from, to) })]);
		// A last byte alone passes for a keep-alive.
		if (!(from === 25 && to === 26)) assert.is(after.at(-1)?.kind === 'different', at >= from && at < to);
	}));
});

test('cut captures are compared as far as they go', () => {
	const [one, two] = packetsOf([part(0, 26, { id: 1 }), part(0, 26, { id: 1 })]).map((packet) => ({ ...packet, bytes: packet.bytes.slice(0, 50), original: packet.bytes.length }));
	two!.bytes[45] = 0;
	const [stream] = analysisOf(pcapOf(101, [one!, two!])).analysis.streams();
	assert.equal(stream?.repeats, [{ frame: 2, of: 1, kind: 'different', seq: 1005 }]);
});

test.run();
