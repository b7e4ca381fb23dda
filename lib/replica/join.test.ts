import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '../memory/index.ts';
import type { Node } from '../wire/node.ts';
import { LETTER, LETTER_IMAGE } from './letter.ts';
import { getU32 } from './number.ts';
import { Pair, every, holds, quick } from './pair.test.helper.ts';
import type { PairOptions } from './pair.test.helper.ts';
import type { Replica } from './replica.ts';
import { ToyHost, toyReply } from './toy.test.helper.ts';

const serials = (pair: Pair): number[] => pair.frames.map(toyReply).filter((reply) => reply !== null).map((reply) => reply!.serial);

/** `a` dies, `b` goes on alone, and later a newcomer starts where `a` was. */
function joined(options: PairOptions, at: number, then: (pair: Pair, newcomer: Replica) => void = () => {}): { pair: Pair; newcomer: () => Replica } {
	const pair = new Pair({ requests: every(60, 500), ...options });
	let newcomer: Replica | null = null;
	pair.world.at(3300, (w) => w.crash('a'));
	pair.world.at(at, () => { newcomer = pair.join('a', 3); then(pair, newcomer); });
	return { pair, newcomer: () => newcomer! };
}

test('a newcomer receives the machine while it runs, and becomes the backup', () => {
	const { pair, newcomer } = joined({}, 15_000);
	pair.run(30_000);
	const third = newcomer();
	assert.equal([pair.b.role, third.role], ['primary', 'backup']);
	assert.equal([pair.b.epoch, third.epoch], [3, 3]);
	assert.is([...pair.trace.of('joined')].length, 1);
	pair.run(60_000);
	assert.equal(differences(pair.b.machine.host.image, third.machine.host.image), []);
	assert.is(serials(pair).at(-2), 60);
	holds(pair);
});

test('over a good channel nothing of the image is sent twice: the greeting goes before it', () => {
	const { pair, newcomer } = joined({}, 15_000);
	pair.run(30_000);
	assert.is(newcomer().role, 'backup');
	const pieces = [...pair.trace.of('frameSent')].filter(({ place, port, bytes }) => place === 'b' && port === 1 && bytes[LETTER.kind] === LETTER_IMAGE).map(({ bytes }) => getU32(bytes, LETTER.room));
	assert.ok(pieces.length > 1);
	assert.is(new Set(pieces).size, pieces.length);
});

test('a newcomer begins a lease of its own: what the last backup echoed counts for nothing', () => {
	const lease = 50_000, at = 4_000;
	const pair = new Pair({ requests: every(60, 500), knobs: { lease } });
	pair.world.at(3_300, (w) => { w.crash('b'); pair.a.peerDied(w.now); });
	pair.world.at(at, () => { pair.join('b', 3); });
	const ends: number[] = [];
	for (let now = at; now < 12_000; now += 20) ends.push(pair.run(now).a.leaseEnd);
	assert.is(pair.a.role, 'primary');
	assert.ok(ends.includes(-Infinity), 'before the first echo there is none');
	for (const end of ends) assert.ok(Math.abs(end) === Infinity || end >= at + lease, `a lease until ${end}`);
	pair.run(40_000);
	holds(pair);
});

test('the pair survives the next death, and the next, on one run of the counter', () => {
	const pair = new Pair({ requests: every(300, 1000) });
	let id = 2;
	const now = (place: 'a' | 'b'): Replica => pair.world.place(place).node as Node as Replica;
	for (let round = 0; round < 10; round++) {
		const [dies, lives] = round % 2 === 0 ? ['a', 'b'] as const : ['b', 'a'] as const;
		pair.run(pair.world.now + 7_300);
		assert.equal([now(dies).role, now(lives).role], ['primary', 'backup'], `round ${round}`);
		pair.world.crash(dies);
		pair.run(pair.world.now + 10_000);
		assert.is(now(lives).role, 'alone', `round ${round}`);
		pair.join(dies, ++id);
		pair.run(pair.world.now + 5_000);
	}
	pair.run(340_000);
	assert.is(now('a').epoch, 21);
	// Each of them began with a clock of its own, and that of the machine goes on: a way over the channel is lost with each.
	for (const { place, entry } of pair.trace.of('tookOver')) {
		const live = [...pair.trace.of('entryExecuted')].find((event) => event.place === place && event.entry === entry)!;
		assert.ok(Math.abs(live.clock - live.time) < 1000, `entry ${entry}: ${live.clock} at ${live.time}`);
	}
	assert.ok(serials(pair).includes(300));
	holds(pair);
});

test('who dies the moment a newcomer is in takes nothing along that a client has seen', () => {
	// The arbiter is quicker than the channel: entries are under way while it decides.
	const { pair, newcomer } = joined({ requests: every(300, 100), channel: { delay: 500 }, knobs: { resend: 4000 } }, 15_000);
	pair.world.run({ until: 50_000, done: () => pair.b.role === 'primary' });
	pair.world.crash('b');
	pair.world.cut(pair.channel);
	pair.run(60_000);
	assert.is(newcomer().role, 'alone');
	holds(pair);
});

