import type { Image } from '../memory/index.ts';
import { put16, put32 } from '../wire/bytes.ts';
import { WIRE } from '../wire/drop.ts';
import { ETHERNET, ETHERTYPE_IPV6 } from '../wire/ethernet.ts';
import { FRAGMENT, FRAGMENT_HEADER, IPV6, IPV6_MINIMUM_MTU, Ipv6Header, PROBLEM_FIELD, parseIpv6 } from '../wire/ipv6.ts';
import type { Addresses } from './addresses.ts';
import { isMulticast6, isUnicast6, isUnspecified } from './addresses6.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { Neighbours } from './neighbours.ts';
import type { NetworkState } from './network-record.ts';
import type { Outbox } from './outbox.ts';
import type { Packet } from './packet.ts';
import { KEPT } from './reassembly.ts';
import type { Reassembly } from './reassembly.ts';
import { SCRATCH_HOP } from './scratch.ts';
import { DEFAULT_TTL, DONE, DONT_FRAGMENT, NO_ROOM, NO_ROUTE, PROBLEM, TOO_LONG, TTL_SHIFT } from './sending.ts';
import { isMapped } from './word.ts';

/** Most bytes behind an IPv6 header: its length field has 16 bits. */
const LONGEST_PAYLOAD = 65_535;

/** IPv6 of one host: takes packets in, and sends them out. */
export class Ip6 {
	readonly #image: Image;
	readonly #state: NetworkState;
	readonly #addresses: Addresses;
	readonly #counters: Counters;
	readonly #neighbours: Neighbours;
	readonly #outbox: Outbox;
	readonly #reassembly: Reassembly;
	readonly #packet: Packet;
	readonly #scratch: number;
	readonly #header: Ipv6Header = new Ipv6Header();

	/**
	 * @param packet   filled with what is taken in
	 * @param scratch  address of the network's scratch memory
	 */
	constructor(image: Image, state: NetworkState, addresses: Addresses, counters: Counters, neighbours: Neighbours, outbox: Outbox, reassembly: Reassembly, packet: Packet, scratch: number) {
		this.#image = image;
		this.#state = state;
		this.#addresses = addresses;
		this.#counters = counters;
		this.#neighbours = neighbours;
		this.#outbox = outbox;
		this.#reassembly = reassembly;
		this.#packet = packet;
		this.#scratch = scratch;
	}

