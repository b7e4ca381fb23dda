import { lookup as lookUp } from 'node:dns';
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import type { Sockets } from '../../host/index.ts';
import { formatAddress } from '../../wire/address.ts';
import { connect as openTo, EVENT_END, EVENT_OPEN, KEEP_ALIVE, NO_DELAY } from '../../../tcp/index.ts';
import { netError } from './errno.ts';
import type { Listener, Stack } from './stack.ts';

export interface SocketOptions {
	/** whether our side stays open when the peer has ended its own; default false */
	readonly allowHalfOpen?: boolean;
	readonly noDelay?: boolean;
	readonly keepAlive?: boolean;
	/** ms */
	readonly keepAliveInitialDelay?: number;
}

export interface ConnectOptions extends SocketOptions {
	readonly port: number;
	/** an address, or a name that Node's resolver knows; default `localhost` */
	readonly host?: string;
	readonly localPort?: number;
	/** ms without traffic until `timeout` */
	readonly timeout?: number;
	readonly lookup?: typeof lookUp;
}

/** What waits to be handed to TCP. */
interface Pending {
	readonly bytes: Uint8Array;
	taken: number;
	readonly done: (error?: Error | null) => void;
}

type Done = (error?: Error | null) => void;

/** Looked at in one piece. */
const PIECE = 65_536;

interface Address { readonly address: string; readonly family: string; readonly port: number }

/** A connection: a Duplex with the properties, methods, events and errors of Node's `net.Socket`. */
export class Socket extends Duplex implements Listener {
	connecting: boolean = false;
	bytesRead: number = 0;
	timeout: number | undefined = undefined;
	localAddress: string | undefined = undefined;
	localPort: number | undefined = undefined;
	remoteAddress: string | undefined = undefined;
	remotePort: number | undefined = undefined;
	readonly #stack: Stack;
	/** the host's; 0 while there is none, or no more */
	#at = 0;
	#established = false;
	#told = false;
	#taken = 0;
	#options = 0;
	#idle = 0;
	#wants = false;
	#finished = false;
	#endTold = false;
	#error: Error | null = null;
	readonly #arrived: Buffer[] = [];
	#pending: Pending | null = null;
	#done: { readonly done: Done; readonly error: Error | null }[] = [];
	#clock: NodeJS.Timeout | null = null;

	/** @param at  a connection the host has accepted; 0: none yet */
	constructor(stack: Stack, options: SocketOptions = {}, at: number = 0) {
		super({ allowHalfOpen: options.allowHalfOpen === true, emitClose: false, autoDestroy: true, decodeStrings: true });
		this.#stack = stack;
		if (options.noDelay === true) this.#options |= NO_DELAY;
		if (options.keepAlive === true) this.setKeepAlive(true, options.keepAliveInitialDelay);
		this.on('end', () => { if (!this.allowHalfOpen) this.write = endedByPeer; });
		if (at === 0) return;
		this.#at = at;
		this.#established = true;
		this.#told = true;
		stack.listen(at, this);
		this.#learn(stack.host.sockets);
		if (this.#options !== 0) this.#call((io) => this.#set(io));
	}

	/** Has something done within the host, if the connection is still there then. */
	#call(work: (io: Sockets) => void): void {
		this.#stack.call((io) => { if (this.#at !== 0) work(io); });
	}

	#learn(io: Sockets): void {
		const { tcb } = io.tcp;
		tcb.go(this.#at);
		const { u8 } = io.image;
		this.localAddress = formatAddress(u8, tcb.local.addr);
		this.localPort = tcb.local.port;
		this.remoteAddress = formatAddress(u8, tcb.remote.addr);
		this.remotePort = tcb.remote.port;
	}

	// Opening

	/** Opens the connection: emits `connect` and `ready`, or `error`. */
	connect(to: ConnectOptions, connected?: () => void): this {
		if (connected !== undefined) this.once('connect', connected);
		if (to.timeout !== undefined) this.setTimeout(to.timeout);
		const { port, host = 'localhost', localPort = 0 } = to;
		if (!Number.isInteger(port) || port < 0 || port > 65535) throw Object.assign(new RangeError(`options.port should be >= 0 and < 65536. Received ${port}.`), { code: 'ERR_SOCKET_BAD_PORT' });
		this.connecting = true;
		if (isIP(host) !== 0) this.#open(host, port, localPort);
		else (to.lookup ?? lookUp)(host, { family: 4 }, (error, address, family) => {
			this.emit('lookup', error, address, family, host);
			if (this.destroyed) return;
			if (error !== null) this.destroy(error);
			else this.#open(String(address), port, localPort);
		});
		return this;
	}

