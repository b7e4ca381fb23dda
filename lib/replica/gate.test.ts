import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Trace } from '../trace/index.ts';
import { Gate, HOLD, KEEP, PASS } from './gate.ts';
import { Packer, Unpacker } from './luggage.ts';
import { Store } from './store.ts';

const config = { bytes: 512, outputs: 8, longest: 100 };

function make(trace: Trace | null = null): Gate {
	return new Gate(new Store(Gate.sizeOf(config)), config, trace, 0);
}

/** Executes a step that puts out one byte an output. */
function step(gate: Gate, entry: number, ...numbers: number[]): void {
	for (const number of numbers) gate.output(number, entry, Uint8Array.of(number), 0, 1);
	gate.commit();
}

function released(gate: Gate, entry: number): number[] {
	const got: number[] = [];
	gate.release(entry, { take: (bytes, at, length) => { assert.is(length, 1); got.push(bytes[at]!); } });
	return got;
}

test('holds until the entry is acknowledged, in order', () => {
	const gate = make();
	step(gate, 1, 1, 2);
	step(gate, 3, 3);
	assert.equal(released(gate, 0), []);
	assert.equal(released(gate, 2), [1, 2]);
	assert.is(gate.watermark, 2);
	assert.is(gate.oldestEntry, 3);
	assert.equal(released(gate, 3), [3]);
	assert.is(gate.held, 0);
	assert.is(gate.oldestEntry, Infinity);
});

test('a step that failed has put nothing out', () => {
	const gate = make();
	step(gate, 1, 1);
	gate.output(2, 2, Uint8Array.of(2), 0, 1);
	gate.abandon();
	assert.equal(released(gate, Infinity), [1]);
});

test('a backup keeps what is above the watermark', () => {
	const gate = make();
	gate.mode = KEEP;
	gate.heard(2);
	step(gate, 1, 1, 2, 3);
	step(gate, 2, 4, 5);
	assert.is(gate.held, 3);
	gate.heard(4);
	gate.heard(3);
	assert.is(gate.watermark, 4);
	assert.equal(released(gate, Infinity), [5]);
	assert.is(gate.suppressed, 0);
});

test('one for whom the other sends keeps what it has not heard to have left', () => {
	const gate = make();
	gate.mode = KEEP;
	step(gate, 1, 1, 2);
	step(gate, 2, 3);
	step(gate, 4, 4, 5);
	gate.sentElsewhere(0);
	assert.is(gate.held, 5);
	gate.sentElsewhere(3);
	assert.equal([gate.held, gate.watermark, gate.oldestEntry], [2, 3, 4]);
	gate.mode = PASS;
	// What was sent is not sent by executing it again.
	step(gate, 5, 3, 6);
	assert.equal(released(gate, Infinity), [4, 5, 6]);
	assert.is(gate.suppressed, 0);
});

test('outputs of the last entry are kept even below the watermark, where policy wants them', () => {
	const gate = make();
	gate.mode = KEEP;
	gate.spare = 2;
	gate.heard(9);
	step(gate, 1, 1);
	step(gate, 2, 2, 3);
	assert.equal(released(gate, Infinity), [2, 3]);
});

test('what is given up above the watermark is counted', () => {
	const gate = make();
	step(gate, 1, 1, 2);
	step(gate, 2, 3);
	released(gate, 0);
	gate.watermark = 1;
	assert.is(gate.discard(Infinity, 2, 'policy'), 1);
	assert.is(gate.suppressed, 1);
	assert.equal(released(gate, Infinity), [3]);
});

test('a full gate drops and counts, and goes on', () => {
	const gate = make();
	for (let i = 1; i <= 10; i++) step(gate, i, i);
	assert.is(gate.full, 2);
	assert.equal(released(gate, Infinity), [1, 2, 3, 4, 5, 6, 7, 8]);
	gate.output(11, 11, new Uint8Array(101), 0, 101);
	assert.is(gate.full, 3);
	step(gate, 12, 12);
	assert.equal(released(gate, Infinity), [12]);
});

test('the longest output there may be is taken', () => {
	const gate = make();
	gate.output(1, 1, new Uint8Array(100), 0, 100);
	gate.commit();
	assert.equal([gate.full, gate.held], [0, 1]);
});

test('what is released from below the watermark does not lower it', () => {
	const gate = make();
	gate.mode = KEEP;
	gate.spare = 2;
	gate.heard(9);
	step(gate, 2, 2, 3);
	assert.equal(released(gate, Infinity), [2, 3]);
	assert.is(gate.watermark, 9, 'what left before this machine spoke is still known to have left');
});

test('what the other has sent ends with the very entry it has executed', () => {
	const gate = make();
	gate.mode = KEEP;
	step(gate, 1, 1);
	step(gate, 3, 2);
	step(gate, 4, 3);
	gate.sentElsewhere(3);
	assert.equal([gate.held, gate.watermark, gate.oldestEntry], [1, 2, 4]);
	gate.sentElsewhere(9);
	gate.sentElsewhere(9);
	assert.equal([gate.held, gate.watermark], [0, 3], 'and an empty gate has nothing left to lose');
});

test('every output that is dropped is told, with why', () => {
	const trace = new Trace(1);
	trace.place('p');
	const gate = make(trace);
	gate.mode = KEEP;
	step(gate, 1, 1);
	gate.sentElsewhere(1);
	step(gate, 2, 1);
	gate.output(2, 3, new Uint8Array(101), 0, 101);
	gate.commit();
	const told = Array.from(trace, (event) => event as { kind: string; output?: number; reason?: string }).filter(({ kind }) => kind === 'outputDiscarded').map(({ output, reason }) => `${output} ${reason}`);
	assert.equal(told, ['1 watermark', '1 watermark', '2 gate full']);
});

test('says in the trace what it does', () => {
	const trace = new Trace(1);
	trace.place('p');
	const gate = make(trace);
	gate.mode = HOLD;
	step(gate, 1, 1);
	gate.mode = PASS;
	step(gate, 2, 2);
	gate.replayed = 1;
	released(gate, Infinity);
	gate.mode = KEEP;
	step(gate, 3, 3);
	gate.heard(3);
	const found = Array.from(trace, (event) => `${event.kind} ${(event as { output?: number }).output}`);
	assert.equal(found, ['outputHeld 1', 'outputRepeated 1', 'outputReleased 2', 'outputKept 3', 'outputDiscarded 3']);
});

test('saved and restored', () => {
	const gate = make();
	step(gate, 1, 1, 2);
	step(gate, 5, 3);
	released(gate, 1);
	const packer = new Packer();
	gate.carry(packer);
	const other = make();
	step(other, 9, 8);
	other.carry(new Unpacker(packer.packed()));
	assert.is(other.watermark, 2);
	assert.equal(released(other, 4), []);
	assert.equal(released(other, 5), [3]);
});

test.run();
