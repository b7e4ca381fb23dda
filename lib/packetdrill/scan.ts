import type { Source } from './source.ts';

export type TokenKind =
	| 'word' | 'integer' | 'hex' | 'float' | 'string' | 'command' | 'code' | 'option' | 'ellipsis' | 'punctuation' | 'end';

/**
 * One token. `text` is as written, but for `command` and `code` the text between the marks, for `string` the
 * bytes meant. Offsets are into the source; `end` is one past the last character.
 */
export interface Token {
	readonly kind: TokenKind;
	readonly text: string;
	readonly start: number;
	readonly end: number;
}

/** The first offset from `at` on that is neither white space nor comment. */
export function skipBlank(source: Source, at: number): number {
	const { text } = source;
	for (;;) {
		while (at < text.length && isSpace(text.charCodeAt(at))) at++;
		const char = text[at];
		if (char === '#' || (char === '/' && text[at + 1] === '/')) {
			const end = text.indexOf('\n', at);
			if (end === -1) return text.length;
			at = end + 1;
		} else if (char === '/' && text[at + 1] === '*') {
			const end = text.indexOf('*/', at + 2);
			if (end === -1) throw source.error('SCRIPT_UNTERMINATED', at, '*/ to this comment', 'the end of the script');
			at = end + 2;
		} else {
			return at;
		}
	}
}

/** Reads the token at or after `at`. A character that begins no token is a `punctuation` of its own. */
export function scanToken(source: Source, at: number): Token {
	const { text } = source;
	const start = skipBlank(source, at);
	if (start >= text.length) return { kind: 'end', text: '', start, end: start };
	const code = text.charCodeAt(start);
	if (isWordStart(code)) return slice(source, 'word', start, wordEnd(text, start));
	if (isDigit(code)) return scanNumber(source, start);
	switch (text[start]) {
		case '"':
			return scanString(source, start);
		case '`':
			return scanEnclosed(source, 'command', start, '`', '`');
		case '%':
			if (text[start + 1] === '{') return scanEnclosed(source, 'code', start, '%{', '}%');
			break;
		case '.':
			if (text.startsWith('...', start)) return slice(source, 'ellipsis', start, start + 3);
			if (isDigit(text.charCodeAt(start + 1))) return scanNumber(source, start);
			break;
		case '-':
			if (text[start + 1] === '-' && isWordStart(text.charCodeAt(start + 2))) return scanOption(source, start);
			break;
		default:
	}
	return slice(source, 'punctuation', start, start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1));
}

function slice(source: Source, kind: TokenKind, start: number, end: number): Token {
	return { kind, text: source.text.slice(start, end), start, end };
}

function scanNumber(source: Source, start: number): Token {
	const { text } = source;
	if (text[start] === '0' && (text[start + 1] === 'x' || text[start + 1] === 'X') && isHexDigit(text.charCodeAt(start + 2))) {
		let end = start + 2;
		while (isHexDigit(text.charCodeAt(end))) end++;
		return slice(source, 'hex', start, end);
	}
	let end = digitsEnd(text, start);
	// `0...0.2` is 0, an ellipsis and 0.2: a point counts only where a digit follows it.
	if (text[end] !== '.' || !isDigit(text.charCodeAt(end + 1))) return slice(source, 'integer', start, end);
	end = digitsEnd(text, end + 1);
	return slice(source, 'float', start, end);
}

function scanOption(source: Source, start: number): Token {
	const { text } = source;
	let end = start + 2;
	while (isWordPart(text.charCodeAt(end)) || text[end] === '-') end++;
	if (text[end] === '=') {
		end++;
		if (text[end] === '"') {
			end = scanString(source, end).end;
		} else {
			while (end < text.length && !isSpace(text.charCodeAt(end))) end++;
		}
	}
	return slice(source, 'option', start, end);
}

function scanEnclosed(source: Source, kind: TokenKind, start: number, open: string, close: string): Token {
	const end = source.text.indexOf(close, start + open.length);
	if (end === -1) throw source.error('SCRIPT_UNTERMINATED', start, `${close} to this ${open}`, 'the end of the script');
	return { kind, text: source.text.slice(start + open.length, end), start, end: end + close.length };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\\': '\\', '"': '"', '\'': '\'' };

function scanString(source: Source, start: number): Token {
	const { text } = source;
	let value = '';
	let at = start + 1;
	for (;;) {
		const char = text[at];
		if (char === undefined || char === '\n') throw source.error('SCRIPT_UNTERMINATED', start, '" to this string', char === undefined ? 'the end of the script' : 'the end of the line');
		if (char === '"') return { kind: 'string', text: value, start, end: at + 1 };
		if (char !== '\\') {
			value += char;
			at++;
			continue;
		}
		const escape = text[at + 1] ?? '';
		const hex = text.slice(at + 2, at + 4);
		if (escape === 'x' && /^[0-9a-fA-F]{2}$/.test(hex)) {
			value += String.fromCharCode(Number.parseInt(hex, 16));
			at += 4;
		} else {
			const meant = ESCAPES[escape];
			// An unknown escape stands for itself, the backslash included.
			value += meant ?? char;
			at += meant === undefined ? 1 : 2;
		}
	}
}

export function wordEnd(text: string, at: number): number {
	while (isWordPart(text.charCodeAt(at))) at++;
	return at;
}

function digitsEnd(text: string, at: number): number {
	while (isDigit(text.charCodeAt(at))) at++;
	return at;
}

export function isSpace(code: number): boolean {
	return code === 32 || (code >= 9 && code <= 13) || code === 0xfeff || code === 0xa0;
}

function isDigit(code: number): boolean {
	return code >= 48 && code <= 57;
}

function isHexDigit(code: number): boolean {
	return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

function isWordStart(code: number): boolean {
	return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function isWordPart(code: number): boolean {
	return isWordStart(code) || isDigit(code);
}
