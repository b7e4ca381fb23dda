/**
 * An IP packet that was received, is whole and is for us. One object, filled
 * again and again; addresses are bytes from the start of the image's memory and
 * good for the call alone.
 */
export class Packet {
	/** 4 or 6 */
	family: number = 0;
	/** number of the upper protocol, behind all extension headers */
	protocol: number = 0;
	/** 16-byte source address, 4-aligned */
	srcAt: number = 0;
	/** 16-byte destination address, 4-aligned */
	dstAt: number = 0;
	/** where the upper protocol's number stands in an IPv6 packet, bytes from its header */
	protocolAt: number = 0;
	/** code, pointer and reach of the parameter problem to tell the sender of, where IPv6 has refused it */
	problem: number = 0;
	pointer: number = 0;
	problemToMany: boolean = false;
	/** 6 bytes: the Ethernet source of the frame it came in, or of its last fragment */
	macAt: number = 0;
	/** the IP header */
	headerAt: number = 0;
	/** from the IP header to the end of the payload, bytes */
	length: number = 0;
	payloadAt: number = 0;
	payloadLength: number = 0;
	/** TTL or hop limit */
	ttl: number = 0;
	/** DSCP and ECN */
	trafficClass: number = 0;
	/** it was put together from fragments */
	fragmented: boolean = false;
	/** IP or Ethernet meant more hosts than us; then nothing answers with an error (RFC 1122 §3.2.2) */
	toMany: boolean = false;

	/** The ECN field (RFC 3168 §5): 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
	get ecn(): number {
		return this.trafficClass & 3;
	}
}
