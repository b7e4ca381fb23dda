/**
 * A TCP segment as it was captured; one object, filled again and again. Its
 * bytes are borrowed: they hold until the reader is given more.
 */
export class Segment {
	/** counted from 1 over the whole capture */
	frame: number = 0;
	/** ns since the first packet of the capture; negative where time ran backwards; not exact beyond 104 days */
	time: number = 0;
	/** the same moment as whole seconds since the epoch, and nanoseconds */
	seconds: number = 0;
	nanos: number = 0;
	/** captured at 0 s of the epoch, which tshark takes for no time at all */
	isTimeless: boolean = false;
	/** where the segment and its addresses lie; the packet, or a datagram put together from fragments */
	bytes: Uint8Array = new Uint8Array();
	sourceAt: number = 0;
	destinationAt: number = 0;
	/** 4 or 16 */
	addressLength: number = 4;
	/** where the TCP header begins */
	at: number = 0;
	sourcePort: number = 0;
	destinationPort: number = 0;
	/** SEG.SEQ, as int32 */
	seq: number = 0;
	/** SEG.ACK, as int32 */
	ack: number = 0;
	/** twelve bits: what RFC 9293 reserves, too */
	flags: number = 0;
	/** SEG.WND as it stands in the header, unscaled */
	window: number = 0;
	/** bytes of header and options */
	headerLength: number = 0;
	/** bytes of data on the wire, from IP's lengths */
	length: number = 0;
	dataAt: number = 0;
	/** bytes of data that were captured */
	capturedLength: number = 0;
	/** bytes of options that were captured */
	optionsLength: number = 0;
	/** too little of the header is there to tell a connection by */
	isStub: boolean = false;
	/** all of header and options was captured */
	isHeaderWhole: boolean = false;
	/** its length is known, and it is no quotation in an ICMP error */
	isWhole: boolean = false;
	/** IP headers around the innermost one */
	tunnels: number = 0;
}
