import { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import type { Sockets } from '../../host/index.ts';
import { listen } from '../../../tcp/index.ts';
import { netError } from './errno.ts';
import { Socket } from './socket.ts';
import type { SocketOptions } from './socket.ts';
import type { Listener, Stack } from './stack.ts';

export interface ServerOptions extends SocketOptions {
	/** whether a connection begins paused */
	readonly pauseOnConnect?: boolean;
}

export interface ListenOptions {
	/** 0: any that is free */
	readonly port: number;
	/** one of the stack's addresses; default: all of them */
	readonly host?: string;
	readonly backlog?: number;
}

const FIRST_FREE = 49152, LAST = 65535;
const BACKLOG = 511;

/** Waits for connections: the events, methods and errors of Node's `net.Server`. */
export class Server extends EventEmitter implements Listener {
	listening: boolean = false;
	/** connections beyond these are closed at once */
	maxConnections: number | undefined = undefined;
	readonly #stack: Stack;
	readonly #options: ServerOptions;
	readonly #sockets: Set<Socket> = new Set();
	#at = 0;
	#address: { readonly address: string; readonly family: string; readonly port: number } | null = null;
	readonly #fresh: Socket[] = [];
	#closing = false;

	constructor(stack: Stack, options: ServerOptions = {}, connected?: (socket: Socket) => void) {
		super();
		this.#stack = stack;
		this.#options = options;
		if (connected !== undefined) this.on('connection', connected);
	}

	/** Waits on a port: `(port, host, backlog, listening)` or `({ port, host, backlog }, listening)`; all but the port may be left out. */
	listen(to: ListenOptions | number, ...rest: (string | number | (() => void) | undefined)[]): this {
		const given = <T>(type: string): T | undefined => rest.find((one) => typeof one === type) as T | undefined;
		const wanted: ListenOptions = typeof to === 'number' ? { port: to, host: given<string>('string') ?? '', backlog: given<number>('number') ?? BACKLOG } : to;
		const told = given<() => void>('function');
		if (this.listening) throw Object.assign(new Error('Listen method has been called more than once without closing.'), { code: 'ERR_SERVER_ALREADY_LISTEN' });
		if (told !== undefined) this.once('listening', told);
		this.listening = true;
		this.#closing = false;
		this.#stack.call((io) => this.#open(io, wanted));
		return this;
	}

	#open(io: Sockets, { port, host = '', backlog = BACKLOG }: ListenOptions): void {
		const taken = portsOf(io);
		const chosen = port !== 0 ? port : firstFree(taken);
		const fail = (code: string): void => {
			this.listening = false;
			process.nextTick(() => { this.emit('error', netError(code, 'listen', host === '' ? '::' : host, port)); });
		};
		if (taken.has(chosen)) return fail('EADDRINUSE');
		if (host !== '' && isIP(host) === 0) return fail('EADDRNOTAVAIL');
		const at = host === '' || host === '0.0.0.0' || host === '::' ? 0 : io.address(host);
		this.#at = listen(io.tcp, at, chosen, backlog);
		if (this.#at === 0) return fail('ENOBUFS');
		this.#address = { address: host === '' ? '::' : host, family: host === '' || host.includes(':') ? 'IPv6' : 'IPv4', port: chosen };
		this.#stack.listen(this.#at, this);
		process.nextTick(() => { this.emit('listening'); });
	}

	heard(io: Sockets): void {
		for (let at = io.accept(this.#at); at !== 0; at = io.accept(this.#at)) this.#taken(io, at);
	}

	#taken(io: Sockets, at: number): void {
		if (this.maxConnections === undefined || this.#sockets.size < this.maxConnections) {
			const socket = new Socket(this.#stack, this.#options, at);
			this.#sockets.add(socket);
			socket.once('close', () => this.#ended(socket));
			this.#fresh.push(socket);
		} else {
			io.abort(at);
			process.nextTick(() => { this.emit('drop'); });
		}
	}

	tell(): void {
		for (let socket = this.#fresh.shift(); socket !== undefined; socket = this.#fresh.shift()) {
			if (this.#options.pauseOnConnect === true) socket.pause();
			this.emit('connection', socket);
			// What is never read has to be noticed to have ended all the same.
			socket.read(0);
		}
	}

	#ended(socket: Socket): void {
		this.#sockets.delete(socket);
		this.#look();
	}

	#look(): void {
		if (!this.#closing || this.#sockets.size > 0) return;
		this.#closing = false;
		process.nextTick(() => { this.emit('close'); });
	}

	/** Takes no more connections; emits `close` once those there are have ended. */
	close(closed?: (error?: Error) => void): this {
		if (!this.listening) {
			if (closed !== undefined) process.nextTick(closed, Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' }));
			return this;
		}
		if (closed !== undefined) this.once('close', () => closed());
		this.listening = false;
		this.#closing = true;
		this.#stack.call((io) => {
			if (this.#at !== 0) {
				this.#stack.forget(this.#at);
				io.close(this.#at);
			}
			this.#at = 0;
			this.#address = null;
			this.#look();
		});
		return this;
	}

	address(): { readonly address: string; readonly family: string; readonly port: number } | null { return this.#address; }

	getConnections(told: (error: Error | null, count: number) => void): this {
		process.nextTick(told, null, this.#sockets.size);
		return this;
	}

	ref(): this { return this; }
	unref(): this { return this; }
}

/** The ports that are listened on. */
function portsOf(io: Sockets): ReadonlySet<number> {
	const { tcp } = io;
	return new Set(tcp.listeners.map((at) => {
		tcp.tcb.go(at);
		return tcp.tcb.local.port;
	}));
}

function firstFree(taken: ReadonlySet<number>): number {
	for (let port = FIRST_FREE; port <= LAST; port++) if (!taken.has(port)) return port;
	return 0;
}
