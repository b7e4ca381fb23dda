import { kinds } from './kinds.ts';
import type { Trace } from './trace.ts';

/** One frame on one link, from its sending to its end or ends. */
export interface Flight {
	/** Index of the `frameSent`. */
	readonly sent: number;
	/** Numbers of the places it goes from and to; `to` is −1 where nothing is plugged in. */
	readonly from: number;
	readonly to: number;
	/** Indices of its `frameArrived`: two when it was duplicated, none when it was lost. */
	readonly arrived: readonly number[];
	/** Index of its `frameLost`, or −1. A frame with neither is still in flight. */
	readonly lost: number;
	/** Whether the same bytes came out as went in, wherever it arrived. */
	readonly intact: boolean;
}

/** Whether two events carry the same bytes. */
export function sameBytes(trace: Trace, one: number, other: number): boolean {
	const a = trace.bytesOf(one);
	const b = trace.bytesOf(other);
	return a.length === b.length && (a.byteOffset === b.byteOffset || a.every((byte, i) => byte === b[i]));
}

/** Where a frame goes that `place` puts on a link. */
function farEnd(trace: Trace, sent: number): number {
	const link = trace.links[trace.slotOf(sent, 1)];
	if (link === undefined) return -1;
	const here = link.a.place === trace.placeOf(sent) && link.a.port === trace.slotOf(sent, 0);
	return here ? link.b.place : link.a.place;
}

/** Every frame with what became of it, in the order of sending: the arrows of a ladder. */
export function flightsOf(trace: Trace): Flight[] {
	const flights = new Map<number, { -readonly [K in keyof Flight]: Flight[K] } & { arrived: number[] }>();
	for (let event = 0; event < trace.length; event++) {
		const kind = trace.kindOf(event);
		if (kind === kinds.frameSent.code) {
			const from = trace.placeOf(event);
			flights.set(event, { sent: event, from, to: farEnd(trace, event), arrived: [], lost: -1, intact: true });
		} else if (kind === kinds.frameArrived.code || kind === kinds.frameLost.code) {
			const flight = flights.get(trace.slotOf(event, 2));
			if (flight === undefined) continue;
			if (kind === kinds.frameLost.code) flight.lost = event;
			else {
				flight.arrived.push(event);
				flight.intact &&= sameBytes(trace, flight.sent, event);
			}
		}
	}
	return [...flights.values()];
}
