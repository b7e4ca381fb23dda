/** All held. */
export const EXIT_OK = 0;
/** A claim was violated, an input was damaged, two things differ. */
export const EXIT_VIOLATED = 1;
/** The command was not understood. */
export const EXIT_USAGE = 2;
/** The environment lacks something. */
export const EXIT_LACKING = 3;

/** Ends the command with a message on stderr and a code. */
export class CommandError extends Error {
	override readonly name: string = 'CommandError';
	readonly exitCode: number;

	constructor(message: string, exitCode: number = EXIT_USAGE) {
		super(message);
		this.exitCode = exitCode;
	}
}
