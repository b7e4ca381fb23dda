import type { Coordinates } from './axes.ts';

/**
 * `right`: each request was answered once, as by one machine. `late`: so, but
 * long after a takeover alone would have. `unanswered`: the application has no
 * answer to a request. `wrong`: it was told what one machine would not have told it.
 */
export type Verdict = 'right' | 'late' | 'unanswered' | 'wrong' | 'n/a';

/** Why a cell is not right; '' where it is. */
export type Reason =
	| ''
	/** the client was told of an execution that the surviving machine never made */
	| 'told-too-early'
	/** a request came twice, and nothing told the second from a new one */
	| 'asked-twice'
	/** a reply came twice, and nothing told the second from a new one */
	| 'no-memory'
	/** the reply was given up at the takeover */
	| 'neither-sent'
	/** a frame was lost, and nobody asked again */
	| 'not-asked-again'
	/** a timer had to mend it */
	| 'timer'
	/** none of these: a fault of the pair or of this study */
	| 'unexplained';

export const reasonTexts: { readonly [R in Exclude<Reason, ''>]: string } = {
	'told-too-early': 'the client was told of what the backup never heard of',
	'asked-twice': 'a request came twice, and without serials it was executed twice',
	'no-memory': 'a reply came twice, and UDP without serials believes it twice',
	'neither-sent': 'the reply was sent by neither side',
	'not-asked-again': 'a frame was lost, and nobody asked again',
	'timer': 'a timer had to mend it',
	'unexplained': 'nothing explains it',
};

/** What one world showed. */
export interface Cell extends Coordinates {
	/** the step before which the primary was killed; 0: it was not; −1 where the coordinates make no sense */
	readonly crash: number;
	readonly verdict: Verdict;
	readonly reason: Reason;
	/** frames with a reply that came to the client */
	readonly wire: number;
	/** what its application was given, in order */
	readonly seen: readonly string[];
	/** replies it dropped itself, by their serials */
	readonly dropped: number;
	/** what the counter stood at in the surviving machine when the client was done; the witness is not counted */
	readonly counter: number;
	/** whether what was sent again was the same, byte for byte; null where nothing was */
	readonly equal: boolean | null;
	/** the last error the application was told; '' for none */
	readonly error: string;
	/** how much longer the slowest answer took than without crash and fault, µs; null where an answer is missing */
	readonly delay: number | null;
	/** octets both ends keep at the end to tell a repeat from news */
	readonly memory: number;
	readonly linearizable: boolean;
	/** what the watch over the run says; 'ok' or a sentence */
	readonly watch: string;
}

const nothing = { wire: 0, seen: [], dropped: 0, counter: 0, equal: null, error: '', delay: null, memory: 0, linearizable: true, watch: 'ok' } as const;

/** A cell whose coordinates make no sense. */
export function senselessCell(coordinates: Coordinates): Cell {
	return { ...coordinates, crash: -1, verdict: 'n/a', reason: '', ...nothing };
}
