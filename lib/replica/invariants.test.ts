import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, Trace } from '../trace/index.ts';
import { Invariants, violationsIn } from './invariants.ts';

class Story {
	readonly trace: Trace = new Trace(1);
	readonly a: number = this.trace.place('a');
	readonly b: number = this.trace.place('b');
	received(place: number, entry: number): this { this.trace.put(Kind.entryReceived, place, entry, 1, entry); return this; }
	released(place: number, output: number, entry: number, byte = output): this { this.trace.putBytes(Kind.outputReleased, place, output, entry, 0, 0, Uint8Array.of(byte), 0, 1); return this; }
	repeated(place: number, output: number, entry: number, byte = output): this { this.trace.putBytes(Kind.outputRepeated, place, output, entry, 0, 0, Uint8Array.of(byte), 0, 1); return this; }
	executed(place: number, entry: number, digest: number, epoch = 1): this { this.trace.putBytes(Kind.entryExecuted, place, entry, epoch, 0, 0, Uint8Array.of(digest), 0, 1); return this; }
	takes(place: number, epoch: number): this { this.trace.put(Kind.tookOver, place, epoch, 1, 0, 0); return this; }
	alone(place: number, epoch: number): this { this.trace.put(Kind.wentAlone, place, epoch, 1, this.trace.name('backup lost')); return this; }
	get found(): string[] { return violationsIn(this.trace).map(({ invariant, event }) => `${invariant} ${event}`); }
}

test('a run in order violates nothing', () => {
	const story = new Story();
	story.received(story.b, 1).released(story.a, 1, 1).executed(story.a, 1, 5).executed(story.b, 1, 5).takes(story.b, 2).repeated(story.b, 1, 1).released(story.b, 2, 2);
	assert.equal(story.found, []);
});

test('an output that leaves before the backup has its entry', () => {
	const story = new Story();
	assert.equal(story.received(story.b, 1).released(story.a, 1, 1).released(story.a, 2, 2).found, ['output-rule 2']);
	const own = new Story();
	assert.equal(own.received(own.a, 5).released(own.a, 1, 1).found, ['output-rule 1'], 'its own log is not the backup\'s');
	const alone = new Story();
	assert.equal(alone.alone(alone.a, 2).released(alone.a, 1, 1).found, []);
});

test('two that speak', () => {
	const late = new Story();
	late.received(late.b, 9).released(late.a, 1, 1).takes(late.b, 2).released(late.b, 2, 2).received(late.b, 9).released(late.a, 3, 3);
	assert.equal(late.found, ['one-speaker 5']);
	const both = new Story();
	both.takes(both.a, 2).takes(both.b, 2).released(both.a, 1, 1).released(both.b, 2, 1);
	assert.equal(both.found, ['one-speaker 3']);
});

test('a repeat that differs', () => {
	const story = new Story();
	story.received(story.b, 1).released(story.a, 1, 1).takes(story.b, 2).repeated(story.b, 1, 1, 77);
	assert.equal(story.found, ['identical-repeats 3']);
});

test('replicas that part', () => {
	const story = new Story();
	assert.equal(story.executed(story.a, 1, 5).executed(story.b, 1, 6).found, ['equal-replicas 1']);
	const other = new Story();
	assert.equal(other.executed(other.a, 1, 5).executed(other.b, 1, 6, 2).found, [], 'entries of different epochs are different entries');
});

test('watches as it goes, and starts anew with a new machine at a place', () => {
	const story = new Story();
	const watch = new Invariants(story.trace, ['b']);
	story.released(story.b, 1, 1);
	assert.is(watch.check().length, 0);
	story.trace.put(Kind.crashed, story.b, 0, 0);
	story.trace.put(Kind.started, story.b);
	story.released(story.b, 2, 2);
	assert.is(watch.check().length, 1);
	assert.is(watch.check().length, 1);
});

test('a copy goes its own way', () => {
	const story = new Story();
	const watch = new Invariants(story.trace);
	story.received(story.b, 1).released(story.a, 1, 1);
	watch.check();
	const copy = watch.copy();
	assert.is(copy.key, watch.key);
	copy.see({ ...story.trace.event(1), output: 2, entry: 2 } as never);
	assert.equal(copy.violations.map(({ invariant }) => invariant), ['output-rule']);
	assert.equal(watch.check(), []);
	assert.is.not(copy.key, watch.key);
});

test.run();
