/**
 * What can be wrong with a replay that was asked for:
 *
 * - `REPLAY_NO_STREAM`: the capture has no such stream
 * - `REPLAY_NO_FRAME`: no such frame is played
 * - `REPLAY_TOO_LARGE`: the segments do not fit into the memory set aside for them
 */
export type ReplayErrorCode = 'REPLAY_NO_STREAM' | 'REPLAY_NO_FRAME' | 'REPLAY_TOO_LARGE';

/** A replay that cannot be done as it was asked for. */
export class ReplayError extends Error {
	override readonly name: string = 'ReplayError';
	readonly code: ReplayErrorCode;

	constructor(code: ReplayErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
