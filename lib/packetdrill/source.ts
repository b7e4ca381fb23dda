import { ScriptError } from './error.ts';
import type { Place, ScriptErrorCode } from './error.ts';

/** The text of one script, and the way from an offset in it to a line and a column. */
export class Source {
	readonly file: string;
	readonly text: string;
	private lineStarts: number[] | null = null;

	constructor(file: string, text: string) {
		this.file = file;
		this.text = text;
	}

	place(offset: number): Place {
		const starts = this.starts();
		let low = 0;
		let high = starts.length - 1;
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((starts[middle] ?? 0) <= offset) low = middle;
			else high = middle - 1;
		}
		return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
	}

	error(code: ScriptErrorCode, offset: number, expected: string, found: string): ScriptError {
		return new ScriptError(code, this.file, this.place(offset), expected, found);
	}

	private starts(): number[] {
		if (this.lineStarts !== null) return this.lineStarts;
		const starts = [0];
		let at = this.text.indexOf('\n');
		while (at !== -1) {
			starts.push(at + 1);
			at = this.text.indexOf('\n', at + 1);
		}
		this.lineStarts = starts;
		return starts;
	}
}
