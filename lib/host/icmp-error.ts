/**
 * What an ICMP or ICMPv6 error says about a packet of ours. One object, filled
 * again and again; nothing in it can be trusted before it is held against a
 * connection (RFC 5927 §4).
 */
export class IcmpError {
	/** 4 or 6: whose types and codes they are */
	family: number = 0;
	type: number = 0;
	code: number = 0;
	/** the next hop's MTU where the packet was too big; 0 where the router named none (RFC 1191 §5) */
	mtu: number = 0;
	/** upper protocol of the packet of ours */
	protocol: number = 0;
	/** 16-byte address it came from: ours */
	localAt: number = 0;
	/** 16-byte address it went to */
	remoteAt: number = 0;
	localPort: number = 0;
	remotePort: number = 0;
	/** the sequence number where it was a TCP segment (RFC 5927 §4.1) */
	seq: number = 0;
	/** 16-byte address of who sent the error */
	fromAt: number = 0;
}
