import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ErrorQueue } from './error-queue.ts';

const at = (sent: number, acked: number, written = 100): { written: number; sent: number; acked: number } => ({ written, sent, acked });

/** What is told of calls without copying, from the queue's front. */
function ranges(queue: ErrorQueue): (readonly [number, number])[] {
	const all: (readonly [number, number])[] = [];
	for (let notice = queue.take(); notice !== null; notice = queue.take()) {
		const { cmsg_data: { ee_info, ee_data } } = notice.control.at(-1) as unknown as { cmsg_data: { ee_info: number; ee_data: number } };
		all.push([ee_info, ee_data]);
	}
	return all;
}

test('calls that are done one after the other are one message until it is taken', () => {
	const queue = new ErrorQueue();
	for (const end of [10, 20, 30]) queue.wrote(end, 10, true, at(0, 0));
	queue.look(at(30, 10), 1);
	queue.look(at(30, 20), 2);
	assert.equal(ranges(queue), [[0, 1]]);
	queue.look(at(30, 30), 3);
	assert.equal(ranges(queue), [[2, 2]]);
	assert.not.ok(queue.isWaiting);
});

test('every message is news, also one that makes another longer', () => {
	const queue = new ErrorQueue();
	for (const end of [10, 20]) queue.wrote(end, 10, true, at(0, 0));
	queue.look(at(20, 10), 1);
	queue.look(at(20, 20), 2);
	assert.is(queue.told, 2);
});

test('what was not written is not told of, and stamps only where they were asked for', () => {
	const queue = new ErrorQueue();
	queue.wrote(0, 0, true, at(0, 0));
	queue.wrote(10, 10, false, at(0, 0));
	assert.not.ok(queue.isWaiting);
	queue.stamp(0x200, at(10, 10));
	queue.wrote(20, 10, false, at(10, 10));
	queue.look(at(20, 10), 1);
	assert.ok(queue.isEmpty, 'it is sent, and only its acknowledgement counts');
	queue.look(at(20, 20), 2);
	assert.equal(ranges(queue), [[2, 0]]);
});

test('octets are counted from the first that was not acknowledged when that was asked for', () => {
	const queue = new ErrorQueue();
	queue.stamp(0x82, at(50, 30));
	queue.wrote(60, 10, false, at(50, 30));
	queue.look(at(60, 30), 1);
	assert.equal(ranges(queue), [[0, 29]]);
});

test.run();
