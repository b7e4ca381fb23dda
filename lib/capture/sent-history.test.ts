import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { CaptureReader } from './capture-reader.ts';
import { Segment } from './segment.ts';
import { SentHistory } from './sent-history.ts';
import { pcapOf } from './traffic.test.helper.ts';

const ENTRIES = 16;

/** Frames in a reader's buffer of this room, each filled with its number, and kept by a history. */
class Feed {
	readonly reader: CaptureReader;
	readonly history: SentHistory = new SentHistory(ENTRIES);
	#frames: number = 0;

	constructor(room: number) {
		this.reader = new CaptureReader(room);
		this.reader.push(pcapOf(101, []));
	}

	add(flow: number, length: number): void {
		this.#frames++;
		this.reader.push(pcapOf(101, [{ time: 0, bytes: new Uint8Array(length).fill(this.#frames & 255) }]).subarray(24));
		assert.is(this.reader.next(), true);
		const { record } = this.reader;
		const segment = new Segment();
		segment.bytes = record.bytes;
		segment.frame = record.frame;
		segment.seq = record.frame * 10;
		segment.at = record.at;
		this.history.add(flow, segment, record, 0);
	}
}

test('gives the latest frames of each flow, latest first and whole, as far back as the buffer goes', () => {
	const sent = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 60, size: 'max' });
	fc.assert(fc.property(sent, fc.integer({ min: 2000, max: 8000 }), (frames, room) => {
		const fed = new Feed(room);
		for (const [flow, length] of frames) fed.add(flow, length);
		for (const flow of [0, 1, 2, 3]) check(fed, flow, frames, room);
	}));
});

function check({ reader, history }: Feed, flow: number, frames: readonly (readonly [number, number])[], room: number): void {
	const expected = frames.map(([of, length], i) => ({ of, length, frame: i + 1 })).filter(({ of }) => of === flow).reverse();
	let found = 0;
	for (let isThere = history.seek(flow, reader.record); isThere; isThere = history.older()) {
		const one = expected[found++];
		assert.equal([history.frame, history.seq, history.stored], [one?.frame, (one?.frame ?? 0) * 10, one?.length]);
		const bytes = history.bytes.subarray(history.at, history.at + history.stored);
		assert.ok(bytes.every((byte) => byte === (history.frame & 255)));
	}
	// What is certainly within reach: the last entries, as far as they fit beside the room lost at the buffer's end.
	let left = room - 900;
	const kept = frames.slice(-ENTRIES).reverse().filter(([, length]) => (left -= length + 16) >= 0).filter(([of]) => of === flow).length;
	assert.ok(found >= kept, `${found} of ${kept}`);
	assert.ok(found <= ENTRIES);
}

test('what was put together from fragments is not kept', () => {
	const { reader, history } = new Feed(2000);
	history.add(0, new Segment(), reader.record, 0);
	assert.is(history.seek(0, reader.record), false);
});

test.run();
