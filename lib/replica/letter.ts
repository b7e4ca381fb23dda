import { get16, get32, put16, put32 } from '../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_CHANNEL } from '../wire/ethernet.ts';
import { offsetsOf } from '../wire/offsets.ts';
import type { Offsets } from '../wire/offsets.ts';
import { copy, get64, getU32, put64 } from './number.ts';
import type { Store } from './store.ts';

const header = {
	destination: 6, source: 6, type: 2,
	magic: 2, version: 1, kind: 1,
	flags: 2,
	/** sum of all words from `magic` to the end of the body, see `wordSum` */
	checksum: 4,
	/** bytes of the body */
	length: 4,
	epoch: 4,
	/** machine id of the sender */
	from: 4,
	room: 4, time: 8, index: 8, mark: 8,
} as const;

/**
 * Offsets in a message of the log channel, Ethernet header included; its body
 * begins at `end`. One header serves all kinds; what `time`, `index`, `mark`
 * and `room` mean is told with each kind. All numbers are in network byte order.
 */
export const LETTER: Offsets<typeof header> = offsetsOf(header);

/** "du" */
export const LETTER_MAGIC = 0x6475;
export const LETTER_VERSION = 1;

/** I am here, and this is what I am. `index`: my last entry; `room`: bytes my log can take; `time`: of one who joins, which try this is; body: see `greeting.ts`. */
export const LETTER_GREETING = 1;
/** Entries, whole, one behind the other. `index`: of the first; `time`: t; `mark`: watermark. */
export const LETTER_ENTRIES = 2;
/** I live. `index`: my last entry; `time`: t; `mark`: watermark. */
export const LETTER_HEARTBEAT = 3;
/** Everything up to `index` is in my log. `time`: newest t heard; `mark`: last entry executed; `room`: bytes my log can still take. */
export const LETTER_ACKNOWLEDGEMENT = 4;
/** I do not talk to you. `index`: why, a place in `refusals`. */
export const LETTER_REFUSAL = 5;
/** A piece of an image. `index`: entry it was taken behind; `mark`: bytes of the whole; `room`: offset of the piece; `time`: t. */
export const LETTER_IMAGE = 6;
/** The image is here up to byte `mark`. `index`: entry it was taken behind; `time`: newest t heard. */
export const LETTER_IMAGE_ACKNOWLEDGEMENT = 7;

/** On an acknowledgement: an entry is missing between those received. */
export const FLAG_GAP = 1;
/** On a heartbeat: the sender releases nothing any more, for good. */
export const FLAG_FAREWELL = 2;
/** On a greeting: the sender is no member and asks to become one. */
export const FLAG_JOINING = 4;
/** On a greeting: the sender is (or was, in that epoch) the one that speaks. */
export const FLAG_SPEAKER = 8;

/** Why a replica refuses another; the code of its error. */
export const refusals = ['NONE', 'BUILD_MISMATCH', 'LAYOUT_MISMATCH', 'PROFILE_MISMATCH', 'STATE_MISMATCH', 'EPOCH_OLD', 'NOT_WANTED'] as const;
export type Refusal = (typeof refusals)[number];

/** What is wrong with a message; the names of the counters. */
export type LetterFault = 'channelMalformed' | 'channelChecksum';

/** The fields of a message that was read. One object, filled again and again. */
export class Letter {
	kind: number = 0;
	flags: number = 0;
	epoch: number = 0;
	from: number = 0;
	room: number = 0;
	time: number = 0;
	index: number = 0;
	mark: number = 0;
	/** where the body lies */
	u8: Uint8Array = new Uint8Array(0);
	at: number = 0;
	length: number = 0;
}

/** Ethernet address of a machine on the log channel and towards the arbiter: locally administered, its id at the end. */
export function machineMac(id: number): Uint8Array {
	return Uint8Array.of(0x02, 0x64, (id >>> 24) & 255, (id >>> 16) & 255, (id >>> 8) & 255, id & 255);
}

/**
 * The sum of the words of a run of bytes, as they lie in memory, and of the
 * bytes behind the last whole word. It is the channel's own: cheaper than the
 * Internet checksum, and it notices any damage to fewer than 33 bits in a row.
 *
 * @param at  a multiple of 4
 */
function wordSum({ i32, u8 }: Store, at: number, length: number): number {
	let a = length, b = 0, c = 0, d = 0;
	const last = (at + length) >> 2;
	let word = at >> 2;
	for (; word + 4 <= last; word += 4) {
		a = (a + i32[word]!) | 0;
		b = (b + i32[word + 1]!) | 0;
		c = (c + i32[word + 2]!) | 0;
		d = (d + i32[word + 3]!) | 0;
	}
	for (; word < last; word++) a = (a + i32[word]!) | 0;
	for (let byte = last << 2; byte < at + length; byte++) b = (b + (u8[byte]! << ((byte & 3) << 3))) | 0;
	// Every lane counts differently: words that changed places are seen.
	return (a + Math.imul(b, 3) + Math.imul(c, 5) + Math.imul(d, 7)) | 0;
}

