import { Image, Intake } from '../memory/index.ts';
import type { PoolSpec } from '../memory/index.ts';
import type { Trace } from '../trace/index.ts';
import { simdSum } from '../wire/sum-simd.ts';
import { PROTOCOL_TCP } from '../wire/tcp.ts';
import type { Node, Sink } from '../wire/node.ts';
import { EVENT_END, Tcp, drainTcp, fireNext, icmpArrives, nextDeadline, nextReady, release, rfc, segmentArrives, takeOverTcp, tcpPools } from '../../tcp/index.ts';
import type { Lower, Profile, Tcb, TcpQuotas } from '../../tcp/index.ts';
import type { Application } from './application.ts';
import { draw, stirInto } from './generator.ts';
import { HostRecord, hostPool } from './host-record.ts';
import { DONT_FRAGMENT } from './ip.ts';
import { Network, TCP_ERROR, TCP_SEGMENT, networkPages, networkPools } from './network.ts';
import type { NetworkConfig } from './network.ts';
import { networkScratch } from './scratch.ts';
import { Sockets } from './sockets.ts';

/** What a host is made of. */
export interface HostConfig extends NetworkConfig {
	readonly profile?: Profile;
	readonly application?: Application;
	/** records of others that live in the same image, such as a replica's */
	readonly pools?: readonly PoolSpec[];
	readonly tcp?: Partial<TcpQuotas>;
	/** pages of TCP's queues; default 1024 */
	readonly pages?: number;
	/** bytes of a page; default 4096 */
	readonly chunk?: number;
	/** keep the state where WebAssembly can reach it, and let it add up checksums: worth it for a host that carries much */
	readonly fast?: boolean;
	/** what the generator begins with; a machine in service is stirred besides */
	readonly seed?: Uint8Array;
}

/** Longest frame taken in, bytes. */
const LONGEST_FRAME = 65_600;
const GATHER = 131_072;
/** Room for headers in front of a segment being built, then a segment of the largest size. */
const SEGMENT_ROOM = 64 + 65_536;
/** TCP's segments are sized to fit, so routers are told not to cut them (RFC 1191 §3). */
const SEGMENT_FLAGS = DONT_FRAGMENT;

/**
 * One network host: a node with one Ethernet interface, port 0. All its state
 * is in its image; between calls a snapshot of that is the whole host.
 */
export class Host implements Node, Lower {
	readonly image: Image;
	readonly network: Network;
	readonly tcp: Tcp;
	readonly sockets: Sockets;
	readonly application: Application | null;
	/** frames too long to be taken in; not part of the state, since no such frame is part of any input */
	tooLong = 0;
	readonly #record: HostRecord;
	readonly #frameAt: number;
	readonly #intake: Intake;

	constructor(config: HostConfig) {
		const mtu = config.mtu ?? 1500;
		const chunk = config.chunk ?? 4096;
		const { application = null, pools = [] } = config;
		this.image = new Image({
			pools: [hostPool, ...networkPools(config), ...tcpPools({ connections: 64, ...config.tcp }), ...pools, ...(application?.pools ?? [])],
			pages: (config.pages ?? 1024) + networkPages(config, chunk),
			chunk,
			shared: config.fast === true,
			scratch: LONGEST_FRAME + SEGMENT_ROOM + GATHER + 128 + networkScratch(mtu),
		});
		this.#intake = new Intake(this.image);
		const { scratch, memory } = this.image;
		if (memory !== null) this.image.nativeSum = simdSum(memory);
		// IP headers lie on words: an Ethernet header is 14 bytes long.
		this.#frameAt = scratch + 2;
		const segmentAt = (scratch + LONGEST_FRAME + 127) & ~63;
		const gatherAt = (segmentAt + SEGMENT_ROOM) & ~63;
		this.#record = new HostRecord(this.image);
		this.network = new Network(this.image, config, gatherAt + GATHER + 64);
		this.tcp = new Tcp(this.image, config.profile ?? rfc, this, segmentAt);
		this.sockets = new Sockets(this.image, this.tcp, this.network, this.#record, gatherAt, gatherAt + GATHER);
		this.application = application;
		this.#root();
		const seed = config.seed ?? this.network.addresses.mac;
		this.stir(seed, 0, seed.length);
		application?.attach(this.sockets);
	}

	#root(): void {
		const own = this.image.pool(hostPool.name);
		this.#record.go(this.image.first(own) || this.image.alloc(own));
	}

	/** Where the host tells its events. */
	observe(trace: Trace | null, place: number): void {
		this.sockets.trace = trace;
		this.sockets.place = place;
	}

	/** The whole host as bytes; between two calls nothing of it lies elsewhere. */
	save(): Uint8Array { return this.image.snapshot(); }

	/** Makes the host what it was. @throws RangeError where the bytes are no snapshot of such a host */
	restore(saved: Uint8Array): void {
		this.image.restore(saved);
		this.attach();
	}

	/** Rebuilds what is only an index, after the image was restored. */
	attach(): void {
		this.#root();
		this.network.attach();
		this.tcp.attach();
		this.tcp.now = this.#record.now;
		this.application?.attach(this.sockets);
	}

