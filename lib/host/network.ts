import type { Image, PoolSpec } from '../memory/index.ts';
import { EthernetHeader, ETHERNET, ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6, isGroup, parseEthernet } from '../wire/ethernet.ts';
import { ICMP_PORT_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, ICMP_REASSEMBLY_TIME, ICMP_TIME_EXCEEDED, ICMP_UNREACHABLE } from '../wire/icmp.ts';
import { ICMPV6_PARAMETER_PROBLEM, ICMPV6_PORT_UNREACHABLE, ICMPV6_REASSEMBLY_TIME, ICMPV6_TIME_EXCEEDED, ICMPV6_UNREACHABLE } from '../wire/icmpv6.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/ipv4.ts';
import { NO_NEXT_HEADER, PROBLEM_NEXT_HEADER, PROTOCOL_ICMPV6 } from '../wire/ipv6.ts';
import type { Sink } from '../wire/node.ts';
import { Addresses, DEFAULT_MTU } from './addresses.ts';
import type { InterfaceConfig } from './addresses.ts';
import { Arp } from './arp.ts';
import { COUNT, Counters } from './counters.ts';
import { Icmp } from './icmp.ts';
import { Icmp6 } from './icmp6.ts';
import { Ip } from './ip.ts';
import { NeighbourDiscovery } from './neighbour-discovery.ts';
import { Neighbours, neighbourPool, pendingBytes } from './neighbours.ts';
import type { Neighbour, Solicitor } from './neighbours.ts';
import { NetworkState, networkPool } from './network-record.ts';
import { Outbox } from './outbox.ts';
import type { Packet } from './packet.ts';
import { PageQueues, queuePool } from './page-queue.ts';
import { Reassembly, reassemblyBytes, reassemblyPool } from './reassembly.ts';
import { SCRATCH_FRAME, SCRATCH_HEAD, SCRATCH_WORD, scratchBody, scratchDatagram } from './scratch.ts';
import { DONE, PROBLEM } from './sending.ts';
import { Udp, udpPool } from './udp.ts';
import { wordOf } from './word.ts';

/** How much of everything there may be. */
export interface NetworkQuotas {
	/** entries of the neighbour cache; default 64 */
	readonly neighbours?: number;
	/** default 16 */
	readonly udpSockets?: number;
	/** bytes that wait at one UDP socket; default 65536 */
	readonly udpQueue?: number;
	/** bytes of frames between two drains; default 65536 */
	readonly outbox?: number;
	/** datagrams being put together from fragments; default 4 */
	readonly reassemblies?: number;
	/** most bytes of payload of such a datagram; default 65535 */
	readonly reassembly?: number;
}

/** What the network below TCP is told. */
export interface NetworkConfig extends InterfaceConfig {
	readonly quotas?: NetworkQuotas;
}

const defaults: Required<NetworkQuotas> = { neighbours: 64, udpSockets: 16, udpQueue: 65536, outbox: 65536, reassemblies: 4, reassembly: 65535 };

/** The pools an image needs for the network. */
export function networkPools(config: NetworkConfig): PoolSpec[] {
	const quotas = { ...defaults, ...config.quotas };
	return [
		networkPool, neighbourPool(quotas.neighbours), udpPool(quotas.udpSockets), reassemblyPool(quotas.reassemblies),
		queuePool(1 + quotas.neighbours + quotas.udpSockets + quotas.reassemblies),
	];
}

/** The pages an image needs for the network, all quotas used up. */
export function networkPages(config: NetworkConfig, chunk: number): number {
	const quotas = { ...defaults, ...config.quotas };
	const pending = Math.ceil(pendingBytes(config.mtu ?? DEFAULT_MTU) / chunk) * quotas.neighbours;
	return Math.ceil(quotas.outbox / chunk) + Math.ceil(quotas.udpQueue / chunk) * quotas.udpSockets + pending + Math.ceil(reassemblyBytes(quotas.reassembly) / chunk) * quotas.reassemblies;
}

// What `Network.input` leaves to TCP.
/** Nothing: the frame was counted and is done with. */
export const NOTHING = 0;
/** An ICMP error about a TCP segment of ours: `Network.icmp.error` tells. */
export const TCP_ERROR = 1;
/** A TCP segment: `Network.ip.packet` tells where; its checksum is TCP's to look at. */
export const TCP_SEGMENT: typeof PROTOCOL_TCP = PROTOCOL_TCP;

/** The type field of IPv4 as the image's shorts read it, low byte first. */
const IPV4_TYPE = ((ETHERTYPE_IPV4 & 0xff) << 8) | (ETHERTYPE_IPV4 >> 8);

/**
 * Everything of a host below TCP: one Ethernet interface, ARP, IP, ICMP, UDP.
 * Every frame that comes in is counted once as a drop or a delivery.
 */