/**
 * Writes messages into memory of its own and reads those that come. Every
 * message is a whole Ethernet frame.
 */
export class Post {
	/** where the body of the message being written begins */
	readonly body: number;
	readonly u8: Uint8Array;
	/** the message read last */
	readonly letter: Letter = new Letter();
	readonly #store: Store;
	readonly #at: number;
	readonly #inAt: number;
	readonly #limit: number;
	readonly #checked: boolean;

	static sizeOf(limit: number): number {
		return 2 * ((limit + 2 + 7) & ~7);
	}

	/**
	 * @param limit    bytes of the longest message, Ethernet header included
	 * @param checked  whether messages carry a checksum
	 */
	constructor(store: Store, limit: number, id: number, checked: boolean) {
		this.#store = store;
		this.u8 = store.u8;
		// Two bytes in, the fields behind the Ethernet header are aligned.
		this.#at = store.carve(limit + 2) + 2;
		this.#inAt = store.carve(limit + 2) + 2;
		this.#limit = limit;
		this.#checked = checked;
		this.body = this.#at + LETTER.end;
		this.u8.fill(0xff, this.#at, this.#at + 6);
		this.u8.set(machineMac(id), this.#at + ETHERNET.source);
		put16(this.u8, this.#at + ETHERNET.type, ETHERTYPE_CHANNEL);
		put16(this.u8, this.#at + LETTER.magic, LETTER_MAGIC);
		this.u8[this.#at + LETTER.version] = LETTER_VERSION;
		put32(this.u8, this.#at + LETTER.from, id);
	}

	/** Where the message written last lies. */
	get at(): number { return this.#at; }

	/**
	 * Finishes a message whose body was written at `body`.
	 *
	 * @returns  bytes of the whole message, which lies at `at`
	 */
	seal(kind: number, flags: number, epoch: number, time: number, index: number, mark: number, room: number, length: number): number {
		const { u8 } = this;
		const at = this.#at;
		u8[at + LETTER.kind] = kind;
		put16(u8, at + LETTER.flags, flags);
		put32(u8, at + LETTER.length, length);
		put32(u8, at + LETTER.epoch, epoch);
		put32(u8, at + LETTER.room, room);
		put64(u8, at + LETTER.time, time);
		put64(u8, at + LETTER.index, index);
		put64(u8, at + LETTER.mark, mark);
		put32(u8, at + LETTER.checksum, 0);
		if (this.#checked) put32(u8, at + LETTER.checksum, wordSum(this.#store, at + LETTER.magic, LETTER.end - LETTER.magic + length));
		return LETTER.end + length;
	}

	/**
	 * Reads a message into `letter`. Its body is borrowed like the bytes given.
	 *
	 * @returns  '' or what is wrong with it
	 */
	open(bytes: Uint8Array, at: number, length: number): LetterFault | '' {
		if (length < LETTER.end || length > this.#limit) return 'channelMalformed';
		if (get16(bytes, at + ETHERNET.type) !== ETHERTYPE_CHANNEL || get16(bytes, at + LETTER.magic) !== LETTER_MAGIC || bytes[at + LETTER.version] !== LETTER_VERSION) return 'channelMalformed';
		const body = getU32(bytes, at + LETTER.length);
		// Ethernet pads short frames: there may be more bytes than the message has.
		if (body > length - LETTER.end) return 'channelMalformed';
		if (!this.#checked) return this.#read(bytes, at, body);
		copy(bytes, at, LETTER.end + body, this.u8, this.#inAt);
		const stated = get32(this.u8, this.#inAt + LETTER.checksum);
		put32(this.u8, this.#inAt + LETTER.checksum, 0);
		if (wordSum(this.#store, this.#inAt + LETTER.magic, LETTER.end - LETTER.magic + body) !== stated) return 'channelChecksum';
		return this.#read(this.u8, this.#inAt, body);
	}

	#read(u8: Uint8Array, at: number, length: number): '' {
		const { letter } = this;
		letter.kind = u8[at + LETTER.kind]!;
		letter.flags = get16(u8, at + LETTER.flags);
		letter.epoch = getU32(u8, at + LETTER.epoch);
		letter.from = getU32(u8, at + LETTER.from);
		letter.room = getU32(u8, at + LETTER.room);
		letter.time = get64(u8, at + LETTER.time);
		letter.index = get64(u8, at + LETTER.index);
		letter.mark = get64(u8, at + LETTER.mark);
		letter.u8 = u8;
		letter.at = at + LETTER.end;
		letter.length = length;
		return '';
	}
}
