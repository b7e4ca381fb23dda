import type { ScriptError, ScriptErrorCode } from './error.ts';
import { isSpace, scanToken, skipBlank, wordEnd } from './scan.ts';
import type { Token, TokenKind } from './scan.ts';
import { Source } from './source.ts';

const NONE: ReadonlyMap<string, string> = new Map();

/** How deep values, quotes and expressions may nest. */
export const DEPTH_LIMIT = 64;

/**
 * A place in a script that moves forward token by token. Tokens are cut on demand, because some of the language
 * (flags, addresses, cookies, notes) is not made of them and is read as characters.
 */
export class Cursor {
	readonly source: Source;
	private defines = NONE;
	private at = 0;
	private ahead: Token | null = null;

	constructor(source: Source) {
		this.source = source;
	}

	/** From here on, words are replaced by what they are defined as. */
	define(defines: ReadonlyMap<string, string>): void {
		this.defines = defines;
		this.ahead = null;
	}

	/** The next token, not consumed. A word that is defined reads as what it is defined as. */
	peek(): Token {
		this.ahead ??= this.defined(scanToken(this.source, this.at));
		return this.ahead;
	}

	next(): Token {
		const token = this.peek();
		this.at = token.end;
		this.ahead = null;
		return token;
	}

	/** Where the next token starts. */
	get offset(): number {
		return this.peek().start;
	}

	is(text: string): boolean {
		const token = this.peek();
		return token.text === text && (token.kind === 'punctuation' || token.kind === 'word' || token.kind === 'ellipsis');
	}

	isKind(kind: TokenKind): boolean {
		return this.peek().kind === kind;
	}

	/** Consumes the next token if it is this word or mark. */
	accept(text: string): boolean {
		if (!this.is(text)) return false;
		this.next();
		return true;
	}

	expect(text: string, where: string): void {
		if (!this.accept(text)) throw this.wanted(`'${text}' ${where}`);
	}

	expectKind(kind: TokenKind, what: string): Token {
		if (!this.isKind(kind)) throw this.wanted(what);
		return this.next();
	}

	/** An unsigned decimal integer of at most `limit`. */
	integer(what: string, limit: number): number {
		const token = this.expectKind('integer', what);
		const value = Number(token.text);
		if (value > limit) throw this.source.error('SCRIPT_NUMBER', token.start, `${what} of at most ${limit}`, token.text);
		return value;
	}

	/** Consumes what matches here, with blanks and comments before it skipped. `pattern` must be sticky. */
	match(pattern: RegExp): string | null {
		const start = this.offset;
		pattern.lastIndex = start;
		const found = pattern.exec(this.source.text)?.[0];
		if (found === undefined || found === '') return null;
		this.moveTo(start + found.length);
		return found;
	}

	/** Whether `pattern`, which must be sticky, matches here. */
	sees(pattern: RegExp): boolean {
		pattern.lastIndex = skipBlank(this.source, this.at);
		return pattern.test(this.source.text);
	}

	/** Reads a bare word of letters and digits, such as a cookie; null where there is none. */
	bare(): string | null {
		const start = skipBlank(this.source, this.at);
		const end = wordEnd(this.source.text, start);
		if (end === start) return null;
		this.moveTo(end);
		const word = this.source.text.slice(start, end);
		return this.defines.get(word) ?? word;
	}

	/**
	 * Reads on the same line up to one of `stops`, which is not consumed; the text comes back trimmed.
	 */
	lineUpTo(stops: string): string {
		const { text } = this.source;
		let end = this.at;
		while (end < text.length && text[end] !== '\n' && !stops.includes(text[end] ?? '')) end++;
		const found = text.slice(this.at, end).trim();
		this.moveTo(end);
		return found;
	}

	/** Reads up to the parenthesis that closes one already open, which is consumed. */
	note(open: number): string {
		const { text } = this.source;
		let depth = 1;
		for (let end = this.at; end < text.length && text[end] !== '\n'; end++) {
			if (text[end] === '(') depth++;
			else if (text[end] === ')' && --depth === 0) {
				const found = text.slice(this.at, end).trim();
				this.moveTo(end + 1);
				return found;
			}
		}
		throw this.source.error('SCRIPT_UNTERMINATED', open, '\')\' to this \'(\'', 'the end of the line');
	}

	/** Reads the rest of an event that is not understood: to the end of the line, and on while lines begin no event. */
	restOfEvent(): string {
		const { text } = this.source;
		const start = this.at;
		let end = lineEnd(text, start);
		while (end < text.length) {
			let at = end + 1;
			while (at < text.length && text[at] !== '\n' && isSpace(text.charCodeAt(at))) at++;
			if (/[+*\d.`#/-]/.test(text[at] ?? '+') || text[at] === '\n') break;
			end = lineEnd(text, at);
		}
		this.moveTo(end);
		return text.slice(start, end).trim();
	}

	/** The error that something else was expected where the next token stands. */
	wanted(expected: string): ScriptError {
		return this.error('SCRIPT_SYNTAX', this.offset, expected);
	}

	error(code: ScriptErrorCode, offset: number, expected: string): ScriptError {
		return this.source.error(code, offset, expected, describe(scanToken(this.source, offset)));
	}

	private moveTo(offset: number): void {
		this.at = offset;
		this.ahead = null;
	}

	private defined(token: Token): Token {
		if (token.kind !== 'word') return token;
		const meant = this.defines.get(token.text);
		if (meant === undefined) return token;
		const { kind, text } = scanToken(new Source(this.source.file, meant), 0);
		if (kind === 'end') return token;
		return { kind, text, start: token.start, end: token.end };
	}
}

function lineEnd(text: string, at: number): number {
	const end = text.indexOf('\n', at);
	return end === -1 ? text.length : end;
}

function describe(token: Token): string {
	const text = token.text.length > 40 ? `${token.text.slice(0, 40)}…` : token.text;
	switch (token.kind) {
		case 'end':
			return 'the end of the script';
		case 'command':
			return 'a `command`';
		case 'code':
			return 'a %{ code block }%';
		case 'string':
			return `the string ${JSON.stringify(text)}`;
		default:
			return `'${text}'`;
	}
}
