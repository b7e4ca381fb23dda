import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ENTRY, ENTRY_WAKE, entryFrames, entryHead } from './entry.ts';
import { Log } from './log.ts';
import { Packer, Unpacker } from './luggage.ts';
import { Store } from './store.ts';

const config = { bytes: 2048, entries: 8, longest: 1024, batch: 4 };
const make = (): Log => new Log(new Store(Log.sizeOf(config)), config);
const frame = (length: number, fill = 1): Uint8Array => new Uint8Array(length).fill(fill);

test('frames that arrive together become one entry', () => {
	const log = make();
	for (let i = 1; i <= 3; i++) assert.ok(log.gather(frame(10, i), 0, 10));
	assert.is(log.last, 0);
	assert.is(log.pending, 3);
	log.appendFrames(1, 500);
	assert.is(log.last, 1);
	assert.is(log.pending, 0);
	assert.equal(entryFrames(log.ring.u8, log.ring.placeOf(1)).map((bytes) => bytes[0]), [1, 2, 3]);
	assert.is(log.time, 500);
});

test('an entry holds so many frames and so many bytes', () => {
	const log = make();
	for (let i = 0; i < 4; i++) { assert.not(log.overflows(10)); log.gather(frame(10), 0, 10); }
	assert.ok(log.overflows(10));
	log.appendFrames(1, 1);
	log.gather(frame(600), 0, 600);
	assert.ok(log.overflows(400));
	assert.not(log.overflows(380));
	assert.ok(log.couldHold(1024 - ENTRY.end - 4));
	assert.not(log.couldHold(1024 - ENTRY.end - 3));
});

test('a full log takes nothing, until what was acknowledged is let go', () => {
	const log = make();
	let taken = 0;
	while (log.gather(frame(300), 0, 300)) { log.appendFrames(1, ++taken); assert.ok(taken < 10); }
	assert.is(log.last, taken);
	assert.not(log.hasRoom);
	log.ring.trim(2);
	assert.ok(log.hasRoom);
	assert.ok(log.gather(frame(300), 0, 300));
});

test('what is accepted from another log is the same', () => {
	const from = make(), to = make();
	from.gather(frame(33, 7), 0, 33);
	from.appendFrames(3, 1234);
	const at = from.ring.placeOf(1);
	assert.ok(to.accept(from.ring.u8, at, from.ring.lengthOf(1)));
	assert.equal(entryHead(to.ring.u8, to.ring.placeOf(1)), entryHead(from.ring.u8, at));
	assert.is(to.time, 1234);
	assert.not(to.accept(new Uint8Array(1100), 0, 1100));
});

test('what is taken back is written anew', () => {
	const log = make();
	for (let i = 1; i <= 4; i++) log.append(ENTRY_WAKE, 0, frame(0), 0, 0, 1, i);
	log.gather(frame(20), 0, 20);
	log.truncate(2, 2);
	assert.is(log.last, 2);
	assert.is(log.pending, 0);
	assert.is(log.time, 2);
	log.append(ENTRY_WAKE, 0, frame(0), 0, 0, 2, 9);
	assert.equal(entryHead(log.ring.u8, log.ring.placeOf(3)).epoch, 2);
});

function secondOf({ ring }: Log): Uint8Array {
	return ring.u8.slice(ring.placeOf(2), ring.placeOf(2) + ring.lengthOf(2));
}

test('saved and restored with frames being gathered', () => {
	const log = make();
	log.append(ENTRY_WAKE, 0, frame(0), 0, 0, 1, 3);
	log.gather(frame(40, 5), 0, 40);
	const packer = new Packer();
	log.carry(packer);
	const other = make();
	other.gather(frame(9, 9), 0, 9);
	other.carry(new Unpacker(packer.packed()));
	for (const one of [log, other]) { one.gather(frame(41, 6), 0, 41); one.appendFrames(1, 4); }
	assert.equal(secondOf(other), secondOf(log));
});

test.run();
