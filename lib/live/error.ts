/**
 * Something a live run needs or was given is not as it has to be. `remedy` is
 * what mends it, a command where there is one.
 */
export class LiveError extends Error {
	readonly code: string;
	readonly remedy: string;
	override readonly name: string = 'LiveError';

	/** @param code  stable, such as `TUN_MISSING` or `NOT_PERMITTED` */
	constructor(code: string, message: string, remedy: string = '') {
		super(remedy === '' ? message : `${message} ${remedy}`);
		this.code = code;
		this.remedy = remedy;
	}
}
