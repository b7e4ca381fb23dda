import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { CaptureAnalysis, PcapngWriter, analysisFlags, flagNames } from '../capture/index.ts';
import { readJournal } from './journal.ts';
import type { LivePair } from './pair.ts';
import { hasProgram } from './requirements.ts';

/** What was seen at the client's end as a capture. */
function captureOf(pair: LivePair): Buffer {
	const chunks: Uint8Array[] = [];
	const writer = new PcapngWriter((chunk) => { chunks.push(chunk); });
	const client = writer.addInterface('client');
	for (const { time, bytes } of readJournal(pair.journal('client')).records) writer.packet(client, Math.max(0, time), bytes, 0, bytes.length);
	return Buffer.concat(chunks);
}

/** Frames of which tshark finds something that our own analysis does not, with what it finds; null where there is no tshark. */
export function foundByTsharkAlone(pair: LivePair): string[] | null {
	if (!hasProgram('tshark')) {
		console.log('SKIP tshark over what the clients saw: the program tshark is missing (apt-get install tshark)');
		return null;
	}
	const bytes = captureOf(pair), file = pair.folder.file('seen.pcapng');
	writeFileSync(file, bytes);
	const fields = ['frame.number', ...analysisFlags.map((flag) => `tcp.analysis.${flag}`)];
	const rows = execFileSync('tshark', ['-r', file, '-Y', 'tcp.analysis.flags', '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] }).split('\n').filter((row) => row !== '').map((row) => row.split('\t'));
	const ours = new Map<number, readonly string[]>();
	const analysis = new CaptureAnalysis();
	analysis.push(bytes);
	while (analysis.next()) ours.set(analysis.frame, flagNames(analysis.flags));
	return rows.flatMap(([frame = '', ...marks]) => {
		const theirs = analysisFlags.filter((_, i) => marks[i] !== undefined && marks[i] !== '');
		return theirs.filter((flag) => !(ours.get(Number(frame)) ?? []).includes(flag)).map((flag) => `frame ${frame}: ${flag}`);
	});
}
