import { offsetsOf } from '../wire/offsets.ts';
import type { Offsets } from '../wire/offsets.ts';

/** Microseconds; read in the other byte order 0xd4c3b2a1. */
export const MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const MAGIC_NANOSECONDS = 0xa1b23c4d;
/** Alexey Kuznetsov's patched libpcap: longer record headers. */
export const MAGIC_MODIFIED = 0xa1b2cd34;

const fileHeader = { magic: 4, major: 2, minor: 2, zone: 4, accuracy: 4, snapLength: 4, linkType: 4 } as const;

/** Offsets in the file header (draft-ietf-opsawg-pcap §4). */
export const PCAP_FILE: Offsets<typeof fileHeader> = offsetsOf(fileHeader);

const recordHeader = { seconds: 4, fraction: 4, capturedLength: 4, originalLength: 4 } as const;

/** Offsets in a record header (draft-ietf-opsawg-pcap §5). */
export const PCAP_RECORD: Offsets<typeof recordHeader> = offsetsOf(recordHeader);

const modifiedHeader = { seconds: 4, fraction: 4, capturedLength: 4, originalLength: 4, interface: 4, protocol: 2, packetType: 1, padding: 1 } as const;

/** Offsets in a record header behind MAGIC_MODIFIED. */
export const MODIFIED_RECORD: Offsets<typeof modifiedHeader> = offsetsOf(modifiedHeader);
