import { CodeUnsupported } from './code-tree.ts';

export interface CodeToken {
	readonly kind: 'name' | 'number' | 'string' | 'mark' | 'end';
	readonly text: string;
	/** Offset in the statement. */
	readonly start: number;
}

/** One statement of a block, comments and continuation marks blanked. */
export interface CodeLine {
	readonly line: number;
	readonly text: string;
}

/** Longer statements are refused, which bounds how deep an expression can be. */
const TOKEN_LIMIT = 2000;

/** Cuts a block into statements: at ends of lines and `;` outside of strings and brackets. */
export function splitStatements(code: string): CodeLine[] {
	const found: CodeLine[] = [];
	let text = '';
	let line = 0;
	let first = 0;
	let depth = 0;
	let blank = true;
	const finish = (): void => {
		if (!blank) found.push({ line: first, text: text.trim() });
		text = '';
		blank = true;
	};
	for (let at = 0; at < code.length; at++) {
		const char = code[at] ?? '';
		if (blank) first = line;
		if (char === '\n') line++;
		if (char === '#') {
			while (at + 1 < code.length && code[at + 1] !== '\n') at++;
		} else if (char === '"' || char === '\'') {
			const end = stringEnd(code, at);
			text += code.slice(at, end);
			blank = false;
			at = end - 1;
		} else if (char === '\\' && code[at + 1] === '\n') {
			text += ' ';
			at++;
			line++;
		} else if (depth <= 0 && (char === '\n' || char === ';')) {
			finish();
		} else {
			if ('([{'.includes(char)) depth++;
			else if (')]}'.includes(char)) depth--;
			text += char === '\n' ? ' ' : char;
			blank &&= char.trim() === '';
		}
	}
	finish();
	return found;
}

/** One past the quote that closes the string at `at`, or past the end of its line where none does. */
function stringEnd(text: string, at: number): number {
	const quote = text[at];
	for (let end = at + 1; end < text.length; end++) {
		if (text[end] === '\n') return end;
		if (text[end] === quote) return end + 1;
		if (text[end] === '\\' && text[end + 1] !== '\n') end++;
	}
	return text.length;
}

const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?/y;
const MARK = /\*\*=|\/\/=|<<=|>>=|\*\*|\/\/|<<|>>|[=!<>+\-*/%&|^]=|[-+*/%&|^~<>=()[\]{},.:;@]/y;

/** Cuts a statement into tokens, `end` last. */
export function scanStatement({ line, text }: CodeLine): CodeToken[] {
	const tokens: CodeToken[] = [];
	let at = 0;
	for (;;) {
		while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at++;
		if (at >= text.length) break;
		if (tokens.length >= TOKEN_LIMIT) throw new CodeUnsupported(line, `a statement of more than ${TOKEN_LIMIT} words`);
		const token = scanCode(text, at) ?? scanText(line, text, at);
		tokens.push(token.token);
		at = token.end;
	}
	tokens.push({ kind: 'end', text: '', start: text.length });
	return tokens;
}

function scanCode(text: string, at: number): { token: CodeToken; end: number } | null {
	for (const [kind, pattern] of [['name', NAME], ['number', NUMBER], ['mark', MARK]] as const) {
		pattern.lastIndex = at;
		const found = pattern.exec(text)?.[0];
		if (found !== undefined) return { token: { kind, text: found, start: at }, end: at + found.length };
	}
	return null;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', '\'': '\'' };

function scanText(line: number, text: string, at: number): { token: CodeToken; end: number } {
	const quote = text[at] ?? '';
	if (quote !== '"' && quote !== '\'') throw new CodeUnsupported(line, `'${quote}' in an expression`);
	const end = stringEnd(text, at);
	if (text[end - 1] !== quote || end < at + 2) throw new CodeUnsupported(line, 'a string that is not closed');
	let value = '';
	for (let i = at + 1; i < end - 1; i++) {
		const char = text[i] ?? '';
		const meant = char === '\\' ? ESCAPES[text[i + 1] ?? ''] : undefined;
		value += meant ?? char;
		if (meant !== undefined) i++;
	}
	return { token: { kind: 'string', text: value, start: at }, end };
}
