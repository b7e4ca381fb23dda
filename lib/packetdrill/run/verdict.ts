/** What came of a script. Anything it uses that is not supported here makes it `unsupported`, never `pass`. */
export interface Verdict {
	readonly file: string;
	readonly ok: boolean;
	readonly status: 'pass' | 'fail' | 'unsupported';
	/** Line of the script the message is about; null where it is about none. */
	readonly line: number | null;
	/** What was expected, what came, and the frames around it; empty for a script that passed and has nothing to tell. */
	readonly message: string;
}

/** Thrown inside the room where the stack did not do what the script says; `line` is filled in by the runner. */
export class Mismatch extends Error {
	readonly code = 'SCRIPT_MISMATCH' as const;
	override readonly name: string = 'Mismatch';
	readonly line: number | null;

	constructor(message: string, line: number | null = null) {
		super(message);
		this.line = line;
	}
}

/** Thrown inside the room where a script uses what the runner or the stack does not have. */
export class Unsupported extends Error {
	readonly code = 'SCRIPT_UNSUPPORTED' as const;
	override readonly name: string = 'Unsupported';
	readonly line: number | null;

	constructor(what: string, line: number | null = null) {
		super(what);
		this.line = line;
	}
}
