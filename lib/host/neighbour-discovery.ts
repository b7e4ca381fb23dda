import type { Image } from '../memory/index.ts';
import { put16 } from '../wire/bytes.ts';
import { WIRE } from '../wire/drop.ts';
import { ETHERNET, ETHERTYPE_IPV6, isGroup } from '../wire/ethernet.ts';
import { ICMP } from '../wire/icmp.ts';
import {
	MAC_OPTION, NA_OVERRIDE, NA_SOLICITED, ND, ND_HOP_LIMIT, NEIGHBOUR_ADVERTISEMENT, NEIGHBOUR_SOLICITATION, NdOptions,
	OPTION_SOURCE_MAC, OPTION_TARGET_MAC, parseNdOptions, putMacOption,
} from '../wire/icmpv6.ts';
import { IPV6, PROTOCOL_ICMPV6 } from '../wire/ipv6.ts';
import { checksumOf } from '../wire/pseudo-header.ts';
import type { Addresses } from './addresses.ts';
import { isMulticast6, isUnspecified } from './addresses6.ts';
import { COUNT } from './counters.ts';
import type { Neighbour, Neighbours } from './neighbours.ts';
import type { Outbox } from './outbox.ts';
import type { Packet } from './packet.ts';
import { SCRATCH_MAC, SCRATCH_SOLICIT } from './scratch.ts';

/** Bytes of a message with one MAC. */
const LENGTH = ND.end + MAC_OPTION;
/** Last word of ff02::1, and its first. */
const ALL_NODES_FIRST = 0x0000_02ff;
const ALL_NODES_LAST = 0x0100_0000;

/**
 * Neighbour discovery of one interface (RFC 4861): answers who asks for us,
 * learns, and asks. Addresses and routers are configured, so routers'
 * messages are passed over, and no address is probed for duplicates.
 */
export class NeighbourDiscovery {
	readonly #image: Image;
	readonly #addresses: Addresses;
	readonly #neighbours: Neighbours;
	readonly #outbox: Outbox;
	readonly #scratch: number;
	readonly #options: NdOptions = new NdOptions();

	/** @param scratch  address of the network's scratch memory */
	constructor(image: Image, addresses: Addresses, neighbours: Neighbours, outbox: Outbox, scratch: number) {
		this.#image = image;
		this.#addresses = addresses;
		this.#neighbours = neighbours;
		this.#outbox = outbox;
		this.#scratch = scratch;
	}

