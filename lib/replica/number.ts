import { get32, put32 } from '../wire/bytes.ts';

const HIGH = 0x1_0000_0000;

/** 64 bits in network byte order, two's complement; exact for safe integers, as indexes and times are. */
export function get64(u8: Uint8Array, at: number): number {
	return get32(u8, at) * HIGH + (get32(u8, at + 4) >>> 0);
}

/** Writes a safe integer as 64 bits in network byte order. */
export function put64(u8: Uint8Array, at: number, value: number): void {
	put32(u8, at, Math.floor(value / HIGH) | 0);
	put32(u8, at + 4, value | 0);
}

/** 32 bits in network byte order, unsigned. */
export function getU32(u8: Uint8Array, at: number): number {
	return get32(u8, at) >>> 0;
}

/**
 * Copies bytes between two memories, or within one. Short runs go byte by byte:
 * a view made for the copy costs more than the copy.
 */
export function copy(from: Uint8Array, at: number, length: number, to: Uint8Array, toAt: number): void {
	if (from === to) to.copyWithin(toAt, at, at + length);
	else if (length <= 96) for (let i = 0; i < length; i++) to[toAt + i] = from[at + i]!;
	else to.set(from.subarray(at, at + length), toAt);
}
