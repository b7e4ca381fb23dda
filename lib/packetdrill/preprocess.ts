import { Source } from './source.ts';

/**
 * What a script's `#ifdef` asks for and we say yes to. FreeBSD's scripts write down both what the RFCs say
 * (`STANDARD`) and what FreeBSD does; this project is judged by the RFCs.
 */
export const TAKEN_SYMBOLS: ReadonlySet<string> = new Set(['STANDARD']);

interface Branch {
	readonly start: number;
	readonly outerTaken: boolean;
	readonly condition: boolean;
	inElse: boolean;
}

const DIRECTIVE = /^[ \t]*#(ifdef|ifndef|else|endif)\b[ \t]*([A-Za-z_]\w*)?/;

/**
 * Blanks the lines of `#ifdef` branches not taken, and the directives themselves. Length and line breaks stay,
 * so that every offset still names the same place. Any other `#` line is a comment and left to the scanner.
 *
 * @throws ScriptError SCRIPT_DIRECTIVE where directives do not pair or name nothing
 */
export function preprocess(source: Source, symbols: ReadonlySet<string> = TAKEN_SYMBOLS): Source {
	if (!source.text.includes('#')) return source;
	const lines = source.text.split('\n');
	const open: Branch[] = [];
	let at = 0;
	for (let i = 0; i < lines.length; i++) {
		const line = lines[i] ?? '';
		const directive = DIRECTIVE.exec(line);
		if (directive !== null) follow(source, open, at, directive, symbols);
		if (directive !== null || !taken(open)) lines[i] = blank(line);
		at += line.length + 1;
	}
	const last = open.at(-1);
	if (last !== undefined) throw source.error('SCRIPT_DIRECTIVE', last.start, '#endif to this directive', 'the end of the script');
	return new Source(source.file, lines.join('\n'));
}

function follow(source: Source, open: Branch[], start: number, directive: RegExpExecArray, symbols: ReadonlySet<string>): void {
	const [, word, name] = directive;
	if (word === 'ifdef' || word === 'ifndef') {
		if (name === undefined) throw source.error('SCRIPT_DIRECTIVE', start, `a name after #${word}`, 'the end of the line');
		open.push({ start, outerTaken: taken(open), condition: symbols.has(name) === (word === 'ifdef'), inElse: false });
		return;
	}
	const branch = open.at(-1);
	if (branch === undefined) throw source.error('SCRIPT_DIRECTIVE', start, '#ifdef before this directive', `#${word}`);
	if (word === 'endif') {
		open.pop();
		return;
	}
	if (branch.inElse) throw source.error('SCRIPT_DIRECTIVE', start, '#endif', 'a second #else');
	branch.inElse = true;
}

function taken(open: readonly Branch[]): boolean {
	const branch = open.at(-1);
	return branch === undefined || (branch.outerTaken && branch.condition !== branch.inElse);
}

function blank(line: string): string {
	return ' '.repeat(line.length);
}
