import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { Trace } from '../trace/index.ts';
import { WorldError } from './error.ts';
import { macAt, macFrom, macText } from './mac.ts';
import { Switch, type SwitchOptions } from './switch.ts';

const A = '02:00:00:00:00:0a';
const B = '02:00:00:00:00:0b';
const all = 'ff:ff:ff:ff:ff:ff';

function frameOf(to: string, from: string, length: number = 60): Uint8Array {
	const frame = new Uint8Array(length);
	[...to.split(':'), ...from.split(':')].forEach((byte, i) => {
		frame[i] = Number.parseInt(byte, 16);
	});
	return frame;
}

/** Sends a frame in by a port; says by which ports it comes out. */
function through(sw: Switch, port: number, frame: Uint8Array, now: number = 0): number[] {
	const padded = Uint8Array.of(9, 9, 9, ...frame, 9);
	sw.receive(port, padded, 3, frame.length, now);
	padded.fill(0);
	const out: number[] = [];
	sw.drain({
		take(bytes, at, length, to) {
			assert.equal(bytes.slice(at, at + length), frame);
			out.push(to);
		},
	});
	return out;
}

const coded = (error: unknown): boolean => error instanceof WorldError && error.code === 'BAD_OPTION';

const four = (options: Partial<SwitchOptions> = {}): Switch => new Switch({ ports: 4, ...options });

test('floods what it does not know, to every port but the one it came from', () => {
	const sw = four();
	assert.equal(through(sw, 1, frameOf(B, A)), [0, 2, 3]);
	assert.equal(through(sw, 1, frameOf(all, A)), [0, 2, 3]);
	assert.equal(through(sw, 2, frameOf('33:33:00:00:00:01', B)), [0, 1, 3]);
});

test('forwards what it knows to one port, and never back', () => {
	const sw = four();
	through(sw, 1, frameOf(B, A));
	assert.equal(through(sw, 2, frameOf(A, B)), [1]);
	assert.equal(through(sw, 1, frameOf(B, A)), [2]);
	assert.equal(through(sw, 1, frameOf(A, B)), [], 'A is behind the port it came from');
	assert.is(sw.counters.samePort, 1);
	assert.equal(through(sw, 3, frameOf(all, B)), [0, 1, 2], 'a broadcast is flooded whoever sent it');
});

test('an address moves with any frame from it', () => {
	const trace = new Trace(0);
	const sw = four({ trace });
	through(sw, 0, frameOf(all, A));
	through(sw, 3, frameOf(B, A), 5);
	assert.equal(through(sw, 1, frameOf(A, B)), [3]);
	assert.equal(sw.entries()[0], { mac: macFrom(A), port: 3, seen: 5 });
	assert.equal([...trace.of('macMoved')].map(({ mac, port, from }) => [macText(mac), port, from]), [[A, 3, 0]]);
	assert.is([...trace.of('macLearnt')].length, 2);
});

test('a silent address is forgotten after the ageing time, a speaking one is not', () => {
	const trace = new Trace(0);
	const sw = four({ ageing: 100, trace });
	through(sw, 0, frameOf(B, A), 0);
	assert.equal(through(sw, 1, frameOf(A, B), 99), [0]);
	assert.equal(through(sw, 1, frameOf(A, B), 100), [0, 2, 3]);
	assert.equal([...trace.of('macForgotten')].map(({ reason }) => reason), ['aged']);
	for (let now = 200; now < 600; now += 60) through(sw, 0, frameOf(B, A), now);
	assert.equal(through(sw, 1, frameOf(A, B), 620), [0]);
});

test('a port that is down takes and gives nothing, and what was learnt there is forgotten', () => {
	const trace = new Trace(0);
	const sw = four({ trace });
	through(sw, 0, frameOf(B, A));
	sw.setPort(0, false);
	assert.equal(sw.entries(), []);
	assert.equal(through(sw, 0, frameOf(B, A)), []);
	assert.is(sw.counters.inPortDown, 1);
	assert.equal(through(sw, 1, frameOf(A, B)), [2, 3]);
	sw.setPort(0, true);
	assert.equal(through(sw, 1, frameOf(A, B)), [0, 2, 3]);
	assert.equal([...trace.of('portChanged')].map(({ port, up }) => [port, up]), [[0, 0], [0, 1]]);
	assert.equal([...trace.of('macForgotten')].map(({ reason }) => reason), ['port-down']);
	assert.equal([...trace.of('dropped')].map(({ counter, port }) => [counter, port]), [['inPortDown', 0]]);
});

test('drops are counted: short frames, and those to bridge group addresses', () => {
	const sw = four();
	assert.equal(through(sw, 0, frameOf(all, A, 13)), []);
	assert.equal(through(sw, 0, new Uint8Array(0)), []);
	for (let last = 0; last < 16; last++) assert.equal(through(sw, 0, frameOf(`01:80:c2:00:00:0${last.toString(16)}`, A)), []);
	assert.equal(through(sw, 0, frameOf('01:80:c2:00:00:10', A)), [1, 2, 3]);
	assert.equal([sw.counters.short, sw.counters.reserved], [2, 16]);
});

