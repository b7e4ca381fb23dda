import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { canLive, Lab } from './live.test.helper.ts';
import { merge, segments, throughKernel, transfer } from './merger.test.helper.ts';
import { OFFLOAD_HEAD } from './offload.ts';

test('a burst leaves in fewer pieces, and no octet of it is lost', () => {
	const frames = transfer(300_000).flat();
	const pieces = merge(frames);
	assert.is(pieces.reduce((sum, { count }) => sum + count, 0), frames.length);
	assert.ok(pieces.length < frames.length / 4, `${pieces.length} pieces of ${frames.length} frames`);
});

test('frames that do not continue each other are left as they are', () => {
	const frames = transfer(20_000).flat();
	fc.assert(fc.property(fc.shuffledSubarray(frames), (some) => {
		const pieces = merge(some);
		assert.is(pieces.reduce((sum, { count }) => sum + count, 0), some.length);
		const texts = new Set(some.map((frame) => Buffer.from(frame).toString('latin1')));
		for (const { bytes, count } of pieces) if (count === 1) assert.ok(texts.has(Buffer.from(bytes.subarray(OFFLOAD_HEAD)).toString('latin1')));
	}), { numRuns: 50 });
});

if (canLive()) {
	test('cut again by the kernel they are the same frames to the last byte', async () => {
		await Lab.use(['dk1', 'dk2'], async (lab) => {
			const frames = segments(200_000);
			// What one device is given with offload headers another, which can do nothing of the kind, reads.
			const got = throughKernel(lab, merge(frames), { reader: '{}', got: 'take(cutter.bytes, 0, length);', count: frames.length });
			assert.is(got.length, frames.length);
			assert.is(got.findIndex((frame, i) => frame !== Buffer.from(frames[i]!).toString('base64')), -1);
		});
	});
}

test.run();