test('half joined is not joined: it asks, is told that it is nobody, and halts', () => {
	for (let dies = 15_100; dies < 17_500; dies += 40) {
		const { pair, newcomer } = joined({}, 15_000, ({ world }) => world.at(dies, (w) => w.crash('b')));
		pair.run(60_000);
		const admitted = [...pair.trace.of('arbiterDecided')].some(({ epoch }) => epoch === 3);
		// In the epoch after the one that took it in it is the last one left, even if it never heard that it was taken in.
		if (admitted) assert.is(newcomer().role, 'alone', `b died at ${dies}`);
		else assert.ok(newcomer().role === 'joining' || newcomer().haltReason === 'lost', `b died at ${dies}: ${newcomer().role}`);
		holds(pair);
	}
});

test('a newcomer that dies costs nothing', () => {
	for (let dies = 15_050; dies < 18_000; dies += 90) {
		const { pair } = joined({}, 15_000, ({ world }) => world.at(dies, (w) => w.crash('a')));
		pair.run(60_000);
		assert.is(pair.b.role, 'alone', `died at ${dies}`);
		assert.is(serials(pair).filter((serial) => serial > 30).length, 30, `died at ${dies}`);
		holds(pair);
	}
});

test('a newcomer that is too slow is given up rather than waited for', () => {
	const { pair, newcomer } = joined({ knobs: { logEntries: 32, logBytes: 4096 }, requests: every(300, 100) }, 15_000, (_pair, third) => { third.pace = { every: 0, behind: 1000 }; });
	pair.channel.set({ bandwidth: 4e6 });
	pair.run(40_000);
	assert.is(pair.b.role, 'alone');
	assert.is.not(newcomer().role, 'backup');
	assert.is(pair.b.counters.logFull, 0);
	holds(pair);
});

test('whatever the newcomer was before, it is what it received', () => {
	const pair = new Pair({ requests: every(40, 500) });
	pair.world.at(3300, (w) => w.crash('a'));
	pair.run(15_000);
	const other = pair.join('a', 9, 1234);
	other.machine.host.stir(Uint8Array.of(1, 2), 0, 2);
	pair.run(40_000);
	assert.is(other.role, 'backup');
	assert.equal(differences(pair.b.machine.host.image, other.machine.host.image), []);
	assert.is((other.machine.host as ToyHost).counter, (pair.b.machine.host as ToyHost).counter);
	holds(pair);
});

test('over a bad channel, with anything dying or stopping meanwhile', () => {
	const act = fc.record({ at: fc.integer({ min: 14_000, max: 24_000 }), what: fc.constantFrom('crash a', 'crash b', 'stop a', 'stop b', 'cut', 'arbiter', 'hand over'), lasts: fc.integer({ min: 100, max: 12_000 }) });
	fc.assert(fc.property(fc.nat(), fc.constantFrom(0, 0.1, 0.25), fc.array(act, { maxLength: 3 }), fc.nat(2), (seed, bad, acts, executeBehind) => {
		const faults = { loss: bad, duplication: bad, duplicateBy: 400, reordering: bad, reorderBy: 500, corruption: bad / 5 };
		const { pair } = joined({ seed, channel: faults, arbiterLink: faults, knobs: { ...quick, executeBehind } }, 15_000);
		const { world } = pair;
		for (const { at, what, lasts } of acts) {
			const place = what.endsWith('a') ? 'a' : 'b';
			world.at(at, (w) => {
				if (what.startsWith('crash')) w.crash(place);
				else if (what.startsWith('stop')) { w.stop(place); w.at(w.now + lasts, () => w.cont(place)); }
				else if (what === 'cut') { w.cut(pair.channel); w.at(w.now + lasts, () => w.mend(pair.channel)); }
				else if (what === 'arbiter') { for (const link of pair.arbiterLinks) { w.cut(link); w.at(w.now + lasts, () => w.mend(link)); } }
				else pair.b.handOver(w.now);
			});
		}
		pair.run(50_000);
		holds(pair);
	}), { numRuns: 250 });
});

test('saved and restored at any step of a join, a run goes on as if it had not been', () => {
	const whole = joined({}, 15_000).pair.run(30_000);
	for (let at = 200; at < whole.world.steps; at += 25) {
		const { pair } = joined({}, 15_000);
		pair.world.run({ maxSteps: at });
		const nodes = (['a', 'b'] as const).map((place) => pair.world.place(place).node as Node as Replica);
		const saved = nodes.map((node) => node.save());
		pair.world.run({ maxSteps: 30 });
		const again = joined({}, 15_000).pair;
		again.world.run({ maxSteps: at });
		(['a', 'b'] as const).forEach((place, i) => {
			const node = again.world.place(place).node as Node as Replica;
			node.restore(saved[i]!);
			assert.equal(node.save().outside, saved[i]!.outside);
		});
		again.run(30_000);
		assert.is(again.trace.digest(), whole.trace.digest(), `step ${at}`);
	}
});

test.run();
