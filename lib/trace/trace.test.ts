import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { Kind, kinds, type KindName } from './kinds.ts';
import { Trace } from './trace.ts';
import { TraceError } from './error.ts';

const coded = (code: string) => (error: unknown): boolean => error instanceof TraceError && error.code === code;

/** What a trace is told: any kind, any numbers, bytes of any length. */
const said = fc.array(
	fc.record({
		kind: fc.constantFrom(...(Object.keys(kinds) as KindName[])),
		time: fc.nat(),
		slots: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat()),
		bytes: fc.uint8Array({ maxLength: 300 }),
	}),
	{ maxLength: 60 },
);

type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;

function tell(trace: Trace, events: Said): void {
	for (const { kind, time, slots: [a, b, c, d], bytes } of events) {
		trace.time = time;
		trace.step++;
		const name = trace.name(`name ${d % 3}`);
		trace.putBytes(Kind[kind], trace.place(`place ${a % 4}`), a, b, c, name, bytes, 0, bytes.length);
	}
}

test('every kind has a code of its own and at most four slots', () => {
	const shapes = Object.values(kinds);
	assert.is(new Set(shapes.map((shape) => shape.code)).size, shapes.length);
	for (const shape of shapes) assert.ok(shape.numbers.length + shape.names.length <= 4);
});

test('gives back as an object what was put in', () => {
	const trace = new Trace(7);
	const client = trace.place('client');
	trace.time = 1500;
	trace.step = 3;
	const frame = Uint8Array.of(0, 1, 2, 3, 4, 5);
	const sent = trace.putBytes(Kind.frameSent, client, 0, 2, -1, 9, frame, 2, 3);
	trace.time = 1600;
	const lost = trace.put(Kind.frameLost, client, 0, 2, sent, trace.name('queue'));
	const { bytes, ...first } = trace.event(sent);
	assert.equal(first, { kind: 'frameSent', index: 0, time: 1500, step: 3, place: 'client', port: 0, link: 2, cause: -1, nth: 9 });
	assert.equal([...bytes], [2, 3, 4]);
	assert.equal([...trace.of('frameLost')].map((event) => [event.cause, event.reason, event.time]), [[sent, 'queue', 1600]]);
	assert.equal([...trace].map((event) => event.index), [sent, lost]);
});

test('an event may share the bytes of another', () => {
	const trace = new Trace(1);
	const sent = trace.putBytes(Kind.frameSent, 0, 0, 0, -1, 1, Uint8Array.of(8, 9), 0, 2);
	const arrived = trace.putSame(Kind.frameArrived, 1, 0, 0, sent, 0, sent);
	assert.equal([...trace.bytesOf(arrived)], [8, 9]);
	assert.is(trace.bytesOf(arrived).byteOffset, trace.bytesOf(sent).byteOffset);
});

test('holds any number of events of any length unchanged', () => {
	fc.assert(fc.property(said, (events) => {
		const trace = new Trace(0);
		for (let round = 0; round < 8; round++) tell(trace, events);
		assert.is(trace.length, events.length * 8);
		for (let index = 0; index < trace.length; index++) {
			const { kind, time, slots, bytes } = events[index % events.length]!;
			const event = trace.event(index);
			assert.equal([event.kind, event.time, event.step], [kind, time, index + 1]);
			assert.equal([0, 1, 2].map((slot) => trace.slotOf(index, slot)), slots.slice(0, 3));
			assert.equal([...event.bytes], [...bytes]);
		}
	}));
});

test('the digest is equal for equal traces, and another one for any difference', () => {
	fc.assert(fc.property(said.filter((events) => events.length > 0), fc.nat(), fc.nat(), (events, seed, pick) => {
		const one = new Trace(seed);
		tell(one, events);
		const same = new Trace(seed);
		tell(same, events);
		assert.match(one.digest(), /^[0-9a-f]{64}$/);
		assert.is(same.digest(), one.digest());

		const otherSeed = new Trace(seed + 1);
		tell(otherSeed, events);
		assert.is.not(otherSeed.digest(), one.digest());
		const at = pick % events.length;
		const event = events[at]!;
		for (const changed of [
			{ ...event, time: event.time + 1 },
			{ ...event, slots: [event.slots[0], event.slots[1] + 1, event.slots[2], event.slots[3]] as typeof event.slots },
			{ ...event, bytes: Uint8Array.of(...event.bytes, 0) },
		]) {
			const other = new Trace(seed);
			tell(other, events.map((e, i) => (i === at ? changed : e)));
			assert.is.not(other.digest(), one.digest());
		}
	}));
});

test('the digest of a known trace never changes', () => {
	const trace = new Trace(42);
	const place = trace.place('client');
	trace.link('wire', { place, port: 0 }, { place: trace.place('server'), port: 0 });
	trace.tap(place, 0, 'client');
	trace.time = 1e6;
	trace.step = 1;
	const sent = trace.putBytes(Kind.frameSent, place, 0, 0, -1, 1, Uint8Array.of(0xde, 0xad), 0, 2);
	trace.put(Kind.frameLost, place, 0, 0, sent, trace.name('cut'));
	assert.is(trace.digest(), '19620c9a6702510a2d12da86308765e03876f6bc736a53460b70f79548ae0db4');
});

test('after a rewind it is as if nothing had been said since', () => {
	fc.assert(fc.property(said, said, (before, after) => {
		const trace = new Trace(5);
		tell(trace, before);
		const mark = trace.mark();
		const digest = trace.digest();
		trace.link('late', { place: trace.place('nowhere'), port: 0 }, { place: 0, port: 1 });
		tell(trace, after);
		const went = trace.digest();
		trace.rewind(mark);
		assert.is(trace.digest(), digest);
		trace.link('late', { place: trace.place('nowhere'), port: 0 }, { place: 0, port: 1 });
		tell(trace, after);
		assert.is(trace.digest(), went);
	}));
});

test('marks are a tree: from any of them to any other, back, forward and across', () => {
	fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: 100 }), said), { minLength: 2, maxLength: 8 }), fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 12 }), (branches, visits) => {
		const trace = new Trace(5);
		const marks = [trace.mark()], digests = [trace.digest()];
		for (const [from, deeds] of branches) {
			trace.rewind(marks[from % marks.length]!);
			tell(trace, deeds);
			trace.tap(trace.place(`place ${marks.length}`), 0, `tap ${marks.length}`);
			marks.push(trace.mark());
			digests.push(trace.digest());
		}
		for (const visit of visits) {
			trace.rewind(marks[visit % marks.length]!);
			assert.is(trace.digest(), digests[visit % marks.length]);
		}
	}));
});

test('says what is wrong in typed errors', () => {
	const trace = new Trace(0, 100_000);
	assert.throws(() => trace.event(0), coded('TRACE_NO_EVENT'));
	trace.put(99, 0);
	assert.throws(() => trace.event(0), coded('TRACE_UNKNOWN_KIND'));
	const big = new Uint8Array(60_000);
	trace.putBytes(Kind.frameSent, 0, 0, 0, -1, 1, big, 0, big.length);
	assert.throws(() => trace.putBytes(Kind.frameSent, 0, 0, 0, -1, 2, big, 0, big.length), coded('TRACE_FULL'));
	assert.is(trace.length, 2);
});

test.run();
