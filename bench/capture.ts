import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import parser from 'pcap-parser';
import { AnalysisJson } from '../lib/capture/analysis-json.ts';
import { CaptureAnalysis } from '../lib/capture/capture-analysis.ts';
import { CaptureReader } from '../lib/capture/capture-reader.ts';
import { Decoder } from '../lib/capture/decoder.ts';
import { captureChunks } from '../lib/files/capture-file.ts';
import { readPackets } from '../lib/files/read-packets.ts';

interface Figure {
	name: string;
	value: number;
	unit: string;
	note?: string;
}

const PACKETS = 551_000;
const CONNECTIONS = 500;
const ROUNDS = 5;
const MTU_DATA = 1448;
const SMALL_DATA = 100;
/** One packet in so many is sent again. */
const REPEAT_EVERY = 200;
/** tshark is a hundred times slower: part of the file will do. */
const TSHARK_PART = 0.1;
const CAPTURE_START = 1_700_000_000;

/** Ethernet, IPv4, TCP with timestamps: written once a connection and direction, and patched for each packet. */
function frameOf(connection: number, toServer: boolean): Buffer {
	const frame = Buffer.alloc(14 + 20 + 32 + MTU_DATA, 0x61);
	frame.fill(0, 0, 66);
	frame.writeUInt16BE(0x0800, 12);
	frame.writeUInt8(0x45, 14);
	frame.writeUInt8(64, 22);
	frame.writeUInt8(6, 23);
	const [client, server] = [0x0a00_0000 + 2 + connection, 0x0a80_0001];
	frame.writeUInt32BE(toServer ? client : server, 26);
	frame.writeUInt32BE(toServer ? server : client, 30);
	frame.writeUInt16BE(toServer ? 40_000 : 80, 34);
	frame.writeUInt16BE(toServer ? 80 : 40_000, 36);
	frame.writeUInt8(0x80, 46);
	frame.writeUInt8(0x10, 47);
	frame.writeUInt16BE(501, 48);
	frame.writeUInt32BE(0x0101_080a, 54);
	return frame;
}

/** Writes a capture of bulk transfers: two data segments, an ACK, now and then a segment again. */
function makeCapture(path: string): void {
	const file = openSync(path, 'w');
	const header = Buffer.alloc(24);
	header.writeUInt32LE(0xa1b2_c3d4, 0);
	header.writeUInt16LE(2, 4);
	header.writeUInt16LE(4, 6);
	header.writeUInt32LE(262_144, 16);
	header.writeUInt32LE(1, 20);
	writeSync(file, header);
	const out = Buffer.alloc(4 * 1024 * 1024);
	let at = 0;
	const frames = Array.from({ length: CONNECTIONS }, (_, i) => [frameOf(i, true), frameOf(i, false)] as const);
	const sent = new Float64Array(CONNECTIONS);
	for (let packet = 0; packet < PACKETS; packet++) {
		if (at + 2048 > out.length) { writeSync(file, out, 0, at); at = 0; }
		const connection = Math.floor(packet / 3) % CONNECTIONS;
		const isAck = packet % 3 === 2;
		const [client, server] = frames[connection] ?? frames[0]!;
		const frame = isAck ? client : server;
		const data = isAck ? 0 : packet % 6 === 0 ? MTU_DATA : SMALL_DATA;
		const next = sent[connection] ?? 0;
		const seq = !isAck && packet % REPEAT_EVERY === 0 ? Math.max(0, next - data) : next;
		const length = 66 + data;
		frame.writeUInt16BE(52 + data, 16);
		frame.writeUInt16BE(packet & 0xffff, 18);
		frame.writeUInt32BE(isAck ? 1 : (1 + seq) >>> 0, 38);
		frame.writeUInt32BE(isAck ? (1 + next) >>> 0 : 1, 42);
		frame.writeUInt32BE(packet, 58);
		out.writeUInt32LE(CAPTURE_START + Math.floor(packet / 100_000), at);
		out.writeUInt32LE((packet % 100_000) * 10, at + 4);
		out.writeUInt32LE(length, at + 8);
		out.writeUInt32LE(length, at + 12);
		frame.copy(out, at + 16, 0, length);
		at += 16 + length;
		if (!isAck && seq === next) sent[connection] = next + data;
	}
	writeSync(file, out, 0, at);
	closeSync(file);
}