export class Network implements Solicitor {
	readonly addresses: Addresses;
	readonly counters: Counters;
	readonly queues: PageQueues;
	readonly outbox: Outbox;
	readonly neighbours: Neighbours;
	readonly arp: Arp;
	readonly discovery: NeighbourDiscovery;
	readonly reassembly: Reassembly;
	readonly ip: Ip;
	readonly icmp: Icmp;
	readonly icmp6: Icmp6;
	readonly udp: Udp;
	readonly #image: Image;
	readonly #state: NetworkState;
	readonly #macHead: number;
	readonly #macTail: number;
	readonly #ethernet: EthernetHeader = new EthernetHeader();

	/**
	 * @param image    has `networkPools(config)` among its pools
	 * @param scratch  address of `networkScratch(mtu)` bytes of scratch, a multiple of 64
	 */
	constructor(image: Image, config: NetworkConfig, scratch: number) {
		const quotas = { ...defaults, ...config.quotas };
		const state = new NetworkState(image);
		this.#image = image;
		this.#state = state;
		const addresses = new Addresses(config, image);
		const { mtu, mac } = addresses;
		this.#macHead = mac[0]! | (mac[1]! << 8);
		this.#macTail = wordOf(mac, 2);
		this.addresses = addresses;
		this.counters = new Counters(image, NetworkState.placement);
		this.queues = new PageQueues(image, scratch + SCRATCH_WORD);
		this.outbox = new Outbox(image, state, this.queues, this.counters, scratch + SCRATCH_FRAME, mtu + ETHERNET.end);
		this.neighbours = new Neighbours(image, this.queues, this.counters, this.outbox, mac, mtu, scratch + SCRATCH_FRAME);
		this.arp = new Arp(image, addresses, this.counters, this.neighbours, this.outbox, scratch);
		this.discovery = new NeighbourDiscovery(image, addresses, this.neighbours, this.outbox, scratch);
		this.reassembly = new Reassembly(image, this.queues, this.counters, scratch + SCRATCH_HEAD, scratch + scratchDatagram(mtu), quotas.reassembly);
		this.ip = new Ip(image, state, addresses, this.counters, this.neighbours, this.outbox, this.reassembly, scratch);
		this.icmp = new Icmp(image, state, addresses, this.counters, this.ip, scratch, scratch + scratchBody(mtu));
		this.icmp6 = new Icmp6(image, addresses, this.counters, this.ip, this.icmp, this.discovery, scratch, scratch + scratchBody(mtu));
		const chunks = (bytes: number): number => Math.ceil(bytes / image.chunk);
		this.udp = new Udp(image, this.queues, addresses, this.counters, this.ip, scratch, scratch + scratchBody(mtu), chunks(quotas.udpQueue));
		const own = image.pool(networkPool.name);
		if (image.first(own) === 0) {
			state.go(image.alloc(own));
			state.outbox.queue = this.queues.open(chunks(quotas.outbox));
		}
		this.attach();
	}

	/** Rebuilds what is no state, after the image was restored. */
	attach(): void {
		const at = this.#image.first(this.#image.pool(networkPool.name));
		this.#state.go(at);
		this.counters.attach(at);
		this.neighbours.attach(this);
		this.udp.attach();
	}

	solicit(neighbour: Neighbour, unicast: boolean): void {
		if (neighbour.v4 !== 0) this.arp.solicit(neighbour, unicast);
		else this.discovery.solicit(neighbour, unicast);
	}

	/**
	 * Takes in one frame.
	 *
	 * @param at  its first byte in the image's memory, ≡ 2 mod 4
	 * @returns   what is left for TCP: `NOTHING`, `TCP_SEGMENT` or `TCP_ERROR`
	 */
	input(at: number, length: number, now: number): number {
		this.counters.count(COUNT.framesIn);
		const { u8, u16 } = this.#image;
		// What nearly every frame is: untagged IPv4 for us, from one station.
		if (length >= ETHERNET.end && u16[(at + ETHERNET.type) >> 1] === IPV4_TYPE && this.#isOurs(at) && (u8[at + ETHERNET.source]! & 1) === 0) return this.#upper(this.ip.input4(at + ETHERNET.end, length - ETHERNET.end, false, now), now);
		const frame = this.#ethernet;
		const why = parseEthernet(u8, at, length, frame) || this.#refusal(at);
		if (why !== 0) return this.#done(why);
		const toAll = isGroup(u8, at + ETHERNET.destination);
		this.ip.packet.macAt = at + ETHERNET.source;
		switch (frame.type) {
			case ETHERTYPE_IPV4: return this.#upper(this.ip.input4(frame.payloadAt, frame.payloadLength, toAll, now), now);
			case ETHERTYPE_IPV6: return this.#upper(this.ip.input6(frame.payloadAt, frame.payloadLength, toAll, now), now);
			case ETHERTYPE_ARP: this.arp.input(frame.payloadAt, frame.payloadLength, now); return NOTHING;
			default: return this.#done(COUNT.etherTypeUnknown);
		}
	}

	/** Whether the Ethernet destination is our address, read as one short and one word. */
	#isOurs(at: number): boolean {
		return this.#image.i32[(at + 2) >> 2] === this.#macTail && this.#image.u16[at >> 1] === this.#macHead;
	}

