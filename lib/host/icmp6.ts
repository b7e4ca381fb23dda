import type { Image } from '../memory/index.ts';
import { get16, get32, put16, put32 } from '../wire/bytes.ts';
import { WIRE } from '../wire/drop.ts';
import { ICMP } from '../wire/icmp.ts';
import { ICMPV6_ECHO, ICMPV6_ECHO_REPLY, ICMPV6_PACKET_TOO_BIG, ICMPV6_PARAMETER_PROBLEM, ND_REDIRECT, ROUTER_SOLICITATION } from '../wire/icmpv6.ts';
import { IPV6, IPV6_MINIMUM_MTU, Ipv6Header, PROBLEM_OPTION, PROTOCOL_ICMPV6, parseIpv6 } from '../wire/ipv6.ts';
import { checksumHolds, checksumOf } from '../wire/pseudo-header.ts';
import type { Addresses } from './addresses.ts';
import { isMulticast6, isUnicast6 } from './addresses6.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { Icmp } from './icmp.ts';
import type { Ip } from './ip.ts';
import type { NeighbourDiscovery } from './neighbour-discovery.ts';
import type { Packet } from './packet.ts';
import { SCRATCH_CHOSEN } from './scratch.ts';

/** Types from here on are no errors (RFC 4443 §2.1). */
const FIRST_INFORMATIONAL = 128;
/** Bytes of the packet in error that have to come back: ports and sequence number. */
const QUOTED = 8;

/** ICMPv6 (RFC 4443): answers echoes, sends errors, reads errors about what we sent. */
export class Icmp6 {
	readonly #image: Image;
	readonly #addresses: Addresses;
	readonly #counters: Counters;
	readonly #ip: Ip;
	readonly #icmp: Icmp;
	readonly #nd: NeighbourDiscovery;
	readonly #scratch: number;
	readonly #bodyAt: number;
	readonly #quoted: Ipv6Header = new Ipv6Header();

	/**
	 * @param icmp     its `error` is filled, and its limit holds for both
	 * @param scratch  address of the network's scratch memory
	 * @param bodyAt   where messages are built, 4-aligned, headroom in front
	 */
	constructor(image: Image, addresses: Addresses, counters: Counters, ip: Ip, icmp: Icmp, nd: NeighbourDiscovery, scratch: number, bodyAt: number) {
		this.#image = image;
		this.#addresses = addresses;
		this.#counters = counters;
		this.#ip = ip;
		this.#icmp = icmp;
		this.#nd = nd;
		this.#scratch = scratch;
		this.#bodyAt = bodyAt;
	}

