import { put32 } from '../wire/bytes.ts';
import { ENTRY, ENTRY_FRAMES, FRAME_HEAD, LONGEST_BODY, padded, putEntryHead } from './entry.ts';
import type { Luggage } from './luggage.ts';
import { copy, get64 } from './number.ts';
import { ByteRing } from './ring.ts';
import type { Store } from './store.ts';

export interface LogConfig {
	/** bytes of entries held */
	readonly bytes: number;
	/** entries held, a power of two */
	readonly entries: number;
	/** bytes of the longest entry */
	readonly longest: number;
	/** most frames in one entry */
	readonly batch: number;
}

/**
 * The entries a replica holds: of the primary those the backup has not yet
 * acknowledged, of the backup those it has not yet executed. Frames that arrive
 * together are written straight into the entry they will be.
 */
export class Log {
	readonly ring: ByteRing;
	/** machine time of the newest entry, µs */
	time: number;
	readonly #longest: number;
	readonly #batch: number;
	#openAt: number;
	#openEnd: number;
	#openCount: number;

	/** Bytes of the store a log takes. */
	static sizeOf(config: LogConfig): number {
		return ByteRing.sizeOf(config.bytes, config.longest);
	}

	constructor(store: Store, config: LogConfig) {
		this.ring = new ByteRing(store.u8, store.carve(Log.sizeOf(config)), config.bytes, config.longest, config.entries, 1);
		this.time = 0;
		this.#longest = config.longest;
		this.#batch = config.batch;
		this.#openAt = 0;
		this.#openEnd = 0;
		this.#openCount = 0;
	}

	/** Index of the newest entry; 0 before the first. */
	get last(): number { return this.ring.next - 1; }

	/** Frames taken in that are not yet an entry. */
	get pending(): number { return this.#openCount; }

	/** Whether an entry without frames can be appended; asked when none are being gathered. */
	get hasRoom(): boolean { return this.ring.fits(ENTRY.end + LONGEST_BODY); }

	/** Whether an entry could ever hold a frame of that length. */
	couldHold(length: number): boolean {
		return padded(ENTRY.end + FRAME_HEAD + length) <= this.#longest;
	}

	/** Whether the frame belongs into the next entry, and not into the one being gathered. */
	overflows(length: number): boolean {
		return this.#openCount > 0 && (this.#openCount === this.#batch || padded(this.#openEnd + FRAME_HEAD + length) > this.#longest);
	}

	/** Takes a frame into the entry being gathered; false where the log is full. */
	gather(bytes: Uint8Array, at: number, length: number): boolean {
		const { ring } = this;
		const begun = this.#openCount > 0;
		const end = begun ? this.#openEnd : ENTRY.end;
		if (!ring.fits(padded(end + FRAME_HEAD + length))) return false;
		if (!begun) this.#openAt = ring.open(this.#longest);
		put32(ring.u8, this.#openAt + end, length);
		copy(bytes, at, length, ring.u8, this.#openAt + end + FRAME_HEAD);
		this.#openEnd = end + FRAME_HEAD + length;
		this.#openCount++;
		return true;
	}

	/** Makes the frames gathered one entry. */
	appendFrames(epoch: number, time: number): void {
		this.#finish(this.#openAt, this.#openEnd, ENTRY_FRAMES, 0, this.#openCount, epoch, time);
		this.#openEnd = 0;
		this.#openCount = 0;
	}

	/**
	 * Appends an entry that is not of frames. No frames are being gathered, and
	 * `hasRoom` was asked.
	 */
	append(kind: number, detail: number, body: Uint8Array, bodyAt: number, length: number, epoch: number, time: number): void {
		if (length > LONGEST_BODY) throw new RangeError(`an entry's body of ${length} bytes: give at most ${LONGEST_BODY}`);
		const at = this.ring.open(this.#longest);
		copy(body, bodyAt, length, this.ring.u8, at + ENTRY.end);
		this.#finish(at, ENTRY.end + length, kind, detail, length, epoch, time);
	}

	#finish(at: number, end: number, kind: number, detail: number, count: number, epoch: number, time: number): void {
		const length = putEntryHead(this.ring.u8, at, end, kind, detail, count, epoch, this.ring.next, time);
		this.ring.close(length);
		this.time = time;
	}

	/** Takes the next entry over from the primary, checked by `checkEntry`; false where there is no room for it. */
	accept(bytes: Uint8Array, at: number, length: number): boolean {
		const { ring } = this;
		if (length > this.#longest || !ring.fits(length)) return false;
		const place = ring.open(length);
		copy(bytes, at, length, ring.u8, place);
		ring.close(length);
		this.time = get64(ring.u8, place + ENTRY.time);
		return true;
	}

	/** Takes back every entry behind `last`, and what was gathered. */
	truncate(last: number, time: number): void {
		this.ring.truncate(last + 1);
		this.time = time;
		this.#openEnd = 0;
		this.#openCount = 0;
	}

	/** Goes on behind entry `last`, holding nothing. */
	reset(last: number, time: number): void {
		this.ring.reset(last + 1);
		this.truncate(last, time);
	}

	carry(luggage: Luggage): void {
		this.ring.carry(luggage);
		this.time = luggage.number(this.time);
		this.#openCount = luggage.number(this.#openCount);
		this.#openEnd = luggage.number(this.#openEnd);
		if (this.#openCount === 0) return;
		if (luggage.restoring) this.#openAt = this.ring.open(this.#longest);
		luggage.bytes(this.ring.u8, this.#openAt + ENTRY.end, this.#openEnd - ENTRY.end);
	}
}
