// What a packet is sent with: bits 0 to 7 the traffic class, bit 14 "don't fragment", bits 16 to 23 the TTL (0: the default).

/** The packet may not be fragmented, not even by us (RFC 791 §3.1). */
export const DONT_FRAGMENT = 0x4000;
export const TTL_SHIFT = 16;
/** RFC 1122 §3.2.1.7 and RFC 1700: the default TTL, and hop limit. */
export const DEFAULT_TTL = 64;

// What `output` returns where nothing went out; records have positive addresses.
/** No route to that address. */
export const NO_ROUTE = -1;
/** Longer than the MTU, or than a packet can be. */
export const TOO_LONG = -2;
/** No room to keep it until its neighbour is known. */
export const NO_ROOM = -3;

// What `input` returns besides an upper protocol's number.
/** Nothing of a packet is left for upper protocols. */
export const DONE = -1;
/** Neither, but the sender is to be told of a parameter problem (RFC 4443 §3.4). */
export const PROBLEM = -2;
