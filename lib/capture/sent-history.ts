import type { CaptureRecord } from './capture-record.ts';
import { roomyInts } from './growing.ts';
import type { Segment } from './segment.ts';

/** Bytes of frames kept, for all connections together. */
const DEFAULT_ROOM = 32 * 1024 * 1024;
const DEFAULT_ENTRIES = 0x1_0000;
/** Up to here a loop is faster than making a view. */
const SHORT = 128;
const NONE = -1;

// An entry, in words.
const ENTRY = 10;
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

/**
 * The latest segments that were sent, with their frames, so that one sent
 * again can be held against the first. It is a ring: what is oldest is
 * forgotten, and then a repeat has nothing to be compared with.
 */
export class SentHistory {
	// The entry that seek() or older() found.
	frame: number = 0;
	seq: number = 0;
	length: number = 0;
	/** SYN and FIN bits */
	control: number = 0;
	/** the frame is bytes[at, at + stored) */
	bytes: Uint8Array;
	at: number = 0;
	stored: number = 0;
	/** from the frame's first byte to its TCP header, its data, and its source address */
	tcpAt: number = 0;
	dataAt: number = 0;
	addressAt: number = 0;
	addressLength: number = 0;
	#room: number;
	#entries: Int32Array;
	#capacity: number;
	/** position in the endless sequence of stored bytes where each entry begins */
	#positions: Float64Array;
	/** entries and bytes that were ever stored */
	#count: number = 0;
	#written: number = 0;
	/** of each flow, the serial number of its latest entry, plus one */
	#latest: Int32Array = new Int32Array(0);
	#serial: number = NONE;

	/** @param room  bytes of frames kept */
	constructor(room: number = DEFAULT_ROOM, entries: number = DEFAULT_ENTRIES) {
		this.#room = room;
		this.#capacity = entries;
		this.bytes = new Uint8Array(room);
		this.#entries = new Int32Array(entries * ENTRY);
		this.#positions = new Float64Array(entries);
	}

	/** Keeps a segment that lies in the record's own bytes; one put together from fragments is not kept. */
	add(flow: number, segment: Segment, record: CaptureRecord, control: number): void {
		const stored = record.capturedLength;
		if (segment.bytes !== record.bytes || stored > this.#room) return;
		// A frame lies in one piece: the end of the ring is left empty where it does not fit.
		const offset = this.#written % this.#room;
		if (offset + stored > this.#room) this.#written += this.#room - offset;
		const at = this.#written % this.#room;
		this.#copy(record.bytes, record.at, at, stored);
		const slot = this.#count % this.#capacity;
		const entries = this.#entries;
		const entry = slot * ENTRY;
		this.#latest = roomyInts(this.#latest, flow + 1);
		entries[entry + FRAME] = segment.frame;
		entries[entry + SEQ] = segment.seq;
		entries[entry + LENGTH] = segment.length;
		entries[entry + CONTROL] = control;
		entries[entry + BEFORE] = this.#latest[flow]! - 1;
		entries[entry + STORED] = stored;
		entries[entry + TCP_AT] = segment.at - record.at;
		entries[entry + DATA_AT] = segment.dataAt - record.at;
		entries[entry + ADDRESS_AT] = segment.sourceAt - record.at;
		entries[entry + ADDRESS_LENGTH] = segment.addressLength;
		this.#positions[slot] = this.#written;
		this.#written += stored;
		this.#latest[flow] = ++this.#count;
	}

	#copy(from: Uint8Array, fromAt: number, at: number, length: number): void {
		const { bytes } = this;
		if (length > SHORT) bytes.set(from.subarray(fromAt, fromAt + length), at);
		else for (let i = 0; i < length; i++) bytes[at + i] = from[fromAt + i]!;
	}

	/** Goes to the latest segment of a flow; false where none is kept. */
	seek(flow: number): boolean {
		return this.#go((this.#latest[flow] ?? 0) - 1);
	}

	/** Goes to the one sent before it; false where that is forgotten. */
	older(): boolean {
		return this.#go(this.#entries[(this.#serial % this.#capacity) * ENTRY + BEFORE]!);
	}

	#go(serial: number): boolean {
		if (serial < 0 || serial < this.#count - this.#capacity) return false;
		const slot = serial % this.#capacity;
		const position = this.#positions[slot]!;
		if (position < this.#written - this.#room) return false;
		const entries = this.#entries;
		const entry = slot * ENTRY;
		this.#serial = serial;
		this.frame = entries[entry + FRAME]!;
		this.seq = entries[entry + SEQ]!;
		this.length = entries[entry + LENGTH]!;
		this.control = entries[entry + CONTROL]!;
		this.at = position % this.#room;
		this.stored = entries[entry + STORED]!;
		this.tcpAt = entries[entry + TCP_AT]!;
		this.dataAt = entries[entry + DATA_AT]!;
		this.addressAt = entries[entry + ADDRESS_AT]!;
		this.addressLength = entries[entry + ADDRESS_LENGTH]!;
		return true;
	}
}
