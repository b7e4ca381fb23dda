import { randomBytes } from 'node:crypto';
import { Host } from '../../host/index.ts';
import type { Application, Sockets } from '../../host/index.ts';
import { EVENT_END, linux } from '../../../tcp/index.ts';
import type { Profile } from '../../../tcp/index.ts';
import type { PoolSpec } from '../../memory/index.ts';
import type { Sink } from '../../wire/node.ts';
import { Clock } from '../clock.ts';
import type { Device } from './device.ts';
import { Server } from './server.ts';
import type { ServerOptions } from './server.ts';
import { Socket } from './socket.ts';
import type { ConnectOptions } from './socket.ts';
import { TapDevice } from './tap-device.ts';

export interface StackOptions {
	/** own addresses with their prefixes, such as `10.0.0.1/24` and `2001:db8::1/64` */
	readonly address: string | readonly string[];
	/** the name of a TAP interface, or what else carries the frames: an end of `cable()`, a device of your own */
	readonly device: string | Device;
	/** default: one drawn by lot */
	readonly mac?: string;
	readonly gateway?: string;
	readonly gateway6?: string;
	/** most bytes of an IP packet; default 1500 */
	readonly mtu?: number;
	/** constants of TCP; default: those of Linux */
	readonly profile?: Profile;
	/** connections at once, those in TIME-WAIT included; default 1024 */
	readonly connections?: number;
	/** pages of 4 KiB for all queues; default 16384 */
	readonly pages?: number;
}

const LONGEST_TIMER_MS = 0x7fff_ffff;

/** A locally administered unicast address. */
function anyMac(): string {
	const [first = 0, ...rest] = randomBytes(6);
	return [(first & 0xfc) | 2, ...rest].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** What wants to hear of a connection or listener of the host's. */
export interface Listener {
	/** Inside the host: takes what there is, and calls nobody. */
	heard(io: Sockets, events: number): void;
	/** Outside: tells its user. */
	tell(): void;
}

/** Hands on news of connections, and runs what was asked for from outside, within the host's drain. */
class Desk implements Application {
	readonly name = 'net';
	readonly pools: readonly PoolSpec[] = [];
	readonly listeners: Map<number, Listener> = new Map();
	/** those who have heard something, and have not told their users */
	readonly heard: Set<Listener> = new Set();
	calls: ((io: Sockets) => void)[] = [];

	start(): void {}
	attach(): void {}

	ready(io: Sockets, socket: number, events: number): void {
		const listener = this.listeners.get(socket);
		if (listener === undefined) return;
		if ((events & EVENT_END) !== 0) this.listeners.delete(socket);
		listener.heard(io, events);
		this.heard.add(listener);
	}

	alarm(io: Sockets): void {
		const { calls } = this;
		this.calls = [];
		for (const call of calls) call(io);
	}
}

/**
 * A network host of one's own inside this process, with the calls of Node's
 * `net`. It runs in Node's event loop, and keeps the process alive until it is
 * closed.
 */
export class Stack {
	/** Makes a server: as `net.createServer`. */
	readonly createServer: (options?: ServerOptions | ((socket: Socket) => void), connected?: (socket: Socket) => void) => Server;
	/** Opens a connection: as `net.connect`, with `(options)`, or `(port, host)`, and a function called once it stands. */
	readonly connect: (to: ConnectOptions | number, host?: string | (() => void), connected?: () => void) => Socket;
	/** The same. */
	readonly createConnection: Stack['connect'];
	readonly host: Host;
	readonly #device: Device;
	readonly #desk: Desk = new Desk();
	readonly #clock: Clock = new Clock();
	readonly #sink: Sink;
	/** keeps the process alive */
	readonly #alive: NodeJS.Timeout = setInterval(() => {}, LONGEST_TIMER_MS);
	#timer: NodeJS.Timeout | null = null;
	#timerAt = Infinity;
	#kicked = false;
	#closed = false;

	/** @throws LiveError  where the TAP device cannot be had; AddressError */
	constructor(options: StackOptions) {
		const { address, device, profile = linux, connections = 1024, pages = 16_384, mac = anyMac(), gateway, gateway6, mtu } = options;
		this.host = new Host({
			mac, addresses: typeof address === 'string' ? [address] : address, profile, application: this.#desk, seed: randomBytes(32), tcp: { connections }, pages, fast: true,
			...(gateway === undefined ? {} : { gateway }), ...(gateway6 === undefined ? {} : { gateway6 }), ...(mtu === undefined ? {} : { mtu }),
		});
		this.#device = typeof device === 'string' ? new TapDevice(device) : device;
		this.#sink = { take: (bytes, at, length) => this.#device.send(bytes, at, length) };
		this.createServer = (first, second) => new Server(this, typeof first === 'function' ? {} : first ?? {}, typeof first === 'function' ? first : second);
		this.connect = (to, host, connected) => {
			const wanted = typeof to === 'number' ? { port: to, ...(typeof host === 'string' ? { host } : {}) } : to;
			return new Socket(this, wanted).connect(wanted, typeof host === 'function' ? host : connected);
		};
		this.createConnection = this.connect;
		this.#device.open({ take: (bytes, at, length) => this.host.receive(0, bytes, at, length, this.#clock.now()) }, () => this.#run());
		this.#run();
	}

	/** Has something done within the host, soon, and then sends what comes of it. */
	call(work: (io: Sockets) => void): void {
		this.#desk.calls.push(work);
		if (this.#kicked || this.#closed) return;
		this.#kicked = true;
		queueMicrotask(() => this.#run());
	}

	/** From now on `listener` hears of that connection. */
	listen(socket: number, listener: Listener): void { this.#desk.listeners.set(socket, listener); }
	/** Nobody does: the number may mean another one soon. */
	forget(socket: number): void { this.#desk.listeners.delete(socket); }
	/** Has `listener` tell its user when the host is done. */
	notice(listener: Listener): void { this.#desk.heard.add(listener); }

	#run(): void {
		this.#kicked = false;
		if (this.#closed) return;
		const now = this.#clock.now(), { host } = this;
		// The host calls the desk when an alarm is due, and everything that sends has to happen there.
		if (this.#desk.calls.length > 0) host.sockets.setAlarm(1);
		if (host.wakeAt <= now) host.wake(now);
		host.drain(this.#sink);
		this.#arm(now);
		this.#tell();
	}

	/** Users are told one by one; what one of them throws keeps nothing from the others. */
	#tell(): void {
		const { heard } = this.#desk;
		for (const listener of heard) {
			heard.delete(listener);
			try {
				listener.tell();
			} catch (error) {
				queueMicrotask(() => { throw error; });
			}
		}
	}

	#arm(now: number): void {
		const at = this.host.wakeAt;
		if (at === this.#timerAt) return;
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timerAt = at;
		this.#timer = at === Infinity ? null : setTimeout(() => {
			this.#timerAt = Infinity;
			this.#timer = null;
			this.#run();
		}, Math.min(LONGEST_TIMER_MS, Math.max(0, Math.ceil((at - now) / 1000))));
	}

	/** Ends at once: connections are told nothing, and the process may end. */
	close(): void {
		this.#closed = true;
		clearInterval(this.#alive);
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#device.close();
	}
}