	#drop(code: number): number {
		this.#counters.count(code);
		return DONE;
	}

	/**
	 * Takes in an IPv6 packet (RFC 8200) and fills the packet.
	 *
	 * @param at           its header, 4-aligned
	 * @param length       bytes from there to the end of the frame
	 * @param linkToGroup  the Ethernet destination was a group
	 * @returns            the upper protocol's number; `DONE` or `PROBLEM` where the packet was counted
	 */
	input(at: number, length: number, linkToGroup: boolean, now: number): number {
		const header = this.#header;
		const why = parseIpv6(this.#image.u8, at, length, header);
		// Without a problem to tell, what is damaged needs no further look.
		if (why !== 0 && header.problem < 0) return this.#drop(why);
		const refused = this.#refusal(at, linkToGroup);
		if (refused !== 0) return this.#drop(refused);
		this.#describe(linkToGroup);
		if (why !== 0) return this.#problem(why, header.problem, header.pointer, header.problemToMany);
		return header.fragmentAt === 0 ? header.protocol : this.#fragment(now);
	}

	/** Why a packet is not taken, by its addresses; 0 where it is. */
	#refusal(at: number, linkToGroup: boolean): number {
		const { u8, i32 } = this.#image;
		const own = this.#addresses.v6;
		const srcAt = at + IPV6.source, dstAt = at + IPV6.destination;
		const ours = own.isOwn(dstAt);
		if (!ours && !own.isGroupOfOurs(dstAt)) return COUNT.ipv6NotForUs;
		if (ours && linkToGroup) return COUNT.ipv6LinkGroup;
		// RFC 4291 §2.5.2: "::" is the source of who has no address yet, in neighbour discovery alone.
		if (isUnspecified(i32, srcAt) && isMulticast6(u8, dstAt)) return 0;
		return isUnicast6(i32, srcAt) && !own.isOwn(srcAt) ? 0 : COUNT.ipv6Source;
	}

	/** Fills the packet from the header read last. */
	#describe(linkToGroup: boolean): void {
		const header = this.#header, packet = this.#packet;
		packet.family = 6;
		packet.protocol = header.protocol;
		packet.protocolAt = header.protocolAt - header.at;
		packet.srcAt = header.at + IPV6.source;
		packet.dstAt = header.at + IPV6.destination;
		packet.headerAt = header.at;
		packet.length = header.totalLength;
		packet.payloadAt = header.payloadAt;
		packet.payloadLength = header.payloadLength;
		packet.ttl = header.hopLimit;
		packet.trafficClass = header.trafficClass;
		packet.fragmented = false;
		packet.toMany = linkToGroup || isMulticast6(this.#image.u8, packet.dstAt);
	}

	/** Fills the packet from a first fragment that was kept. */
	describe(at: number, length: number): void {
		parseIpv6(this.#image.u8, at, length, this.#header);
		this.#describe(false);
	}

	/** Drops the packet; the sender is to be told why. */
	#problem(why: number, code: number, pointer: number, toMany: boolean): number {
		this.#counters.count(why);
		const packet = this.#packet;
		packet.problem = code;
		packet.pointer = pointer;
		packet.problemToMany = toMany;
		return PROBLEM;
	}

	/** Keeps a fragment; with the last one that was missing, the packet is the whole datagram (RFC 8200 §4.5). */
	#fragment(now: number): number {
		const header = this.#header, packet = this.#packet;
		const length = header.payloadLength;
		if (header.moreFragments && (length & 7) !== 0) return this.#problem(WIRE.ipv6FragmentLength, PROBLEM_FIELD, IPV6.payloadLength, false);
		if (length === 0) return this.#drop(WIRE.ipv6FragmentLength);
		const before = header.fragmentAt - header.at - IPV6.end;
		if (before + header.fragmentOffset + length > LONGEST_PAYLOAD) return this.#problem(COUNT.fragmentTooLong, PROBLEM_FIELD, header.fragmentAt - header.at + FRAGMENT.offset, false);
		const total = this.#reassembly.add(packet.srcAt, packet.dstAt, header.fragmentId, 0, header.at, header.payloadAt - header.at, header.payloadAt, length, header.fragmentOffset, header.moreFragments, now);
		return total === KEPT ? DONE : this.#whole(total, packet.toMany);
	}

	/** Takes the fragment header out of what was put together, and reads it as if it had come whole. */
	#whole(total: number, toMany: boolean): number {
		const { u8 } = this.#image;
		const { at, headerLength } = this.#reassembly;
		const header = this.#header;
		parseIpv6(u8, at, headerLength + total, header);
		const { fragmentAt } = header;
		u8[header.fragmentNumberAt] = u8[fragmentAt + FRAGMENT.nextHeader]!;
		u8.copyWithin(fragmentAt, fragmentAt + FRAGMENT.end, at + headerLength + total);
		put16(u8, at + IPV6.payloadLength, headerLength - FRAGMENT.end - IPV6.end + total);
		const why = parseIpv6(u8, at, headerLength - FRAGMENT.end + total, header);
		if (why !== 0 && header.problem < 0) return this.#drop(why);
		this.#describe(toMany);
		this.#packet.fragmented = true;
		if (why !== 0) return this.#problem(why, header.problem, header.pointer, header.problemToMany);
		// RFC 8200 §4.5: fragments do not nest.
		return header.fragmentAt === 0 ? header.protocol : this.#drop(WIRE.ipv6Extension);
	}

	#unsent(code: number, result: number): number {
		this.#counters.count(code);
		return result;
	}

	/** Sends one packet: see `Ip.output`. */
	output(protocol: number, srcAt: number, dstAt: number, payloadAt: number, payloadLength: number, now: number, flags: number, hop: number): number {
		const own = this.#addresses.v6;
		const { u8, i32 } = this.#image;
		const many = isMulticast6(u8, dstAt);
		if (own.isOwn(dstAt)) return this.#unsent(COUNT.toOurselves, NO_ROUTE);
		if (!many && !isUnicast6(i32, dstAt) || isMapped(i32, srcAt)) return this.#unsent(COUNT.noRoute, NO_ROUTE);
		if (IPV6.end + payloadLength > this.#addresses.mtu) return this.#sendPieces(protocol, srcAt, dstAt, payloadAt, payloadLength, now, flags);
		const packetAt = payloadAt - IPV6.end;
		this.#putHeader(packetAt, payloadLength, protocol, srcAt, dstAt, flags);
		return many ? this.#sendToMany(packetAt, IPV6.end + payloadLength) : this.#send(packetAt, IPV6.end + payloadLength, dstAt, now, hop);
	}

	#send(packetAt: number, length: number, dstAt: number, now: number, hop: number): number {
		const own = this.#addresses.v6;
		let nextAt = dstAt;
		if (!own.isOnLink(dstAt)) {
			nextAt = this.#scratch + SCRATCH_HOP;
			if (!own.putGateway(nextAt)) return this.#unsent(COUNT.noRoute, NO_ROUTE);
		}
		if (hop > 0 && this.#neighbours.isReady6(hop, nextAt, now)) {
			this.#neighbours.header(hop, packetAt, now);
			this.#outbox.send(packetAt - ETHERNET.end, length + ETHERNET.end);
			return hop;
		}
		return this.#neighbours.send(nextAt, packetAt, length, now) || NO_ROOM;
	}

	/** RFC 2464 §7: a group's MAC is 33:33 and its last four bytes. */
	#sendToMany(packetAt: number, length: number): number {
		const { u8 } = this.#image;
		const frameAt = packetAt - ETHERNET.end;
		put16(u8, frameAt, 0x3333);
		u8.copyWithin(frameAt + 2, packetAt + IPV6.destination + 12, packetAt + IPV6.destination + 16);
		u8.set(this.#addresses.mac, frameAt + ETHERNET.source);
		put16(u8, frameAt + ETHERNET.type, ETHERTYPE_IPV6);
		this.#outbox.send(frameAt, length + ETHERNET.end);
		return 0;
	}

	/** Sends a datagram in fragments (RFC 8200 §4.5), each in front of its bytes, over the end of the one before, which is gone by then. */
	#sendPieces(protocol: number, srcAt: number, dstAt: number, payloadAt: number, payloadLength: number, now: number, flags: number): number {
		if ((flags & DONT_FRAGMENT) !== 0 || payloadLength > LONGEST_PAYLOAD - FRAGMENT.end) return this.#unsent(COUNT.tooLarge, TOO_LONG);
		const { u8 } = this.#image;
		const id = this.#state.ip.id;
		this.#state.ip.id = id + 1;
		const most = (Math.max(IPV6_MINIMUM_MTU, this.#addresses.mtu) - IPV6.end - FRAGMENT.end) & ~7;
		let result = 0;
		for (let offset = 0; offset < payloadLength && result >= 0; offset += most) {
			const length = Math.min(most, payloadLength - offset);
			const fragmentAt = payloadAt + offset - FRAGMENT.end;
			u8[fragmentAt + FRAGMENT.nextHeader] = protocol;
			u8[fragmentAt + FRAGMENT.reserved] = 0;
			put16(u8, fragmentAt + FRAGMENT.offset, offset | (offset + length < payloadLength ? 1 : 0));
			put32(u8, fragmentAt + FRAGMENT.id, id);
			const packetAt = fragmentAt - IPV6.end;
			this.#putHeader(packetAt, FRAGMENT.end + length, FRAGMENT_HEADER, srcAt, dstAt, flags);
			this.#counters.count(COUNT.fragmentsOut);
			const whole = IPV6.end + FRAGMENT.end + length;
			result = isMulticast6(u8, dstAt) ? this.#sendToMany(packetAt, whole) : this.#send(packetAt, whole, dstAt, now, 0);
		}
		return result;
	}

	/** Writes a header; its flow label is 0 (RFC 6437 §2 allows it). */
	#putHeader(at: number, payloadLength: number, protocol: number, srcAt: number, dstAt: number, flags: number): void {
		const { u8, i32 } = this.#image;
		put16(u8, at, 0x6000 | ((flags & 0xff) << 4));
		put16(u8, at + 2, 0);
		put16(u8, at + IPV6.payloadLength, payloadLength);
		u8[at + IPV6.nextHeader] = protocol;
		u8[at + IPV6.hopLimit] = ((flags >>> TTL_SHIFT) & 0xff) || DEFAULT_TTL;
		const to = (at + IPV6.source) >> 2;
		for (let i = 0; i < 4; i++) {
			i32[to + i] = i32[(srcAt >> 2) + i]!;
			i32[to + 4 + i] = i32[(dstAt >> 2) + i]!;
		}
	}
}
