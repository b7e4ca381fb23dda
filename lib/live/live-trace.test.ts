import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kinds } from '../trace/index.ts';
import type { JournalRecord } from './journal.ts';
import { mergeTrace } from './live-trace.ts';
import type { TracePart } from './live-trace.ts';

function frame(kind: 'frameSent' | 'frameArrived', time: number, text: string): JournalRecord {
	return { kind: kinds[kind].code, time, slots: [0, -1, -1, 0], bytes: Buffer.from(text) };
}

function merged(client: readonly JournalRecord[], replica: readonly JournalRecord[]): string[] {
	const parts: TracePart[] = [{ place: 'client', is: 'client', records: client, names: [] }, { place: 'primary', is: 'replica', records: replica, names: [] }];
	const trace = mergeTrace(parts, ['client', 'primary']);
	const said = new Map<number, string>([[kinds.frameSent.code, 'sent'], [kinds.frameArrived.code, 'arrived']]);
	return Array.from({ length: trace.length }, (_, i) => i).filter((i) => said.has(trace.kindOf(i))).map((i) => `${trace.timeOf(i)} ${said.get(trace.kindOf(i))}`);
}

test('what arrives is later than it was sent, whatever the clocks say', () => {
	assert.equal(merged([frame('frameSent', 100, 'a'), frame('frameArrived', 130, 'b')], [frame('frameArrived', 90, 'a'), frame('frameSent', 95, 'b')]),
		['0 sent', '1 arrived', '1 sent', '30 arrived']);
});

test('a process keeps its own order where its times do not', () => {
	const events = merged([frame('frameSent', 100, 'a'), frame('frameArrived', 50, 'b')], [frame('frameSent', 40, 'b')]);
	assert.equal(events.map((event) => event.split(' ')[1]), ['sent', 'sent', 'arrived']);
});

test('times that contradict each other in a circle are put in some order', () => {
	const events = merged([frame('frameArrived', 50, 'b'), frame('frameSent', 100, 'a')], [frame('frameArrived', 60, 'a'), frame('frameSent', 70, 'b')]);
	assert.is(events.length, 4);
});

test.run();