/** Best of several rounds, in seconds of wall time: other load only ever adds. */
async function best(work: () => Promise<number>): Promise<number> {
	let least = Number.POSITIVE_INFINITY;
	for (let round = 0; round < ROUNDS; round++) {
		const began = performance.now();
		const seen = await work();
		if (seen !== PACKETS) throw new Error(`${seen} packets were seen, not ${PACKETS}`);
		least = Math.min(least, (performance.now() - began) / 1000);
	}
	return least;
}

async function read(path: string): Promise<number> {
	const reader = new CaptureReader();
	for await (const chunk of captureChunks(path)) {
		reader.push(chunk);
		while (reader.next());
	}
	return reader.record.frame;
}

async function decode(path: string): Promise<number> {
	const reader = new CaptureReader();
	const decoder = new Decoder();
	let seen = 0;
	for await (const chunk of captureChunks(path)) {
		reader.push(chunk);
		while (reader.next()) if (decoder.decode(reader.record) === 0) seen++;
	}
	return seen;
}

async function analyze(path: string): Promise<number> {
	const analysis = new CaptureAnalysis();
	let seen = 0;
	let text = 0;
	const json = new AnalysisJson(analysis, undefined, (piece) => { text += piece.length; });
	for await (const chunk of captureChunks(path)) {
		analysis.push(chunk);
		for (; analysis.next(); seen++) json.row();
	}
	analysis.end();
	for (const part of json.end([])) text += part.length;
	return text > 0 ? seen : 0;
}

async function guarded(path: string): Promise<number> {
	return (await readPackets(path, () => undefined)).packets;
}

function parserAlone(path: string): Promise<number> {
	return new Promise((resolve, reject) => {
		let packets = 0;
		parser.parse(Readable.from(captureChunks(path), { objectMode: false })).on('packet', () => { packets++; }).on('error', reject).on('end', () => { resolve(packets); });
	});
}

/** Another program over the same file; undefined where it is not installed. */
function rival(command: string, args: readonly string[]): number | undefined {
	if (spawnSync(command, ['--version']).error !== undefined) return undefined;
	const began = performance.now();
	execFileSync(command, args, { stdio: 'ignore', maxBuffer: Number.MAX_SAFE_INTEGER });
	return (performance.now() - began) / 1000;
}

const columns = ['frame.number', 'tcp.stream', 'tcp.analysis.flags', 'tcp.analysis.retransmission', 'tcp.analysis.out_of_order', 'tcp.analysis.duplicate_ack'].flatMap((name) => ['-e', name]);

/** Reading and analysing a capture of about 200 MB that is made here, and what others take for it. */
export async function benchCapture(): Promise<Figure[]> {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-bench-'));
	try {
		const path = join(folder, 'bulk.pcap');
		makeCapture(path);
		const megabytes = statSync(path).size / 1e6;
		const figures: Figure[] = [];
		const note = `${PACKETS} packets, ${Math.round(megabytes)} MB`;
		const add = (name: string, seconds: number | undefined, part: number = 1): void => {
			if (seconds === undefined) return;
			const rate = `${Math.round((megabytes * part) / seconds)} MB/s`;
			figures.push({ name, value: Math.round((PACKETS * part) / seconds), unit: 'packets/s', note: `${note}${part < 1 ? `, the first ${PACKETS * part}` : ''}, ${rate}` });
		};
		add('capture: read', await best(() => read(path)));
		add('capture: read, decode', await best(() => decode(path)));
		add('capture: analyze to JSON', await best(() => analyze(path)));
		add('capture: read for replay, pcap-parser behind its guard', await best(() => guarded(path)));
		add('peer: pcap-parser alone', await best(() => parserAlone(path)));
		add('peer: tcpdump -r -w', rival('tcpdump', ['-r', path, '-w', join(folder, 'copy.pcap')]));
		add('peer: tcptrace', rival('tcptrace', ['-n', path]));
		add('peer: tshark with analysis columns', rival('tshark', ['-r', path, '-c', String(PACKETS * TSHARK_PART), '-T', 'fields', ...columns]), TSHARK_PART);
		return figures;
	} finally {
		rmSync(folder, { recursive: true });
	}
}
