import type { ByteWindow } from './byte-window.ts';
import { CaptureError } from './capture-error.ts';
import { MAX_PACKET, STEP_MORE, STEP_OTHER, STEP_RECORD } from './capture-format.ts';
import type { CaptureFormat, Step } from './capture-format.ts';
import type { CaptureRecord } from './capture-record.ts';
import {
	BLOCK, BYTE_ORDER_MAGIC, CUSTOM_BLOCK, CUSTOM_BLOCK_LOCAL, ENHANCED_PACKET_BLOCK, EPB, EPB_FLAGS, IDB, IF_FCSLEN, IF_TSOFFSET, IF_TSRESOL,
	INTERFACE_DESCRIPTION_BLOCK, JOURNAL_EXPORT_BLOCK, OPB, PACKET_BLOCK, SECTION_HEADER_BLOCK, SHB, SIMPLE_PACKET_BLOCK, SPB, TRAILER_LENGTH,
} from './pcapng-layout.ts';
import { NO_LINK_TYPE } from './link-type.ts';
import { OptionWalk } from './pcapng-option.ts';
import { TimeUnits } from './time-units.ts';

/** Longer blocks are taken for damage, as Wireshark does. */
const MAX_BLOCK = 16 * 1024 * 1024;
/** if_tsresol where an interface does not say: 10⁻⁶ s. */
const MICROSECONDS = 6;

interface Interface {
	readonly linkType: number;
	readonly snapLength: number;
	readonly units: TimeUnits;
	/** bytes of frame check sequence, where a packet does not say otherwise */
	readonly checkLength: number;
}

/** What a block that is no packet is taken to be from. */
const foreign: Interface = { linkType: NO_LINK_TYPE, snapLength: 0, units: new TimeUnits(MICROSECONDS, 0), checkLength: 0 };

/** pcapng: sections of blocks, each section in its own byte order (draft-ietf-opsawg-pcapng). */
export class PcapngFormat implements CaptureFormat {
	#littleEndian: boolean = true;
	#interfaces: Interface[] = [];

