import type { Tcp } from './engine.ts';

/** Where a connection stands with Fast Open (RFC 7413): not at all. */
export const FAST_NONE = 0;
/** our SYN asks for a cookie */
export const FAST_ASKS = 1;
/** our SYN shows a cookie, and bears text */
export const FAST_SENDS = 2;
/** our <SYN,ACK> gives a cookie */
export const FAST_GIVES = 3;
/** the same, in the form of an experiment (RFC 7413 §4.1.1, RFC 6994), as the peer asked */
export const FAST_GIVES_EXPERIMENT = 5;
/** the text of the peer's SYN was taken and its user has the connection; the ACK of our SYN is awaited */
export const FAST_TAKEN = 4;

/** The handshake of a connection given to its user early is done, or never will be. */
export function endPassive(t: Tcp): void {
	t.tcb.fast = FAST_NONE;
	t.root.fast--;
}
