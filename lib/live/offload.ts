/** A virtio_net_hdr: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset; numbers in the machine's own order, which is little-endian. */
export const OFFLOAD_HEAD = 10;
/** Offsets in it. */
export const OFFLOAD: { readonly flags: 0; readonly type: 1; readonly size: 4; readonly sumStart: 6; readonly sumOffset: 8 } = { flags: 0, type: 1, size: 4, sumStart: 6, sumOffset: 8 };

/** The checksum is that of the pseudo header alone; whoever sends or reads the packet does the rest. */
export const NEEDS_CSUM = 1;
/** Kinds of frames that are to be cut. */
export const GSO_NONE = 0;
export const GSO_TCPV4 = 1;
export const GSO_TCPV6 = 4;
/** Its CWR is the first segment's alone (RFC 3168 §6.1.2); set beside the kind. */
export const GSO_ECN = 0x80;

/** What the kernel may leave to us: the checksum need not be filled in; segments may be cut later, of IPv4, of IPv6, of those with CWR. */
export const TUN_F_CSUM = 1;
export const TUN_F_TSO4 = 2;
export const TUN_F_TSO6 = 4;
export const TUN_F_TSO_ECN = 8;
