import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ACK, FIN, LINKTYPE_RAW, SYN, SYN_ACK, ipv4Bytes, packetsOf, pcapOf } from '../capture/traffic.test.helper.ts';
import type { Sent } from '../capture/traffic.test.helper.ts';
import { captureNames, sharedCaptures } from '../files/shared-captures.test.helper.ts';
import { analyze, analyzeCommand } from './analyze.ts';
import type { AnalyzeOptions } from './analyze.ts';
import { CommandError } from './exit.ts';
import { TextSink } from './text-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'dupack-analyze-'));
test.after(() => { rmSync(folder, { recursive: true }); });

/** A reply that a backup sends again, byte by byte, and the client's answer to it. */
const failover: readonly Sent[] = [
	{ from: 'c', flags: SYN, seq: 100, options: [2, 4, 5, 180, 1, 3, 3, 7] },
	{ from: 's', flags: SYN_ACK, seq: 500, ack: 101, options: [2, 4, 5, 180] },
	{ from: 'c', flags: ACK, seq: 101, ack: 501, data: Buffer.from('INC') },
	{ from: 's', flags: ACK, seq: 501, ack: 104, data: Buffer.from('11'), id: 9 },
	{ from: 'c', flags: ACK, seq: 104, ack: 503 },
	{ from: 's', flags: ACK, seq: 501, ack: 104, data: Buffer.from('11'), id: 9, after: 250_000 },
	{ from: 'c', flags: ACK, seq: 104, ack: 503 },
	{ from: 'c', flags: ACK | FIN, seq: 104, ack: 503 },
];

