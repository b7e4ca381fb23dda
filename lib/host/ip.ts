import type { Image } from '../memory/index.ts';
import { fold, sum } from '../wire/checksum.ts';
import { WIRE } from '../wire/drop.ts';
import { ETHERNET, ETHERTYPE_IPV4 } from '../wire/ethernet.ts';
import { IPV4, IPV4_MORE_FRAGMENTS, Ipv4Header, isFragment, parseIpv4 } from '../wire/ipv4.ts';
import { put16 } from '../wire/bytes.ts';
import { LIMITED_BROADCAST, isMulticast4, isUnicast4 } from './addresses.ts';
import type { Addresses } from './addresses.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import { Ip6 } from './ip6.ts';
import type { Neighbours } from './neighbours.ts';
import type { NetworkState } from './network-record.ts';
import type { Outbox } from './outbox.ts';
import { Packet } from './packet.ts';
import { KEPT } from './reassembly.ts';
import type { Reassembly } from './reassembly.ts';
import { SCRATCH_DESTINATION, SCRATCH_HOP, SCRATCH_SOURCE } from './scratch.ts';
import { DEFAULT_TTL, DONE, DONT_FRAGMENT, NO_ROOM, NO_ROUTE, TOO_LONG, TTL_SHIFT } from './sending.ts';
import { MAPPED_WORD, putMapped } from './word.ts';

export { DONE, DONT_FRAGMENT, NO_ROOM, NO_ROUTE, TOO_LONG, TTL_SHIFT } from './sending.ts';

/** Most bytes of an IPv4 packet: its length field has 16 bits. */
const LONGEST_PACKET = 65_535;
/** 224.0.0.1 as a word: the one group every host is in (RFC 1112 §4). */
const ALL_HOSTS = 0x0100_00e0;
/** Version 4, five words: the first byte of every header we make. */
const VERSION_AND_LENGTH = 0x45;

/** "More fragments" and the offset, in the second word's upper half as it lies in memory. */
const FRAGMENT_BITS = 0xff3f;

/** Exchanges the two bytes of 16 bits. */
function swap16(value: number): number {
	return ((value & 0xff) << 8) | (value >>> 8);
}

/** The Internet protocol of one host: takes packets in, and sends them out. */
export class Ip {
	/** The packet taken in last. */
	readonly packet: Packet = new Packet();
	readonly #image: Image;
	readonly #addresses: Addresses;
	readonly #counters: Counters;
	readonly #neighbours: Neighbours;
	readonly #outbox: Outbox;
	readonly #reassembly: Reassembly;
	readonly #v6: Ip6;
	readonly #scratch: number;
	readonly #header: Ipv4Header = new Ipv4Header();
	readonly #state: NetworkState;

	/** @param scratch  address of the network's scratch memory */
	constructor(image: Image, state: NetworkState, addresses: Addresses, counters: Counters, neighbours: Neighbours, outbox: Outbox, reassembly: Reassembly, scratch: number) {
		this.#image = image;
		this.#addresses = addresses;
		this.#counters = counters;
		this.#neighbours = neighbours;
		this.#outbox = outbox;
		this.#scratch = scratch;
		this.#state = state;
		this.#reassembly = reassembly;
		this.#v6 = new Ip6(image, state, addresses, counters, neighbours, outbox, reassembly, this.packet, scratch);
		putMapped(image.i32, scratch + SCRATCH_SOURCE, 0);
		putMapped(image.i32, scratch + SCRATCH_DESTINATION, 0);
	}

	/** Sets where the identification goes on, such as from the machine's entropy (RFC 7739 §5.3). */
	seed(id: number): void {
		this.#state.ip.id = id;
	}

