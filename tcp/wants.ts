// Bits of a connection's `want`: what it is to do when everything that came has
// been taken in.

/** an ACK is owed now */
export const WANT_ACK = 1;
/** text or a FIN may be sent */
export const WANT_SEND = 2;
/** the first octets taken for lost are sent again whatever the congestion window says */
export const WANT_RESEND = 4;
/** what does not fill a segment waits this time: more is about to be written */
export const WANT_MORE = 8;
/** the record is on the list of those that want something */
export const LISTED = 0x80;
