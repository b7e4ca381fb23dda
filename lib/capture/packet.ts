import { get16 } from '../wire/bytes.ts';

/**
 * Where decoding stands in one packet. Each layer's function reads its header,
 * moves `at` behind it and returns the next layer, or why there is none.
 */
export class Packet {
	bytes: Uint8Array = new Uint8Array();
	at: number = 0;
	/** behind the last byte that was captured of this layer's data */
	end: number = 0;
	/** behind the last byte it had on the wire: beyond `end` where the capture cut it */
	wireEnd: number = 0;
	/** where the innermost IP header says that its datagram ends, be it there or not */
	datagramEnd: number = 0;
	/** IPv6: what the header before said comes next */
	protocol: number = 0;
	/** addresses of the innermost IP header, in `bytes` */
	sourceAt: number = 0;
	destinationAt: number = 0;
	/** 4 or 16 */
	addressLength: number = 4;
	/** inside an ICMP error: a quotation, not a packet */
	isQuoted: boolean = false;
	/** a first fragment whose datagram cannot be put together: its length is not known */
	isPartial: boolean = false;
	/** of the outermost VLAN tag that names one; else 0 */
	vlan: number = 0;
	/** headers of one IP packet inside another that were gone through */
	tunnels: number = 0;

	start(bytes: Uint8Array, at: number, capturedLength: number, originalLength: number): void {
		this.bytes = bytes;
		this.at = at;
		this.end = at + capturedLength;
		this.wireEnd = at + Math.max(capturedLength, originalLength);
		this.isQuoted = false;
		this.isPartial = false;
		this.vlan = 0;
		this.tunnels = 0;
	}

	/** Whether this many bytes were captured from here on. */
	has(length: number): boolean {
		return this.at + length <= this.end;
	}

	u8(offset: number): number {
		return this.bytes[this.at + offset]!;
	}

	u16(offset: number): number {
		return get16(this.bytes, this.at + offset);
	}

	/** What lies behind this many bytes from here is padding. */
	limit(length: number): void {
		const wireEnd = this.at + length;
		if (wireEnd < this.wireEnd) this.wireEnd = wireEnd;
		if (wireEnd < this.end) this.end = wireEnd;
	}
}
