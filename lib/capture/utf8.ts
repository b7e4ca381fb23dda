const REPLACEMENT = 0xfffd;

/** The UTF-8 form of a string (RFC 3629); a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length * 3);
	let at = 0;
	for (const character of text) {
		let point = character.codePointAt(0) ?? REPLACEMENT;
		if (point >= 0xd800 && point <= 0xdfff) point = REPLACEMENT;
		if (point < 0x80) {
			bytes[at++] = point;
		} else if (point < 0x800) {
			bytes[at++] = 0xc0 | (point >> 6);
			bytes[at++] = 0x80 | (point & 63);
		} else if (point < 0x10000) {
			bytes[at++] = 0xe0 | (point >> 12);
			bytes[at++] = 0x80 | ((point >> 6) & 63);
			bytes[at++] = 0x80 | (point & 63);
		} else {
			bytes[at++] = 0xf0 | (point >> 18);
			bytes[at++] = 0x80 | ((point >> 12) & 63);
			bytes[at++] = 0x80 | ((point >> 6) & 63);
			bytes[at++] = 0x80 | (point & 63);
		}
	}
	return bytes.slice(0, at);
}

/**
 * The string in UTF-8 bytes (RFC 3629). Every byte that begins no well-formed
 * sequence becomes one U+FFFD: a damaged comment is no damaged capture.
 */
export function decodeUtf8(bytes: Uint8Array, at: number, length: number): string {
	const end = Math.min(bytes.length, at + length);
	let text = '';
	let next = at;
	while (next < end) {
		const span = spanOf(bytes, next, end);
		text += String.fromCodePoint(span === 0 ? REPLACEMENT : pointOf(bytes, next, span));
		next += span === 0 ? 1 : span;
	}
	return text;
}

/** Length of the well-formed sequence that begins here, 0 where none does. */
function spanOf(bytes: Uint8Array, at: number, end: number): number {
	const lead = bytes[at] ?? 0;
	const span = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
	if (at + span > end) return 0;
	for (let i = 1; i < span; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
	const point = pointOf(bytes, at, span);
	// Overlong forms, surrogates and what lies above Unicode are not UTF-8 (RFC 3629 §3).
	if (span === 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return 0;
	if (span === 4 && (point < 0x10000 || point > 0x10ffff)) return 0;
	return span;
}

function pointOf(bytes: Uint8Array, at: number, span: number): number {
	const lead = bytes[at] ?? 0;
	if (span < 2) return lead;
	let point = lead & (0x7f >> span);
	for (let i = 1; i < span; i++) point = (point << 6) | ((bytes[at + i] ?? 0) & 63);
	return point;
}
