// What the first bytes of a record are (the LINKTYPE_ registry of tcpdump.org).

export const LINKTYPE_NULL = 0;
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_TOKEN_RING = 6;
export const LINKTYPE_ARCNET_BSD = 7;
export const LINKTYPE_PPP = 9;
export const LINKTYPE_FDDI = 10;
export const LINKTYPE_PPP_HDLC = 50;
export const LINKTYPE_PPP_ETHER = 51;
export const LINKTYPE_ATM_RFC1483 = 100;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_C_HDLC = 104;
export const LINKTYPE_IEEE802_11 = 105;
export const LINKTYPE_ATM_CLIP = 106;
export const LINKTYPE_FRELAY = 107;
export const LINKTYPE_LOOP = 108;
export const LINKTYPE_ENC = 109;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_PFLOG = 117;
export const LINKTYPE_IEEE802_11_PRISM = 119;
export const LINKTYPE_IP_OVER_FC = 122;
export const LINKTYPE_IEEE802_11_RADIOTAP = 127;
export const LINKTYPE_ARCNET_LINUX = 129;
export const LINKTYPE_APPLE_IP_OVER_IEEE1394 = 138;
export const LINKTYPE_IEEE802_11_AVS = 163;
export const LINKTYPE_JUNIPER_ETHER = 178;
export const LINKTYPE_PPI = 192;
export const LINKTYPE_PPP_WITH_DIR = 204;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const LINKTYPE_NFLOG = 239;
export const LINKTYPE_IPOIB = 242;
export const LINKTYPE_PKTAP = 258;
export const LINKTYPE_LINUX_SLL2 = 276;

/** In place of one: a block of a pcapng that holds no packet, and is counted as a frame. */
export const NO_LINK_TYPE = -1;

/** BSD's own number of ATM, which some files carry instead of 100. */
export const DLT_ATM_RFC1483 = 11;

/** BSD's own numbers of raw IP, which some files carry instead of 101. */
export const DLT_RAW = 12;
export const DLT_RAW_OPENBSD = 14;

/**
 * The link type in a pcap file header: above it stand the length of a frame
 * check sequence and the bit that says whether it is given
 * (draft-ietf-opsawg-pcap §4), between them bits that have to be zero.
 */
export function linkTypeOf(field: number): number {
	return field & 0xffff;
}

/** Bytes of frame check sequence at the end of every frame, where the field says so; else 0. It counts them in pairs. */
export function checkLengthOf(field: number): number {
	return (field & 0x0400_0000) === 0 ? 0 : (field >>> 28) * 2;
}

/** Whether the bits that have to be zero are. */
export function isLinkField(field: number): boolean {
	return (field & 0x03ff_0000) === 0;
}
