/** A MAC address as its 48 bits, read from a frame. */
export function macAt(bytes: Uint8Array, at: number): number {
	const high = (bytes[at]! << 8) | bytes[at + 1]!;
	const low = ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0;
	return high * 0x1_0000_0000 + low;
}

/** A MAC address as people write it: `02:00:00:00:00:01`. */
export function macText(mac: number): string {
	return mac.toString(16).padStart(12, '0').replace(/..(?!$)/g, '$&:');
}

/** The 48 bits of a written MAC address; NaN for anything else. */
export function macFrom(text: string): number {
	return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : NaN;
}
