import { CaptureError } from '../capture/capture-error.ts';
import { MAX_PACKET } from '../capture/capture-format.ts';
import { isLinkField } from '../capture/link-type.ts';
import { MAGIC_MICROSECONDS, PCAP_FILE, PCAP_RECORD } from '../capture/pcap-layout.ts';

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Stands in front of `pcap-parser`, which trusts every length, loses a cut
 * tail in silence and joins its buffers anew for every chunk of a long record:
 * the guard passes on whole records only, and says what it held back. What is
 * pushed is borrowed until the next push; the part of a record that is left
 * over then is copied, with the record it belongs to.
 */
export class PcapGuard {
	static readonly fileHeader: number = PCAP_FILE.end;
	static readonly recordHeader: number = PCAP_RECORD.end;
	/** records passed on */
	records: number = 0;
	/** bytes passed on */
	passed: number = 0;
	/** why nothing more is passed on */
	error: CaptureError | undefined = undefined;
	#held: Buffer = NOTHING;
	/** what was pushed behind the record that is held */
	#rest: Buffer = NOTHING;
	#isLittleEndian: boolean = true;
	#isBegun: boolean = false;

	/** Adds bytes of the file; what was there before has been passed on, but for a part of a record. */
	push(chunk: Uint8Array): void {
		const added = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
		if (this.#held.length === 0) {
			this.#held = added;
			return;
		}
		const missing = this.#isBegun ? this.#missing(added) : added.length;
		this.#held = Buffer.concat([this.#held, added.subarray(0, missing)]);
		this.#rest = added.subarray(missing);
	}

	/** How much of what comes belongs to the record that is held in part. */
	#missing(added: Buffer): number {
		const held = this.#held;
		if (held.length + added.length < PCAP_RECORD.end) return added.length;
		const head = held.length >= PCAP_RECORD.end ? held : Buffer.concat([held, added.subarray(0, PCAP_RECORD.end)]);
		const captured = this.#isLittleEndian ? head.readUInt32LE(PCAP_RECORD.capturedLength) : head.readUInt32BE(PCAP_RECORD.capturedLength);
		return Math.max(0, Math.min(added.length, PCAP_RECORD.end + captured - held.length));
	}

	/** What was pushed and not passed on. */
	get taken(): Uint8Array {
		return this.#rest.length === 0 ? this.#held : Buffer.concat([this.#held, this.#rest]);
	}

	/** Whether this is what `pcap-parser` reads: microseconds, version 2.4, of either byte order. */
	get verdict(): 'undecided' | 'classic' | 'other' {
		const held = this.#held;
		if (held.length < 4) return 'undecided';
		if (held.readUInt32LE(0) !== MAGIC_MICROSECONDS && held.readUInt32BE(0) !== MAGIC_MICROSECONDS) return 'other';
		if (held.length < PCAP_FILE.end) return 'undecided';
		this.#isLittleEndian = held.readUInt32LE(0) === MAGIC_MICROSECONDS;
		const isVersion = this.#u16(PCAP_FILE.major) === 2 && this.#u16(PCAP_FILE.minor) === 4;
		return isVersion && isLinkField(this.#u32(PCAP_FILE.linkType)) ? 'classic' : 'other';
	}

	/** Whole records at hand, with the file header before the first; nothing where there are no more. */
	pass(): Uint8Array {
		if (this.#held.length === 0 && this.#rest.length > 0) {
			this.#held = this.#rest;
			this.#rest = NOTHING;
		}
		let at = this.#isBegun ? 0 : PCAP_FILE.end;
		while (this.error === undefined && at + PCAP_RECORD.end <= this.#held.length) {
			const length = this.#u32(at + PCAP_RECORD.capturedLength);
			if (length > MAX_PACKET) {
				this.error = new CaptureError('CAPTURE_DAMAGED', this.passed + at, `a packet claims ${length} bytes, and no packet has more than ${MAX_PACKET}: the file is damaged from here on`);
				break;
			}
			if (at + PCAP_RECORD.end + length > this.#held.length) break;
			at += PCAP_RECORD.end + length;
			this.records++;
		}
		const whole = this.#held.subarray(0, at);
		this.#held = this.#held.subarray(at);
		this.#isBegun = true;
		this.passed += at;
		if (at > 0) return whole;
		// The chunk it lies in is not ours to keep.
		this.#held = Buffer.from(this.#held);
		return NOTHING;
	}

	/** No more bytes will come: what is held is part of a record. */
	end(): void {
		if (this.error !== undefined || this.#held.length === 0) return;
		this.error = new CaptureError('CAPTURE_CUT', this.passed, `the capture ends in the middle of a record, of which ${this.#held.length} bytes are there: what came before it was used`);
	}

	#u16(at: number): number {
		return this.#isLittleEndian ? this.#held.readUInt16LE(at) : this.#held.readUInt16BE(at);
	}

	#u32(at: number): number {
		return this.#isLittleEndian ? this.#held.readUInt32LE(at) : this.#held.readUInt32BE(at);
	}
}
