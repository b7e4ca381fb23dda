import { Kind } from '../trace/index.ts';
import type { Clock } from './clock.ts';
import { LiveError } from './error.ts';
import type { Journal } from './journal.ts';
import { errnoName, libc } from './libc.ts';
import type { Libc } from './libc.ts';
import type { Watch } from './poller.ts';
import { ifreq } from './tap.ts';

const AF_PACKET = 17, SOCK_RAW = 3, SOCK_NONBLOCK = 0o4000, SOCK_CLOEXEC = 0o2000000;
/** ETH_P_ALL in network byte order */
const ALL_PROTOCOLS = 0x0300;
const SIOCGIFINDEX = 0x8933, SIOCGSTAMPNS = 0x8907;
const SOL_SOCKET = 1, SO_RCVBUFFORCE = 33;
/** sockaddr_ll: family 2, protocol 2, index 4, type of hardware 2, of packet 1, length 1, address 8 */
const SOCKADDR = 20, PACKET_TYPE_AT = 10, PACKET_OUTGOING = 4;
const CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1;
const BATCH = 256;

/** Nanoseconds of a clock of the kernel. */
function clockOf(calls: Libc, clock: number): bigint {
	const time = new BigInt64Array(2);
	calls.clock_gettime(clock, time);
	return time[0]! * 1_000_000_000n + time[1]!;
}

/**
 * Sees every frame of an interface, with the kernel's own time stamp, and writes
 * it to a journal: as sent where it leaves by the interface, else as arrived.
 */
export class Sniffer implements Watch {
	readonly fd: number;
	readonly blocked: boolean = false;
	/** frames seen */
	seen: number = 0;
	readonly #libc: Libc = libc();
	readonly #journal: Journal;
	readonly #frame: Uint8Array = new Uint8Array(0x2_0000);
	readonly #from: Uint8Array = new Uint8Array(SOCKADDR);
	readonly #fromLength: Int32Array = new Int32Array(1);
	readonly #stamp: Uint8Array = new Uint8Array(16);
	readonly #stampParts: BigInt64Array = new BigInt64Array(this.#stamp.buffer);
	/** µs of the real-time clock when ours began */
	readonly #began: number;

	/** @throws LiveError SNIFF_FAILED */
	constructor(name: string, journal: Journal, clock: Clock) {
		const calls = this.#libc;
		this.#journal = journal;
		const realAtBase = clockOf(calls, CLOCK_REALTIME) - clockOf(calls, CLOCK_MONOTONIC) + BigInt(clock.base);
		this.#began = Number(realAtBase / 1000n);
		this.fd = calls.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, ALL_PROTOCOLS);
		if (this.fd < 0) this.#failed(name);
		calls.setsockopt(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, Uint8Array.of(0, 0, 0, 4), 4);
		// The kernel stamps frames only from when it was first asked for a stamp.
		calls.ioctl(this.fd, SIOCGSTAMPNS, this.#stamp);
		const request = ifreq(name);
		if (calls.ioctl(this.fd, SIOCGIFINDEX, request) < 0) this.#failed(name);
		const address = new Uint8Array(SOCKADDR);
		const view = new DataView(address.buffer);
		view.setUint16(0, AF_PACKET, true);
		view.setUint16(2, ALL_PROTOCOLS, true);
		view.setUint32(4, new DataView(request.buffer).getUint32(16, true), true);
		if (calls.bind(this.fd, address, SOCKADDR) < 0) this.#failed(name);
	}

	#failed(name: string): never {
		throw new LiveError('SNIFF_FAILED', `The frames of '${name}' cannot be seen: ${errnoName(this.#libc.errno())}.`, 'It takes CAP_NET_RAW.');
	}

	writable(): void {}

	readable(): void {
		for (let left = BATCH; left > 0 && this.#one(); left--) { /* one frame a turn of the loop */ }
	}

	/** Reads everything that has passed so far. */
	finish(): void {
		while (this.#one()) { /* all of it */ }
	}

	#one(): boolean {
		const calls = this.#libc;
		this.#fromLength[0] = SOCKADDR;
		const length = calls.recvfrom(this.fd, this.#frame, this.#frame.length, 0, this.#from, this.#fromLength);
		if (length <= 0) return false;
		calls.ioctl(this.fd, SIOCGSTAMPNS, this.#stamp);
		const time = Number(this.#stampParts[0]!) * 1e6 + Math.floor(Number(this.#stampParts[1]!) / 1000) - this.#began;
		const kind = this.#from[PACKET_TYPE_AT] === PACKET_OUTGOING ? Kind.frameSent : Kind.frameArrived;
		this.#journal.put(kind, time, 0, -1, -1, 0, this.#frame, 0, length);
		this.seen++;
		return true;
	}
}
