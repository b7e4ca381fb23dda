import { kinds } from './kinds.ts';
import type { Trace } from './trace.ts';

/** A frame as the capture file of a run holds it. */
export interface TappedFrame {
	/** Its number in the file, from 1: what Wireshark shows. */
	readonly number: number;
	/** The interface it was seen on. */
	readonly interface: string;
	/** World time, µs. */
	readonly time: number;
	/** The event it was recorded for. */
	readonly event: number;
	/** Whether it left the tapped end; otherwise it arrived there. */
	readonly sent: boolean;
	/** The frame, borrowed from the trace. */
	readonly bytes: Uint8Array;
}

/** The interfaces of the capture file, in the order of their first tap. */
export function interfacesOf(trace: Trace): string[] {
	return [...new Set(trace.taps.map((tap) => tap.interface))];
}

/** The frames the taps saw, in the order of the capture file. */
export function tappedFrames(trace: Trace): TappedFrame[] {
	const byEnd = new Map(trace.taps.map((tap) => [`${tap.place}:${tap.port}`, tap]));
	const frames: TappedFrame[] = [];
	for (let event = 0; event < trace.length; event++) {
		const kind = trace.kindOf(event);
		const sent = kind === kinds.frameSent.code;
		if (!sent && kind !== kinds.frameArrived.code) continue;
		const tap = byEnd.get(`${trace.placeOf(event)}:${trace.slotOf(event, 0)}`);
		if (tap === undefined || (!sent && tap.sees === 'sent')) continue;
		frames.push({
			number: frames.length + 1,
			interface: tap.interface,
			time: trace.timeOf(event),
			event,
			sent,
			bytes: trace.bytesOf(event),
		});
	}
	return frames;
}