function capture(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

const whole = pcapOf(LINKTYPE_RAW, [...packetsOf(failover), { time: 2e9, bytes: ipv4Bytes('c', 17, Buffer.alloc(8)) }]);
const path = capture('failover.pcap', whole);

async function run(file: string, options: AnalyzeOptions): Promise<{ code: number; out: string; said: string }> {
	let out = '';
	let said = '';
	const sink = new TextSink(new Writable({ write: (chunk: Buffer, _, done) => { out += String(chunk); done(); } }));
	const code = await analyze(file, options, sink, (text) => { said += `${text}\n`; });
	await sink.end();
	return { code, out, said };
}

test('--json: rows, streams, what was skipped, errors', async () => {
	const { code, out, said } = await run(path, { json: true });
	assert.equal([code, said], [0, '']);
	const json = JSON.parse(out);
	assert.equal(Object.keys(json), ['frames', 'streams', 'skipped', 'errors']);
	assert.equal(json.frames[5], { frame: 6, stream: 0, flags: ['retransmission', 'spurious_retransmission'] });
	assert.equal(json.frames.map((row: { flags: string[] }) => row.flags.length), [0, 0, 0, 0, 0, 2, 1, 0]);
	assert.equal(json.errors, []);
	assert.is(json.skipped.not_tcp, 1);
	const [stream] = json.streams;
	assert.equal([stream.client, stream.server.port, stream.handshake, stream.ending], [{ address: '10.0.0.1', port: 40_000 }, 80, 'complete', 'half_closed']);
	assert.equal([stream.initial_rtt_us, stream.duration_us, stream.to_server.bytes, stream.to_client.bytes, stream.to_client.repeated_bytes], [20_000, 310_000, 3, 4, 2]);
	assert.equal(stream.to_server.options, { mss: 1460, window_scale: 7, sack_permitted: false, timestamps: false, fast_open: false });
	assert.equal(stream.discarded, [{ frame: 6, reason: 'below_rcv_nxt', bytes: 2, confirmed_by: 7 }]);
	assert.equal([stream.repeats.length, stream.repeats[0].of, stream.repeats[0].kind, stream.repeats[0].sha256.length], [1, 4, 'identical', 64]);
});

test('text: the frames that have something to say, then the streams', async () => {
	const { code, out } = await run(path, {});
	assert.is(code, 0);
	assert.match(out, /^ +6 .* ← ACK seq 1 len 2 ack 4 .*spurious_retransmission, frame 4 again, byte by byte .*discarded by the receiver: below RCV\.NXT\n +7 .*duplicate_ack\n\nstream 0 {2}10\.0\.0\.1 port 40000 → 10\.0\.0\.2 port 80\n/);
	assert.match(out, /discarded by the receiver: 1 below RCV\.NXT; 1 confirmed/);
	assert.match(out, /packets without TCP: 1 not tcp/);
});

test('--ladder: an arrow a segment, long runs folded', async () => {
	const { out } = await run(path, { ladder: true });
	assert.match(out, /^stream 0: 10\.0\.0\.1 port 40000 on the left/);
	assert.match(out, /│─ SYN seq 0 win 1000 ─+▶│\n.*│◀─+ SYN ACK seq 0 ack 1 win 1000 ─│\n/);
	const bulk: Sent[] = Array.from({ length: 50 }, (_, i) => ({ from: 's', flags: ACK, seq: 1 + i * 100, ack: 1, data: 100 }));
	const folded = await run(capture('bulk.pcap', pcapOf(LINKTYPE_RAW, packetsOf([...bulk, { from: 'c', flags: ACK, seq: 1, ack: 5001 }]))), { ladder: true });
	const lines = folded.out.split('\n');
	assert.match(lines[1] ?? '', / 1 .*seq 1 len 100/);
	assert.match(lines[2] ?? '', /▶ 48 more like these, 5000 bytes in all/);
	assert.match(lines[3] ?? '', / 50 .*seq 4901 len 100/);
	assert.match(lines[4] ?? '', / 51 .*ack 5001/);
});

test('--stream: one connection alone', async () => {
	const two = capture('two.pcap', pcapOf(LINKTYPE_RAW, packetsOf([...failover, ...failover.map((sent) => ({ ...sent, clientPort: 5 }))])));
	const json = JSON.parse((await run(two, { json: true, stream: 1 })).out);
	assert.equal(json.frames.map((row: { frame: number }) => row.frame), [9, 10, 11, 12, 13, 14, 15, 16]);
	assert.equal(json.streams.map((stream: { stream: number }) => stream.stream), [1]);
	const { out } = await run(two, { stream: 1 });
	assert.ok(!out.includes('#0'));
	assert.ok(out.includes('stream 1'));
});

test('--stream that does not exist: whole JSON, and a usage error', async () => {
	const { code, out, said } = await run(path, { json: true, stream: 7 });
	assert.equal([code, JSON.parse(out).frames, said], [2, [], 'There is no stream 7: the capture has 1, counted from 0.\n']);
});

test('--plot: both directions, the retransmission marked, a legend', async () => {
	const file = join(folder, 'plot.svg');
	const { code, said } = await run(path, { plot: file, stream: 0 });
	assert.equal([code, said], [0, `The plot of stream 0 is in ${file}\n`]);
	const svg = readFileSync(file, 'utf8');
	assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
	assert.match(svg, />R<\/text>/);
	assert.match(svg, />retransmission \(R\)<\/text>/);
	assert.match(svg, /10\.0\.0\.1 port 40000 → 10\.0\.0\.2 port 80/);
	assert.match(svg, /10\.0\.0\.2 port 80 → 10\.0\.0\.1 port 40000/);
	assert.not.match(svg, /NaN|Infinity|undefined/);
});

test('what cannot be begun is a usage error', async () => {
	for (const [file, options, message] of [
		[path, { plot: 'x.svg' }, /--stream/], [join(folder, 'none'), {}, /there is no such file/], [path, { plot: join(folder, 'x.svg'), stream: 7 }, /no stream 7/],
	] as const) {
		try {
			await run(file, options);
			assert.unreachable();
		} catch (error) {
			assert.instance(error, CommandError);
			assert.match((error as Error).message, message);
		}
	}
});

test('a cut capture: whole JSON of what is there, exit code 1, and the command to see it again', async () => {
	const cut = capture('cut.pcap', whole.subarray(0, whole.length - 40));
	const { code, out, said } = await run(cut, { json: true });
	const json = JSON.parse(out);
	assert.is(code, 1);
	assert.is(json.frames.length, 8);
	assert.equal(json.errors.map((error: { code: string; offset: number }) => [error.code, error.offset]), [['CAPTURE_CUT', whole.length - 44]]);
	assert.match(said, /CAPTURE_CUT: .*\nAgain: npx dupack analyze .*cut\.pcap --json\n$/);
});

test('packed, and packed and cut', async () => {
	const packed = gzipSync(whole, { level: 0 });
	assert.is((await run(capture('a.gz', packed), { json: true })).out, (await run(path, { json: true })).out);
	const { code, out } = await run(capture('b.gz', packed.subarray(0, packed.length - 60)), { json: true });
	assert.is(code, 1);
	assert.equal(JSON.parse(out).errors.map((error: { code: string }) => error.code), ['CAPTURE_CUT']);
	assert.ok(JSON.parse(out).frames.length >= 6);
});

test('the command line has the options', () => {
	const program = new Command('dupack');
	analyzeCommand(program);
	assert.equal(program.commands[0]?.options.map((option) => option.long), ['--json', '--stream', '--ladder', '--plot']);
});

for (const name of ['real', 'bad']) {
	const captures = sharedCaptures(name);
	if (captures === undefined) continue;
	test(`every capture of ${name} gives whole JSON, and an exit code that fits its errors`, async () => {
		for (const file of captureNames(captures)) {
			const { code, out } = await run(join(captures, file), { json: true });
			const json = JSON.parse(out);
			assert.is(code, json.errors.length === 0 ? 0 : 1, file);
			if (name === 'real') assert.is(code, 0, file);
			const known = new Set(json.streams.map((stream: { stream: number }) => stream.stream));
			for (const row of json.frames) assert.ok(row.stream === null || known.has(row.stream), file);
		}
	});
}

test.run();
