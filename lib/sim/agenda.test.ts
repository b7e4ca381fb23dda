import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { Agenda, SEQ, TIME, WIDTH } from './agenda.ts';
import { FrameStore } from './frame-store.ts';
import { Tape } from './tape.ts';

function plan(agenda: Agenda, time: number, seq: number): number {
	const row = agenda.row();
	agenda.rows[row * WIDTH + TIME] = time;
	agenda.rows[row * WIDTH + SEQ] = seq;
	agenda.schedule(row);
	return row;
}

function takeFirst(agenda: Agenda): string {
	const row = agenda.first();
	const text = `${agenda.rows[row * WIDTH + TIME]}/${agenda.rows[row * WIDTH + SEQ]}`;
	agenda.pop();
	agenda.free(row);
	return text;
}

test('gives what is due by time, then by number, whatever came between', () => {
	// A number plans at that time, null takes the first.
	fc.assert(fc.property(fc.array(fc.option(fc.nat({ max: 20 })), { maxLength: 300 }), (acts) => {
		const agenda = new Agenda();
		const model: { time: number; seq: number }[] = [];
		acts.forEach((time, seq) => {
			if (time !== null) {
				plan(agenda, time, seq);
				model.push({ time, seq });
				return;
			}
			assert.is(agenda.size, model.length);
			if (model.length === 0) return assert.is(agenda.first(), -1);
			model.sort((a, b) => a.time - b.time || a.seq - b.seq);
			const first = model.shift()!;
			assert.is(takeFirst(agenda), `${first.time}/${first.seq}`);
		});
	}));
});

test('withdraws some and keeps the order of the others', () => {
	fc.assert(fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 200 }), (times) => {
		const agenda = new Agenda();
		times.forEach((time, seq) => plan(agenda, time, seq));
		const gone = agenda.withdraw((row) => agenda.rows[row * WIDTH + TIME]! % 2 === 0);
		assert.is(gone.length, times.filter((time) => time % 2 === 0).length);
		const left = times.map((time, seq) => ({ time, seq })).filter(({ time }) => time % 2 === 1).sort((a, b) => a.time - b.time || a.seq - b.seq);
		assert.equal(Array.from({ length: agenda.size }, () => takeFirst(agenda)), left.map(({ time, seq }) => `${time}/${seq}`));
	}));
});

test('pieces of the frame store never overlap, and come back after they were given back', () => {
	fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 5000 })), { maxLength: 100 }), (acts) => {
		const store = new FrameStore();
		const kept: { at: number; bytes: Uint8Array }[] = [];
		acts.forEach(([give, length], i) => {
			if (give && kept.length > 0) {
				const { at, bytes } = kept.splice(length % kept.length, 1)[0]!;
				store.give(at, bytes.length);
				return;
			}
			const bytes = new Uint8Array(length).fill(i + 1);
			kept.push({ at: store.keep(bytes, 0, length), bytes });
		});
		for (const { at, bytes } of kept) assert.equal(store.bytes.slice(at, at + bytes.length), bytes);
	}));
	const store = new FrameStore();
	const [a, b] = [store.take(65), store.take(128)];
	store.give(a, 65);
	store.give(b, 128);
	assert.equal([store.take(100), store.take(70)].sort(), [a, b].sort());
});

test('a tape gives back what was written, in order', () => {
	const tape = new Tape();
	fc.assert(fc.property(fc.array(fc.oneof(fc.double(), fc.uint8Array({ maxLength: 3000 })), { maxLength: 40 }), (values) => {
		tape.rewind();
		for (const value of values) {
			if (typeof value === 'number') tape.put(value);
			else tape.putBytes(value, 0, value.length);
		}
		const recording = tape.cut();
		const other = new Tape();
		other.load(recording);
		for (const value of values) {
			if (typeof value === 'number') assert.ok(Object.is(other.get(), value));
			else {
				const bytes = new Uint8Array(value.length);
				other.getBytes(bytes, 0, bytes.length);
				assert.equal(bytes, value);
			}
		}
	}));
});

test.run();