	#open(host: string, port: number, localPort: number): void {
		this.remoteAddress = host;
		this.remotePort = port;
		this.#stack.call((io) => {
			if (this.destroyed) return;
			// Port 0 is nobody's.
			this.#at = port === 0 ? 0 : openTo(io.tcp, 0, localPort, io.address(host), port);
			if (this.#at === 0) this.#fail(port === 0 ? 'ECONNREFUSED' : localPort === 0 ? 'ENETUNREACH' : 'EADDRINUSE');
			else {
				this.#stack.listen(this.#at, this);
				this.#learn(io);
				this.#set(io);
			}
		});
	}

	// Inside the host

	heard(io: Sockets, events: number): void {
		if ((events & EVENT_OPEN) !== 0) this.#established = true;
		if ((events & EVENT_END) !== 0) {
			this.#end(io.error(this.#at));
			if (this.#at === 0) return;
		}
		this.#take(io);
		this.#put(io);
		if ((events & EVENT_END) !== 0) this.#at = 0;
	}

	#end(code: string): void {
		if (code !== '') {
			this.#fail(code);
			this.#at = 0;
		} else this.#finished = true;
	}

	/** What went wrong, as the call that is under way says it. */
	#fail(code: string): void {
		this.#error = this.#established ? netError(code, this.#pending === null ? 'read' : 'write') : netError(code, 'connect', this.remoteAddress, this.remotePort);
		this.#stack.notice(this);
	}

	/** Takes what has arrived, as long as it is wanted. */
	#take(io: Sockets): void {
		const at = this.#at;
		for (let length = this.#wants || this.#finished ? io.peek(at, PIECE) : 0; length > 0; length = this.#finished ? io.peek(at, PIECE) : 0) {
			this.#arrived.push(Buffer.from(io.bytes.slice(io.at, io.at + length).buffer));
			io.consume(at, length);
			// One piece at a time: then the reader says whether it wants more.
			this.#wants = false;
		}
		if (!this.#finished && io.isFinished(at) && io.readable(at) === 0) this.#finished = true;
		this.#stack.notice(this);
	}

	/** Hands over what is to be sent, as far as there is room. */
	#put(io: Sockets): void {
		const pending = this.#pending;
		if (pending === null || !this.#established) return;
		const { bytes } = pending;
		const taken = io.write(this.#at, bytes, pending.taken, bytes.length - pending.taken);
		if (taken < 0) this.#settle(netError(io.error(this.#at) || 'EPIPE', 'write'));
		else {
			pending.taken += taken;
			this.#taken += taken;
			if (pending.taken === bytes.length) this.#settle(null);
		}
	}

	#settle(error: Error | null): void {
		this.#done.push({ done: this.#pending!.done, error });
		this.#pending = null;
		this.#stack.notice(this);
	}

	#set(io: Sockets): void {
		io.tcp.tcb.go(this.#at);
		io.tcp.tcb.limit.idle = this.#idle;
		io.options(this.#at, this.#options);
	}

	// Outside the host

	/** Tells the user what was heard since. */
	tell(): void {
		const idle = this.#arrived.length === 0 && this.#done.length === 0;
		if (this.#established && !this.#told && !this.destroyed) {
			this.#told = true;
			this.connecting = false;
			this.emit('connect');
			this.emit('ready');
		}
		if (!idle) this.#refresh();
		const done = this.#done;
		this.#done = [];
		for (const { done: each, error } of done) each(error);
		this.#deliver();
		if (this.#error !== null && !this.destroyed) this.destroy(this.#error);
	}

	#deliver(): void {
		while (this.#arrived.length > 0) {
			const piece = this.#arrived.shift()!;
			this.bytesRead += piece.length;
			if (this.push(piece)) this._read();
		}
		if (!this.#finished || this.#endTold || this.destroyed || this.#error !== null) return;
		this.#endTold = true;
		this.push(null);
		// Nobody reads it, so that nobody would find its end.
		if (this.readableLength === 0) this.read(0);
	}

	override _read(): void {
		if (this.#wants) return;
		this.#wants = true;
		this.#call((io) => this.#take(io));
	}

	override _write(chunk: Buffer, _encoding: string, done: Done): void {
		this.#pending = { bytes: chunk, taken: 0, done };
		if (this.#told && this.#at === 0 && this.#error === null) this.#gone();
		else this.#call((io) => this.#put(io));
	}

	override _writev(chunks: { chunk: Buffer; encoding: string }[], done: Done): void {
		this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
	}

	/** The connection has ended before: there is nothing to write to. */
	#gone(): void {
		this.#settle(netError('EPIPE', 'write'));
		queueMicrotask(() => this.tell());
	}

	override _final(done: Done): void {
		if (!this.#told && this.#error === null) this.once('connect', () => this._final(done));
		else this.#stack.call((io) => {
			if (this.#at !== 0) io.end(this.#at);
			this.#done.push({ done, error: null });
			this.#stack.notice(this);
		});
	}

	override _destroy(error: Error | null, done: Done): void {
		this.connecting = false;
		if (this.#clock !== null) clearTimeout(this.#clock);
		this.#letGo((io, at) => io.close(at));
		this.#arrived.length = 0;
		done(error);
		// As Node does: after the stream's own events.
		process.nextTick(() => { this.emit('close', error !== null); });
	}

	#letGo(how: (io: Sockets, at: number) => void): void {
		this.#call((io) => {
			const at = this.#at;
			this.#at = 0;
			this.#stack.forget(at);
			how(io, at);
		});
	}

	// What Node's sockets have besides

	/** Ends the connection with a RST. */
	resetAndDestroy(): this {
		if (this.connecting) this.destroy(netError('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'connect'));
		else {
			this.#letGo((io, at) => io.abort(at));
			this.destroy();
		}
		return this;
	}

	/** Destroys it once all is written. */
	destroySoon(): void {
		if (this.writable) this.end();
		if (this.writableFinished) this.destroy();
		else this.once('finish', () => this.destroy());
	}

	setNoDelay(on: boolean = true): this { return this.#turn(NO_DELAY, on); }

	/** @param delay  ms of silence before the first probe; 0: as the profile has it */
	setKeepAlive(on: boolean = false, delay: number = 0): this {
		this.#idle = delay * 1000;
		return this.#turn(KEEP_ALIVE, on);
	}

	#turn(bit: number, on: boolean): this {
		this.#options = on ? this.#options | bit : this.#options & ~bit;
		if (this.#at !== 0) this.#call((io) => this.#set(io));
		return this;
	}

	/** Emits `timeout` after so many ms without traffic; 0: never. The connection is not ended by it. */
	setTimeout(ms: number, silent?: () => void): this {
		this.timeout = ms;
		if (silent !== undefined) {
			if (ms === 0) this.removeListener('timeout', silent);
			else this.once('timeout', silent);
		}
		if (this.#clock !== null) clearTimeout(this.#clock);
		this.#clock = ms === 0 ? null : setTimeout(() => { this.emit('timeout'); }, ms);
		this.#clock?.unref();
		return this;
	}

	#refresh(): void { this.#clock?.refresh(); }

	address(): Address | Record<string, never> {
		return this.localAddress === undefined ? {} : { address: this.localAddress, family: this.localFamily!, port: this.localPort! };
	}

	get localFamily(): string | undefined { return family(this.localAddress); }
	get remoteFamily(): string | undefined { return family(this.remoteAddress); }
	get bytesWritten(): number { return this.#taken + (this.#pending === null ? 0 : this.#pending.bytes.length - this.#pending.taken) + this.writableLength; }
	get pending(): boolean { return !this.#told; }
	get bufferSize(): number { return this.writableLength; }

	get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
		if (this.connecting) return 'opening';
		if (this.readable && this.writable) return 'open';
		if (this.readable) return 'readOnly';
		return this.writable ? 'writeOnly' : 'closed';
	}

	/** The stack keeps the process alive, not the socket. */
	ref(): this { return this; }
	unref(): this { return this; }
}

function family(address: string | undefined): string | undefined {
	return address === undefined ? undefined : address.includes(':') ? 'IPv6' : 'IPv4';
}

/** Writing to a connection that its peer has ended, and that is not to be half open. */
function endedByPeer(this: Socket, _chunk: unknown, encoding?: unknown, done?: unknown): boolean {
	const error = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
	const told = (typeof encoding === 'function' ? encoding : done) as Done | undefined;
	if (told !== undefined) process.nextTick(told, error);
	this.destroy(error);
	return false;
}