	#drop(code: number): number {
		this.#counters.count(code);
		return DONE;
	}

	/**
	 * Takes in an IPv4 packet (RFC 1122 §3.2.1) and fills `packet`.
	 *
	 * @param at         its header, 4-aligned
	 * @param length     bytes from there to the end of the frame
	 * @param linkToAll  the Ethernet destination was a group
	 * @returns          the upper protocol's number; `DONE` where the packet was counted and is done with
	 */
	input4(at: number, length: number, linkToAll: boolean, now: number): number {
		if (!linkToAll && this.#plain4(at, length)) return this.packet.protocol;
		const header = this.#header;
		const why = parseIpv4(this.#image.u8, at, length, header);
		if (why !== 0) return this.#drop(why);
		if (sum(this.#image, at, header.headerLength) !== 0xffff) return this.#drop(WIRE.ipv4Checksum);
		const { i32 } = this.#image;
		const src = i32[(at + IPV4.source) >> 2]!;
		const dst = i32[(at + IPV4.destination) >> 2]!;
		const ours = this.#addresses.isOwn4(dst);
		const refused = this.#refusal4(src, dst, ours, linkToAll);
		if (refused !== 0) return this.#drop(refused);
		this.#describe4(src, dst, linkToAll || !ours);
		return isFragment(header) ? this.#fragment4(now) : header.protocol;
	}

	/**
	 * The short way of nearly every packet: a header of five words, no fragment,
	 * from one host to our first address, and nothing wrong. Anything else is
	 * false here and takes the long way, which finds a name for it.
	 */
	#plain4(at: number, length: number): boolean {
		const { i32 } = this.#image;
		const word = at >> 2;
		const w0 = i32[word]!, w1 = i32[word + 1]!, w2 = i32[word + 2]!, src = i32[word + 3]!, dst = i32[word + 4]!;
		const totalLength = swap16(w0 >>> 16);
		if ((w0 & 0xff) !== VERSION_AND_LENGTH || ((w1 >>> 16) & FRAGMENT_BITS) !== 0 || totalLength < IPV4.end || totalLength > length) return false;
		if (dst !== this.#addresses.first4 || dst === 0 || !this.#addresses.isOther4(src)) return false;
		const total = (w0 & 0xffff) + (w0 >>> 16) + (w1 & 0xffff) + (w1 >>> 16) + (w2 & 0xffff) + (w2 >>> 16) + (src & 0xffff) + (src >>> 16) + (dst & 0xffff) + (dst >>> 16);
		if (fold(total) !== 0xffff) return false;
		i32[(this.#scratch + SCRATCH_SOURCE + 12) >> 2] = src;
		i32[(this.#scratch + SCRATCH_DESTINATION + 12) >> 2] = dst;
		const packet = this.packet;
		packet.family = 4;
		packet.protocol = (w2 >>> 8) & 0xff;
		packet.srcAt = this.#scratch + SCRATCH_SOURCE;
		packet.dstAt = this.#scratch + SCRATCH_DESTINATION;
		packet.headerAt = at;
		packet.length = totalLength;
		packet.payloadAt = at + IPV4.end;
		packet.payloadLength = totalLength - IPV4.end;
		packet.ttl = w2 & 0xff;
		packet.trafficClass = (w0 >>> 8) & 0xff;
		packet.fragmented = false;
		packet.toMany = false;
		return true;
	}

	/** Fills `packet` from the header read last. */
	#describe4(src: number, dst: number, toMany: boolean): void {
		const { i32 } = this.#image;
		const header = this.#header;
		i32[(this.#scratch + SCRATCH_SOURCE + 12) >> 2] = src;
		i32[(this.#scratch + SCRATCH_DESTINATION + 12) >> 2] = dst;
		const packet = this.packet;
		packet.family = 4;
		packet.protocol = header.protocol;
		packet.srcAt = this.#scratch + SCRATCH_SOURCE;
		packet.dstAt = this.#scratch + SCRATCH_DESTINATION;
		packet.headerAt = header.at;
		packet.length = header.totalLength;
		packet.payloadAt = header.payloadAt;
		packet.payloadLength = header.payloadLength;
		packet.ttl = header.ttl;
		packet.trafficClass = header.trafficClass;
		packet.fragmented = false;
		packet.toMany = toMany;
	}

	/** Why a well-formed packet is not taken; 0 where it is (RFC 1122 §3.2.1.3, §3.2.1.8, §3.3.6). */
	#refusal4(src: number, dst: number, ours: boolean, linkToAll: boolean): number {
		const own = this.#addresses;
		const toAll = !ours && (own.isBroadcast4(dst) || dst === ALL_HOSTS);
		if (!ours && !toAll) return COUNT.ipv4NotForUs;
		if (linkToAll && !toAll) return COUNT.ipv4LinkBroadcast;
		if (!own.isOther4(src)) return COUNT.ipv4Source;
		return this.#header.sourceRoute ? COUNT.ipv4SourceRoute : 0;
	}

	/** Keeps a fragment; with the last one that was missing, `packet` is the whole datagram. */
	#fragment4(now: number): number {
		const header = this.#header;
		const { packet } = this;
		// RFC 791 §3.2: pieces but the last are whole units of 8 bytes, and none is empty.
		if (header.payloadLength === 0 || (header.moreFragments && (header.payloadLength & 7) !== 0)) return this.#drop(WIRE.ipv4FragmentLength);
		if (header.headerLength + header.fragmentOffset + header.payloadLength > LONGEST_PACKET) return this.#drop(COUNT.fragmentTooLong);
		const total = this.#reassembly.add(packet.srcAt, packet.dstAt, header.id, header.protocol, header.at, header.headerLength, header.payloadAt, header.payloadLength, header.fragmentOffset, header.moreFragments, now);
		if (total === KEPT) return DONE;
		const { at, headerLength } = this.#reassembly;
		const { u8 } = this.#image;
		put16(u8, at + IPV4.totalLength, headerLength + total);
		put16(u8, at + IPV4.fragment, 0);
		put16(u8, at + IPV4.checksum, 0);
		put16(u8, at + IPV4.checksum, sum(this.#image, at, headerLength) ^ 0xffff);
		packet.headerAt = at;
		packet.length = headerLength + total;
		packet.payloadAt = at + headerLength;
		packet.payloadLength = total;
		packet.fragmented = true;
		return header.protocol;
	}

	/** Fills `packet` from a first fragment that was kept, whose datagram never became whole. */
	describe(at: number, length: number): void {
		const { u8, i32 } = this.#image;
		if (u8[at]! >> 4 !== 4) return this.#v6.describe(at, length);
		parseIpv4(u8, at, length, this.#header);
		const dst = i32[(at + IPV4.destination) >> 2]!;
		this.#describe4(i32[(at + IPV4.source) >> 2]!, dst, !this.#addresses.isOwn4(dst));
	}

	/** Takes in an IPv6 packet: see `Ip6.input`. */
	input6(at: number, length: number, linkToAll: boolean, now: number): number {
		return this.#v6.input(at, length, linkToAll, now);
	}

	/**
	 * Sends one packet: headers are written in front of the payload where it lies.
	 *
	 * @param protocol   number of the upper protocol
	 * @param srcAt      16-byte own address, 4-aligned
	 * @param dstAt      16-byte address, 4-aligned
	 * @param payloadAt  4-aligned, with 64 bytes of room in front; what is sent in fragments is overwritten
	 * @param flags      traffic class, `DONT_FRAGMENT`, TTL << `TTL_SHIFT`
	 * @param hop        what the last call for this destination returned, else 0: a hint
	 * @returns          the next hop's record, to be kept as the hint; 0 where there
	 *                   is none to keep; `NO_ROUTE`, `TOO_LONG` or `NO_ROOM` where
	 *                   the packet was dropped and counted
	 */
	output(protocol: number, srcAt: number, dstAt: number, payloadAt: number, payloadLength: number, now: number, flags: number, hop: number): number {
		const { i32 } = this.#image;
		const d = dstAt >> 2;
		if (i32[d + 2] !== MAPPED_WORD || i32[d + 1] !== 0 || i32[d] !== 0) return this.#v6.output(protocol, srcAt, dstAt, payloadAt, payloadLength, now, flags, hop);
		const length = IPV4.end + payloadLength;
		const src = i32[(srcAt >> 2) + 3]!, dst = i32[d + 3]!;
		const id = this.#state.ip.id;
		this.#state.ip.id = id + 1;
		if (length > this.#addresses.mtu) return this.#sendPieces(protocol, src, dst, payloadAt, payloadLength, now, flags, id);
		const packetAt = payloadAt - IPV4.end;
		this.#header4(packetAt, length, protocol, src, dst, flags, id, 0);
		const next = this.#addresses.nextHop4(dst);
		if (hop > 0 && next !== 0 && this.#neighbours.isReady4(hop, next, now)) {
			this.#neighbours.header(hop, packetAt, now);
			this.#outbox.send(packetAt - ETHERNET.end, length + ETHERNET.end);
			return hop;
		}
		return this.#send4(packetAt, length, dst, next, now);
	}

	/** Sends a datagram in fragments (RFC 791 §3.2), each in front of its bytes, over the end of the one before, which is gone by then. */
	#sendPieces(protocol: number, src: number, dst: number, payloadAt: number, payloadLength: number, now: number, flags: number, id: number): number {
		if ((flags & DONT_FRAGMENT) !== 0 || IPV4.end + payloadLength > LONGEST_PACKET) return this.#unsent(COUNT.tooLarge, TOO_LONG);
		const most = (this.#addresses.mtu - IPV4.end) & ~7;
		let result = 0;
		for (let offset = 0; offset < payloadLength && result >= 0; offset += most) {
			const length = Math.min(most, payloadLength - offset);
			const more = offset + length < payloadLength ? IPV4_MORE_FRAGMENTS : 0;
			const packetAt = payloadAt + offset - IPV4.end;
			this.#header4(packetAt, IPV4.end + length, protocol, src, dst, flags, id, more | (offset >> 3));
			this.#counters.count(COUNT.fragmentsOut);
			result = this.#send4(packetAt, IPV4.end + length, dst, this.#addresses.nextHop4(dst), now);
		}
		return result;
	}

	/** The way of a packet whose neighbour is not at hand. */
	#send4(packetAt: number, length: number, dst: number, next: number, now: number): number {
		const own = this.#addresses;
		if (dst === LIMITED_BROADCAST || own.isBroadcast4(dst) || isMulticast4(dst)) return this.#sendToMany4(packetAt, length, dst);
		if (own.isOwn4(dst)) return this.#unsent(COUNT.toOurselves, NO_ROUTE);
		if (next === 0 || !isUnicast4(dst)) return this.#unsent(COUNT.noRoute, NO_ROUTE);
		const hopAt = this.#scratch + SCRATCH_HOP;
		putMapped(this.#image.i32, hopAt, next);
		return this.#neighbours.send(hopAt, packetAt, length, now) || NO_ROOM;
	}

	/** Broadcast and multicast need no neighbour (RFC 1112 §6.4 maps groups to 01:00:5e and 23 bits). */
	#sendToMany4(packetAt: number, length: number, dst: number): number {
		const { u8 } = this.#image;
		const frameAt = packetAt - ETHERNET.end;
		const group = isMulticast4(dst);
		u8.fill(0xff, frameAt, frameAt + 6);
		if (group) {
			put16(u8, frameAt, 0x0100);
			u8[frameAt + 2] = 0x5e;
			u8.copyWithin(frameAt + 3, packetAt + IPV4.destination + 1, packetAt + IPV4.destination + 4);
			u8[frameAt + 3]! &= 0x7f;
		}
		u8.set(this.#addresses.mac, frameAt + ETHERNET.source);
		put16(u8, frameAt + ETHERNET.type, ETHERTYPE_IPV4);
		this.#outbox.send(frameAt, length + ETHERNET.end);
		return 0;
	}

	#unsent(code: number, result: number): number {
		this.#counters.count(code);
		return result;
	}

	/** Writes a header of five words, each as the words of the image lie: low byte first. */
	#header4(at: number, length: number, protocol: number, src: number, dst: number, flags: number, id: number, fragment: number): void {
		const { i32 } = this.#image;
		const w0 = VERSION_AND_LENGTH | ((flags & 0xff) << 8) | (swap16(length) << 16);
		const w1 = swap16(id & 0xffff) | (swap16((flags & DONT_FRAGMENT) | fragment) << 16);
		const w2 = (((flags >>> TTL_SHIFT) & 0xff) || DEFAULT_TTL) | (protocol << 8);
		let total = (w0 & 0xffff) + (w0 >>> 16) + (w1 & 0xffff) + (w1 >>> 16) + w2 + (src & 0xffff) + (src >>> 16) + (dst & 0xffff) + (dst >>> 16);
		total = (total & 0xffff) + (total >>> 16);
		total = (total & 0xffff) + (total >>> 16);
		const word = at >> 2;
		i32[word] = w0;
		i32[word + 1] = w1;
		i32[word + 2] = w2 | ((total ^ 0xffff) << 16);
		i32[word + 3] = src;
		i32[word + 4] = dst;
	}
}
