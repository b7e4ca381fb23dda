/** A trace could not take an event, or was asked for one it does not have. */
export class TraceError extends Error {
	/** `TRACE_FULL`, `TRACE_NO_EVENT`, `TRACE_UNKNOWN_KIND` */
	readonly code: string;

	constructor(code: string, message: string) {
		super(message);
		this.name = 'TraceError';
		this.code = code;
	}
}
