// Addresses as the image's Int32Array reads them, so that none is swapped on the way of a packet.

/** Four bytes in memory order as one native word. */
export function wordOf(bytes: Uint8Array, at: number): number {
	return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Bytes 8 to 11 of a v4-mapped address. */
export const MAPPED_WORD = -65536;

/** Whether the 16 bytes at an address that is a multiple of 4 are v4-mapped. */
export function isMapped(i32: Int32Array, at: number): boolean {
	const word = at >> 2;
	return i32[word + 2] === MAPPED_WORD && i32[word + 1] === 0 && i32[word] === 0;
}

/** Writes an IPv4 word as 16 bytes. */
export function putMapped(i32: Int32Array, at: number, address: number): void {
	const word = at >> 2;
	i32[word] = 0;
	i32[word + 1] = 0;
	i32[word + 2] = MAPPED_WORD;
	i32[word + 3] = address;
}
