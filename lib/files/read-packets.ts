import { EventEmitter } from 'node:events';
import parser from 'pcap-parser';
import type { GlobalHeader } from 'pcap-parser';
import { CaptureError } from '../capture/capture-error.ts';
import { CaptureReader } from '../capture/capture-reader.ts';
import { CaptureRecord } from '../capture/capture-record.ts';
import { checkLengthOf, linkTypeOf } from '../capture/link-type.ts';
import { captureChunks } from './capture-file.ts';
import { PcapGuard } from './pcap-guard.ts';

/** Who read a capture, and how it ended. */
export interface ReadPackets {
	readonly reader: 'pcap-parser' | 'dupack';
	/** records given */
	readonly packets: number;
	/** bytes of the capture, unpacked; of a damaged one, up to the damage */
	readonly bytes: number;
	/** why reading ended early; every record before was given */
	readonly error: CaptureError | undefined;
}

/**
 * Reads a capture packet by packet, for replay. Classic microsecond pcap goes
 * through `pcap-parser`, behind a guard that lets through whole records of
 * possible length only; everything else goes through our own reader.
 *
 * @param path  a file, or `-` for standard input
 * @param take  called for each packet; the record and its bytes are borrowed for the call
 * @throws CaptureFileError where the file cannot be read
 */
export function readPackets(path: string, take: (record: CaptureRecord) => void): Promise<ReadPackets> {
	return readChunks(captureChunks(path), take);
}

/** The same from bytes that come from anywhere. */
export async function readChunks(chunks: AsyncIterable<Uint8Array>, take: (record: CaptureRecord) => void): Promise<ReadPackets> {
	const source = chunks[Symbol.asyncIterator]();
	const guard = new PcapGuard();
	let error: CaptureError | undefined;
	const next = async (): Promise<Uint8Array | undefined> => {
		try {
			const { value, done } = await source.next();
			return done === true ? undefined : value;
		} catch (thrown) {
			if (!(thrown instanceof CaptureError)) throw thrown;
			error = thrown;
			return undefined;
		}
	};
	while (guard.verdict === 'undecided') {
		const chunk = await next();
		if (chunk === undefined) break;
		guard.push(chunk);
	}
	const read = guard.verdict === 'classic' ? await throughParser(guard, next, take) : await throughReader(guard.taken, next, take);
	return { ...read, error: error ?? read.error };
}

type Next = () => Promise<Uint8Array | undefined>;

async function throughReader(first: Uint8Array, next: Next, take: (record: CaptureRecord) => void): Promise<ReadPackets> {
	const reader = new CaptureReader();
	let bytes = 0;
	for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = reader.error === undefined ? await next() : undefined) {
		bytes += chunk.length;
		reader.push(chunk);
		while (reader.next()) take(reader.record);
	}
	reader.end();
	return { reader: 'dupack', packets: reader.record.frame, bytes: reader.error?.offset ?? bytes, error: reader.error };
}

async function throughParser(guard: PcapGuard, next: Next, take: (record: CaptureRecord) => void): Promise<ReadPackets> {
	const record = new CaptureRecord();
	let offset = 0;
	const input = new Input();
	parser.parse(input)
		.on('globalHeader', (header: GlobalHeader) => {
			record.linkType = linkTypeOf(header.linkLayerType);
			record.checkLength = checkLengthOf(header.linkLayerType);
			offset = PcapGuard.fileHeader;
		})
		.on('packet', ({ header, data }) => {
			record.frame++;
			record.offset = offset;
			record.seconds = header.timestampSeconds;
			record.nanos = header.timestampMicroseconds * 1000;
			record.bytes = data;
			record.capturedLength = header.capturedLength;
			record.originalLength = header.originalLength;
			offset += PcapGuard.recordHeader + header.capturedLength;
			take(record);
		})
		.on('error', (error) => { throw error; });
	for (;;) {
		for (let whole = guard.pass(); whole.length > 0; whole = guard.pass()) input.emit('data', whole);
		if (guard.error !== undefined) break;
		const chunk = await next();
		if (chunk === undefined) break;
		guard.push(chunk);
	}
	guard.end();
	if (record.frame !== guard.records || offset !== guard.passed) {
		throw new Error(`pcap-parser gave ${record.frame} packets in ${offset} bytes, and the file has ${guard.records} in ${guard.passed}: report this file`);
	}
	return { reader: 'pcap-parser', packets: record.frame, bytes: offset, error: guard.error };
}

/** What `pcap-parser` listens to: it is handed bytes, and takes them at once. */
class Input extends EventEmitter {
	pause(): this { return this; }
	resume(): this { return this; }
}
