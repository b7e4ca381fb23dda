import type { Image } from '../memory/index.ts';
import { Kind } from '../trace/index.ts';
import type { Trace } from '../trace/index.ts';
import { parseAddress } from '../wire/address.ts';
import { abortConnection, accept, connect, connectWith, consume, errorNames, listen, peekInto, readAt, readable, readableHere, release, send, sendRoom, setOptions, shutdown } from '../../tcp/index.ts';
import type { Tcp } from '../../tcp/index.ts';
import { draw } from './generator.ts';
import type { HostRecord } from './host-record.ts';
import type { Network } from './network.ts';

/** Octets an application can look at in one piece. */
const LONGEST_PEEK = 65536;

/**
 * A host's sockets as its application sees them. A socket is a number, valid
 * until its end was told. Nothing here waits: what cannot be done now is told
 * by news later.
 */
export class Sockets {
	readonly image: Image;
	readonly tcp: Tcp;
	readonly network: Network;
	/** where `peek` found octets: the image's memory, and their address */
	readonly bytes: Uint8Array;
	at = 0;
	/** sender of the datagram read last: address of 16 bytes, and port */
	fromAt = 0;
	fromPort = 0;
	/** where the host tells its events, and under which place */
	trace: Trace | null = null;
	place = 0;
	readonly #host: HostRecord;
	readonly #gatherAt: number;
	readonly #addressAt: number;
	/** what lies there */
	#addressText = '';

	/**
	 * @param gatherAt   scratch of 64 KiB, where octets that lie in several pages are put together
	 * @param addressAt  scratch of 16 bytes
	 */
	constructor(image: Image, tcp: Tcp, network: Network, host: HostRecord, gatherAt: number, addressAt: number) {
		this.image = image;
		this.tcp = tcp;
		this.network = network;
		this.bytes = image.u8;
		this.#host = host;
		this.#gatherAt = gatherAt;
		this.#addressAt = addressAt;
	}

