/** Connection states (RFC 9293 §3.3.2), numbered so that "at least ESTABLISHED" is a comparison. */
export const CLOSED = 0;
export const LISTEN = 1;
export const SYN_SENT = 2;
export const SYN_RECEIVED = 3;
export const ESTABLISHED = 4;
export const FIN_WAIT_1 = 5;
export const FIN_WAIT_2 = 6;
export const CLOSE_WAIT = 7;
export const CLOSING = 8;
export const LAST_ACK = 9;
export const TIME_WAIT = 10;

/** The names the RFC writes. */
export const stateNames: readonly string[] = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];

/** States in which the user may still hand over data: no FIN is queued or sent. */
export function maySend(state: number): boolean { return state === ESTABLISHED || state === CLOSE_WAIT || state === SYN_SENT || state === SYN_RECEIVED; }

/** States in which text of the peer is taken (RFC 9293 §3.10.7.4, seventh check). */
export function mayReceive(state: number): boolean { return state === ESTABLISHED || state === FIN_WAIT_1 || state === FIN_WAIT_2; }
