import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { WorldError } from './error.ts';
import { Lane, type LaneOptions } from './lane.ts';

const frame = new Uint8Array(1500);
const quick: LaneOptions = { bandwidth: Infinity, delay: 100 };

/** What becomes of `count` frames sent one a `gap`. */
function offers(lane: Lane, count: number, gap: number = 10, length: number = 100): { reason: string; took: number; again: number; flip: number }[] {
	return Array.from({ length: count }, (_, i) => {
		const reason = lane.offer(i * gap, true, frame, 0, length);
		return { reason, took: lane.arrival - i * gap, again: lane.again, flip: lane.flip };
	});
}

const lane = (options: LaneOptions, seed: number = 1): Lane => new Lane(seed, 'link', 'forth', options);
/** What becomes of six frames, in short. */
const act = (line: Lane): string => offers(line, 6, 1000).map(({ reason, took, again, flip }, i) => {
	if (reason !== '') return 'x';
	if (again >= 0) return `2+${again - took - i * 1000}`;
	if (flip >= 0) return `~${flip}`;
	return took === 100 ? '.' : `+${took - 100}`;
}).join(' ');

/** What becomes of six frames when these faults are written down. */
const scripted = (...faults: Parameters<Lane['script']>[0][]): string => {
	const line = lane(quick);
	for (const fault of faults) line.script(fault);
	return act(line);
};

/** Which frames a lane of this name loses. */
const pattern = (name: string, direction: string): string =>
	offers(new Lane(1, name, direction, { ...quick, loss: 0.5 }), 64).map(({ reason }) => reason.length).join('');

const coded = (code: string) => (error: unknown): boolean => error instanceof WorldError && error.code === code;

test('a frame takes the time to send it and the delay', () => {
	const line = lane({ bandwidth: 8e6, overhead: 0, delay: 500 });
	// 8 Mbit/s: one byte a microsecond.
	assert.is(line.offer(0, true, frame, 0, 1000), '');
	assert.is(line.arrival, 1500);
	line.offer(200, true, frame, 0, 100);
	assert.is(line.arrival, 1600, 'waits for the one before it');
	line.offer(5000, true, frame, 0, 100);
	assert.is(line.arrival, 5600);
	const gigabit = lane({ bandwidth: 1e9, delay: 0 });
	gigabit.offer(0, true, frame, 0, 1476);
	assert.is(gigabit.arrival, 12, '1500 bytes on the wire');
});

test('no more frames wait than the queue holds', () => {
	const line = lane({ bandwidth: 8e6, overhead: 0, delay: 0, queue: 3 });
	const burst = Array.from({ length: 6 }, () => line.offer(0, true, frame, 0, 100));
	assert.equal(burst, ['', '', '', '', 'queue', 'queue'], 'one is being sent, three wait');
	assert.is(line.offer(99, true, frame, 0, 100), 'queue');
	assert.is(line.offer(100, true, frame, 0, 100), '', 'the first is through, the second begun');
	assert.is(line.arrival, 500);
});

test('a long queue is kept in order through thousands of frames', () => {
	const line = lane({ bandwidth: 8e6, overhead: 0, delay: 0, queue: 5000 });
	for (let i = 0; i < 20_000; i++) {
		// Sent at 10 bytes in 9 µs: the queue grows by 1 in 10, and then is full.
		const reason = line.offer(i * 9, true, frame, 0, 10);
		if (reason === '') assert.is(line.arrival, Math.max(i * 9, (line.counters.sent - line.counters.lost.queue - 1) * 10) + 10);
	}
	assert.is(line.counters.lost.queue, 0);
	line.set({ queue: 2000 });
	assert.is(line.offer(20_000 * 9, true, frame, 0, 10), '', '1999 wait');
	assert.is(line.offer(20_000 * 9, true, frame, 0, 10), 'queue');
});

test('jitter keeps the order, reordering does not', () => {
	const jittered = lane({ ...quick, jitter: 80 });
	const arrivals = offers(jittered, 2000, 3).map(({ took }, i) => took + i * 3);
	arrivals.forEach((arrival, i) => {
		assert.ok(arrival >= i * 3 + 100 && arrival <= 2000 * 3 + 180);
		if (i > 0) assert.ok(arrival >= arrivals[i - 1]!);
	});
	assert.ok(new Set(offers(lane({ ...quick, jitter: 80 }), 200, 1000).map(({ took }) => took)).size > 50);
	const shuffled = offers(lane({ ...quick, reordering: 0.1, reorderBy: 50 }), 2000, 3);
	const late = shuffled.filter(({ took }) => took !== 100);
	assert.ok(late.length > 140 && late.length < 260);
	assert.ok(late.every(({ took }) => took > 100 && took <= 150));
});

