// The layers that decoding goes through; each number is a case of the decoder's loop.
export const ETHERNET_LAYER = 0;
export const IP_LAYER = 1;
export const IPV6_LAYER = 2;
export const EXTENSION_LAYER = 3;
export const TCP_LAYER = 4;
export const UDP_LAYER = 5;
export const ICMP_LAYER = 6;
export const ICMPV6_LAYER = 7;
export const LLC_LAYER = 8;
export const PPP_LAYER = 9;
export const PPPOE_LAYER = 10;
export const MPLS_LAYER = 11;
export const GRE_LAYER = 12;
export const WLAN_LAYER = 13;
export const WLAN_SWAPPED_LAYER = 14;

/** Why a packet has no TCP segment to show; returned in place of a layer. */
export const SKIP_LINK_TYPE = -1;
export const SKIP_NOT_IP = -2;
export const SKIP_NOT_TCP = -3;
export const SKIP_FRAGMENT = -4;
export const SKIP_TUNNEL = -5;
export const SKIP_TRUNCATED = -6;
export const SKIP_MALFORMED = -7;

/**
 * Names of the reasons: of SKIP_LINK_TYPE first, and on in their order.
 *
 * - `link_type`: a link type that is not read here
 * - `not_ip`: ARP, spanning tree and whatever else is no IP
 * - `not_tcp`: IP, but nothing of TCP in it
 * - `fragment`: part of an IP datagram that was not whole yet
 * - `tunnel`: carried inside something that is not looked into
 * - `truncated`: the capture kept too little of it to tell
 * - `malformed`: a header contradicts itself
 */
export const skipReasons = ['link_type', 'not_ip', 'not_tcp', 'fragment', 'tunnel', 'truncated', 'malformed'] as const;

export type SkipReason = (typeof skipReasons)[number];
