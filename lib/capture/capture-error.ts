/**
 * What can be wrong with a capture:
 *
 * - `CAPTURE_CUT`: it ends in the middle of something
 * - `CAPTURE_DAMAGED`: a length or a number in it cannot be
 * - `CAPTURE_UNKNOWN`: it is no capture, or in a form that is not read here
 * - `CAPTURE_VERSION`: a version of its format that is not read here
 */
export type CaptureErrorCode = 'CAPTURE_CUT' | 'CAPTURE_DAMAGED' | 'CAPTURE_UNKNOWN' | 'CAPTURE_VERSION';

/** Why reading a capture ended early; every record before `offset` was good. */
export class CaptureError extends Error {
	override readonly name: string = 'CaptureError';
	readonly code: CaptureErrorCode;
	/** bytes into the capture (uncompressed): where the record begins that could not be used */
	readonly offset: number;

	constructor(code: CaptureErrorCode, offset: number, message: string) {
		super(`${message} (byte ${offset})`);
		this.code = code;
		this.offset = offset;
	}
}
