import { struct, u8, u16, u32 } from 'buffer-layout';

// Block types (draft-ietf-opsawg-pcapng §11.1).
/** Section Header Block; reads the same in both byte orders. */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION_BLOCK = 1;
/** Obsolete Packet Block: still found in old files. */
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const ENHANCED_PACKET_BLOCK = 6;

/** Stands in the section header in the byte order of its section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

// Option codes (§3.5, §4.1, §4.2).
export const OPT_ENDOFOPT = 0;
export const OPT_COMMENT = 1;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;

/** Every block ends with its total length once more. */
export const TRAILER_LENGTH = 4;

const block = struct([u32('type'), u32('length')]);

export const BLOCK_TYPE: number = block.offsetOf('type');
export const BLOCK_LENGTH: number = block.offsetOf('length');
/** Type and length, which every block begins with. */
export const BLOCK_HEADER: number = block.span;

const sectionHeader = struct([
	u32('type'), u32('length'), u32('magic'), u16('major'), u16('minor'), u32('sectionLengthLow'), u32('sectionLengthHigh'),
]);

/** Offsets in a Section Header Block (§4.1). */
export const SHB = {
	magic: sectionHeader.offsetOf('magic'),
	major: sectionHeader.offsetOf('major'),
	minor: sectionHeader.offsetOf('minor'),
	sectionLengthLow: sectionHeader.offsetOf('sectionLengthLow'),
	sectionLengthHigh: sectionHeader.offsetOf('sectionLengthHigh'),
	options: sectionHeader.span,
} as const;

const interfaceDescription = struct([u32('type'), u32('length'), u16('linkType'), u16('reserved'), u32('snapLength')]);

/** Offsets in an Interface Description Block (§4.2). */
export const IDB = {
	linkType: interfaceDescription.offsetOf('linkType'),
	snapLength: interfaceDescription.offsetOf('snapLength'),
	options: interfaceDescription.span,
} as const;

const enhancedPacket = struct([
	u32('type'), u32('length'), u32('interfaceId'), u32('timeHigh'), u32('timeLow'), u32('capturedLength'), u32('originalLength'),
]);

/** Offsets in an Enhanced Packet Block (§4.3). */
export const EPB = {
	interfaceId: enhancedPacket.offsetOf('interfaceId'),
	timeHigh: enhancedPacket.offsetOf('timeHigh'),
	timeLow: enhancedPacket.offsetOf('timeLow'),
	capturedLength: enhancedPacket.offsetOf('capturedLength'),
	originalLength: enhancedPacket.offsetOf('originalLength'),
	data: enhancedPacket.span,
} as const;

const simplePacket = struct([u32('type'), u32('length'), u32('originalLength')]);

/** Offsets in a Simple Packet Block (§4.4): interface 0, no time. */
export const SPB = {
	originalLength: simplePacket.offsetOf('originalLength'),
	data: simplePacket.span,
} as const;

const obsoletePacket = struct([
	u32('type'), u32('length'), u16('interfaceId'), u16('drops'), u32('timeHigh'), u32('timeLow'), u32('capturedLength'), u32('originalLength'),
]);

/** Offsets in an obsolete Packet Block (appendix A): an EPB whose interface id has 16 bits. */
export const OPB = {
	interfaceId: obsoletePacket.offsetOf('interfaceId'),
	timeHigh: obsoletePacket.offsetOf('timeHigh'),
	timeLow: obsoletePacket.offsetOf('timeLow'),
	capturedLength: obsoletePacket.offsetOf('capturedLength'),
	originalLength: obsoletePacket.offsetOf('originalLength'),
	data: obsoletePacket.span,
} as const;

const option = struct([u16('code'), u16('length'), u8('value')]);

/** Offsets in an option (§3.5); its value is padded to 32 bits. */
export const OPTION = {
	code: option.offsetOf('code'),
	length: option.offsetOf('length'),
	value: option.offsetOf('value'),
} as const;
