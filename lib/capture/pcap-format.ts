import type { ByteWindow } from './byte-window.ts';
import { CaptureError } from './capture-error.ts';
import { MAX_PACKET, STEP_MORE, STEP_RECORD } from './capture-format.ts';
import type { CaptureFormat, Step } from './capture-format.ts';
import type { CaptureRecord } from './capture-record.ts';
import { checkLengthOf, isLinkField, linkTypeOf } from './link-type.ts';
import { MAGIC_MICROSECONDS, MAGIC_MODIFIED, MAGIC_NANOSECONDS, MODIFIED_RECORD, PCAP_FILE, PCAP_RECORD } from './pcap-layout.ts';

/** Which pcap the first four bytes announce, if any. */
export interface PcapVariant {
	readonly littleEndian: boolean;
	readonly nanosPerUnit: number;
	readonly headerLength: number;
}

/** @param magic  the first four bytes, read little-endian */
export function pcapVariant(magic: number): PcapVariant | undefined {
	const swapped = ((magic << 24) | ((magic & 0xff00) << 8) | ((magic >>> 8) & 0xff00) | (magic >>> 24)) >>> 0;
	return variantOf(magic, true) ?? variantOf(swapped, false);
}

function variantOf(magic: number, littleEndian: boolean): PcapVariant | undefined {
	switch (magic) {
		case MAGIC_MICROSECONDS: return { littleEndian, nanosPerUnit: 1000, headerLength: PCAP_RECORD.end };
		case MAGIC_NANOSECONDS: return { littleEndian, nanosPerUnit: 1, headerLength: PCAP_RECORD.end };
		case MAGIC_MODIFIED: return { littleEndian, nanosPerUnit: 1000, headerLength: MODIFIED_RECORD.end };
		default: return undefined;
	}
}

/** Classic pcap: a file header, then records (draft-ietf-opsawg-pcap). */
export class PcapFormat implements CaptureFormat {
	/** of the file: a LINKTYPE_ number */
	readonly linkType: number;
	#checkLength: number;
	#littleEndian: boolean;
	#nanosPerUnit: number;
	#headerLength: number;
	/** where the two lengths stand in a record header */
	#capturedLengthAt: number = PCAP_RECORD.capturedLength;
	#originalLengthAt: number = PCAP_RECORD.originalLength;
	/** version 2.3: some writers swapped the lengths, some did not */
	#isMaybeSwapped: boolean;

	/** Takes the file header at the window's position and moves behind it; PCAP_FILE.end bytes have to be there. */
	constructor(window: ByteWindow, variant: PcapVariant) {
		const { view, at } = window;
		this.#littleEndian = variant.littleEndian;
		this.#nanosPerUnit = variant.nanosPerUnit;
		this.#headerLength = variant.headerLength;
		const major = view.getUint16(at + PCAP_FILE.major, this.#littleEndian);
		const minor = view.getUint16(at + PCAP_FILE.minor, this.#littleEndian);
		if (major < 2) throw new CaptureError('CAPTURE_VERSION', window.offset, `pcap version ${major}.${minor} is not read here: convert the file with editcap`);
		const link = view.getUint32(at + PCAP_FILE.linkType, this.#littleEndian);
		if (!isLinkField(link)) throw new CaptureError('CAPTURE_DAMAGED', window.offset + PCAP_FILE.linkType, `the link type field 0x${link.toString(16)} has bits set that have to be zero: the file header is damaged`);
		this.linkType = linkTypeOf(link);
		this.#checkLength = checkLengthOf(link);
		this.#isMaybeSwapped = major === 2 && minor === 3;
		// Before 2.3 the original length came first, as libpcap knows.
		if (major === 2 && minor < 3) {
			this.#capturedLengthAt = PCAP_RECORD.originalLength;
			this.#originalLengthAt = PCAP_RECORD.capturedLength;
		}
		window.at += PCAP_FILE.end;
	}

	step(window: ByteWindow, record: CaptureRecord): Step {
		const at = window.at;
		const view = window.view;
		const little = this.#littleEndian;
		const dataAt = at + this.#headerLength;
		if (dataAt > window.end) return STEP_MORE;
		let capturedLength = view.getUint32(at + this.#capturedLengthAt, little);
		let originalLength = view.getUint32(at + this.#originalLengthAt, little);
		if (this.#isMaybeSwapped && capturedLength > originalLength) [capturedLength, originalLength] = [originalLength, capturedLength];
		if (capturedLength > MAX_PACKET) throw tooLong(window, capturedLength);
		if (dataAt + capturedLength > window.end) return STEP_MORE;
		record.offset = window.base + at;
		record.seconds = view.getUint32(at + PCAP_RECORD.seconds, little);
		record.nanos = view.getUint32(at + PCAP_RECORD.fraction, little) * this.#nanosPerUnit;
		record.linkType = this.linkType;
		record.checkLength = this.#checkLength;
		record.bytes = window.bytes;
		record.lap = window.lap;
		record.filled = window.end;
		record.at = dataAt;
		record.capturedLength = capturedLength;
		record.originalLength = originalLength;
		window.at = dataAt + capturedLength;
		return STEP_RECORD;
	}
}

function tooLong(window: ByteWindow, length: number): CaptureError {
	return new CaptureError('CAPTURE_DAMAGED', window.offset, `a packet claims ${length} bytes, and no packet has more than ${MAX_PACKET}: the file is damaged from here on`);
}