	#done(code: number): number {
		this.counters.count(code);
		return NOTHING;
	}

	/** Why a well-formed frame is not taken; 0 where it is. */
	#refusal(at: number): number {
		const { u8 } = this.#image;
		if (isGroup(u8, at + ETHERNET.source)) return COUNT.ethernetSource;
		if (this.#ethernet.vlan !== 0) return COUNT.vlanOther;
		return isGroup(u8, at) || this.#isOurs(at) ? 0 : COUNT.ethernetNotForUs;
	}

	/** Hands a packet to its upper protocol. */
	#upper(protocol: number, now: number): number {
		const { packet } = this.ip;
		switch (protocol) {
			case DONE: return NOTHING;
			case PROTOCOL_TCP: this.counters.count(COUNT.tcpIn); return TCP_SEGMENT;
			case PROTOCOL_UDP:
				if (!this.udp.input(packet)) this.#unreachable(packet, ICMP_PORT_UNREACHABLE, ICMPV6_PORT_UNREACHABLE, now);
				return NOTHING;
			case PROTOCOL_ICMP: if (packet.family === 4) return this.icmp.input(packet, now) ? this.#error() : NOTHING; break;
			case PROTOCOL_ICMPV6: if (packet.family === 6) return this.icmp6.input(packet, now) ? this.#error() : NOTHING; break;
			case PROBLEM: this.icmp6.sendError(packet, ICMPV6_PARAMETER_PROBLEM, packet.problem, packet.pointer, packet.problemToMany, now); return NOTHING;
			default:
		}
		return this.#unknown(packet, now);
	}

	/** A protocol nobody here speaks (RFC 1122 §3.2.2.1, RFC 8200 §4). */
	#unknown(packet: Packet, now: number): number {
		this.counters.count(COUNT.protocolUnknown);
		if (packet.family === 4) this.icmp.sendError(packet, ICMP_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, 0, now);
		else if (packet.protocol !== NO_NEXT_HEADER) this.icmp6.sendError(packet, ICMPV6_PARAMETER_PROBLEM, PROBLEM_NEXT_HEADER, packet.protocolAt, false, now);
		return NOTHING;
	}

	#unreachable(packet: Packet, code: number, code6: number, now: number): void {
		if (packet.family === 4) this.icmp.sendError(packet, ICMP_UNREACHABLE, code, 0, now);
		else this.icmp6.sendError(packet, ICMPV6_UNREACHABLE, code6, 0, false, now);
	}

	/** An ICMP error goes to who sent what it is about. */
	#error(): number {
		const { error } = this.icmp;
		if (error.protocol === PROTOCOL_TCP) return TCP_ERROR;
		if (error.protocol === PROTOCOL_UDP) this.udp.fail(error);
		return NOTHING;
	}

	/** When something below TCP is due, µs; Infinity where nothing is. */
	get nextDeadline(): number {
		return Math.min(this.neighbours.nextDeadline, this.reassembly.nextDeadline);
	}

	/** Runs the one thing that is due first, if it is; false where nothing is. Of equal deadlines, neighbours come before datagrams. */
	runOne(now: number): boolean {
		if (this.neighbours.nextDeadline <= this.reassembly.nextDeadline) return this.neighbours.runOne(now);
		if (this.reassembly.nextDeadline > now) return false;
		const length = this.reassembly.giveUp();
		if (length !== 0) this.#tellOfLoss(length, now);
		return true;
	}

	/** RFC 1122 §3.3.2, RFC 8200 §4.5: who sent a first fragment in vain is told. */
	#tellOfLoss(length: number, now: number): void {
		const { packet } = this.ip;
		this.ip.describe(this.reassembly.at, length);
		if (packet.family === 4) this.icmp.sendError(packet, ICMP_TIME_EXCEEDED, ICMP_REASSEMBLY_TIME, 0, now);
		else this.icmp6.sendError(packet, ICMPV6_TIME_EXCEEDED, ICMPV6_REASSEMBLY_TIME, 0, false, now);
	}

	/** Runs all that is due, in (deadline, record) order. */
	runDue(now: number): void {
		while (this.runOne(now)) { /* each run moves or ends a deadline */ }
	}

	/** What a takeover changes: see `Neighbours.goLive`. */
	goLive(now: number): void {
		this.neighbours.goLive(now);
	}

	/** Sends what waits, and whatever is sent until `endDrain`, to a sink. */
	beginDrain(sink: Sink): void {
		this.outbox.begin(sink);
	}

	endDrain(): void {
		this.outbox.end();
	}
}
