import { kinds } from '../trace/index.ts';
import type { Trace } from '../trace/index.ts';

/** Why a frame left a replica. */
export interface Origin {
	readonly why: 'released' | 'repeated' | 'announced';
	/** number of the output, or of the announcement */
	readonly number: number;
	/** the log entry it came from; 0 for an announcement */
	readonly entry: number;
}

/** One frame from the machine that sent it to all where it ended, through whatever switches. */
export interface Journey {
	/** the `frameSent` of the machine */
	readonly sent: number;
	readonly from: string;
	readonly port: number;
	/** the `frameArrived` events of the machines it came to */
	readonly arrived: readonly number[];
	/** the `frameLost` events on its way, without those of ports where nothing is plugged in */
	readonly lost: readonly number[];
	readonly origin: Origin | null;
}

interface Draft {
	readonly sent: number;
	readonly from: string;
	readonly port: number;
	readonly arrived: number[];
	readonly lost: number[];
	readonly origin: Origin | null;
}

const NO_LINK = 'no-link';

function originOf(trace: Trace, event: number): Origin | null {
	const numbers = { number: trace.slotOf(event, 0), entry: trace.slotOf(event, 1) };
	switch (trace.kindOf(event)) {
		case kinds.outputReleased.code: return { why: 'released', ...numbers };
		case kinds.outputRepeated.code: return { why: 'repeated', ...numbers };
		case kinds.announced.code: return { why: 'announced', number: numbers.number, entry: 0 };
		default: return null;
	}
}

/** Finds the journeys of a trace, in the order of sending. */
export function journeysOf(trace: Trace): Journey[] {
	const journeys: Draft[] = [];
	/** by the event that carries a journey on: its sendings and its arrivals at switches */
	const of = new Map<number, Draft>();
	const leaving = new Map<number, Origin[]>();
	for (let event = 0; event < trace.length; event++) {
		const kind = trace.kindOf(event), place = trace.placeOf(event);
		const origin = originOf(trace, event);
		if (origin !== null) leaving.set(place, [...(leaving.get(place) ?? []), origin]);
		const cause = trace.slotOf(event, 2);
		const name = trace.places[place] ?? '';
		// What had not left dies with the machine; another may begin at the same place.
		if (kind === kinds.crashed.code) leaving.delete(place);
		if (kind === kinds.frameSent.code) {
			const carried = name === 'switch' ? of.get(cause) : undefined;
			if (carried !== undefined) { of.set(event, carried); continue; }
			const port = trace.slotOf(event, 0);
			const draft: Draft = { sent: event, from: name, port, arrived: [], lost: [], origin: port === 0 ? leaving.get(place)?.shift() ?? null : null };
			journeys.push(draft);
			of.set(event, draft);
		} else if (kind === kinds.frameArrived.code) {
			const draft = of.get(cause);
			if (draft === undefined) continue;
			if (name === 'switch') of.set(event, draft);
			else draft.arrived.push(event);
		} else if (kind === kinds.frameLost.code && trace.names[trace.slotOf(event, 3)] !== NO_LINK) of.get(cause)?.lost.push(event);
	}
	return journeys;
}
