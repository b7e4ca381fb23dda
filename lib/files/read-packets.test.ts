import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CaptureError } from '../capture/capture-error.ts';
import { CaptureReader } from '../capture/capture-reader.ts';
import type { CaptureRecord } from '../capture/capture-record.ts';
import { readCapture } from '../capture/read-capture.ts';
import { CaptureFileError, captureChunks } from './capture-file.ts';
import { readChunks, readPackets } from './read-packets.ts';
import { captureNames, sharedCaptures } from './shared-captures.test.helper.ts';

const real = sharedCaptures('real');
const bad = sharedCaptures('bad');

/** Everything of a record but where it lies in a buffer. */
function digester(): { take: (record: CaptureRecord) => void; done: () => string } {
	const hash = createHash('sha256');
	return {
		take: (record) => {
			hash.update(`${record.frame} ${record.offset} ${record.seconds} ${record.nanos} ${record.linkType} ${record.capturedLength} ${record.originalLength}\n`);
			hash.update(record.bytes.subarray(record.at, record.at + record.capturedLength));
		},
		done: () => hash.digest('hex'),
	};
}

function unpack(bytes: Uint8Array): Uint8Array {
	return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** A pcap of one-byte packets. */
function pcapOf(packets: number): Buffer {
	const file = Buffer.alloc(24 + packets * 17);
	file.writeUInt32LE(0xa1b2c3d4, 0);
	file.writeUInt16LE(2, 4);
	file.writeUInt16LE(4, 6);
	file.writeUInt32LE(1, 20);
	for (let i = 0; i < packets; i++) {
		file.writeUInt32LE(i, 24 + i * 17);
		file.writeUInt32LE(1, 24 + i * 17 + 8);
		file.writeUInt32LE(1, 24 + i * 17 + 12);
	}
	return file;
}

if (real !== undefined) {
	test('pcap-parser and our reader give the same records of every classic capture', async () => {
		let classic = 0;
		for (const name of captureNames(real)) {
			const path = join(real, name);
			const through = digester();
			const read = await readPackets(path, through.take);
			assert.is(read.error, undefined, name);
			const own = digester();
			const reader = new CaptureReader();
			reader.push(unpack(readFileSync(path)));
			while (reader.next()) own.take(reader.record);
			assert.is(reader.record.frame, read.packets, name);
			assert.is(through.done(), own.done(), name);
			if (read.reader === 'pcap-parser') classic++;
		}
		assert.ok(classic > 250, `${classic} captures were read by pcap-parser`);
	});
}

if (bad !== undefined) {
	test('both end alike in every damaged capture, and give the same records before', async () => {
		for (const name of captureNames(bad)) {
			const bytes = readFileSync(join(bad, name));
			const { packets, error } = readCapture(bytes);
			for (const length of [7, 1000, 1e6]) {
				const seen: number[] = [];
				const read = await readChunks(inPieces(bytes, length), (record) => { seen.push(record.capturedLength); });
				assert.equal(seen, packets.map((packet) => packet.bytes.length), name);
				assert.is(read.error?.code, error?.code, name);
				assert.is(read.error?.offset, error?.offset, name);
			}
		}
	});
}

test('a bogus length is refused at once, and not waited for', async () => {
	const file = pcapOf(3);
	file.writeUInt32LE(0x3fff_ffff, 24 + 2 * 17 + 8);
	let pulled = 0;
	async function* endless(): AsyncGenerator<Uint8Array> {
		yield file;
		for (;; pulled++) yield new Uint8Array(0x1_0000);
	}
	const read = await readChunks(endless(), () => undefined);
	assert.is(read.reader, 'pcap-parser');
	assert.is(read.packets, 2);
	assert.is(read.error?.code, 'CAPTURE_DAMAGED');
	assert.is(read.error?.offset, 24 + 2 * 17);
	assert.ok(pulled < 4);
});

test('gzip is told by its magic number; a cut one gives what could be unpacked', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-files-'));
	try {
		const packed = gzipSync(pcapOf(1000), { level: 0 });
		const path = join(folder, 'named-otherwise.pcap');
		writeFileSync(path, packed);
		assert.is((await readPackets(path, () => undefined)).packets, 1000);
		writeFileSync(path, packed.subarray(0, packed.length - 30));
		const cut = await readPackets(path, () => undefined);
		assert.is(cut.error?.code, 'CAPTURE_CUT');
		assert.ok(cut.packets > 900 && cut.packets < 1000);
		writeFileSync(path, Buffer.concat([packed.subarray(0, packed.length - 8), Buffer.alloc(8)]));
		assert.is((await readPackets(path, () => undefined)).error?.code, 'CAPTURE_DAMAGED');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

/** Bytes that hardly shrink, the same each time. */
function noise(length: number): Buffer {
	let state = 1;
	return Buffer.from(Array.from({ length }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24));
}

test('a packed file gives everything up to where it is cut or damaged', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-files-'));
	try {
		const plain = noise(400_000), packed = gzipSync(plain), path = join(folder, 'packed');
		const read = async (bytes: Uint8Array): Promise<{ given: Buffer; error: unknown }> => {
			writeFileSync(path, bytes);
			const given: Buffer[] = [];
			try {
				for await (const chunk of captureChunks(path)) given.push(Buffer.from(chunk));
			} catch (error) {
				return { given: Buffer.concat(given), error };
			}
			return { given: Buffer.concat(given), error: undefined };
		};
		assert.ok((await read(Buffer.concat([packed, packed]))).given.equals(Buffer.concat([plain, plain])));
		for (const at of [100, 70_000, 300_001]) {
			const good = gunzipSync(packed.subarray(0, at), { finishFlush: constants.Z_SYNC_FLUSH });
			const cut = await read(packed.subarray(0, at));
			assert.ok(cut.given.equals(good));
			assert.equal([(cut.error as CaptureError).code, (cut.error as CaptureError).offset], ['CAPTURE_CUT', good.length]);
			const broken = Buffer.from(packed);
			broken.fill(0xff, at, at + 5000);
			const damaged = await read(broken);
			assert.is((damaged.error as CaptureError).code, 'CAPTURE_DAMAGED');
			assert.ok(damaged.given.length > good.length - 40, `${damaged.given.length} of ${good.length} bytes before the damage`);
			assert.ok(damaged.given.subarray(0, good.length).equals(good.subarray(0, damaged.given.length)));
		}
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('what cannot be opened is named', async () => {
	for (const path of [join(tmpdir(), 'no such capture'), tmpdir()]) {
		try {
			await captureChunks(path).next();
			assert.unreachable();
		} catch (error) {
			assert.instance(error, CaptureFileError);
			assert.match((error as Error).message, path);
		}
	}
});

test.run();
