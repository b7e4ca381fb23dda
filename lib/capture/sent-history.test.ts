import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { CaptureRecord } from './capture-record.ts';
import { Segment } from './segment.ts';
import { SentHistory } from './sent-history.ts';

const ROOM = 1000;
const ENTRIES = 16;

/** Keeps a frame of this many bytes, all of the same value. */
function add(history: SentHistory, flow: number, frame: number, length: number): void {
	const record = new CaptureRecord();
	const segment = new Segment();
	record.bytes = new Uint8Array(length + 3).fill(frame & 255);
	record.at = 3;
	record.capturedLength = length;
	segment.bytes = record.bytes;
	segment.frame = frame;
	segment.seq = frame * 10;
	segment.at = 3;
	history.add(flow, segment, record, 0);
}

test('gives the latest frames of each flow, latest first and whole, as far back as the ring goes', () => {
	const sent = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 400 })), { maxLength: 60 });
	fc.assert(fc.property(sent, (frames) => {
		const history = new SentHistory(ROOM, ENTRIES);
		for (const [i, [flow, length]] of frames.entries()) add(history, flow, i + 1, length);
		for (const flow of [0, 1, 2, 3]) {
			const expected = frames.map(([of, length], i) => ({ of, length, frame: i + 1 })).filter(({ of }) => of === flow).reverse();
			let found = 0;
			for (let isThere = history.seek(flow); isThere; isThere = history.older()) {
				const one = expected[found++];
				assert.equal([history.frame, history.seq, history.stored], [one?.frame, (one?.frame ?? 0) * 10, one?.length]);
				const bytes = history.bytes.subarray(history.at, history.at + history.stored);
				assert.ok(bytes.every((byte) => byte === (history.frame & 255)));
			}
			// What is certainly still there: the last entries, whose bytes and the room lost at the ring's end fit.
			const last = frames.slice(-ENTRIES);
			let room = ROOM - 400;
			const kept = last.reverse().filter(([, length]) => (room -= length) >= 0).filter(([of]) => of === flow).length;
			assert.ok(found >= kept, `${found} of ${kept}`);
			assert.ok(found <= ENTRIES);
		}
	}));
});

test('a frame larger than the ring, or put together from fragments, is not kept', () => {
	const history = new SentHistory(ROOM, ENTRIES);
	add(history, 0, 1, ROOM + 1);
	assert.is(history.seek(0), false);
	const record = new CaptureRecord();
	record.capturedLength = 10;
	record.bytes = new Uint8Array(10);
	history.add(0, new Segment(), record, 0);
	assert.is(history.seek(0), false);
});

test.run();
