import { OPTION_USER_TIMEOUT } from '../lib/wire/tcp.ts';
import type { Tcp } from './engine.ts';
import { write16 } from './segment.ts';
import { ESTABLISHED, TIME_WAIT } from './states.ts';
import { USER_TIMEOUT } from './user-options.ts';
import { WANT_ACK } from './wants.ts';

// The user timeout, and the option that tells the peer of it (RFC 5482). The
// option is advice: it is not negotiated, and nobody repeats it where it is lost
// (§3.2), apart from a SYN that is sent again.

/** L_LIMIT and U_LIMIT (§3.1), µs: no peer makes us give up sooner than RFC 1122 §4.2.3.5 allows, or wait for ever. */
const LEAST = 100_000_000, MOST = 3_600_000_000;
/** The granularity bit, and the largest number beside it (§3.3). */
const MINUTES = 0x8000, LARGEST = 0x7fff;
const SECOND = 1_000_000, MINUTE = 60_000_000;
/** Bytes of the option. */
export const UTO_BYTES = 4;

/**
 * Sets how long the peer may leave what was sent unacknowledged (RFC 9293
 * §3.9.1.1). From then on the peer's option does not change it (RFC 5482 §2,
 * CHANGEABLE); where the option is in use the peer is told.
 *
 * @param us  0: only the number of retransmissions counts, and the peer may change that
 */
export function setUserTimeout(t: Tcp, at: number, us: number): void {
	const { tcb } = t;
	tcb.go(at);
	tcb.limit.silence = us;
	tcb.uto.fixed = us !== 0 ? 1 : 0;
	if (us !== 0 && (tcb.options & USER_TIMEOUT) !== 0) advertise(t, us);
}

/**
 * Switches the option on (RFC 5482 §2, ENABLED), in both directions: the peer is
 * told, and what it tells is taken.
 *
 * @param us  ADV_UTO, at least a second
 */
export function advertiseUserTimeout(t: Tcp, at: number, us: number): void {
	const { tcb } = t;
	tcb.go(at);
	tcb.options |= USER_TIMEOUT;
	advertise(t, us);
}

function advertise(t: Tcp, us: number): void {
	const { tcb } = t;
	tcb.uto.advertised = us;
	tcb.uto.owed = 1;
	if (tcb.state >= ESTABLISHED && tcb.state !== TIME_WAIT) t.wants(WANT_ACK);
}

/** What a listener's user wants goes for its connections. */
export function inheritUserTimeout({ tcb, other }: Tcp): void {
	tcb.uto.advertised = other.uto.advertised;
	tcb.uto.fixed = other.uto.fixed;
	tcb.uto.owed = (tcb.options & USER_TIMEOUT) !== 0 ? 1 : 0;
}

/**
 * Takes the peer's option: USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO,
 * L_LIMIT)) (§3.1), and never less than the retransmission time-out.
 */
export function takeUserTimeout(t: Tcp): void {
	const { tcb, seg } = t;
	if ((tcb.options & USER_TIMEOUT) === 0 || tcb.uto.fixed !== 0) return;
	const longest = Math.max(tcb.uto.advertised, seg.userTimeout, LEAST);
	tcb.limit.silence = Math.max(Math.min(MOST, longest), tcb.rtt.rto);
}

/** The value of an option's two bytes, µs; 0 where it is the one that is to be ignored (§3.3). */
export function readUserTimeout(word: number): number {
	return (word & LARGEST) * ((word & MINUTES) !== 0 ? MINUTE : SECOND);
}

/** Writes the option: in seconds where they are enough, else in minutes, rounded up. */
export function writeUserTimeout(u8: Uint8Array, at: number, us: number): void {
	const seconds = Math.max(1, Math.ceil(us / SECOND));
	u8[at] = OPTION_USER_TIMEOUT;
	u8[at + 1] = UTO_BYTES;
	write16(u8, at + 2, seconds <= LARGEST ? seconds : MINUTES | Math.min(LARGEST, Math.ceil(us / MINUTE)));
}
