import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analysisFlags } from './analysis-flag.ts';

/** A row of the analysis: −1 in place of a stream where there is none. */
export type Row = readonly [frame: number, stream: number, ...flags: string[]];

let isInstalled: boolean | undefined;

/** Whether there is a tshark to be compared with; says once what is missed where there is none. */
export function hasTshark40(): boolean {
	if (isInstalled === undefined) {
		const version = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
		isInstalled = version.status === 0 && / 4\.0\./.test(version.stdout);
		if (!isInstalled) console.log('SKIP tshark 4.0 is not installed: made-up traffic was not held against it');
	}
	return isInstalled;
}

/** What tshark says of each frame with TCP. */
export function tsharkRows(capture: Uint8Array): Row[] {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-tshark-'));
	try {
		const file = join(folder, 'capture.pcap');
		writeFileSync(file, capture);
		const fields = ['frame.number', 'tcp.stream', ...analysisFlags.map((flag) => `tcp.analysis.${flag}`)].flatMap((name) => ['-e', name]);
		const { stdout } = spawnSync('tshark', ['-n', '-r', file, '-Y', 'tcp', '-T', 'fields', '-E', 'occurrence=f', ...fields], { encoding: 'utf8', maxBuffer: 1e8 });
		return stdout.split('\n').filter((line) => line !== '').map((line) => {
			const [frame, stream, ...flags] = line.split('\t');
			return [Number(frame), stream === '' ? -1 : Number(stream), ...analysisFlags.filter((_, i) => flags[i] !== '')];
		});
	} finally {
		rmSync(folder, { recursive: true });
	}
}
