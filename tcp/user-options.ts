/** Options of the user; bits of `tcb.options`. */
export const NO_DELAY = 1;
export const KEEP_ALIVE = 2;
/** hold back what does not fill a segment until told otherwise */
export const CORK = 4;
/** a SYN carries no options, and none is agreed to */
export const NO_OPTIONS = 8;
/** Fast Open (RFC 7413): a listener takes the text of SYNs, a client sends it with them */
export const FAST_OPEN = 16;
/** the user timeout option (RFC 5482) is sent, and taken */
export const USER_TIMEOUT = 64;
/** nothing that is queued is held back, until more is written */
export const PUSHED = 32;
/** nothing will be read any more: once we have closed, text is answered as if nobody held the connection */
export const UNREAD = 128;
