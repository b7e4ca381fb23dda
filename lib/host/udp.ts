import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';
import { put16, same } from '../wire/bytes.ts';
import { WIRE } from '../wire/drop.ts';
import { PROTOCOL_UDP } from '../wire/ipv4.ts';
import { checksumHolds, checksumOf } from '../wire/pseudo-header.ts';
import { UDP, UdpHeader, parseUdp, putUdp } from '../wire/udp.ts';
import type { Addresses } from './addresses.ts';
import { COUNT } from './counters.ts';
import type { Counters } from './counters.ts';
import type { IcmpError } from './icmp-error.ts';
import type { Ip } from './ip.ts';
import type { PageQueues } from './page-queue.ts';
import type { Packet } from './packet.ts';
import { SCRATCH_CHOSEN, SCRATCH_HEAD } from './scratch.ts';
import { NO_ROUTE, TOO_LONG } from './sending.ts';

const shape = {
	/** datagrams that wait to be read */
	queue: 'i32',
	/** next hop of the last datagram sent: a hint */
	hop: 'i32',
	/** type of the last ICMP error about what a connected socket sent, plus 1; 0 for none */
	error: 'i32',
	/** zero: any of our addresses */
	local: 'bytes 16',
	/** of a connected socket */
	remote: 'bytes 16',
	localPort: 'u16',
	/** 0: not connected */
	remotePort: 'u16',
} as const;
const SocketRecord: RecordType<typeof shape> = record(shape);

const NAME = 'udp';

/** UDP sockets; at most `max`. */
export function udpPool(max: number): PoolSpec {
	return pool(NAME, SocketRecord, max);
}

// Head of a queued datagram: source address, destination address, source port.
const HEAD_DESTINATION = 16;
const HEAD_PORT = 32;
const HEAD_LENGTH = 36;

/** No room for one more socket. */
export const UDP_FULL = 0;
/** Another socket has this address and port. */
export const UDP_IN_USE = -1;

/** Most bytes of header and payload: the length field has 16 bits. */
const LONGEST_DATAGRAM = 65_535;
/** RFC 6335 §6: dynamic ports. */
const FIRST_DYNAMIC = 49152;

/** A datagram as `receive` returns it; one object, filled again and again. */
export class Datagram {
	/** bytes it had; more than were copied where the room was too small */
	length: number = 0;
	/** 16-byte address it came from; good until the next call */
	sourceAt: number = 0;
	sourcePort: number = 0;
	/** 16-byte address it was sent to */
	destinationAt: number = 0;
}

/** UDP of one host (RFC 768, RFC 1122 §4.1): its sockets, and what they send. */
export class Udp {
	/** The datagram that `receive` returned last. */
	readonly datagram: Datagram = new Datagram();
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #queues: PageQueues;
	readonly #addresses: Addresses;
	readonly #counters: Counters;
	readonly #ip: Ip;
	readonly #scratch: number;
	readonly #bodyAt: number;
	readonly #queuePages: number;
	readonly #header: UdpHeader = new UdpHeader();
	readonly #s: Cursor<typeof shape>;
	/** sockets by local port, in address order; rebuilt, no state */
	readonly #byPort: Map<number, number[]> = new Map();

	/**
	 * @param scratch     address of the network's scratch memory
	 * @param bodyAt      where datagrams are built, 4-aligned, headroom in front
	 * @param queuePages  pages a socket's receive queue may hold
	 */
	constructor(image: Image, queues: PageQueues, addresses: Addresses, counters: Counters, ip: Ip, scratch: number, bodyAt: number, queuePages: number) {
		this.#image = image;
		this.#pool = image.pool(NAME);
		this.#queues = queues;
		this.#addresses = addresses;
		this.#counters = counters;
		this.#ip = ip;
		this.#scratch = scratch;
		this.#bodyAt = bodyAt;
		this.#queuePages = queuePages;
		this.#s = new SocketRecord(image);
		this.attach();
	}

