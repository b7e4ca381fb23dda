/** One end of a link: a place by its number, and a port of the machine there. */
export interface TraceEnd {
	readonly place: number;
	readonly port: number;
}

/** A link as a view needs it: whose frames go where. */
export interface TraceLink {
	readonly name: string;
	readonly a: TraceEnd;
	readonly b: TraceEnd;
}

/**
 * An end that is recorded under an interface name. `sees` says which frames:
 * `both` what leaves and arrives there, `sent` only what leaves. A whole link
 * is recorded by two taps of one name that see `sent`.
 */
export interface Tap extends TraceEnd {
	readonly interface: string;
	readonly sees: 'both' | 'sent';
}