	/** Takes in one message with a right checksum; what to count it as. */
	input(packet: Packet, now: number): number {
		const { u8 } = this.#image;
		const { payloadAt: at, payloadLength: length } = packet;
		const type = u8[at + ND.type];
		// RFC 6980 §5: neighbour discovery does not come in fragments.
		if (packet.fragmented) return COUNT.ndIgnored;
		if (packet.ttl !== ND_HOP_LIMIT) return WIRE.ndHopLimit;
		if (u8[at + ND.code] !== 0) return WIRE.ndCode;
		if (type !== NEIGHBOUR_SOLICITATION && type !== NEIGHBOUR_ADVERTISEMENT) return COUNT.ndIgnored;
		if (length < ND.end) return WIRE.ndShort;
		if (isMulticast6(u8, at + ND.target)) return WIRE.ndTarget;
		const kind = type === NEIGHBOUR_SOLICITATION ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC;
		const why = parseNdOptions(u8, at + ND.end, at + length, kind, this.#options);
		if (why !== 0) return why;
		return type === NEIGHBOUR_SOLICITATION ? this.#solicited(packet, now) : this.#advertised(packet, now);
	}

	/** RFC 4861 §7.1.1, §7.2.3: who asks for one of our addresses is told, and its MAC kept. */
	#solicited(packet: Packet, now: number): number {
		const { i32 } = this.#image;
		const { macAt } = this.#options;
		const targetAt = packet.payloadAt + ND.target;
		const probe = isUnspecified(i32, packet.srcAt);
		if (probe && (macAt !== 0 || !this.#addresses.v6.isSolicitedNode(packet.dstAt, targetAt))) return WIRE.ndOption;
		if (!this.#addresses.v6.isOwn(targetAt)) return COUNT.ndNotForUs;
		if (macAt !== 0 && isGroup(this.#image.u8, macAt)) return WIRE.ndOption;
		if (macAt !== 0) this.#neighbours.learn(packet.srcAt, macAt, this.#addresses.v6.isOnLink(packet.srcAt), false, now);
		this.#answer(packet, probe, macAt);
		return COUNT.ndIn;
	}

	/** RFC 4861 §7.2.4: to who asked; to all where it has no address yet. */
	#answer(packet: Packet, probe: boolean, macAt: number): void {
		const { u8 } = this.#image;
		const targetAt = packet.payloadAt + ND.target;
		const message = this.#begin(NEIGHBOUR_ADVERTISEMENT, probe ? NA_OVERRIDE : NA_OVERRIDE | NA_SOLICITED, targetAt, OPTION_TARGET_MAC);
		const header = message - IPV6.end;
		u8.copyWithin(header + IPV6.source, targetAt, targetAt + 16);
		if (!probe) {
			u8.copyWithin(header + IPV6.destination, packet.srcAt, packet.srcAt + 16);
			// Without a MAC in the question the answer goes where the frame came from.
			return this.#finish(header, macAt !== 0 ? macAt : packet.macAt);
		}
		const word = (header + IPV6.destination) >> 2;
		this.#image.i32.fill(0, word, word + 4);
		this.#image.i32[word] = ALL_NODES_FIRST;
		this.#image.i32[word + 3] = ALL_NODES_LAST;
		this.#finishToGroup(header);
	}

	/** RFC 4861 §7.1.2, §7.2.5: an advertisement changes what is known; it makes nothing known. */
	#advertised(packet: Packet, now: number): number {
		const { u8 } = this.#image;
		const { macAt } = this.#options;
		const targetAt = packet.payloadAt + ND.target;
		const flags = u8[packet.payloadAt + ND.flags]!;
		if (isMulticast6(u8, packet.dstAt) && (flags & NA_SOLICITED) !== 0) return WIRE.ndTarget;
		if (macAt !== 0 && isGroup(u8, macAt)) return WIRE.ndOption;
		// RFC 4862 §5.4.4: another interface uses our address.
		if (this.#addresses.v6.isOwn(targetAt)) return COUNT.ndConflict;
		const neighbour = this.#neighbours.find(targetAt);
		if (neighbour === 0) return COUNT.ndNotForUs;
		this.#update(neighbour, targetAt, macAt, (flags & NA_SOLICITED) !== 0, (flags & NA_OVERRIDE) !== 0, now);
		return COUNT.ndIn;
	}

	#update(neighbour: number, targetAt: number, macAt: number, solicited: boolean, override: boolean, now: number): void {
		const agrees = macAt === 0 ? 1 : this.#neighbours.compare(neighbour, macAt);
		if (agrees === 0 && !override) return this.#neighbours.doubt(neighbour, now);
		if (macAt !== 0) this.#neighbours.learn(targetAt, macAt, false, solicited, now);
		else if (solicited) this.#neighbours.confirm(neighbour, now);
	}

	/** Asks for a neighbour's MAC: the group of its address, or the neighbour at its old MAC (RFC 4861 §7.2.2, §7.3.3). */
	solicit(neighbour: Neighbour, unicast: boolean): void {
		const { u8 } = this.#image;
		const message = this.#begin(NEIGHBOUR_SOLICITATION, 0, neighbour.address, OPTION_SOURCE_MAC);
		const header = message - IPV6.end;
		this.#addresses.v6.putSource(neighbour.address, header + IPV6.source);
		if (unicast) {
			u8.copyWithin(header + IPV6.destination, neighbour.address, neighbour.address + 16);
			return this.#finish(header, neighbour.header + 2);
		}
		this.#addresses.v6.putSolicitedNode(neighbour.address, header + IPV6.destination);
		this.#finishToGroup(header);
	}

	/** Writes all of a message but addresses and checksum; where it lies. */
	#begin(type: number, flags: number, targetAt: number, kind: number): number {
		const { u8 } = this.#image;
		const header = this.#scratch + SCRATCH_SOLICIT + ETHERNET.end;
		const message = header + IPV6.end;
		u8.fill(0, header, message + LENGTH);
		u8[header] = 0x60;
		put16(u8, header + IPV6.payloadLength, LENGTH);
		u8[header + IPV6.nextHeader] = PROTOCOL_ICMPV6;
		u8[header + IPV6.hopLimit] = ND_HOP_LIMIT;
		u8[message + ND.type] = type;
		u8[message + ND.flags] = flags;
		u8.copyWithin(message + ND.target, targetAt, targetAt + 16);
		putMacOption(u8, message + ND.end, kind, this.#addresses.mac);
		return message;
	}

	#finishToGroup(header: number): void {
		const { u8 } = this.#image;
		const macAt = this.#scratch + SCRATCH_MAC;
		put16(u8, macAt, 0x3333);
		u8.copyWithin(macAt + 2, header + IPV6.destination + 12, header + IPV6.destination + 16);
		this.#finish(header, macAt);
	}

	#finish(header: number, macAt: number): void {
		const { u8 } = this.#image;
		const message = header + IPV6.end;
		put16(u8, message + ICMP.checksum, checksumOf(this.#image, header + IPV6.source, header + IPV6.destination, PROTOCOL_ICMPV6, message, LENGTH));
		const frame = header - ETHERNET.end;
		u8.copyWithin(frame + ETHERNET.destination, macAt, macAt + 6);
		u8.set(this.#addresses.mac, frame + ETHERNET.source);
		put16(u8, frame + ETHERNET.type, ETHERTYPE_IPV6);
		this.#outbox.send(frame, ETHERNET.end + IPV6.end + LENGTH);
	}
}
