// IPv6 addresses in text: RFC 4291 §2.2 to read them, RFC 5952 to write them.
// In memory every address has 16 bytes; an IPv4 address is ::ffff:a.b.c.d
// (RFC 4291 §2.5.5.2).

/** Bytes of an address in memory. */
export const ADDRESS_LENGTH = 16;
/** Bytes of an Ethernet address. */
export const MAC_LENGTH = 6;

/** A text that is no address. */
export class AddressError extends Error {
	readonly code: string = 'ADDRESS_INVALID';
	override readonly name: string = 'AddressError';
}

/** An address and the length of its network's prefix; for IPv4 of 32 bits. */
export interface Prefix {
	readonly address: Uint8Array;
	readonly length: number;
}

/** The 6 bytes of `02:00:5e:10:00:01`. @throws AddressError */
export function parseMac(text: string): Uint8Array {
	if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text)) throw new AddressError(`'${text}' is no Ethernet address: write it like 02:00:00:00:00:01`);
	return Uint8Array.from(text.split(/[:-]/), (part) => Number.parseInt(part, 16));
}

export function formatMac(u8: Uint8Array, at: number = 0): string {
	return Array.from(u8.subarray(at, at + MAC_LENGTH), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Four bytes of dotted decimal; undefined where the text is none. */
function dotted(text: string): number[] | undefined {
	const parts = text.split('.');
	if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
	return parts.map(Number);
}

/** Bytes of one side of a `::`; undefined where the text is no groups. */
function groups(text: string): number[] | undefined {
	if (text === '') return [];
	const bytes: number[] = [];
	const parts = text.split(':');
	for (const [i, part] of parts.entries()) {
		const quad = i === parts.length - 1 ? dotted(part) : undefined;
		if (quad !== undefined) { bytes.push(...quad); continue; }
		if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
		const group = Number.parseInt(part, 16);
		bytes.push(group >> 8, group & 255);
	}
	return bytes;
}

function ipv6Bytes(text: string): number[] | undefined {
	const halves = text.split('::');
	if (halves.length > 2) return undefined;
	const head = groups(halves[0]!);
	const tail = halves.length === 2 ? groups(halves[1]!) : [];
	if (head === undefined || tail === undefined) return undefined;
	const left = ADDRESS_LENGTH - head.length - tail.length;
	// A `::` stands for at least one group; its left side cannot end in dotted decimal.
	if (halves.length === 2 ? left < 2 || halves[0]!.includes('.') : left !== 0) return undefined;
	return [...head, ...Array.from({ length: left }, () => 0), ...tail];
}

/** The 16 bytes of an IPv4 or IPv6 address. @throws AddressError */
export function parseAddress(text: string): Uint8Array {
	const quad = dotted(text);
	const bytes = quad === undefined ? ipv6Bytes(text) : [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...quad];
	if (bytes === undefined) throw new AddressError(`'${text}' is no IP address: write it like 10.0.0.1 or fe80::1`);
	return Uint8Array.from(bytes);
}

/** Address and prefix length of `10.0.0.1/24` or `2001:db8::1/64`. @throws AddressError */
export function parsePrefix(text: string): Prefix {
	const slash = text.indexOf('/');
	const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
	const width = isIpv4(address) && text.includes('.') ? 32 : 128;
	const length = Number(text.slice(slash + 1));
	if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1)) || length > width) throw new AddressError(`'${text}' has no prefix length of 0 to ${width}: write it like ${width === 32 ? '10.0.0.1/24' : 'fe80::1/64'}`);
	return { address, length };
}

/** Whether the 16 bytes are a v4-mapped address. */
export function isIpv4(u8: Uint8Array, at: number = 0): boolean {
	for (let i = 0; i < 10; i++) if (u8[at + i] !== 0) return false;
	return u8[at + 10] === 255 && u8[at + 11] === 255;
}

/** Start and length of the first longest run of two or more zero groups (RFC 5952 §4.2). */
function longestZeros(parts: readonly number[]): { from: number; count: number } {
	let best = { from: 8, count: 1 };
	for (let from = 0; from < 8; from++) {
		let count = 0;
		while (from + count < 8 && parts[from + count] === 0) count++;
		if (count > best.count) best = { from, count };
	}
	return best;
}

function hex(parts: readonly number[]): string {
	return parts.map((part) => part.toString(16)).join(':');
}

/** The text of 16 bytes: dotted decimal for IPv4, RFC 5952 for IPv6. */
export function formatAddress(u8: Uint8Array, at: number = 0): string {
	if (isIpv4(u8, at)) return u8.subarray(at + 12, at + 16).join('.');
	const parts = Array.from({ length: 8 }, (_, i) => (u8[at + 2 * i]! << 8) | u8[at + 2 * i + 1]!);
	const { from, count } = longestZeros(parts);
	return from === 8 ? hex(parts) : `${hex(parts.slice(0, from))}::${hex(parts.slice(from + count))}`;
}
