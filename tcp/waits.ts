import type { Tcp } from './engine.ts';

/** What sending waits for, as `waits.kind` says: nothing is to be sent */
export const IDLE = 0;
/** the network: its delay and its window */
export const NETWORK = 1;
/** the peer's window, which has no room for the next segment */
export const WINDOW = 2;
/** the user, who has more to write than there is room for, while all there is has been sent */
export const BUFFER = 3;

function waitsFor({ tcb }: Tcp): number {
	const { snd, sendq, waits } = tcb;
	const left = sendq.length - ((snd.nxt - snd.una) | 0);
	if (left <= 0) return waits.full !== 0 ? BUFFER : NETWORK;
	return ((snd.una + snd.wnd - snd.nxt) | 0) < Math.min(left, snd.mss) ? WINDOW : NETWORK;
}

/** Everything that may be sent now was: notes what the rest waits for, if that has changed. */
export function noteWait(t: Tcp): void {
	const { waits, sendq } = t.tcb;
	const kind = sendq.length === 0 ? IDLE : waitsFor(t);
	if (kind === waits.kind) return;
	const spent = waited(t);
	if (waits.kind !== IDLE) waits.busy += spent;
	if (waits.kind === WINDOW) waits.window += spent;
	else if (waits.kind === BUFFER) waits.buffer += spent;
	waits.kind = kind;
	waits.since = t.now;
}

/** How long it has waited for what it waits for now, µs. */
export function waited(t: Tcp): number { return t.now - t.tcb.waits.since; }
