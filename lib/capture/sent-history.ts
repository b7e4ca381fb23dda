import type { CaptureRecord } from './capture-record.ts';
import { roomyInts } from './growing.ts';
import type { Segment } from './segment.ts';

const DEFAULT_ENTRIES = 0x1_0000;
const NONE = -1;

// An entry, in words.
const ENTRY = 12;
const FRAME = 0;
const SEQ = 1;
const LENGTH = 2;
const CONTROL = 3;
const BEFORE = 4;
const STORED = 5;
const TCP_AT = 6;
const DATA_AT = 7;
const ADDRESS_AT = 8;
const ADDRESS_LENGTH = 9;
const AT = 10;
const LAP = 11;

/**
 * The latest segments that were sent, so that one sent again can be held
 * against the first. Their frames are not copied: they lie in the reader's
 * buffer until that is filled over them, and what is filled over is forgotten.
 */
export class SentHistory {
	// The entry that seek() or older() found.
	frame: number = 0;
	seq: number = 0;
	length: number = 0;
	/** SYN and FIN bits */
	control: number = 0;
	/** the frame is bytes[at, at + stored) */
	bytes: Uint8Array = new Uint8Array();
	at: number = 0;
	stored: number = 0;
	/** from the frame's first byte to its TCP header, its data, and its source address */
	tcpAt: number = 0;
	dataAt: number = 0;
	addressAt: number = 0;
	addressLength: number = 0;
	#entries: Int32Array;
	#capacity: number;
	/** entries that were ever made */
	#count: number = 0;
	/** of each flow, the serial number of its latest entry, plus one */
	#latest: Int32Array = new Int32Array(0);
	#serial: number = NONE;
	/** where the reader's buffer is now filled to, and in which time round */
	#filled: number = 0;
	#lap: number = 0;

	constructor(entries: number = DEFAULT_ENTRIES) {
		this.#capacity = entries;
		this.#entries = new Int32Array(entries * ENTRY);
	}

	/** Keeps a segment that lies in the record's own bytes; one put together from fragments is not kept. */
	add(flow: number, segment: Segment, record: CaptureRecord, control: number): void {
		if (segment.bytes !== record.bytes) return;
		const entry = (this.#count % this.#capacity) * ENTRY;
		const entries = this.#entries;
		this.#latest = roomyInts(this.#latest, flow + 1);
		entries[entry + FRAME] = segment.frame;
		entries[entry + SEQ] = segment.seq;
		entries[entry + LENGTH] = segment.length;
		entries[entry + CONTROL] = control;
		entries[entry + BEFORE] = this.#latest[flow]! - 1;
		entries[entry + STORED] = record.capturedLength;
		entries[entry + TCP_AT] = segment.at - record.at;
		entries[entry + DATA_AT] = segment.dataAt - record.at;
		entries[entry + ADDRESS_AT] = segment.sourceAt - record.at;
		entries[entry + ADDRESS_LENGTH] = segment.addressLength;
		entries[entry + AT] = record.at;
		entries[entry + LAP] = record.lap;
		this.#latest[flow] = ++this.#count;
	}

	/**
	 * Goes to the latest segment of a flow; false where none is kept.
	 *
	 * @param record  the record that was read last: what is within reach follows from it
	 */
	seek(flow: number, record: CaptureRecord): boolean {
		this.bytes = record.bytes;
		this.#filled = record.filled;
		this.#lap = record.lap;
		return this.#go((this.#latest[flow] ?? 0) - 1);
	}

	/** Goes to the one sent before it; false where that is forgotten. */
	older(): boolean {
		return this.#go(this.#entries[(this.#serial % this.#capacity) * ENTRY + BEFORE]!);
	}

	#go(serial: number): boolean {
		if (serial < 0 || serial < this.#count - this.#capacity) return false;
		const entries = this.#entries;
		const entry = (serial % this.#capacity) * ENTRY;
		const at = entries[entry + AT]!;
		const age = this.#lap - entries[entry + LAP]!;
		if (age > 1 || (age === 1 && at < this.#filled)) return false;
		this.#serial = serial;
		this.frame = entries[entry + FRAME]!;
		this.seq = entries[entry + SEQ]!;
		this.length = entries[entry + LENGTH]!;
		this.control = entries[entry + CONTROL]!;
		this.at = at;
		this.stored = entries[entry + STORED]!;
		this.tcpAt = entries[entry + TCP_AT]!;
		this.dataAt = entries[entry + DATA_AT]!;
		this.addressAt = entries[entry + ADDRESS_AT]!;
		this.addressLength = entries[entry + ADDRESS_LENGTH]!;
		return true;
	}
}
