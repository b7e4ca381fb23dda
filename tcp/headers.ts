import type { Tcp } from './engine.ts';

// What stands in a packet around its text, bytes. Addresses are 16 bytes, and
// an IPv4 one is ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).

/** IP and TCP without options. */
export const HEADERS_4 = 40;
export const HEADERS_6 = 60;
/** The timestamps option as it is sent, filled up to whole words (RFC 7323, appendix A). */
export const TS_BYTES = 12;
/** The third word of ::ffff:a.b.c.d as this machine reads it. */
export const V4_MAPPED: number = 0xffff_0000 | 0;

/** Whether 16 bytes hold an IPv4 address. */
export function isIpv4(i32: Int32Array, at: number): boolean {
	const w = at >> 2;
	return i32[w] === 0 && i32[w + 1] === 0 && i32[w + 2] === V4_MAPPED;
}

/** Of the headers without options, for the connection at hand. */
export function headerBytes({ tcb, image }: Tcp): number { return isIpv4(image.i32, tcb.remote.addr) ? HEADERS_4 : HEADERS_6; }

/** Of the options in each of its segments. */
export function optionBytes({ tcb }: Tcp): number { return tcb.ts.on !== 0 ? TS_BYTES : 0; }