test('faults come about as often as they are probable', () => {
	for (const [name, got] of [
		['loss', (o: LaneOptions) => offers(lane(o), 10_000).filter(({ reason }) => reason === 'loss').length],
		['duplication', (o: LaneOptions) => offers(lane(o), 10_000).filter(({ again }) => again >= 0).length],
		['corruption', (o: LaneOptions) => offers(lane(o), 10_000).filter(({ flip }) => flip >= 0).length],
	] as const) {
		for (const p of [0, 0.01, 0.3, 1]) {
			const seen = got({ ...quick, [name]: p });
			assert.ok(Math.abs(seen - p * 10_000) <= 5 * Math.sqrt(10_000 * p * (1 - p)), `${name} ${p}: ${seen}`);
		}
	}
	const bits = offers(lane({ ...quick, corruption: 1 }), 20_000).map(({ flip }) => flip);
	assert.ok(bits.every((bit) => bit < 800));
	assert.is(new Set(bits).size, 800);
});

test('changing one fault leaves what the others do to each frame as it was', () => {
	const p = fc.constantFrom(0.05, 0.5, 0.9);
	fc.assert(fc.property(fc.nat(), p, p, p, p, p, (seed, loss, duplication, reordering, corruption, other) => {
		const options = { ...quick, jitter: 25, loss, duplication, duplicateBy: 30, reordering, reorderBy: 50, corruption };
		const before = offers(lane(options, seed), 300);
		for (const changed of ['loss', 'duplication', 'reordering', 'corruption'] as const) {
			offers(lane({ ...options, [changed]: other }, seed), 300).forEach((after, i) => {
				const was = before[i]!;
				if (changed !== 'loss') assert.is(after.reason, was.reason);
				if (after.reason !== '' || was.reason !== '') return;
				if (changed !== 'reordering') assert.is(after.took, was.took);
				if (changed !== 'corruption') assert.is(after.flip, was.flip);
				if (changed !== 'duplication') assert.is(after.again - after.took, was.again >= 0 ? was.again - was.took : -1 - after.took);
			});
		}
	}));
});

test('the two directions of a link, and links of another name, draw apart', () => {
	assert.is(new Set([pattern('a', 'forth'), pattern('a', 'back'), pattern('b', 'forth'), pattern('b', 'back')]).size, 4);
});

test('scripted faults hit the frames they name', () => {
	assert.is(scripted({ act: 'lose', nth: 3 }), '. . x . . .');
	assert.is(scripted({ act: 'lose', nth: 2, times: 3 }), '. x x x . .');
	assert.is(scripted({ act: 'duplicate', nth: 2, by: 7 }), '. 2+7 . . . .');
	assert.is(scripted({ act: 'delay', nth: 1, by: 2500 }), '+2500 . . . . .');
	assert.is(scripted({ act: 'corrupt', nth: 4, bit: 801 }), '. . . ~1 . .');
	assert.is(scripted({ act: 'lose', nth: 1 }, { act: 'delay', nth: 2, by: 5 }), 'x +5 . . . .');
	assert.is(scripted({ act: 'delay', nth: 2, by: 5 }, { act: 'lose', nth: 2, times: 2 }), '. +5 x . . .', 'the first that hits is the one');
	assert.is(scripted({ act: 'lose', times: Infinity }), 'x x x x x x');
	let asked = 0;
	assert.is(scripted({ act: 'lose', nth: 2, when: (_bytes, _at, length) => length === 100 && asked++ % 2 === 0 }), '. . x . . .');
});

test('what is not lost is counted, and nothing is carried on a cut link', () => {
	const line = lane({ ...quick, loss: 0.2, duplication: 0.3, corruption: 0.1 });
	const seen = offers(line, 1000);
	assert.is(line.offer(1e6, false, frame, 0, 100), 'cut');
	const count = (fits: (one: (typeof seen)[number]) => boolean): number => seen.filter(fits).length;
	const { sent, copies, altered, lost } = line.counters;
	assert.equal([sent, copies, altered, lost.loss, lost.cut], [
		1001, count((o) => o.reason === '' && o.again >= 0), count((o) => o.reason === '' && o.flip >= 0), count((o) => o.reason === 'loss'), 1,
	]);
});

test('refuses what is no link', () => {
	for (const options of [{ loss: 1.5 }, { loss: NaN }, { delay: -1 }, { delay: 0.5 }, { delay: Infinity }, { bandwidth: 0 }, { queue: -1 }, { lag: 5 } as LaneOptions]) {
		assert.throws(() => lane(options), coded('BAD_OPTION'));
	}
	for (const fault of [{ act: 'lose', nth: 0 }, { act: 'delay', by: -1 }, { act: 'lose', nth: 1.5 }, { act: 'burn' as 'lose' }] as const) {
		assert.throws(() => lane({}).script(fault), coded('BAD_OPTION'));
	}
});

test.run();
