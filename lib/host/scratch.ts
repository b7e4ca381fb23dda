// Where the network's part of the scratch memory lies: bytes from its start.
// Nothing in it outlives a call.

/** Source and destination of an IPv4 packet being read, as 16-byte addresses. */
export const SCRATCH_SOURCE = 0;
export const SCRATCH_DESTINATION = 16;
/** The two addresses in a datagram that an ICMP error tells of. */
export const SCRATCH_LOCAL = 32;
export const SCRATCH_REMOTE = 48;
/** The next hop being looked up. */
export const SCRATCH_HOP = 64;
/** Source chosen for a packet being sent. */
export const SCRATCH_CHOSEN = 80;
/** A MAC that a frame goes to. */
export const SCRATCH_MAC = 96;
/** A word for lengths. */
export const SCRATCH_WORD = 112;
/** Head of a queued datagram. */
export const SCRATCH_HEAD = 128;
/** An ARP or neighbour discovery frame; its payload is 4-aligned. */
export const SCRATCH_SOLICIT = 194;
/** A frame coming out of a queue. */
export const SCRATCH_FRAME = 386;

/** Room for headers in front of what is sent: Ethernet, IP and some to spare. */
export const HEADROOM = 64;
/** Longest IP payload there can be. */
export const LONGEST = 65536;

/** Start of an ICMP or UDP message being built, behind its headroom. */
export function scratchBody(mtu: number): number {
	return SCRATCH_FRAME + ((mtu + 127) & ~63) - 2 + HEADROOM;
}

/** Start of a datagram being put together from fragments: its IP header. */
export function scratchDatagram(mtu: number): number {
	return scratchBody(mtu) + LONGEST + HEADROOM;
}

/** Bytes of scratch the network needs; it begins at a multiple of 64. */
export function networkScratch(mtu: number): number {
	return scratchDatagram(mtu) + LONGEST + HEADROOM;
}
