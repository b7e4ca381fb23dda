import { encodeUtf8 } from './utf8.ts';
import {
	BLOCK, BYTE_ORDER_MAGIC, ENHANCED_PACKET_BLOCK, EPB, IDB, IF_NAME, IF_TSRESOL,
	INTERFACE_DESCRIPTION_BLOCK, OPT_COMMENT, OPTION, SECTION_HEADER_BLOCK, SHB, SHB_USERAPPL, TRAILER_LENGTH,
} from './pcapng-layout.ts';

const LINKTYPE_ETHERNET = 1;
/** if_tsresol: times count units of 10⁻⁶ s. */
const MICROSECONDS = 6;
/** An option's length field has 16 bits. */
const MAX_OPTION_LENGTH = 0xffff;

/**
 * Writes Ethernet frames as one little-endian pcapng section
 * (draft-ietf-opsawg-pcapng). Interfaces may be added at any time, also after
 * packets.
 */
export class PcapngWriter {
	#take: (chunk: Uint8Array) => void;
	#interfaces = 0;

	/** @param take  gets each block as it is made; the chunk is the taker's own */
	constructor(take: (chunk: Uint8Array) => void) {
		this.#take = take;
		take(sectionHeader());
	}

	/** Describes one more interface (Ethernet, µs) and returns its id, counted from 0. */
	addInterface(name: string): number {
		this.#take(interfaceDescription(name));
		return this.#interfaces++;
	}

	/**
	 * Writes one frame.
	 *
	 * @param interfaceId  what addInterface returned
	 * @param timeUs       integer µs since the epoch, or since the start of virtual time; ≥ 0
	 * @param bytes        holds the frame at [at, at + length); borrowed for the call
	 * @param comment      shown by Wireshark beside the packet; at most 65535 bytes of it are kept
	 * @throws RangeError  for an interface that was not added, or a frame that is not within `bytes`
	 */
	packet(interfaceId: number, timeUs: number, bytes: Uint8Array, at: number, length: number, comment?: string): void {
		if (!(interfaceId >= 0 && interfaceId < this.#interfaces)) throw new RangeError(`no interface ${interfaceId}: add it before its packets`);
		if (!(at >= 0 && length >= 0 && at + length <= bytes.length)) throw new RangeError(`the frame [${at}, ${at + length}) is not within ${bytes.length} bytes`);
		const options = comment === undefined ? [] : [[OPT_COMMENT, optionText(comment)] as const];
		const optionsAt = EPB.end + padded(length);
		const block = newBlock(ENHANCED_PACKET_BLOCK, optionsAt, options);
		const view = new DataView(block.buffer);
		view.setUint32(EPB.interfaceId, interfaceId, true);
		view.setUint32(EPB.timeHigh, Math.floor(timeUs / 0x1_0000_0000), true);
		view.setUint32(EPB.timeLow, timeUs >>> 0, true);
		view.setUint32(EPB.capturedLength, length, true);
		view.setUint32(EPB.originalLength, length, true);
		for (let i = 0; i < length; i++) block[EPB.end + i] = bytes[at + i] ?? 0;
		this.#take(block);
	}
}

type Options = ReadonlyArray<readonly [code: number, value: Uint8Array]>;

function sectionHeader(): Uint8Array {
	const block = newBlock(SECTION_HEADER_BLOCK, SHB.end, [[SHB_USERAPPL, encodeUtf8('dupack')]]);
	const view = new DataView(block.buffer);
	view.setUint32(SHB.magic, BYTE_ORDER_MAGIC, true);
	view.setUint16(SHB.major, 1, true);
	view.setUint16(SHB.minor, 0, true);
	// All ones: the section's length is not given (§4.1).
	view.setUint32(SHB.sectionLengthLow, 0xffff_ffff, true);
	view.setUint32(SHB.sectionLengthHigh, 0xffff_ffff, true);
	return block;
}

function interfaceDescription(name: string): Uint8Array {
	const block = newBlock(INTERFACE_DESCRIPTION_BLOCK, IDB.end, [[IF_NAME, optionText(name)], [IF_TSRESOL, Uint8Array.of(MICROSECONDS)]]);
	const view = new DataView(block.buffer);
	view.setUint16(IDB.linkType, LINKTYPE_ETHERNET, true);
	view.setUint32(IDB.snapLength, 0, true);
	return block;
}

/** A block with its type, both lengths and its options in place; the rest is for the caller. */
function newBlock(type: number, optionsAt: number, options: Options): Uint8Array<ArrayBuffer> {
	let length = optionsAt + TRAILER_LENGTH;
	for (const [, value] of options) length += OPTION.end + padded(value.length);
	if (options.length > 0) length += OPTION.end;
	const block = new Uint8Array(Math.max(length, BLOCK.end + TRAILER_LENGTH));
	const view = new DataView(block.buffer);
	view.setUint32(BLOCK.type, type, true);
	view.setUint32(BLOCK.length, block.length, true);
	let at = optionsAt;
	for (const [code, value] of options) {
		view.setUint16(at + OPTION.code, code, true);
		view.setUint16(at + OPTION.length, value.length, true);
		block.set(value, at + OPTION.end);
		at += OPTION.end + padded(value.length);
	}
	// opt_endofopt is four zero bytes, which a new block holds already.
	view.setUint32(block.length - TRAILER_LENGTH, block.length, true);
	return block;
}

/** Text as an option value: cut between characters where it is longer than an option may be. */
function optionText(text: string): Uint8Array {
	const bytes = encodeUtf8(text);
	let length = Math.min(bytes.length, MAX_OPTION_LENGTH);
	while (length < bytes.length && ((bytes[length] ?? 0) & 0xc0) === 0x80) length--;
	return bytes.subarray(0, length);
}

/** Rounded up to 32 bits (§3.1). */
function padded(length: number): number {
	return (length + 3) & ~3;
}