	/** The machine's clock, µs: that of the entry being executed, where the host is replicated. */
	get now(): number { return this.#host.now; }

	/** 32 random bits from the machine's generator. */
	random(): number { return draw(this.#host); }

	/** Asks to be woken at a time of the machine's clock, µs; 0 takes it back. One alarm is kept. */
	setAlarm(at: number): void { this.#host.alarm = at; }

	/** Waits for connections on a port; 0 where no record is left. */
	listen(port: number, backlog: number = 128): number { return listen(this.tcp, 0, port, backlog); }

	/** The next connection of a listener; 0 where none waits. */
	accept(listener: number): number { return accept(this.tcp, listener); }

	/**
	 * Opens a connection.
	 *
	 * @param address  as text
	 * @param local    our port; 0: any
	 * @returns        the socket; 0 where no record or route is left
	 */
	connect(address: string, port: number, local: number = 0): number {
		return connect(this.tcp, 0, local, this.address(address), port);
	}

	/**
	 * Opens a connection with something to say at once: it goes with the SYN where
	 * this server has given us a cookie before (Fast Open, RFC 7413), else behind
	 * the handshake. A listener takes it so where its option `FAST_OPEN` is set.
	 */
	connectWith(address: string, port: number, bytes: Uint8Array): number {
		return connectWith(this.tcp, 0, 0, this.address(address), port, bytes, 0, bytes.length);
	}

	/** Puts an address given as text where calls can read it. */
	address(text: string): number {
		if (text !== this.#addressText) {
			this.image.u8.set(parseAddress(text), this.#addressAt);
			this.#addressText = text;
		}
		return this.#addressAt;
	}

	/** Unread octets of a connection. */
	readable(socket: number): number { return readable(this.tcp, socket); }

	/**
	 * Looks at the unread octets in one piece, at `bytes[at]` and behind; they
	 * stay unread until `consume`, so that an incomplete request can wait there.
	 *
	 * @param most  octets wanted, at most 65536
	 * @returns     octets there are
	 */
	peek(socket: number, most: number = LONGEST_PEEK): number {
		const { tcp } = this;
		const length = Math.min(readable(tcp, socket), most, LONGEST_PEEK);
		if (length <= readableHere(tcp)) {
			this.at = readAt(tcp);
			return length;
		}
		peekInto(tcp, socket, this.#gatherAt, length);
		this.at = this.#gatherAt;
		return length;
	}

	/** As `peek`, but only what lies in one piece already: nothing is copied. */
	peekPart(socket: number): number {
		if (readable(this.tcp, socket) === 0) return 0;
		this.at = readAt(this.tcp);
		return readableHere(this.tcp);
	}

	/** Takes octets off the queue. */
	consume(socket: number, length: number): void { consume(this.tcp, socket, length); }

	/** Octets that can be written now. */
	room(socket: number): number { return sendRoom(this.tcp, socket); }

	/** Writes octets; returns how many were taken, −1 where the connection takes none any more. */
	write(socket: number, bytes: Uint8Array, at: number = 0, length: number = bytes.length - at): number {
		return send(this.tcp, socket, bytes, at, length);
	}

	/** Whether the peer has said that it sends no more. */
	isFinished(socket: number): boolean {
		this.tcp.tcb.go(socket);
		return this.tcp.tcb.rcv.fin !== 0;
	}

	/** Says that no more will be written; reading goes on. */
	end(socket: number): void { shutdown(this.tcp, socket); }

	/** Is done with a connection or listener; the number means nothing afterwards. */
	close(socket: number): void { release(this.tcp, socket); }

	/** Resets a connection, and is done with it. */
	abort(socket: number): void {
		abortConnection(this.tcp, socket);
		release(this.tcp, socket);
	}

	/** Sets options of a connection or listener: bits `NO_DELAY`, `KEEP_ALIVE`, `CORK`, `FAST_OPEN`. */
	options(socket: number, bits: number): void { setOptions(this.tcp, socket, bits); }

	/** Why a connection ended: an errno name, '' where it ended in order. */
	error(socket: number): string {
		this.tcp.tcb.go(socket);
		return errorNames[this.tcp.tcb.error] ?? '';
	}

	/** A word kept with a connection, for instance the address of a record. */
	user(socket: number): number {
		this.tcp.tcb.go(socket);
		return this.tcp.tcb.user;
	}

	setUser(socket: number, value: number): void {
		this.tcp.tcb.go(socket);
		this.tcp.tcb.user = value;
	}

	/** Opens a UDP socket on a port, 0: any; not positive where that cannot be. */
	bind(port: number): number { return this.network.udp.open(0, port); }

	/** Reads the oldest datagram to `bytes[at]`; sets who sent it. −1 where none waits. */
	receiveFrom(socket: number): number {
		const { udp } = this.network;
		if (!udp.receive(socket, this.#gatherAt, LONGEST_PEEK)) return -1;
		this.at = this.#gatherAt;
		this.fromAt = udp.datagram.sourceAt;
		this.fromPort = udp.datagram.sourcePort;
		return udp.datagram.length;
	}

	/**
	 * Sends a datagram.
	 *
	 * @param toAt  address of 16 bytes in the image's memory: `fromAt`, or what `address` gives
	 */
	sendTo(socket: number, toAt: number, port: number, bytes: Uint8Array): void {
		// What answers is built behind what it answers, so that neither overwrites the other.
		const at = this.#gatherAt + LONGEST_PEEK / 2;
		this.image.u8.set(bytes, at);
		this.network.udp.send(socket, toAt, port, at, bytes.length, this.now);
	}

	/** Tells the trace what the application was given, wrote, or was told. */
	tell(kind: 'connecting' | 'connected' | 'closed' | 'failed' | 'delivered' | 'wrote' | 'discarded', connection: number, serial: number = 0, bytes: Uint8Array | null = null, text: string = ''): void {
		const { trace } = this;
		if (trace === null) return;
		const name = text === '' ? serial : trace.name(text);
		const second = kind === 'discarded' ? serial : name;
		const third = kind === 'discarded' ? trace.name(text) : 0;
		if (bytes === null) trace.put(Kind[kind], this.place, connection, second, third);
		else trace.putBytes(Kind[kind], this.place, connection, second, third, 0, bytes, 0, bytes.length);
	}
}
