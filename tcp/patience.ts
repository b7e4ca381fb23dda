import type { Tcp } from './engine.ts';
import { SYN_RECEIVED, SYN_SENT } from './states.ts';

/**
 * How long the peer may leave us without an answer, µs: until the handshake is
 * done, or until what was sent is acknowledged (the user timeout of RFC 9293
 * §3.8.3 and RFC 5482). 0: only the number of retransmissions counts.
 */
function patience(t: Tcp): number {
	const { state, limit } = t.tcb;
	if (state !== SYN_SENT && state !== SYN_RECEIVED) return limit.silence;
	return limit.open !== 0 ? limit.open : t.profile.openTimeout;
}

/** Whether the peer's time is over. */
export function isPatienceOver(t: Tcp): boolean {
	const limit = patience(t);
	return limit !== 0 && t.now - t.tcb.silent >= limit;
}

/** A deadline of the retransmission timer, moved forward to where patience ends. */
export function untilPatienceEnds(t: Tcp, deadline: number): number {
	const limit = patience(t);
	return limit === 0 ? deadline : Math.min(deadline, t.tcb.silent + limit);
}