	#drop(code: number): boolean {
		this.#counters.count(code);
		return false;
	}

	/** Takes a message in; true where it is an error about a packet of ours, which `Icmp.error` tells. */
	input(packet: Packet, now: number): boolean {
		const { payloadAt: at, payloadLength: length } = packet;
		if (length < ICMP.end) return this.#drop(WIRE.icmpv6Short);
		if (!checksumHolds(this.#image, packet.srcAt, packet.dstAt, PROTOCOL_ICMPV6, at, length)) return this.#drop(WIRE.icmpv6Checksum);
		const type = this.#image.u8[at + ICMP.type]!;
		if (type >= ROUTER_SOLICITATION && type <= ND_REDIRECT) return this.#drop(this.#nd.input(packet, now));
		// "::" is a source for neighbour discovery alone.
		if (!isUnicast6(this.#image.i32, packet.srcAt)) return this.#drop(COUNT.ipv6Source);
		if (type === ICMPV6_ECHO) return this.#echo(packet, now);
		if (type >= 1 && type <= ICMPV6_PARAMETER_PROBLEM) return this.#readError(packet, type);
		return this.#drop(COUNT.icmpv6Unknown);
	}

	/** RFC 4443 §4.2: the same bytes come back, also of a request to a group. */
	#echo(packet: Packet, now: number): boolean {
		const { u8 } = this.#image;
		const at = this.#bodyAt;
		u8.copyWithin(at, packet.payloadAt, packet.payloadAt + packet.payloadLength);
		u8[at + ICMP.type] = ICMPV6_ECHO_REPLY;
		u8[at + ICMP.code] = 0;
		this.#counters.count(COUNT.echoIn);
		this.#send(packet, packet.payloadLength, now, packet.trafficClass & ~3);
		return false;
	}

	/** Sends the message being built back to who sent the packet. */
	#send(packet: Packet, length: number, now: number, flags: number): void {
		const { u8 } = this.#image;
		const at = this.#bodyAt;
		let fromAt = packet.dstAt;
		if (isMulticast6(u8, fromAt)) {
			fromAt = this.#scratch + SCRATCH_CHOSEN;
			this.#addresses.v6.putSource(packet.srcAt, fromAt);
		}
		put16(u8, at + ICMP.checksum, 0);
		put16(u8, at + ICMP.checksum, checksumOf(this.#image, fromAt, packet.srcAt, PROTOCOL_ICMPV6, at, length));
		this.#ip.output(PROTOCOL_ICMPV6, fromAt, packet.srcAt, at, length, now, flags, 0);
	}

	/** Fills the error from the packet that comes back in the body (RFC 4443 §2.4 (c)). */
	#readError(packet: Packet, type: number): boolean {
		const { u8 } = this.#image;
		const message = packet.payloadAt;
		const at = message + ICMP.end;
		const left = packet.payloadLength - ICMP.end;
		const quoted = this.#quoted;
		// What comes back is cut, so its own length says nothing here.
		if (left < IPV6.end + QUOTED) return this.#drop(COUNT.icmpErrorShort);
		put16(u8, at + IPV6.payloadLength, left - IPV6.end);
		if (parseIpv6(u8, at, left, quoted) !== 0 || quoted.payloadLength < QUOTED) return this.#drop(COUNT.icmpErrorShort);
		// Ports stand in the first fragment alone.
		if (!this.#addresses.v6.isOwn(at + IPV6.source) || quoted.fragmentOffset !== 0) return this.#drop(COUNT.icmpErrorUnrelated);
		const { error } = this.#icmp;
		error.family = 6;
		error.type = type;
		error.code = u8[message + ICMP.code]!;
		error.mtu = type === ICMPV6_PACKET_TOO_BIG ? get32(u8, message + ICMP.id) & 0x7fff_ffff : 0;
		error.protocol = quoted.protocol;
		error.localAt = at + IPV6.source;
		error.remoteAt = at + IPV6.destination;
		error.localPort = get16(u8, quoted.payloadAt);
		error.remotePort = get16(u8, quoted.payloadAt + 2);
		error.seq = get32(u8, quoted.payloadAt + 4);
		error.fromAt = packet.srcAt;
		this.#counters.count(COUNT.icmpErrorIn);
		return true;
	}

	/**
	 * Sends an error about a packet, unless it may not draw one (RFC 4443 §2.4
	 * (e): an error, a redirect, what went to many) or errors are too many.
	 *
	 * @param word    the message's second word: a pointer, or 0
	 * @param toMany  also where the packet went to many: an option that says so
	 */
	sendError(packet: Packet, type: number, code: number, word: number, toMany: boolean, now: number): void {
		const reached = !packet.toMany || (toMany && type === ICMPV6_PARAMETER_PROBLEM && code === PROBLEM_OPTION);
		if (!reached || this.#isError(packet) || !isUnicast6(this.#image.i32, packet.srcAt)) { this.#counters.count(COUNT.icmpNotDue); return; }
		if (!this.#icmp.admits(now)) return;
		const { u8 } = this.#image;
		const at = this.#bodyAt;
		// RFC 4443 §2.4 (c): as much of the packet as fits into the smallest MTU.
		const quoted = Math.min(packet.length, IPV6_MINIMUM_MTU - IPV6.end - ICMP.end);
		u8[at + ICMP.type] = type;
		u8[at + ICMP.code] = code;
		put32(u8, at + ICMP.id, word);
		u8.copyWithin(at + ICMP.end, packet.headerAt, packet.headerAt + quoted);
		this.#send(packet, ICMP.end + quoted, now, 0);
	}

	#isError(packet: Packet): boolean {
		if (packet.protocol !== PROTOCOL_ICMPV6) return false;
		const type = packet.payloadLength === 0 ? 0 : this.#image.u8[packet.payloadAt]!;
		return type < FIRST_INFORMATIONAL || type === ND_REDIRECT;
	}
}
