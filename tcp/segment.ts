import type { Views } from '../lib/memory/index.ts';
import { ACK, FIN, SYN, TCP_ACK, TCP_DESTINATION, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_URGENT, TCP_WINDOW } from '../lib/wire/tcp.ts';

/** A segment that arrived: its header in host order, and where its text lies. One object is used again and again. */
export class Segment {
	/** addresses of the 16-byte IP addresses, and of the segment */
	srcAt = 0;
	dstAt = 0;
	at = 0;
	headerLength = 0;
	srcPort = 0;
	dstPort = 0;
	flags = 0;
	/** SEG.SEQ, SEG.ACK, sequence space */
	seq = 0;
	ack = 0;
	/** SEG.WND as it stands in the header, unscaled; SEG.UP */
	wnd = 0;
	up = 0;
	/** address and bytes of the text */
	textAt = 0;
	textLength = 0;
	/** SEG.LEN: text, SYN and FIN (RFC 9293 §3.3.1) */
	len = 0;
	/** ECN field of its packet (RFC 3168 §5) */
	ecn = 0;
	/** options; −1 and 0 where absent */
	mss = 0;
	scale = -1;
	sackPermitted = false;
	hasTs = false;
	tsVal = 0;
	tsEcr = 0;
	/** address of the first SACK block, and how many */
	sackAt = 0;
	sackCount = 0;
	/** address of the Fast Open cookie, and its bytes: 0 where one is asked for, −1 where there is no such option */
	cookieAt = 0;
	cookieLength = -1;
	/** whether that option is the experiment's (RFC 6994) */
	isCookieExperiment = false;
	/** what the peer advertises as its user timeout, µs; 0 where it does not (RFC 5482) */
	userTimeout = 0;
	/** whether it bears an MD5 signature (RFC 2385) */
	isSigned = false;

	/**
	 * Reads the header at `at`.
	 *
	 * @param length  bytes from there to the end of the IP payload
	 * @returns       false where the data offset does not fit the length
	 */
	read(views: Views, at: number, length: number): boolean {
		if (length < TCP_HEADER) return false;
		const { u8 } = views;
		const headerLength = (u8[at + TCP_OFFSET]! >> 4) * 4;
		if (headerLength < TCP_HEADER || headerLength > length) return false;
		this.at = at;
		this.headerLength = headerLength;
		this.srcPort = (u8[at + TCP_SOURCE]! << 8) | u8[at + TCP_SOURCE + 1]!;
		this.dstPort = (u8[at + TCP_DESTINATION]! << 8) | u8[at + TCP_DESTINATION + 1]!;
		this.seq = read32(u8, at + TCP_SEQ);
		this.ack = read32(u8, at + TCP_ACK);
		this.wnd = (u8[at + TCP_WINDOW]! << 8) | u8[at + TCP_WINDOW + 1]!;
		this.up = (u8[at + TCP_URGENT]! << 8) | u8[at + TCP_URGENT + 1]!;
		const flags = u8[at + TCP_FLAGS]!;
		this.flags = flags;
		this.textAt = at + headerLength;
		this.textLength = length - headerLength;
		this.len = this.textLength + ((flags & SYN) >> 1) + (flags & FIN);
		return true;
	}

	/** Whether all of the flags are set. */
	has(flags: number): boolean { return (this.flags & flags) === flags; }

	/** Whether this is a bare acknowledgement. */
	get isPlainAck(): boolean { return (this.flags & (ACK | SYN | FIN)) === ACK && this.textLength === 0; }
}

/** A big-endian word as int32. */
export function read32(u8: Uint8Array, at: number): number {
	return (u8[at]! << 24) | (u8[at + 1]! << 16) | (u8[at + 2]! << 8) | u8[at + 3]!;
}

/** A word with its bytes in the other order. */
export function swap32(value: number): number {
	return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24);
}

export function write32(u8: Uint8Array, at: number, value: number): void {
	u8[at] = value >>> 24;
	u8[at + 1] = value >>> 16;
	u8[at + 2] = value >>> 8;
	u8[at + 3] = value;
}

export function write16(u8: Uint8Array, at: number, value: number): void {
	u8[at] = value >>> 8;
	u8[at + 1] = value;
}