	/** The machine's clock, µs. */
	get now(): number { return this.#record.now; }

	/** Refills the generator; the secrets of numbers to come are drawn anew while no connection depends on them. */
	stir(bytes: Uint8Array, at: number, length: number): void {
		stirInto(this.#record, bytes, at, length);
		const { tcp, image } = this;
		if (image.live(tcp.tcbs) > tcp.listeners.length) return;
		for (let i = 0; i < 4; i++) image.i32[(tcp.root.key >> 2) + i] = draw(this.#record);
	}

	/**
	 * What a takeover changes in the machine, as one entry of the log. Timers
	 * that start anew do so before any is run: those that came due while nobody
	 * spoke would all fire at once.
	 */
	goLive(now: number): void {
		this.#record.now = Math.max(this.#record.now, now);
		this.tcp.now = this.#record.now;
		takeOverTcp(this.tcp);
		this.network.goLive(now);
		this.#advance(now);
	}

	/** Sets the clock, never backwards, and runs what is due in the order of deadlines; among equal ones the network goes first, then TCP by record, then the application. */
	#advance(to: number): void {
		const record = this.#record, { tcp, network } = this;
		const now = Math.max(record.now, to);
		record.now = now;
		tcp.now = now;
		for (;;) {
			const below = network.nextDeadline, above = nextDeadline(tcp);
			if (below <= above && below <= now) network.runOne(now);
			else if (above <= now) fireNext(tcp);
			else break;
		}
		if (record.alarm !== 0 && record.alarm <= now) {
			record.alarm = 0;
			record.rung = 1;
		}
	}

	receive(_port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		// Of several frames of one instant the first has run what was due.
		if (now > this.#record.now) this.#advance(now);
		if (length > LONGEST_FRAME - 64) {
			this.tooLong++;
			return;
		}
		const to = this.#frameAt, { network, tcp } = this;
		this.#intake.take(to, bytes, at, length);
		const left = network.input(to, length, tcp.now);
		if (left === TCP_SEGMENT) {
			const { packet } = network.ip;
			// A segment to many is nobody's (RFC 9293 §3.9.2.3).
			if (packet.toMany) tcp.counters.badSource++;
			else segmentArrives(tcp, packet.srcAt, packet.dstAt, packet.payloadAt, packet.payloadLength, packet.ecn);
		} else if (left === TCP_ERROR) icmpArrives(tcp, network.icmp.error);
	}

	wake(now: number): void { this.#advance(now); }

	get wakeAt(): number {
		const { alarm, started } = this.#record;
		if (started === 0 && this.application !== null) return 0;
		const at = Math.min(this.network.nextDeadline, nextDeadline(this.tcp));
		return alarm !== 0 && alarm < at ? alarm : at;
	}

	drain(sink: Sink): void {
		const { network, tcp } = this;
		network.beginDrain(sink);
		tcp.paces = tcp.profile.pacing && sink.takeAt !== undefined;
		do {
			this.#serve();
			drainTcp(tcp);
		} while (tcp.root.ready.first !== 0 && this.application !== null);
		tcp.paces = false;
		network.endDrain();
	}

	/** Lets the application do what there is news of. */
	#serve(): void {
		const { application, tcp, sockets } = this;
		if (application === null) return;
		const record = this.#record;
		if (record.started === 0) {
			record.started = 1;
			application.start(sockets);
		}
		if (record.rung !== 0) {
			record.rung = 0;
			application.alarm?.(sockets);
		}
		for (let at = nextReady(tcp); at !== 0; at = nextReady(tcp)) this.#news(application, at, tcp.news);
		if (application.datagrams !== undefined) this.#datagrams(application);
	}

	#news(application: Application, at: number, events: number): void {
		const tag = this.image.tag(at);
		application.ready(this.sockets, at, events);
		if ((events & EVENT_END) !== 0 && this.image.tag(at) === tag) release(this.tcp, at);
	}

	#datagrams(application: Application): void {
		const { image, network } = this;
		const own = image.pool('udp');
		for (let at = image.first(own); at !== 0; at = image.next(own, at)) {
			if (network.udp.waiting(at) > 0) application.datagrams!(this.sockets, at);
		}
	}

	/** Puts a segment of TCP's into a packet. */
	send(srcAt: number, dstAt: number, segmentAt: number, segmentLength: number, tcb: Tcb | null): void {
		const { now, delay, ect } = this.tcp;
		if (delay !== 0) this.network.outbox.departure = now + delay;
		const hop = this.network.ip.output(PROTOCOL_TCP, srcAt, dstAt, segmentAt, segmentLength, now, SEGMENT_FLAGS | ect, tcb === null ? 0 : tcb.hop.at);
		if (delay !== 0) this.network.outbox.departure = 0;
		if (tcb === null || hop <= 0 || hop === tcb.hop.at) return;
		tcb.hop.at = hop;
		tcb.hop.tag = this.image.tag(hop);
	}

	/** The peer has what was sent: whoever carries it there is at hand (RFC 4861 §7.3.1). */
	reached(tcb: Tcb): void {
		const { at, tag } = tcb.hop;
		if (at !== 0 && this.image.tag(at) === tag) this.network.neighbours.confirm(at, this.tcp.now);
	}

	/** Chooses our address for a peer. */
	source(remoteAt: number, toAt: number): boolean { return this.network.addresses.putSource(remoteAt, toAt); }
}