test('a full table floods, and takes a new address when an old one has aged', () => {
	const sw = four({ size: 2, ageing: 100 });
	through(sw, 0, frameOf(all, A), 0);
	through(sw, 1, frameOf(all, B), 50);
	through(sw, 2, frameOf(all, '02:00:00:00:00:0c'), 60);
	assert.is(sw.counters.unlearnt, 1);
	assert.equal(through(sw, 0, frameOf('02:00:00:00:00:0c', A), 90), [1, 2, 3]);
	through(sw, 2, frameOf(all, '02:00:00:00:00:0c'), 160);
	assert.equal(sw.entries().map(({ mac, port }) => [macText(mac), port]), [[A, 0], ['02:00:00:00:00:0c', 2]]);
});

test('no address is learnt from a group or an empty source', () => {
	const sw = four();
	through(sw, 0, frameOf(all, '03:00:00:00:00:01'));
	through(sw, 0, frameOf(all, '00:00:00:00:00:00'));
	assert.equal(sw.entries(), []);
});

test('whatever comes: never back to its port, and a known unicast to one port at most', () => {
	const macs = ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03', all];
	const acts = fc.array(fc.record({
		port: fc.nat({ max: 3 }), to: fc.constantFrom(...macs), from: fc.constantFrom(...macs),
		later: fc.nat({ max: 60 }), down: fc.option(fc.nat({ max: 3 }), { freq: 10 }),
	}), { maxLength: 60 });
	fc.assert(fc.property(acts, (list) => {
		const sw = four({ ageing: 200 });
		const known = new Map<string, { port: number; seen: number }>();
		let now = 0;
		for (const { port, to, from, later, down } of list) {
			now += later;
			if (down !== null) {
				const up = !sw.isUp(down);
				sw.setPort(down, up);
				for (const [mac, entry] of known) if (!up && entry.port === down) known.delete(mac);
			}
			const out = through(sw, port, frameOf(to, from), now);
			if (!sw.isUp(port)) {
				assert.equal(out, []);
				continue;
			}
			if (from !== all) known.set(from, { port, seen: now });
			const entry = known.get(to);
			const others = [0, 1, 2, 3].filter((one) => one !== port && sw.isUp(one));
			if (entry === undefined || now - entry.seen >= 200) assert.equal(out, others);
			else assert.equal(out, entry.port === port ? [] : [entry.port]);
		}
	}));
});

test('a port that does not learn lets frames through, and teaches nothing; nor does it move an address', () => {
	const sw = four();
	sw.setLearning(3, false);
	assert.equal(through(sw, 3, frameOf(all, A)), [0, 1, 2]);
	assert.equal(sw.entries(), []);
	through(sw, 0, frameOf(all, A));
	assert.equal(through(sw, 3, frameOf(B, A)), [0, 1, 2]);
	assert.equal(through(sw, 1, frameOf(A, B)), [0]);
	const deaf = sw.save();
	sw.setLearning(3, true);
	through(sw, 3, frameOf(B, A));
	assert.equal(through(sw, 1, frameOf(A, B)), [3]);
	sw.restore(deaf);
	through(sw, 3, frameOf(B, A));
	assert.equal(through(sw, 1, frameOf(A, B)), [0]);
	assert.throws(() => sw.setLearning(4, true), coded);
});

test('goes on from what it saved as if nothing had been', () => {
	const sw = four();
	through(sw, 0, frameOf(all, A));
	const early = sw.save();
	through(sw, 1, frameOf(all, B));
	sw.setPort(0, false);
	const late = sw.save();
	sw.restore(early);
	assert.equal(sw.entries().map(({ mac }) => macText(mac)), [A]);
	assert.equal(sw.save(), early);
	sw.restore(late);
	assert.equal(sw.save(), late);
	assert.equal(through(sw, 2, frameOf(A, B)), [1, 3]);
});

test('keeps several frames until it is drained, over a saving too', () => {
	const sw = four();
	for (const length of [60, 1514, 3000]) sw.receive(0, frameOf(all, A, length), 0, length, 0);
	const saved = sw.save();
	const lengths = (): number[] => {
		const out: number[] = [];
		sw.drain({ take: (bytes, at, length) => out.push(bytes[at + 11] === 10 ? length : -1) });
		return out;
	};
	const once = lengths();
	assert.equal(once, [60, 60, 60, 1514, 1514, 1514, 3000, 3000, 3000]);
	assert.equal(lengths(), []);
	sw.restore(saved);
	assert.equal(lengths(), once);
});

test('addresses are written and read', () => {
	fc.assert(fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (bytes) => {
		const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
		assert.is(macText(macAt(bytes, 0)), text);
		assert.is(macFrom(text), macAt(bytes, 0));
	}));
	assert.ok(Number.isNaN(macFrom('02:00:00')));
});

test('refuses what is no switch', () => {
	for (const options of [{ ports: 0 }, { ports: 1.5 }, { ports: 2, size: 0 }, { ports: 2, ageing: 0 }]) assert.throws(() => new Switch(options), coded);
	assert.throws(() => four().setPort(4, false), coded);
});

test.run();
