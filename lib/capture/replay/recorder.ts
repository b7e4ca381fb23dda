import { get16 } from '../../wire/bytes.ts';
import { fold, sum } from '../../wire/checksum.ts';
import { PROTOCOL_TCP, TCP_HEADER } from '../../wire/tcp.ts';
import type { CaptureRecord } from '../capture-record.ts';
import { Decoder } from '../decoder.ts';
import { Judge } from '../judge.ts';
import type { Segment } from '../segment.ts';
import { StreamTable } from '../stream-table.ts';
import type { Endpoint } from '../stream-table.ts';
import { Recording } from './recording.ts';
import { ReplayError } from './replay-error.ts';

/** Most bytes of segments that are kept where nothing else is said. */
const MOST_BYTES = 2 ** 31;

export interface RecorderOptions {
	/** keeps the segments of this stream alone */
	readonly stream?: number;
	/** most bytes of segments to keep; default 2 GiB */
	readonly most?: number;
}

/** Takes the packets of a capture and keeps their TCP segments, under the stream numbers of tshark. */
export class Recorder {
	readonly recording: Recording = new Recording();
	/** packets without TCP, and segments that are quoted, or of which too little is there */
	skipped: number = 0;
	readonly #streams: StreamTable = new StreamTable();
	readonly #decoder: Decoder = new Decoder();
	readonly #judge: Judge = new Judge(this.#streams);
	readonly #only: number;
	readonly #most: number;

	constructor(options: RecorderOptions = {}) {
		this.#only = options.stream ?? -1;
		this.#most = options.most ?? MOST_BYTES;
	}

	/** Streams seen so far. */
	get streamCount(): number { return this.#streams.count; }

	/** @param end  0 or 1 */
	endpoint(stream: number, end: number): Endpoint {
		return this.#streams.endpoint(stream, end);
	}

	/**
	 * Takes one packet, whose bytes are borrowed for the call.
	 *
	 * @throws ReplayError REPLAY_TOO_LARGE
	 */
	take(record: CaptureRecord): void {
		if (this.#decoder.decode(record) < 0) {
			this.skipped++;
			return;
		}
		const { segment } = this.#decoder;
		this.#judge.judge(segment);
		const { stream } = this.#judge;
		if (stream < 0 || !segment.isWhole || !hasHeader(segment, record)) {
			this.skipped++;
			return;
		}
		if (this.#only >= 0 && stream !== this.#only) return;
		if (this.recording.slabs.size > this.#most) {
			throw new ReplayError('REPLAY_TOO_LARGE', `The segments up to frame ${record.frame} take more than ${this.#most} bytes of memory: replay one stream with --stream N, or a part of the capture.`);
		}
		const row = this.recording.add(segment, stream, this.#judge.flow & 1);
		if (segment.isHeaderWhole && segment.capturedLength === segment.length && !sumsUp(segment, this.recording, row)) this.recording.markDamaged(row);
	}
}

/** Whether the fixed part of the header was captured. */
function hasHeader(segment: Segment, record: CaptureRecord): boolean {
	if (segment.headerLength < TCP_HEADER) return false;
	return segment.isHeaderWhole || segment.bytes !== record.bytes || segment.at + TCP_HEADER <= record.at + record.capturedLength;
}

/** Whether the checksum is right; the sum over the data is noted, whatever it is. */
function sumsUp(segment: Segment, recording: Recording, row: number): boolean {
	const { bytes, sourceAt, destinationAt, addressLength, headerLength, length } = segment;
	let total = PROTOCOL_TCP + headerLength + length;
	for (let i = 0; i < addressLength; i += 2) total += get16(bytes, sourceAt + i) + get16(bytes, destinationAt + i);
	const slab = recording.slabs.slabs[recording.slab(row)]!;
	const at = recording.at(row);
	const data = sum(slab, at + headerLength, length);
	recording.noteSum(row, data);
	return fold(total + sum(slab, at, headerLength) + data) === 0xffff;
}
