import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPackets } from '../files/read-packets.ts';
import { readManifest, verdict } from '../live/record/manifest.ts';
import type { Fixture } from '../live/record/manifest.ts';
import { analysisFlags } from './analysis-flag.ts';
import { readCapture } from './read-capture.ts';
import { Replay } from './replay/index.ts';
import { analysisOf } from './traffic.test.helper.ts';

function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json'))) return folder;
}
const folder = join(rootOf(dirname(fileURLToPath(import.meta.url))), 'fixtures');
const fixtures = readManifest(folder);

function unpacked(file: string): Uint8Array {
	const bytes = readFileSync(join(folder, file));
	return file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

function digestOf(packets: readonly { readonly bytes: Uint8Array; readonly seconds: number; readonly nanos: number }[]): string {
	const hash = createHash('sha256');
	for (const { bytes, seconds, nanos } of packets) hash.update(`${seconds} ${nanos} ${bytes.length}\n`).update(bytes);
	return hash.digest('hex');
}

test('every capture of the folder is described, small, and in the table', () => {
	const captures = readdirSync(folder).filter((name) => /\.pcap(ng)?(\.gz)?$/.test(name)).sort();
	assert.equal(fixtures.map(({ file }) => file).sort(), captures);
	assert.ok(captures.length > 20);
	const readme = readFileSync(join(folder, 'README.md'), 'utf8');
	for (const fixture of fixtures) {
		assert.ok(statSync(join(folder, fixture.file)).size <= 40_000, fixture.file);
		assert.ok(readme.includes(`| \`${fixture.file}\` | ${fixture.shows} | ${fixture.made} | ${verdict(fixture)} |`), fixture.file);
	}
});

test('the analysis gives exactly these flags', () => {
	for (const { file, flags, packets } of fixtures) {
		const { rows, analysis } = analysisOf(unpacked(file));
		assert.is(analysis.error, undefined, file);
		assert.equal(Object.fromEntries(rows.filter((row) => row.length > 2).map(([frame, , ...names]) => [frame, names])), flags, file);
		assert.is(rows.length + Object.values(analysis.skipped).reduce((sum, count) => sum + count, 0), packets, file);
	}
});

const tshark = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
if (tshark.status !== 0 || !/ 4\.0\./.test(tshark.stdout)) console.log('SKIP tshark 4.0 is not installed: the fixtures were not held against it');
else {
	test('tshark 4.0 says the same of every frame', async () => {
		const fields = ['frame.number', 'tcp.stream', ...analysisFlags.map((flag) => `tcp.analysis.${flag}`)].flatMap((name) => ['-e', name]);
		const left = [...fixtures];
		const judge = async (): Promise<void> => {
			for (let fixture = left.pop(); fixture !== undefined; fixture = left.pop()) await compare(fixture);
		};
		const compare = async ({ file }: Fixture): Promise<void> => {
			const { stdout } = await promisify(execFile)('tshark', ['-r', join(folder, file), '-Y', 'tcp', '-T', 'fields', ...fields]);
			const theirs = stdout.replace(/\n$/, '').split('\n').map((line) => {
				const [frame, stream, ...flags] = line.split('\t');
				return [Number(frame), Number(stream), ...analysisFlags.filter((_, i) => flags[i] !== '')];
			});
			assert.equal(analysisOf(unpacked(file)).rows, theirs, file);
		};
		// Starting it takes longer than judging.
		await Promise.all([judge(), judge(), judge()]);
	});
}

test('pcap-parser and our reader give the same packets of the classic ones', async () => {
	let classic = 0;
	for (const { file, packets } of fixtures) {
		const seen: { bytes: Uint8Array; seconds: number; nanos: number }[] = [];
		const read = await readPackets(join(folder, file), ({ bytes, at, capturedLength, seconds, nanos }) => { seen.push({ bytes: bytes.slice(at, at + capturedLength), seconds, nanos }); });
		assert.is(read.error, undefined, file);
		assert.is(read.packets, packets, file);
		const own = readCapture(unpacked(file));
		assert.is(own.error, undefined, file);
		assert.is(digestOf(seen), digestOf(own.packets), file);
		if (read.reader === 'pcap-parser') classic++;
	}
	assert.ok(classic > 20, `${classic} were read by pcap-parser`);
});

/** Plays a capture; what our stack was given and what it gave, stream by stream. */
async function replayed({ file }: Fixture, side: 'server' | 'client'): Promise<unknown[]> {
	const replay = new Replay({ side });
	await readPackets(join(folder, file), (record) => { replay.take(record); });
	return replay.streams().map((stream) => {
		const played = replay.play(stream);
		assert.ok(played.ok, `${file}, stream ${stream} as ${side}`);
		return side === 'server' ? { toServer: played.in, toClient: played.out } : { toServer: played.out, toClient: played.in };
	});
}

for (const side of ['server', 'client'] as const) {
	test(`a replay as ${side} delivers the bytes that the applications read`, async () => {
		const complete = fixtures.filter(({ streams }) => streams.length > 0);
		assert.ok(complete.length > 15);
		for (const fixture of complete) assert.equal(await replayed(fixture, side), fixture.streams, `${fixture.file} as ${side}`);
	});
}

test('nothing in them is of the machine they were recorded on', () => {
	for (const { file } of fixtures) {
		const { packets } = readCapture(unpacked(file));
		for (const { bytes, linkType, frame } of packets) {
			if (linkType !== 1) continue;
			const source = Buffer.from(bytes.subarray(6, 12)).toString('hex');
			// Frames of the replicas' own log bear addresses of their own.
			assert.match(source, bytes[12] === 0x88 && bytes[13] === 0xb5 ? /^0264000000/ : /^0200000000/, `${file}, frame ${frame}`);
			const type = bytes[12]! * 256 + bytes[13]!;
			if (type === 0x0800) assert.equal([bytes[26], bytes[30]], [10, 10], `${file}, frame ${frame}`);
		}
	}
});

test.run();
