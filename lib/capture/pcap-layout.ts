import { s32, struct, u8, u16, u32 } from 'buffer-layout';

/** Microseconds; read in the other byte order 0xd4c3b2a1. */
export const MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Alexey Kuznetsov's patched libpcap: longer record headers. */
export const MAGIC_MODIFIED = 0xa1b2cd34;

const fileHeader = struct([
	u32('magic'), u16('major'), u16('minor'), s32('zone'), u32('accuracy'), u32('snapLength'), u32('linkType'),
]);

/** Offsets in the file header (draft-ietf-opsawg-pcap §4). */
export const PCAP_FILE = {
	magic: fileHeader.offsetOf('magic'),
	major: fileHeader.offsetOf('major'),
	minor: fileHeader.offsetOf('minor'),
	linkType: fileHeader.offsetOf('linkType'),
	span: fileHeader.span,
} as const;

const recordHeader = struct([u32('seconds'), u32('fraction'), u32('capturedLength'), u32('originalLength')]);
const modifiedHeader = struct([
	u32('seconds'), u32('fraction'), u32('capturedLength'), u32('originalLength'), u32('interface'), u16('protocol'), u8('packetType'), u8('padding'),
]);

/** Offsets in a record header (draft-ietf-opsawg-pcap §5). */
export const PCAP_RECORD = {
	seconds: recordHeader.offsetOf('seconds'),
	fraction: recordHeader.offsetOf('fraction'),
	capturedLength: recordHeader.offsetOf('capturedLength'),
	originalLength: recordHeader.offsetOf('originalLength'),
	span: recordHeader.span,
	modifiedSpan: modifiedHeader.span,
} as const;
