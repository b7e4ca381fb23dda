import type { TraceEvent } from '../trace/index.ts';
import { readLetter } from './letter-view.ts';
import type { LetterView } from './letter-view.ts';
import { readPacket } from './packet.ts';
import type { PacketView } from './packet.ts';
import type { Moment } from './stage.ts';

/** Which frames are meant. */
export type Fits = (packet: PacketView) => boolean;

/** Frames that carry text. */
export function carries(text: string): Fits {
	return ({ payload }) => String.fromCharCode(...payload).includes(text);
}

/** TCP segments with all of these flags set (bits of the header's flags octet). */
export function hasFlags(flags: number): Fits {
	return ({ segment }) => segment !== null && (segment.flags & flags) === flags;
}

/** A frame was put on the client network by a place. */
export function sent(place: string, fits: Fits): Moment {
	return (event: TraceEvent) => event.kind === 'frameSent' && event.place === place && event.port === 0 && fits(readPacket(event.bytes));
}

/** A frame of the client network was handed to a place. */
export function arrived(place: string, fits: Fits): Moment {
	return (event: TraceEvent) => event.kind === 'frameArrived' && event.place === place && event.port === 0 && fits(readPacket(event.bytes));
}

/** An output waits in the primary for the backup's acknowledgement. */
export function held(fits: Fits): Moment {
	return (event: TraceEvent) => event.kind === 'outputHeld' && fits(readPacket(event.bytes));
}

/** The backup has the entry that an output waits for, and the primary has not heard so yet: neither has sent it. */
export function receivedFor(fits: Fits): Moment {
	let entry = Infinity;
	return (event: TraceEvent) => {
		if (event.kind === 'outputHeld' && event.place === 'primary' && entry === Infinity && fits(readPacket(event.bytes))) entry = event.entry;
		return event.kind === 'entryReceived' && event.place === 'backup' && event.last >= entry;
	};
}

/** The primary logs that one of its machine's timers is due; `after` is seen first. */
export function timerLogged(after: Moment): Moment {
	let isSeen = false;
	return (event: TraceEvent) => {
		isSeen ||= after(event);
		return isSeen && event.kind === 'entryLogged' && event.place === 'primary' && event.of === 'wake';
	};
}

/** A client's application was given a reply. */
export function delivered(place: string, text: string): Moment {
	return (event: TraceEvent) => event.kind === 'delivered' && event.place === place && String.fromCharCode(...event.bytes).startsWith(text);
}

/** A message of the log channel was handed to a place. */
export function toldOf(place: string, what: LetterView['kind']): Moment {
	return (event: TraceEvent) => event.kind === 'frameArrived' && event.place === place && event.port === 1 && readLetter(event.bytes).kind === what;
}

/** The backup took over. */
export const tookOver: Moment = (event) => event.kind === 'tookOver';

/** A link's frames that fit: for scripted faults (`link.script`). */
export function frame(fits: Fits): (bytes: Uint8Array, at: number, length: number) => boolean {
	return (bytes, at, length) => fits(readPacket(bytes.slice(at, at + length)));
}

/** Messages of the log channel that carry an entry with this text: for scripted faults. */
export function logs(text: string): (bytes: Uint8Array, at: number, length: number) => boolean {
	return (bytes, at, length) => String.fromCharCode(...bytes.subarray(at, at + length)).includes(text);
}
