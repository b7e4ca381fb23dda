import { styleText } from 'node:util';
import type { Line, Tone } from '../study/index.ts';

type Style = Parameters<typeof styleText>[0];

const styles: { readonly [T in Tone]?: Style } = {
	log: 'cyan', repeat: ['bold', 'yellow'], first: 'yellow', client: 'blue', bad: 'red', good: 'green', faint: 'dim',
};

/** Columns where the output is no terminal. */
const DEFAULT_WIDTH = 110;

/** What is written on, and in which form. */
export class Screen {
	readonly width: number;
	readonly #colour: boolean;

	constructor() {
		const { stdout, env } = process;
		this.width = stdout.columns ?? (Number(env['COLUMNS']) || DEFAULT_WIDTH);
		// https://no-color.org: set and not empty.
		this.#colour = (env['NO_COLOR'] ?? '') === '' && (stdout.isTTY === true || (env['FORCE_COLOR'] ?? '0') !== '0');
	}

	/** A piece of text in a tone. */
	paint(text: string, tone: Tone): string {
		const style = styles[tone];
		// styleText asks the stream itself unless told not to; we have asked already.
		return !this.#colour || style === undefined ? text : styleText(style, text);
	}

	bold(text: string): string { return this.#colour ? styleText('bold', text) : text; }

	line(line: Line): void { this.print(line.map(({ text, tone }) => this.paint(text, tone)).join('')); }

	lines(lines: readonly Line[]): void { for (const line of lines) this.line(line); }

	/** Data: to stdout. */
	print(text: string = ''): void { process.stdout.write(`${text}\n`); }

	/** A message: to stderr. */
	say(text: string): void { process.stderr.write(`${text}\n`); }

	/** Progress: overwrites itself on a terminal, is not shown elsewhere. */
	progress(text: string): void {
		if (process.stderr.isTTY === true) process.stderr.write(`\r\u001b[K${text}`);
	}
}
