import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPackets } from '../../files/read-packets.ts';
import { captureNames, sharedCaptures } from '../../files/shared-captures.test.helper.ts';
import { Replay } from './index.ts';
import type { StreamReplay } from './index.ts';

/** Of the captures every so many; of each its first streams. */
const EVERY = 24;
const STREAMS = 2;
const LONGEST = 500_000;

function sha256(bytes: Uint8Array): string { return createHash('sha256').update(bytes).digest('hex'); }

/** Streams of which the capture has everything, played. */
async function completeOf(path: string): Promise<StreamReplay[]> {
	const replay = new Replay({ side: 'server' });
	await readPackets(path, (record) => { replay.take(record); });
	return replay.streams().slice(0, STREAMS).flatMap((stream) => {
		const plan = replay.plan(stream), { hasSyn } = plan.conversation;
		const isComplete = hasSyn[0] && hasSyn[1] && plan.read.hasFin && plan.written.hasFin && plan.policies.zeroFilled === 0 && plan.policies.cutFrames === 0;
		return isComplete && plan.read.end + plan.written.end < LONGEST ? [replay.play(stream)] : [];
	});
}

/** The bytes each way that tshark extracts: what the side it names first sent, and what the other did. */
function followed(path: string, stream: number): { node: string; sent: string; back: string } {
	const { stdout } = spawnSync('tshark', ['-n', '-q', '-r', path, '-z', `follow,tcp,raw,${stream}`], { encoding: 'utf8', maxBuffer: 1e8 });
	const lines = stdout.split('\n');
	const first = lines.findIndex((line) => line.startsWith('Node 0: '));
	const data = lines.slice(first + 2).filter((line) => /^\t?[0-9a-f]+$/.test(line));
	const sum = (isBack: boolean): string => sha256(Buffer.concat(data.filter((line) => line.startsWith('\t') === isBack).map((line) => Buffer.from(line.trim(), 'hex'))));
	return { node: lines[first]?.slice('Node 0: '.length) ?? '', sent: sum(false), back: sum(true) };
}

const captures = sharedCaptures('real');
if (captures !== undefined) {
	test('what crosses is what tshark extracts, for complete connections', async () => {
		if (spawnSync('tshark', ['--version']).status !== 0) {
			console.log('SKIP tshark is not installed: delivered bytes were not held against what it extracts');
			return;
		}
		let compared = 0;
		for (const name of captureNames(captures).filter((_, i) => i % EVERY === 4)) {
			const path = join(captures, name);
			for (const { stream, client, in: into, out } of await completeOf(path)) {
				const { node, sent, back } = followed(path, stream);
				const isClientFirst = node.endsWith(`:${client.port}`) && node.includes(client.address);
				assert.equal([into.sha256, out.sha256], isClientFirst ? [sent, back] : [back, sent], `${name}, stream ${stream}`);
				compared++;
			}
		}
		assert.ok(compared >= 5, `${compared} connections were compared`);
	});
}

test.run();
