/** A world was built or driven in a way it cannot be. */
export class WorldError extends Error {
	/**
	 * `UNKNOWN_PLACE`, `UNKNOWN_LINK`, `NAME_TAKEN`, `PORT_TAKEN`, `BAD_OPTION`, `BAD_WAKE`,
	 * `NOT_SAVEABLE`, `NOT_DEAD`, `DEAD`, `ENDLESS_ACTIONS`, `NO_CHOICE`
	 */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.name = 'WorldError';
		this.code = code;
	}
}