	step(window: ByteWindow, record: CaptureRecord): Step {
		const at = window.at;
		if (at + BLOCK.end > window.end) return STEP_MORE;
		const type = window.view.getUint32(at + BLOCK.type, this.#littleEndian);
		if (type === SECTION_HEADER_BLOCK && !this.#startSection(window)) return STEP_MORE;
		const length = window.view.getUint32(at + BLOCK.length, this.#littleEndian);
		if (length < BLOCK.end + TRAILER_LENGTH || length > MAX_BLOCK || length % 4 !== 0) throw damaged(window, `a block claims ${length} bytes, which no block can have`);
		if (at + length > window.end) return STEP_MORE;
		const again = window.view.getUint32(at + length - TRAILER_LENGTH, this.#littleEndian);
		if (again !== length) throw damaged(window, `a block begins with length ${length} and ends with ${again}`);
		const step = this.#block(window, record, type, length);
		window.at = at + length;
		return step;
	}

	#block(window: ByteWindow, record: CaptureRecord, type: number, length: number): Step {
		switch (type) {
			case ENHANCED_PACKET_BLOCK:
				return this.#packet(window, record, length, window.view.getUint32(window.at + EPB.interfaceId, this.#littleEndian), EPB);
			case PACKET_BLOCK:
				return this.#packet(window, record, length, window.view.getUint16(window.at + OPB.interfaceId, this.#littleEndian), OPB);
			case SIMPLE_PACKET_BLOCK:
				return this.#simplePacket(window, record, length);
			case INTERFACE_DESCRIPTION_BLOCK:
				this.#addInterface(window, length);
				return STEP_OTHER;
			case SECTION_HEADER_BLOCK:
				this.#checkSection(window, length);
				return STEP_OTHER;
			case CUSTOM_BLOCK: case CUSTOM_BLOCK_LOCAL: case JOURNAL_EXPORT_BLOCK:
				return this.#foreign(window, record, length);
			default:
				return STEP_OTHER;
		}
	}

	/** No packet, but every tool counts it as a frame. */
	#foreign(window: ByteWindow, record: CaptureRecord, length: number): Step {
		const size = Math.min(length - BLOCK.end - TRAILER_LENGTH, MAX_PACKET);
		this.#fill(window, record, length, foreign, BLOCK.end, size);
		record.seconds = 0;
		record.nanos = 0;
		record.interfaceId = 0;
		record.originalLength = size;
		return STEP_RECORD;
	}

	/** Takes the byte order of the section that begins here; false where it is not at hand yet. */
	#startSection(window: ByteWindow): boolean {
		const at = window.at + SHB.magic;
		if (at + 4 > window.end) return false;
		if (window.view.getUint32(at, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
		else if (window.view.getUint32(at, false) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
		else throw damaged(window, 'a section header holds no byte order magic');
		return true;
	}

	#checkSection(window: ByteWindow, length: number): void {
		if (length < SHB.end + TRAILER_LENGTH) throw damaged(window, `a section header has only ${length} bytes`);
		const major = window.view.getUint16(window.at + SHB.major, this.#littleEndian);
		const minor = window.view.getUint16(window.at + SHB.minor, this.#littleEndian);
		// 1.2 is 1.0 by another name (§4.1).
		if (major !== 1 || (minor !== 0 && minor !== 2)) throw new CaptureError('CAPTURE_VERSION', window.offset, `pcapng version ${major}.${minor} is not read here: convert the file with editcap`);
		const options = new OptionWalk(window.bytes, window.at + SHB.end, window.at + length - TRAILER_LENGTH, this.#littleEndian);
		while (options.next());
		if (options.overrun) throw damaged(window, `an option of a section header claims ${options.length} bytes, more than its block has`);
		this.#interfaces = [];
	}

	#addInterface(window: ByteWindow, length: number): void {
		if (length < IDB.end + TRAILER_LENGTH) throw damaged(window, `an interface description has only ${length} bytes`);
		const { bytes, view, at } = window;
		const little = this.#littleEndian;
		let resolution = MICROSECONDS;
		let offsetSeconds = 0;
		let checkLength = 0;
		const options = new OptionWalk(bytes, at + IDB.end, at + length - TRAILER_LENGTH, little);
		while (options.next()) {
			if (options.code === IF_TSRESOL && options.length === 1) resolution = bytes[options.valueAt] ?? MICROSECONDS;
			if (options.code === IF_FCSLEN && options.length === 1) checkLength = bytes[options.valueAt] ?? 0;
			if (options.code === IF_TSOFFSET && options.length === 8) offsetSeconds = Number(view.getBigInt64(options.valueAt, little));
		}
		if (options.overrun) throw damaged(window, `an option of an interface description claims ${options.length} bytes, more than its block has`);
		this.#interfaces.push({
			linkType: view.getUint16(at + IDB.linkType, little),
			snapLength: view.getUint32(at + IDB.snapLength, little),
			units: new TimeUnits(resolution, offsetSeconds),
			checkLength,
		});
	}

	#packet(window: ByteWindow, record: CaptureRecord, length: number, interfaceId: number, layout: typeof EPB | typeof OPB): Step {
		const { view, at } = window;
		const little = this.#littleEndian;
		if (length < layout.end + TRAILER_LENGTH) throw damaged(window, `a packet block has only ${length} bytes`);
		const capturedLength = view.getUint32(at + layout.capturedLength, little);
		const origin = this.#interface(window, interfaceId);
		origin.units.take(view.getUint32(at + layout.timeHigh, little), view.getUint32(at + layout.timeLow, little));
		this.#fill(window, record, length, origin, layout.end, capturedLength);
		record.seconds = origin.units.seconds;
		record.nanos = origin.units.nanos;
		record.interfaceId = interfaceId;
		record.originalLength = view.getUint32(at + layout.originalLength, little);
		return STEP_RECORD;
	}

	/** A packet of interface 0 without a time; its captured length follows from the snap length (§4.4). */
	#simplePacket(window: ByteWindow, record: CaptureRecord, length: number): Step {
		if (length < SPB.end + TRAILER_LENGTH) throw damaged(window, `a simple packet block has only ${length} bytes`);
		const origin = this.#interface(window, 0);
		const originalLength = window.view.getUint32(window.at + SPB.originalLength, this.#littleEndian);
		const capturedLength = origin.snapLength === 0 ? originalLength : Math.min(originalLength, origin.snapLength);
		this.#fill(window, record, length, origin, SPB.end, capturedLength);
		record.seconds = 0;
		record.nanos = 0;
		record.interfaceId = 0;
		record.originalLength = originalLength;
		return STEP_RECORD;
	}

	#interface(window: ByteWindow, interfaceId: number): Interface {
		const origin = this.#interfaces[interfaceId];
		if (origin === undefined) throw damaged(window, `a packet is of interface ${interfaceId}, and its section describes ${this.#interfaces.length}`);
		return origin;
	}

	#fill(window: ByteWindow, record: CaptureRecord, length: number, origin: Interface, data: number, capturedLength: number): void {
		if (capturedLength > MAX_PACKET) throw damaged(window, `a packet claims ${capturedLength} bytes, and no packet has more than ${MAX_PACKET}`);
		if (data + capturedLength + TRAILER_LENGTH > length) throw damaged(window, `a packet claims ${capturedLength} bytes, more than its block has`);
		record.offset = window.base + window.at;
		record.linkType = origin.linkType;
		record.bytes = window.bytes;
		record.lap = window.lap;
		record.filled = window.end;
		record.at = window.at + data;
		record.capturedLength = capturedLength;
		record.optionsAt = Math.min(window.at + data + ((capturedLength + 3) & ~3), window.at + length - TRAILER_LENGTH);
		record.optionsEnd = window.at + length - TRAILER_LENGTH;
		record.littleEndian = this.#littleEndian;
		record.checkLength = origin.checkLength;
		if (record.optionsAt < record.optionsEnd) this.#checkLengthOf(record);
	}

	/** A packet's own flags may say how long its check sequence is (§4.3.1). */
	#checkLengthOf(record: CaptureRecord): void {
		const options = new OptionWalk(record.bytes, record.optionsAt, record.optionsEnd, this.#littleEndian);
		while (options.next()) {
			if (options.code !== EPB_FLAGS || options.length !== 4) continue;
			const length = (options.word() >>> 5) & 15;
			if (length > 0) record.checkLength = length;
		}
	}
}

function damaged(window: ByteWindow, what: string): CaptureError {
	return new CaptureError('CAPTURE_DAMAGED', window.offset, `${what}: the file is damaged from here on`);
}
