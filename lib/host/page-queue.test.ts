import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Image } from '../memory/index.ts';
import { PageQueues, queuePool } from './page-queue.ts';

test('a queue gives back what was put in, in order, and holds no page when it is empty', () => {
	const command = fc.oneof({ weight: 3, arbitrary: fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 400, size: 'max' })) }, { weight: 2, arbitrary: fc.constant(null) });
	fc.assert(fc.property(fc.array(command, { maxLength: 60, size: 'max' }), fc.constantFrom(64, 128, 1024), (commands, chunk) => {
		const image = new Image({ pools: [queuePool(2)], pages: 20, chunk, scratch: 2048 });
		const queues = new PageQueues(image, image.scratch);
		const queue = queues.open(12);
		const model: Uint8Array[] = [];
		const at = image.scratch + 64;
		for (const one of commands) {
			if (one !== null) {
				const [head, bytes] = one;
				const split = Math.min(head, bytes.length);
				image.u8.set(bytes, at);
				const bytesHeld = model.reduce((sum, block) => sum + block.length + 4, 0);
				const pushed = queues.push(queue, at, split, at + split, bytes.length - split);
				if (pushed) model.push(bytes);
				else assert.ok(bytesHeld + bytes.length + 4 > 10 * chunk, 'refused with room left');
			} else {
				const expected = model.shift();
				assert.is(queues.peek(queue), expected?.length ?? -1);
				assert.is(queues.pop(queue, at, 2, at + 2, 2000), expected?.length ?? -1);
				if (expected !== undefined) assert.equal([...image.u8.subarray(at, at + expected.length)], [...expected]);
			}
			assert.is(queues.count(queue), model.length);
			assert.is(image.livePages === 0, model.length === 0);
			assert.ok(image.livePages <= 12);
		}
		queues.close(queue);
		for (let byte = image.base; byte < image.brk; byte += chunk) if (image.owner(byte) === 0) assert.not.ok(image.u8.subarray(byte, byte + chunk).some((value) => value !== 0), 'a page given back is not zero');
	}), { numRuns: 300 });
});

test('a block too large for the quota or the image is refused whole', () => {
	const image = new Image({ pools: [queuePool(2)], pages: 3, chunk: 64, scratch: 2048 });
	const queues = new PageQueues(image, image.scratch);
	const one = queues.open(2), two = queues.open(9);
	assert.not.ok(queues.push(one, 0, 0, image.scratch + 64, 125));
	assert.is(image.livePages, 0);
	assert.ok(queues.push(one, 0, 0, image.scratch + 64, 124));
	assert.not.ok(queues.push(two, 0, 0, image.scratch + 64, 61));
	assert.ok(queues.push(two, 0, 0, image.scratch + 64, 60));
	queues.clear(one);
	assert.is(image.livePages, 1);
	assert.is(queues.open(1), 0);
});

test.run();
