import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkEntry, CONTROL_DIGEST, ENTRY, ENTRY_CONTROL, ENTRY_ENTROPY, ENTRY_FRAMES, entryFrames, entryHead, FRAME_HEAD } from './entry.ts';
import { Log } from './log.ts';
import { Store } from './store.ts';

const config = { bytes: 0x1_0000, entries: 64, longest: 8000, batch: 16 };

function logged(frames: readonly Uint8Array[], epoch: number, time: number): Uint8Array {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	for (const frame of frames) assert.ok(log.gather(frame, 0, frame.length));
	log.appendFrames(epoch, time);
	return log.ring.u8.slice(log.ring.placeOf(1), log.ring.placeOf(1) + log.ring.lengthOf(1));
}

const anyFrames = fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 10 });

test('an entry gives back the frames that went into it', () => {
	fc.assert(fc.property(anyFrames, fc.integer({ min: 0, max: 0xffff_ffff }), fc.maxSafeInteger(), (frames, epoch, time) => {
		const entry = logged(frames, epoch, time);
		assert.is(checkEntry(entry, 0, entry.length), entry.length);
		assert.equal(entryFrames(entry).map((frame) => [...frame]), frames.map((frame) => [...frame]));
		const { kind, count, ...head } = entryHead(entry);
		assert.equal({ kind, count }, { kind: ENTRY_FRAMES, count: frames.length });
		assert.equal(head, { length: entry.length, detail: 0, epoch, index: 1, time, name: 'frames' });
	}));
});

test('equal input is equal bytes, padding and all', () => {
	const dirty = new Store(Log.sizeOf(config));
	dirty.u8.fill(0xee);
	const log = new Log(dirty, config);
	log.gather(Uint8Array.of(1, 2, 3), 0, 3);
	log.appendFrames(1, 5);
	assert.equal(log.ring.u8.slice(log.ring.placeOf(1), log.ring.placeOf(1) + log.ring.lengthOf(1)), logged([Uint8Array.of(1, 2, 3)], 1, 5));
});

test('no bytes are taken for an entry that are none', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
		const length = checkEntry(bytes, 0, bytes.length);
		assert.ok(length === 0 || (length >= ENTRY.end && length <= bytes.length));
	}), { numRuns: 2000 });
});

test('an entry that is cut, or whose lengths lie, is refused', () => {
	fc.assert(fc.property(anyFrames, fc.nat(), fc.integer({ min: 1, max: 0xff }), (frames, where, flip) => {
		const entry = logged(frames, 1, 1);
		assert.is(checkEntry(entry, 0, (where % entry.length)), 0);
		// A frame's length that is changed no longer adds up to that of the entry.
		entry[ENTRY.end + 1] = entry[ENTRY.end + 1]! ^ flip;
		assert.is(checkEntry(entry, 0, entry.length), 0);
	}));
	const short = logged([new Uint8Array(10)], 1, 1);
	short[ENTRY.kind] = 9;
	assert.is(checkEntry(short, 0, short.length), 0);
});

test('entries without frames carry a body', () => {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	log.append(ENTRY_ENTROPY, 0, Uint8Array.of(9, 1, 2, 3), 1, 3, 2, 77);
	log.append(ENTRY_CONTROL, CONTROL_DIGEST, new Uint8Array(8).fill(7), 0, 8, 2, 78);
	const at = log.ring.placeOf(1);
	assert.equal([...log.ring.u8.subarray(at + ENTRY.end, at + ENTRY.end + 3)], [1, 2, 3]);
	assert.is(entryHead(log.ring.u8, log.ring.placeOf(2)).name, 'digest');
	assert.equal(entryFrames(log.ring.u8, at), []);
	assert.throws(() => log.append(ENTRY_ENTROPY, 0, new Uint8Array(300), 0, 300, 2, 79), /at most 256/);
	assert.is(FRAME_HEAD, 4);
});

test.run();
