// Numbers in network byte order (RFC 791 appendix B), read from and written to
// bytes at any alignment.

/** 16 bits, unsigned. */
export function get16(u8: Uint8Array, at: number): number {
	return (u8[at]! << 8) | u8[at + 1]!;
}

/** 32 bits, as a signed int32. */
export function get32(u8: Uint8Array, at: number): number {
	return (u8[at]! << 24) | (u8[at + 1]! << 16) | (u8[at + 2]! << 8) | u8[at + 3]!;
}

export function put16(u8: Uint8Array, at: number, value: number): void {
	u8[at] = value >> 8;
	u8[at + 1] = value;
}

export function put32(u8: Uint8Array, at: number, value: number): void {
	u8[at] = value >> 24;
	u8[at + 1] = value >> 16;
	u8[at + 2] = value >> 8;
	u8[at + 3] = value;
}

/** Whether `length` bytes at two places are the same. */
export function same(u8: Uint8Array, a: number, b: number, length: number): boolean {
	for (let i = 0; i < length; i++) if (u8[a + i] !== u8[b + i]) return false;
	return true;
}
