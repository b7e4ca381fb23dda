/** ASCII text as bytes. */
export function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
}

/** Bytes as ASCII text; what is none becomes '?'. */
export function textOf(bytes: Uint8Array, at: number = 0, length: number = bytes.length - at): string {
	let text = '';
	for (let i = at; i < at + length; i++) text += bytes[i]! >= 0x20 && bytes[i]! < 0x7f ? String.fromCharCode(bytes[i]!) : '?';
	return text;
}

/** Where the first newline is; −1 where there is none. */
export function newline(bytes: Uint8Array, at: number, length: number): number {
	for (let i = at; i < at + length; i++) if (bytes[i] === 0x0a) return i;
	return -1;
}