	attach(): void {
		this.#byPort.clear();
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) this.#enter(at);
	}

	#enter(at: number): void {
		this.#s.go(at);
		const port = this.#s.localPort;
		const others = this.#byPort.get(port) ?? [];
		others.push(at);
		this.#byPort.set(port, others.sort((a, b) => a - b));
	}

	/**
	 * Opens a socket.
	 *
	 * @param localAt  16-byte own address, or 0 for any
	 * @param port     0: the lowest dynamic port that is free
	 * @returns        its record, `UDP_FULL` or `UDP_IN_USE`
	 */
	open(localAt: number, port: number): number {
		const wanted = port === 0 ? this.#freePort() : port;
		if (wanted === 0 || this.#clashes(localAt, wanted)) return UDP_IN_USE;
		const at = this.#image.alloc(this.#pool);
		if (at === 0) return UDP_FULL;
		const queue = this.#queues.open(this.#queuePages);
		if (queue === 0) {
			this.#image.free(this.#pool, at);
			return UDP_FULL;
		}
		this.#s.go(at);
		this.#s.queue = queue;
		this.#s.localPort = wanted;
		if (localAt !== 0) this.#image.u8.copyWithin(this.#s.local, localAt, localAt + 16);
		this.#enter(at);
		return at;
	}

	#freePort(): number {
		for (let port = FIRST_DYNAMIC; port < 65536; port++) if (!this.#byPort.has(port)) return port;
		return 0;
	}

	/** Whether an unconnected socket has the same port, and either address is "any" or both are one. */
	#clashes(localAt: number, port: number): boolean {
		for (const at of this.#byPort.get(port) ?? []) {
			this.#s.go(at);
			if (this.#s.remotePort !== 0) continue;
			if (localAt === 0 || this.#isAny(this.#s.local) || same(this.#image.u8, this.#s.local, localAt, 16)) return true;
		}
		return false;
	}

	#isAny(at: number): boolean {
		const { i32 } = this.#image;
		const word = at >> 2;
		return i32[word] === 0 && i32[word + 1] === 0 && i32[word + 2] === 0 && i32[word + 3] === 0;
	}

	/** Which port a socket has. */
	port(socket: number): number {
		this.#s.go(socket);
		return this.#s.localPort;
	}

	/** Ties a socket to one peer: others' datagrams no longer reach it; port 0 unties it. */
	connect(socket: number, remoteAt: number, port: number): void {
		this.#s.go(socket);
		this.#s.remotePort = port;
		this.#s.hop = 0;
		if (port === 0) this.#image.u8.fill(0, this.#s.remote, this.#s.remote + 16);
		else this.#image.u8.copyWithin(this.#s.remote, remoteAt, remoteAt + 16);
	}

	close(socket: number): void {
		this.#s.go(socket);
		const port = this.#s.localPort;
		const left = (this.#byPort.get(port) ?? []).filter((at) => at !== socket);
		if (left.length === 0) this.#byPort.delete(port);
		else this.#byPort.set(port, left);
		this.#queues.close(this.#s.queue);
		this.#image.free(this.#pool, socket);
	}

	/**
	 * Takes in what IP delivered; false where nobody has the port, which a
	 * "port unreachable" should say (RFC 1122 §4.1.3.1).
	 */
	input(packet: Packet): boolean {
		const header = this.#header;
		const why = parseUdp(this.#image.u8, packet.payloadAt, packet.payloadLength, header);
		// RFC 768: 0 is no checksum; RFC 8200 §8.1 forbids that in IPv6.
		const bad = why === 0 && (header.checksum === 0 ? packet.family === 6 : !checksumHolds(this.#image, packet.srcAt, packet.dstAt, PROTOCOL_UDP, header.at, header.length));
		if (why !== 0 || bad) {
			this.#counters.count(why !== 0 ? why : WIRE.udpChecksum);
			return true;
		}
		const socket = this.#lookup(packet, header);
		this.#counters.count(socket === 0 ? COUNT.udpNoPort : this.#deliver(socket, packet, header) ? COUNT.udpIn : COUNT.udpQueueFull);
		return socket !== 0;
	}

	/** The socket that fits best: connected to the sender before bound to the address before any. */
	#lookup(packet: Packet, header: UdpHeader): number {
		let best = 0, score = -1;
		for (const at of this.#byPort.get(header.destination) ?? []) {
			const fit = this.#fit(at, packet.dstAt, packet.srcAt, header.source);
			if (fit > score) { best = at; score = fit; }
		}
		return best;
	}

	/** 0 to 3 where a socket takes what comes from there; -1 where it does not. */
	#fit(at: number, localAt: number, remoteAt: number, remotePort: number): number {
		const s = this.#s;
		const { u8 } = this.#image;
		s.go(at);
		const bound = !this.#isAny(s.local);
		if (bound && !same(u8, s.local, localAt, 16)) return -1;
		if (s.remotePort === 0) return bound ? 1 : 0;
		return s.remotePort === remotePort && same(u8, s.remote, remoteAt, 16) ? (bound ? 3 : 2) : -1;
	}

	#deliver(socket: number, packet: Packet, header: UdpHeader): boolean {
		const { u8 } = this.#image;
		const headAt = this.#scratch + SCRATCH_HEAD;
		u8.copyWithin(headAt, packet.srcAt, packet.srcAt + 16);
		u8.copyWithin(headAt + HEAD_DESTINATION, packet.dstAt, packet.dstAt + 16);
		this.#image.i32[(headAt + HEAD_PORT) >> 2] = header.source;
		this.#s.go(socket);
		return this.#queues.push(this.#s.queue, headAt, HEAD_LENGTH, header.payloadAt, header.payloadLength);
	}

	/** Datagrams that wait at a socket. */
	waiting(socket: number): number {
		this.#s.go(socket);
		return this.#queues.count(this.#s.queue);
	}

	/**
	 * Reads the oldest datagram into memory and fills `datagram`; bytes beyond
	 * `limit` are lost.
	 *
	 * @returns  whether there was one
	 */
	receive(socket: number, at: number, limit: number): boolean {
		const headAt = this.#scratch + SCRATCH_HEAD;
		this.#s.go(socket);
		const length = this.#queues.pop(this.#s.queue, headAt, HEAD_LENGTH, at, limit);
		if (length < 0) return false;
		this.datagram.length = length - HEAD_LENGTH;
		this.datagram.sourceAt = headAt;
		this.datagram.destinationAt = headAt + HEAD_DESTINATION;
		this.datagram.sourcePort = this.#image.i32[(headAt + HEAD_PORT) >> 2]!;
		return true;
	}

	/**
	 * Sends a datagram; the payload is copied.
	 *
	 * @param dstAt  16-byte address, 4-aligned; 0: the peer of a connected socket
	 * @param port   its port; unread where `dstAt` is 0
	 * @returns      0, or what `Ip.output` returns where nothing went out
	 */
	send(socket: number, dstAt: number, port: number, payloadAt: number, length: number, now: number): number {
		const s = this.#s;
		const { u8 } = this.#image;
		s.go(socket);
		const toAt = dstAt === 0 ? s.remote : dstAt;
		const fromAt = this.#isAny(s.local) ? this.#scratch + SCRATCH_CHOSEN : s.local;
		if (fromAt !== s.local && !this.#addresses.putSource(toAt, fromAt)) {
			this.#counters.count(COUNT.noRoute);
			return NO_ROUTE;
		}
		const at = this.#bodyAt;
		const total = UDP.end + length;
		if (total > LONGEST_DATAGRAM) {
			this.#counters.count(COUNT.tooLarge);
			return TOO_LONG;
		}
		u8.copyWithin(at + UDP.end, payloadAt, payloadAt + length);
		putUdp(u8, at, s.localPort, dstAt === 0 ? s.remotePort : port, length);
		// RFC 768: a checksum that comes out as 0 is sent as all ones.
		put16(u8, at + UDP.checksum, checksumOf(this.#image, fromAt, toAt, PROTOCOL_UDP, at, total) || 0xffff);
		const hop = this.#ip.output(PROTOCOL_UDP, fromAt, toAt, at, total, now, 0, s.hop);
		s.go(socket);
		s.hop = Math.max(0, hop);
		return Math.min(0, hop);
	}

	/** Tells the connected socket that sent it of an ICMP error (RFC 1122 §4.1.3.3). */
	fail(error: IcmpError): void {
		for (const at of this.#byPort.get(error.localPort) ?? []) {
			if (this.#fit(at, error.localAt, error.remoteAt, error.remotePort) < 2) continue;
			this.#s.go(at);
			this.#s.error = error.type + 1;
			return;
		}
	}

	/** The ICMP type of the last error about what a connected socket sent, -1 for none; read once. */
	takeError(socket: number): number {
		this.#s.go(socket);
		const type = this.#s.error - 1;
		this.#s.error = 0;
		return type;
	}
}
