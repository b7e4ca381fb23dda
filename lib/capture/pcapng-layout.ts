import { offsetsOf } from '../wire/offsets.ts';
import type { Offsets } from '../wire/offsets.ts';

// Block types (draft-ietf-opsawg-pcapng §11.1).
/** Section Header Block; reads the same in both byte orders. */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION_BLOCK = 1;
/** Obsolete Packet Block: still found in old files. */
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const ENHANCED_PACKET_BLOCK = 6;
/** of systemd's journal */
export const JOURNAL_EXPORT_BLOCK = 9;
/** Custom Block, to be copied by who does not know it, and not to be. */
export const CUSTOM_BLOCK = 0x0000_0bad;
export const CUSTOM_BLOCK_LOCAL = 0x4000_0bad;

/** Stands in the section header in the byte order of its section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

// Option codes (§3.5, §4.1, §4.2).
export const OPT_ENDOFOPT = 0;
export const OPT_COMMENT = 1;
export const EPB_FLAGS = 2;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_TSRESOL = 9;
export const IF_FCSLEN = 13;
export const IF_TSOFFSET = 14;

/** Every block ends with its total length once more. */
export const TRAILER_LENGTH = 4;

const block = { type: 4, length: 4 } as const;

/** Offsets of what every block begins with (§3.1). */
export const BLOCK: Offsets<typeof block> = offsetsOf(block);

const sectionHeader = { type: 4, length: 4, magic: 4, major: 2, minor: 2, sectionLengthLow: 4, sectionLengthHigh: 4 } as const;

/** Offsets in a Section Header Block (§4.1); options follow. */
export const SHB: Offsets<typeof sectionHeader> = offsetsOf(sectionHeader);

const interfaceDescription = { type: 4, length: 4, linkType: 2, reserved: 2, snapLength: 4 } as const;

/** Offsets in an Interface Description Block (§4.2); options follow. */
export const IDB: Offsets<typeof interfaceDescription> = offsetsOf(interfaceDescription);

const enhancedPacket = { type: 4, length: 4, interfaceId: 4, timeHigh: 4, timeLow: 4, capturedLength: 4, originalLength: 4 } as const;

/** Offsets in an Enhanced Packet Block (§4.3); the packet follows, and options behind it. */
export const EPB: Offsets<typeof enhancedPacket> = offsetsOf(enhancedPacket);

const simplePacket = { type: 4, length: 4, originalLength: 4 } as const;

/** Offsets in a Simple Packet Block (§4.4): interface 0, no time; the packet follows. */
export const SPB: Offsets<typeof simplePacket> = offsetsOf(simplePacket);

const obsoletePacket = { type: 4, length: 4, interfaceId: 2, drops: 2, timeHigh: 4, timeLow: 4, capturedLength: 4, originalLength: 4 } as const;

/** Offsets in an obsolete Packet Block (appendix A): an EPB whose interface id has 16 bits. */
export const OPB: Offsets<typeof obsoletePacket> = offsetsOf(obsoletePacket);

const option = { code: 2, length: 2 } as const;

/** Offsets in an option (§3.5); its value follows, padded to 32 bits. */
export const OPTION: Offsets<typeof option> = offsetsOf(option);
