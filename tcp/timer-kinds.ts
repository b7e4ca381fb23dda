/** What the one retransmission timer of a connection is set for. */
/** RFC 6298 */
export const RETRANSMIT = 0;
/** a closed window is probed (RFC 9293 §3.8.6.1) */
export const PERSIST = 1;
/** the tail is probed (RFC 8985 §7) */
export const TAIL_PROBE = 2;
/** something overtaken is given a little time (RFC 8985 §6.3) */
export const REORDER = 3;
