import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { captureNames, sharedCaptures } from '../files/shared-captures.test.helper.ts';
import { analysisFlags, flagNames } from './analysis-flag.ts';
import { CaptureAnalysis } from './capture-analysis.ts';

/**
 * Where our rows are not tshark's, and why; the number is that of the rows.
 * README.md beside this file says more.
 */
const understood: { readonly [name: string]: readonly [rows: number, why: string] } = {
	'libpcap__AH-IPcomp-IPv6.pcap': [10, 'IPComp: tshark unpacks the payload of 7 frames; 3 more look otherwise without them'],
	'zeek__gre-aruba-amsdu.pcap': [1, 'two TCP segments in one frame'],
};

/** tshark's answer: the row of each frame with TCP, as text. */
function answers(path: string): Map<number, string> {
	const [head = [], ...rows] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n').map((line) => line.split('\t'));
	const [frame, stream, ...flags] = ['frame.number', 'tcp.stream', ...analysisFlags.map((flag) => `tcp.analysis.${flag}`)].map((name) => head.indexOf(name));
	return new Map(rows.map((row) => [Number(row[frame!]), `${row[stream!]} ${analysisFlags.filter((_, i) => row[flags[i]!] !== '').join()}`]));
}

/** Frames whose rows differ, or are in one of the two alone. */
function differing(bytes: Uint8Array, theirs: Map<number, string>): number[] {
	const analysis = new CaptureAnalysis();
	const left = new Map(theirs);
	const frames: number[] = [];
	analysis.push(bytes);
	while (analysis.next()) {
		const ours = `${analysis.stream < 0 ? '' : analysis.stream} ${flagNames(analysis.flags).join()}`;
		if (left.get(analysis.frame) !== ours) frames.push(analysis.frame);
		left.delete(analysis.frame);
	}
	return [...frames, ...left.keys()];
}

const captures = sharedCaptures('real');
const expected = sharedCaptures('tshark-4.0.17');

if (captures !== undefined && expected !== undefined) {
	test('tshark 4.0.17 says the same of every frame, but for what is understood', () => {
		let rows = 0;
		let wrong = 0;
		for (const name of captureNames(captures)) {
			const file = readFileSync(join(captures, name));
			const theirs = answers(join(expected, `${name}.tsv.gz`));
			const frames = differing(name.endsWith('.gz') ? gunzipSync(file) : file, theirs);
			rows += theirs.size;
			wrong += frames.length;
			assert.is(frames.length, understood[name]?.[0] ?? 0, `${name}: frames ${frames.slice(0, 10).join(', ')}`);
		}
		assert.ok(rows > 40_000);
		assert.ok(wrong / rows < 0.001, `${wrong} of ${rows}`);
	});
}

test.run();
