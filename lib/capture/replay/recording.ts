import { TCP_HEADER } from '../../wire/tcp.ts';
import { roomyDoubles, roomyInts } from '../growing.ts';
import type { Segment } from '../segment.ts';
import { Slabs } from './slabs.ts';

// Columns of whole numbers, one row a segment.
const COLUMNS = 12;
const STREAM_END = 0;
const FRAME = 1;
const SEQ = 2;
const ACK = 3;
const FLAGS_WINDOW = 4;
const LENGTH = 5;
const CAPTURED = 6;
const SLAB = 7;
const AT = 8;
const NEXT = 9;
const HEADER = 10;
const DATA_SUM = 11;
/** In place of a sum: it is not known. */
export const NO_SUM = -1;
/** In the word with the flags: above the window's 16 bits and twelve of flags. */
const BAD_CHECKSUM = 1 << 28;
const NONE = -1;

/**
 * The TCP segments of a capture by stream, each as it was captured: header,
 * options, and what was captured of its data.
 */
export class Recording {
	/** segments */
	count: number = 0;
	/** streams that have segments, in the order of their numbers */
	readonly streams: number[] = [];
	readonly slabs: Slabs = new Slabs();
	#ints: Int32Array = new Int32Array(COLUMNS * 256);
	#times: Float64Array = new Float64Array(256);
	#first: Int32Array = new Int32Array(0);
	#last: Int32Array = new Int32Array(0);
	#known: number = 0;

	/**
	 * Adds a segment.
	 *
	 * @param end  which end of the stream sent it: 0 or 1
	 * @returns    its row
	 */
	add(segment: Segment, stream: number, end: number): number {
		const row = this.count++;
		this.#ints = roomyInts(this.#ints, (row + 1) * COLUMNS);
		this.#times = roomyDoubles(this.#times, row + 1);
		// Of a header that the capture cut the fixed part is kept, and none of the data is there.
		const header = segment.isHeaderWhole ? segment.headerLength : TCP_HEADER;
		this.slabs.put(segment.bytes, segment.at, header + segment.capturedLength);
		const ints = this.#ints, at = row * COLUMNS;
		ints[at + STREAM_END] = end;
		ints[at + FRAME] = segment.frame;
		ints[at + SEQ] = segment.seq;
		ints[at + ACK] = segment.ack;
		ints[at + FLAGS_WINDOW] = segment.window | (segment.flags << 16);
		ints[at + LENGTH] = segment.length;
		ints[at + CAPTURED] = segment.capturedLength;
		ints[at + SLAB] = this.slabs.last;
		ints[at + AT] = this.slabs.at;
		ints[at + NEXT] = NONE;
		ints[at + HEADER] = header;
		ints[at + DATA_SUM] = NO_SUM;
		this.#times[row] = Math.floor(segment.time / 1000);
		this.#chain(stream, row);
		return row;
	}

	/** Notes that its checksum is wrong. */
	markDamaged(row: number): void {
		this.#ints[row * COLUMNS + FLAGS_WINDOW]! |= BAD_CHECKSUM;
	}

	#chain(stream: number, row: number): void {
		if (stream >= this.#known) {
			this.#first = roomyInts(this.#first, stream + 1);
			this.#last = roomyInts(this.#last, stream + 1);
			this.#first.fill(NONE, this.#known, stream + 1);
			this.#known = stream + 1;
		}
		if (this.#first[stream] === NONE) {
			this.#first[stream] = row;
			this.streams.push(stream);
		} else this.#ints[this.#last[stream]! * COLUMNS + NEXT] = row;
		this.#last[stream] = row;
	}

	/** Notes the ones' complement sum over its data, all of which was captured. */
	noteSum(row: number, sum: number): void {
		this.#ints[row * COLUMNS + DATA_SUM] = sum;
	}

	/** Ones' complement sum over its data, 16 bits; NO_SUM where not all of it was captured. */
	dataSum(row: number): number { return this.#ints[row * COLUMNS + DATA_SUM]!; }

	/** The rows of a stream in the order of capture. */
	rowsOf(stream: number): number[] {
		const rows: number[] = [];
		for (let row = stream < this.#known ? this.#first[stream]! : NONE; row !== NONE; row = this.#ints[row * COLUMNS + NEXT]!) rows.push(row);
		return rows;
	}

	/** Which end sent it. */
	end(row: number): number { return this.#ints[row * COLUMNS + STREAM_END]!; }

	/** Number of the frame, from 1. */
	frame(row: number): number { return this.#ints[row * COLUMNS + FRAME]!; }

	/** SEG.SEQ, as int32. */
	seq(row: number): number { return this.#ints[row * COLUMNS + SEQ]!; }

	/** SEG.ACK, as int32. */
	ack(row: number): number { return this.#ints[row * COLUMNS + ACK]!; }

	/** Twelve bits. */
	flags(row: number): number { return (this.#ints[row * COLUMNS + FLAGS_WINDOW]! >>> 16) & 0xfff; }

	/** SEG.WND as it stands in the header. */
	window(row: number): number { return this.#ints[row * COLUMNS + FLAGS_WINDOW]! & 0xffff; }

	isDamaged(row: number): boolean { return (this.#ints[row * COLUMNS + FLAGS_WINDOW]! & BAD_CHECKSUM) !== 0; }

	/** Bytes of data on the wire. */
	length(row: number): number { return this.#ints[row * COLUMNS + LENGTH]!; }

	/** Bytes of data that were captured. */
	captured(row: number): number { return this.#ints[row * COLUMNS + CAPTURED]!; }

	/** The slab that holds it, and where in it the TCP header begins. */
	slab(row: number): number { return this.#ints[row * COLUMNS + SLAB]!; }

	at(row: number): number { return this.#ints[row * COLUMNS + AT]!; }

	/** Bytes of header and options that lie there; data follows. */
	header(row: number): number { return this.#ints[row * COLUMNS + HEADER]!; }

	/** µs since the first packet of the capture; negative where time ran backwards. */
	time(row: number): number { return this.#times[row]!; }
}
