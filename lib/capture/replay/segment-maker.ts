import { put16, put32 } from '../../wire/bytes.ts';
import { fold, sum } from '../../wire/checksum.ts';
import { ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts';
import { IPV4, IPV4_DONT_FRAGMENT } from '../../wire/ipv4.ts';
import { IPV6 } from '../../wire/ipv6.ts';
import { PROTOCOL_TCP, TCP_ACK, TCP_CHECKSUM, TCP_DESTINATION, TCP_FLAGS, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_URGENT, TCP_WINDOW } from '../../wire/tcp.ts';
import { newSlab } from './slabs.ts';
import type { Slab } from './slabs.ts';
import { MTU } from './station.ts';
import type { Station } from './station.ts';

/** An Ethernet header is 14 bytes: behind this the IP header lies on a word. */
const FRAME_AT = 2;
const IP_AT: number = FRAME_AT + ETHERNET.end;
const TTL = 64;
/** Up to so many bytes a loop is faster than a view and a copy. */
const FEW = 40;

/** Builds the TCP segments that one station sends to another, as frames; each takes the place of the one before. */
export class SegmentMaker {
	/** the frame is [at, at + length) of the memory */
	readonly memory: Slab = newSlab(2048);
	readonly at: number = FRAME_AT;
	length = 0;
	#tcpAt = 0;
	#isIpv6 = false;
	#id = 0;
	/** sum over both addresses and the protocol's number */
	#addresses = 0;

	/** A new conversation begins; its packets are of that family. */
	begin(own: Station, other: Station, isIpv6: boolean): void {
		const { u8 } = this.memory;
		this.#isIpv6 = isIpv6;
		this.#id = 0;
		this.#tcpAt = IP_AT + (isIpv6 ? IPV6.end : IPV4.end);
		u8.fill(0);
		u8.set(other.mac, FRAME_AT + ETHERNET.destination);
		u8.set(own.mac, FRAME_AT + ETHERNET.source);
		put16(u8, FRAME_AT + ETHERNET.type, isIpv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
		if (isIpv6) {
			u8[IP_AT] = 0x60;
			u8[IP_AT + IPV6.nextHeader] = PROTOCOL_TCP;
			u8[IP_AT + IPV6.hopLimit] = TTL;
			u8.set(own.ipv6, IP_AT + IPV6.source);
			u8.set(other.ipv6, IP_AT + IPV6.destination);
			this.#addresses = PROTOCOL_TCP + sum(this.memory, IP_AT + IPV6.source, 32);
		} else {
			u8[IP_AT] = 0x45;
			put16(u8, IP_AT + IPV4.fragment, IPV4_DONT_FRAGMENT);
			u8[IP_AT + IPV4.ttl] = TTL;
			u8[IP_AT + IPV4.protocol] = PROTOCOL_TCP;
			u8.set(own.ipv4, IP_AT + IPV4.source);
			u8.set(other.ipv4, IP_AT + IPV4.destination);
			this.#addresses = PROTOCOL_TCP + sum(this.memory, IP_AT + IPV4.source, 8);
		}
	}

	/** Most bytes of data behind a TCP header of that length. */
	room(header: number): number { return MTU - (this.#tcpAt - IP_AT) - header; }

	/** Writes a TCP header but its options; `ack` and `seq` are int32. */
	header(source: number, destination: number, seq: number, ack: number, length: number, flags: number, window: number, urgent: number): void {
		const { u8 } = this.memory, at = this.#tcpAt;
		put16(u8, at + TCP_SOURCE, source);
		put16(u8, at + TCP_DESTINATION, destination);
		put32(u8, at + TCP_SEQ, seq);
		put32(u8, at + TCP_ACK, ack);
		u8[at + TCP_OFFSET] = ((length >> 2) << 4) | ((flags >> 8) & 15);
		u8[at + TCP_FLAGS] = flags;
		put16(u8, at + TCP_WINDOW, window);
		put16(u8, at + TCP_URGENT, urgent);
	}

	/** Copies options or data to their place, counted from the TCP header. */
	put(offset: number, bytes: Uint8Array, at: number, length: number): void {
		const { u8 } = this.memory, to = this.#tcpAt + offset;
		if (length > FEW) u8.set(bytes.subarray(at, at + length), to);
		else for (let i = 0; i < length; i++) u8[to + i] = bytes[at + i]!;
	}

	/** Zeros in place of data. */
	fill(offset: number, length: number): void {
		this.memory.u8.fill(0, this.#tcpAt + offset, this.#tcpAt + offset + length);
	}

	/** One byte, counted from the TCP header. */
	byte(offset: number, value: number): void { this.memory.u8[this.#tcpAt + offset] = value; }

	/** 32 bits, counted from the TCP header. */
	word(offset: number, value: number): void { put32(this.memory.u8, this.#tcpAt + offset, value); }

	/**
	 * Fills in lengths and checksums.
	 *
	 * @param header   bytes of header and options
	 * @param data     bytes behind them
	 * @param dataSum  their ones' complement sum where it is known; negative: it is computed
	 */
	finish(header: number, data: number, dataSum: number): void {
		const { memory } = this, { u8 } = memory, at = this.#tcpAt, length = header + data;
		if (this.#isIpv6) put16(u8, IP_AT + IPV6.payloadLength, length);
		else {
			put16(u8, IP_AT + IPV4.totalLength, IPV4.end + length);
			put16(u8, IP_AT + IPV4.id, this.#id);
			this.#id = (this.#id + 1) & 0xffff;
			put16(u8, IP_AT + IPV4.checksum, 0);
			put16(u8, IP_AT + IPV4.checksum, sum(memory, IP_AT, IPV4.end) ^ 0xffff);
		}
		put16(u8, at + TCP_CHECKSUM, 0);
		const total = dataSum < 0 ? sum(memory, at, length) : sum(memory, at, header) + dataSum;
		put16(u8, at + TCP_CHECKSUM, fold(this.#addresses + length + total) ^ 0xffff);
		this.length = at - FRAME_AT + length;
	}
}
