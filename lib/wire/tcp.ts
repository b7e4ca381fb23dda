import { blob, struct, u16be, u32be, u8 } from 'buffer-layout';

/** The TCP header (RFC 9293 §3.1). */
const header = struct([
	u16be('source'), u16be('destination'), u32be('seq'), u32be('ack'),
	u8('offset'), u8('flags'), u16be('window'), u16be('checksum'), u16be('urgent'), blob(0, 'options'),
]);

/** Bytes of a TCP header without options. */
export const TCP_HEADER: number = header.span;
export const TCP_SOURCE: number = header.offsetOf('source');
export const TCP_DESTINATION: number = header.offsetOf('destination');
export const TCP_SEQ: number = header.offsetOf('seq');
export const TCP_ACK: number = header.offsetOf('ack');
export const TCP_OFFSET: number = header.offsetOf('offset');
export const TCP_FLAGS: number = header.offsetOf('flags');
export const TCP_WINDOW: number = header.offsetOf('window');
export const TCP_CHECKSUM: number = header.offsetOf('checksum');
export const TCP_URGENT: number = header.offsetOf('urgent');

/** IP protocol number. */
export const PROTOCOL_TCP = 6;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

/** Option kinds (RFC 9293 §3.1, RFC 7323, RFC 2018, RFC 7413, RFC 5482, RFC 2385). */
export const OPTION_END = 0;
export const OPTION_NOP = 1;
export const OPTION_MSS = 2;
export const OPTION_WINDOW_SCALE = 3;
export const OPTION_SACK_PERMITTED = 4;
export const OPTION_SACK = 5;
export const OPTION_TIMESTAMPS = 8;
export const OPTION_SIGNATURE = 19;
export const OPTION_USER_TIMEOUT = 28;
export const OPTION_FAST_OPEN = 34;
/** Experiments share a number and begin with one of their own (RFC 6994); Fast Open's before it had an option (RFC 7413 §4.1.1). */
export const OPTION_EXPERIMENT = 254;
export const FAST_OPEN_MAGIC = 0xf989;
