import { CaptureAnalysis } from './capture-analysis.ts';
import { flagNames } from './analysis-flag.ts';

export const SYN = 2;
export const ACK = 16;
export const FIN = 1;
export const RST = 4;
export const SYN_ACK = 18;

/** A segment to be captured; what is not given is 0 or empty. */
export interface Sent {
	/** 'c' for client to server, 's' for the other way */
	readonly from: 'c' | 's';
	readonly flags: number;
	readonly seq: number;
	readonly ack?: number;
	readonly window?: number;
	readonly data?: Uint8Array | number;
	readonly options?: readonly number[];
	/** µs since the segment before; 10 ms where not given */
	readonly after?: number;
	readonly id?: number;
	readonly clientPort?: number;
	readonly serverPort?: number;
}

/** TCP header, options and data; the checksum is left out. */
export function tcpBytes(sent: Sent): Buffer {
	const options = Buffer.from(sent.options ?? []);
	const padded = Buffer.alloc((options.length + 3) & ~3, 1);
	options.copy(padded);
	const data = typeof sent.data === 'number' ? Buffer.alloc(sent.data, 0x61) : Buffer.from(sent.data ?? []);
	const header = Buffer.alloc(20);
	const ports = [sent.clientPort ?? 40_000, sent.serverPort ?? 80];
	header.writeUInt16BE(ports[sent.from === 'c' ? 0 : 1] ?? 0, 0);
	header.writeUInt16BE(ports[sent.from === 'c' ? 1 : 0] ?? 0, 2);
	header.writeUInt32BE(sent.seq >>> 0, 4);
	header.writeUInt32BE((sent.ack ?? 0) >>> 0, 8);
	header.writeUInt16BE(((5 + padded.length / 4) << 12) | sent.flags, 12);
	header.writeUInt16BE(sent.window ?? 1000, 14);
	return Buffer.concat([header, padded, data]);
}

/** An IPv4 packet without a checksum, from 10.0.0.1 to 10.0.0.2, or back for 's'. */
export function ipv4Bytes(from: 'c' | 's', protocol: number, payload: Uint8Array, id: number = 0, fragment: number = 0): Buffer {
	const header = Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, from === 'c' ? 1 : 2, 10, 0, 0, from === 'c' ? 2 : 1]);
	header.writeUInt16BE(20 + payload.length, 2);
	header.writeUInt16BE(id & 0xffff, 4);
	header.writeUInt16BE(fragment, 6);
	return Buffer.concat([header, payload]);
}

/** An IPv6 packet from fd00::1 to fd00::2, or back for 's'. */
export function ipv6Bytes(from: 'c' | 's', next: number, payload: Uint8Array): Buffer {
	const header = Buffer.alloc(40);
	header[0] = 0x60;
	header.writeUInt16BE(payload.length, 4);
	header[6] = next;
	header[7] = 64;
	for (const [at, last] of [[8, from === 'c' ? 1 : 2], [24, from === 'c' ? 2 : 1]] as const) {
		header[at] = 0xfd;
		header[at + 15] = last;
	}
	return Buffer.concat([header, payload]);
}

export interface Packet {
	/** µs since the epoch */
	readonly time: number;
	readonly bytes: Uint8Array;
	/** length on the wire, where the capture cut it */
	readonly original?: number;
}

/** A classic pcap of microseconds. */
export function pcapOf(linkType: number, packets: readonly Packet[]): Buffer {
	const header = Buffer.alloc(24);
	header.writeUInt32LE(0xa1b2c3d4, 0);
	header.writeUInt16LE(2, 4);
	header.writeUInt16LE(4, 6);
	header.writeUInt32LE(262_144, 16);
	header.writeUInt32LE(linkType, 20);
	const parts: Uint8Array[] = [header];
	for (const { time, bytes, original } of packets) {
		const record = Buffer.alloc(16);
		record.writeUInt32LE(Math.floor(time / 1e6), 0);
		record.writeUInt32LE(time % 1e6, 4);
		record.writeUInt32LE(bytes.length, 8);
		record.writeUInt32LE(original ?? bytes.length, 12);
		parts.push(record, bytes);
	}
	return Buffer.concat(parts);
}

/** Raw IPv4 packets of the segments, at their times from 1000 s on. */
export function packetsOf(segments: readonly Sent[]): Packet[] {
	let time = 1_000_000_000;
	return segments.map((sent, i) => {
		time += sent.after ?? 10_000;
		return { time, bytes: ipv4Bytes(sent.from, 6, tcpBytes(sent), sent.id ?? i) };
	});
}

export const LINKTYPE_RAW = 101;

/** Analyses a whole capture: a row a frame with TCP, and the analysis at its end. */
export function analysisOf(capture: Uint8Array): { rows: [frame: number, stream: number, ...flags: string[]][]; analysis: CaptureAnalysis } {
	const analysis = new CaptureAnalysis();
	const rows: [number, number, ...string[]][] = [];
	analysis.push(capture);
	while (analysis.next()) rows.push([analysis.frame, analysis.stream, ...flagNames(analysis.flags)]);
	analysis.end();
	return { rows, analysis };
}

/** The same of segments. */
export function analysisOfSegments(segments: readonly Sent[]): ReturnType<typeof analysisOf> {
	return analysisOf(pcapOf(LINKTYPE_RAW, packetsOf(segments)));
}

/** Flags of each segment, as one string a segment. */
export function flagsOf(segments: readonly Sent[]): string[] {
	return analysisOfSegments(segments).rows.map(([, , ...flags]) => flags.join(' '));
}
