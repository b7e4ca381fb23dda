/** What a user has not been told yet about a connection; bits. */
export const EVENT_OPEN = 1;
/** octets to read, or more of them */
export const EVENT_DATA = 2;
/** the peer has sent its FIN, and all before it was taken */
export const EVENT_FIN = 4;
/** octets were acknowledged: there is room to write */
export const EVENT_ROOM = 8;
/** it is CLOSED; `error` says why */
export const EVENT_END = 16;
/** a connection waits at a LISTEN to be accepted */
export const EVENT_ACCEPT = 32;
/** urgent data was announced (RFC 9293 §3.8.5) */
export const EVENT_URGENT = 64;
