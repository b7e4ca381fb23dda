/** Phases of loss recovery. */
export const OPEN = 0;
/** losses are being repaired, told by SACK or duplicate ACKs (RFC 6675, RFC 6582, RFC 8985) */
export const FAST_RECOVERY = 1;
/** the retransmission timer has struck (RFC 5681 §3.1) */
export const AFTER_TIMEOUT = 2;
/** congestion was signalled and nothing is known to be lost: the window comes down (RFC 3168 §6.1.2) */
export const REDUCING = 3;
