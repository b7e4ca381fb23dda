/** Where in a script something stands: both numbers count from 1; a tab is one column. */
export interface Place {
	readonly line: number;
	readonly column: number;
}

/**
 * What can be wrong with a script.
 * `SCRIPT_SYNTAX` something else was expected here; `SCRIPT_UNTERMINATED` a string, comment, command, note or
 * code block is never closed; `SCRIPT_NUMBER` a number is out of range; `SCRIPT_DIRECTIVE` `#ifdef` and `#endif`
 * do not pair; `SCRIPT_DEPTH` values are nested deeper than any script needs.
 */
export type ScriptErrorCode =
	| 'SCRIPT_SYNTAX'
	| 'SCRIPT_UNTERMINATED'
	| 'SCRIPT_NUMBER'
	| 'SCRIPT_DIRECTIVE'
	| 'SCRIPT_DEPTH';

/** The only error that reading a script throws. Its message is `file:line:column: expected …, found …`. */
export class ScriptError extends Error {
	readonly code: ScriptErrorCode;
	readonly file: string;
	readonly line: number;
	readonly column: number;
	/** What would have been right here, in words. */
	readonly expected: string;
	/** What stands there, in words. */
	readonly found: string;

	constructor(code: ScriptErrorCode, file: string, place: Place, expected: string, found: string) {
		super(`${file}:${place.line}:${place.column}: expected ${expected}, found ${found}`);
		this.name = 'ScriptError';
		this.code = code;
		this.file = file;
		this.line = place.line;
		this.column = place.column;
		this.expected = expected;
		this.found = found;
	}
}
