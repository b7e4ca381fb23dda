import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences, Image } from '../memory/index.ts';
import { CONTROL_GO_LIVE, ENTRY_CONTROL, ENTRY_ENTROPY, ENTRY_WAKE } from './entry.ts';
import { Log } from './log.ts';
import { Machine } from './machine.ts';
import type { MachineHost } from './machine.ts';
import { Store } from './store.ts';
import { TOY_POISON, ToyHost, toyReply, toyRequest } from './toy.test.helper.ts';

type Input = { kind: 'frames'; count: number } | { kind: 'wake' } | { kind: 'entropy'; byte: number } | { kind: 'live' };
const input: fc.Arbitrary<Input> = fc.oneof(
	fc.record({ kind: fc.constant('frames' as const), count: fc.integer({ min: 1, max: 5 }) }),
	fc.constant({ kind: 'wake' as const }),
	fc.record({ kind: fc.constant('entropy' as const), byte: fc.nat(255) }),
	fc.constant({ kind: 'live' as const }),
);
const inputs = fc.array(fc.record({ input, pause: fc.nat(4000) }), { minLength: 1, maxLength: 30 });

const config = { bytes: 0x1_0000, entries: 256, longest: 1000, batch: 16 };

/** A log of such inputs. */
function logOf(all: readonly { input: Input; pause: number }[]): Log {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	let time = 0, serial = 0;
	const none = new Uint8Array(1);
	for (const { input: one, pause } of all) {
		time += pause;
		if (one.kind === 'frames') {
			for (let i = 0; i < one.count; i++) log.gather(toyRequest(1, ++serial), 0, 60);
			log.appendFrames(1, time);
		} else if (one.kind === 'wake') log.append(ENTRY_WAKE, 0, none, 0, 0, 1, time);
		else if (one.kind === 'entropy') log.append(ENTRY_ENTROPY, 0, Uint8Array.of(one.byte), 0, 1, 1, time);
		else log.append(ENTRY_CONTROL, CONTROL_GO_LIVE, none, 0, 0, 1, time);
	}
	return log;
}

/** Executes entries `from` … `to` and gives the outputs, number and bytes. */
function executed(machine: Machine, log: Log, from: number, to: number): string[] {
	const outputs: string[] = [];
	for (let index = from; index <= to; index++) {
		machine.step(log.ring.u8, log.ring.placeOf(index), { output: (number, entry, bytes, at, length) => { outputs.push(`${number} ${entry} ${bytes.slice(at, at + length).join(' ')}`); } });
	}
	return outputs;
}

test('machines that execute one log are equal, byte for byte, and so is what they put out', () => {
	fc.assert(fc.property(inputs, (all) => {
		const log = logOf(all);
		const one = new Machine(new ToyHost()), other = new Machine(new ToyHost());
		assert.equal(executed(one, log, 1, log.last), executed(other, log, 1, log.last));
		assert.equal(differences(one.host.image, other.host.image), []);
		assert.is(one.record.index, log.last);
	}));
});

test('restoring a state and going on is never having stopped', () => {
	fc.assert(fc.property(inputs, fc.nat(), (all, where) => {
		const log = logOf(all);
		const stop = where % (log.last + 1);
		const whole = new Machine(new ToyHost()), first = new Machine(new ToyHost()), second = new Machine(new ToyHost(99));
		const wanted = executed(whole, log, 1, log.last);
		const before = executed(first, log, 1, stop);
		executed(second, log, 1, Math.min(log.last, 3));
		second.host.image.restore(first.host.image.snapshot());
		second.attach();
		assert.equal([...before, ...executed(second, log, stop + 1, log.last)], wanted);
		assert.is(second.host.image.digest(), whole.host.image.digest());
	}));
});

test('going live, a machine runs no timer that came due while nobody spoke: it begins anew', () => {
	const log = logOf([{ input: { kind: 'frames', count: 1 }, pause: 100 }, { input: { kind: 'live' }, pause: 1_000_000 }, { input: { kind: 'wake' }, pause: 10 }, { input: { kind: 'wake' }, pause: 1_000_000 }]);
	const machine = new Machine(new ToyHost());
	executed(machine, log, 1, 1);
	assert.ok(machine.host.wakeAt < 10_000, 'a timer is armed');
	assert.equal(executed(machine, log, 2, 3), []);
	assert.ok(machine.host.wakeAt > 1_000_100);
	assert.is(executed(machine, log, 4, 4).length, 1);
});

test('an entry is executed once, in order', () => {
	const log = logOf([{ input: { kind: 'wake' }, pause: 1 }, { input: { kind: 'wake' }, pause: 1 }, { input: { kind: 'wake' }, pause: 1 }]);
	const machine = new Machine(new ToyHost());
	assert.throws(() => executed(machine, log, 2, 2), (error: { code: string }) => error.code === 'ENTRY_OUT_OF_ORDER');
	executed(machine, log, 1, 2);
	assert.throws(() => executed(machine, log, 2, 2), /cannot follow entry 2/);
});

test('the clock never goes back', () => {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	for (const time of [500, 400]) log.append(ENTRY_WAKE, 0, new Uint8Array(1), 0, 0, 1, time);
	const machine = new Machine(new ToyHost());
	executed(machine, log, 1, 2);
	assert.is(machine.record.time, 500);
});

test('a fault comes out of the step', () => {
	const log = new Log(new Store(Log.sizeOf(config)), config);
	log.gather(toyRequest(1, 1, TOY_POISON), 0, 60);
	log.appendFrames(1, 5);
	assert.throws(() => executed(new Machine(new ToyHost()), log, 1, 1), /planted bug/);
});

test('a host without the machine pool is refused', () => {
	const host = { image: new Image({ pools: [], pages: 1 }) } as unknown as MachineHost;
	assert.throws(() => new Machine(host), /no pool 'machine'/);
	assert.is(toyReply(new Uint8Array(3)), null);
});

test.run();
