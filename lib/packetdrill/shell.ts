/**
 * The shell of scripts, as far as it is needed to say what a command does: words, pipes and sequences.
 */

import { evaluate, makeScope, show } from './code-evaluate.ts';
import { parseCode } from './code-parse.ts';
import { CodeUnsupported } from './code-tree.ts';

/** Programs joined by pipes, each a list of words with quotes taken off. */
export interface Pipeline {
	readonly text: string;
	readonly programs: readonly (readonly string[])[];
	/** Where the last program's output goes, if not to the terminal. */
	readonly into: string | null;
	/** The first thing in it that we do not understand. */
	readonly beyond: string | null;
}

interface Word {
	readonly text: string;
	/** An operator of the shell, not a word: `;`, `|`, `>`… */
	readonly operator: boolean;
}

/** Cuts shell text into pipelines, which run one after another, each only if the one before it succeeded or `;` stands between. */
export function parseShell(text: string): Pipeline[] {
	const pipelines: Pipeline[] = [];
	let words: Word[] = [];
	const finish = (): void => {
		if (words.length > 0) pipelines.push(pipelineOf(words));
		words = [];
	};
	for (const word of splitWords(text)) {
		if (word.operator && (word.text === ';' || word.text === '\n' || word.text === '&&')) finish();
		else words.push(word);
	}
	finish();
	return pipelines;
}

function pipelineOf(words: readonly Word[]): Pipeline {
	const programs: string[][] = [[]];
	let into: string | null = null;
	let beyond: string | null = null;
	for (let i = 0; i < words.length; i++) {
		const { text: raw, operator } = words[i] ?? { text: '', operator: false };
		const text = operator ? raw : reckon(raw);
		if (!operator) {
			if (/[$*?]|^[({]$/.test(text)) beyond ??= text;
			programs.at(-1)?.push(text);
		} else if (text === '|') {
			programs.push([]);
		} else if (text === '||' && words[i + 1]?.text === 'true' && i + 2 === words.length) {
			break;
		} else if (text.includes('>') && words[i + 1]?.operator === false) {
			const target = words[++i]?.text ?? '';
			if (target !== '/dev/null' && !/^&[12]$/.test(target)) into = target;
		} else {
			beyond ??= text;
		}
	}
	if (programs.some((program) => program.length === 0)) beyond ??= 'an empty command';
	return { text: words.map(({ text }) => text).join(' '), programs, into, beyond };
}

/** Puts the value in the place of each `$((…))` of whole numbers. */
function reckon(word: string): string {
	return word.replace(/\$\(\(([\d\s+*()-]{1,80})\)\)/g, (whole, expression: string) => {
		try {
			const [statement] = parseCode(`x = ${expression}`);
			if (statement?.kind !== 'assign') return whole;
			return show(evaluate(statement.value, makeScope(new Map(), () => undefined), 0));
		} catch (error) {
			if (error instanceof CodeUnsupported) return whole;
			throw error;
		}
	});
}

const OPERATOR = /\n|;|&&|\|\||\||(?:\d|&)?>>?|<<?|&(?![12])/y;

function splitWords(text: string): Word[] {
	const words: Word[] = [];
	let at = 0;
	while (at < text.length) {
		const char = text[at] ?? '';
		OPERATOR.lastIndex = at;
		const operator = OPERATOR.exec(text)?.[0];
		if (operator !== undefined) {
			words.push({ text: operator, operator: true });
			at += operator.length;
		} else if (char === ' ' || char === '\t' || char === '\r') {
			at++;
		} else if (char === '\\' && text[at + 1] === '\n') {
			at += 2;
		} else if (char === '#') {
			while (at < text.length && text[at] !== '\n') at++;
		} else {
			const word = readWord(text, at);
			words.push({ text: word.text, operator: false });
			at = word.end;
		}
	}
	return words;
}

function readWord(text: string, start: number): { text: string; end: number } {
	let word = '';
	let at = start;
	while (at < text.length) {
		const char = text[at] ?? '';
		if (' \t\r\n;|<>'.includes(char) || (char === '&' && at > start)) break;
		if (char === '"' || char === '\'') {
			const close = text.indexOf(char, at + 1);
			const end = close === -1 ? text.length : close;
			word += text.slice(at + 1, end);
			at = end + 1;
		} else if (char === '\\') {
			word += text[at + 1] ?? '';
			at += 2;
		} else if (text.startsWith('$((', at) && text.includes('))', at)) {
			// It may hold blanks and marks that end a word elsewhere.
			const end = text.indexOf('))', at) + 2;
			word += text.slice(at, end);
			at = end;
		} else {
			word += char;
			at++;
		}
	}
	return { text: word, end: at };
}
