import { Deframer, FramingError, putFramed, STREAM_HEAD } from '../replica/index.ts';
import type { Sink } from '../wire/node.ts';
import type { Line } from './driver.ts';
import { ERRNO, libc } from './libc.ts';
import type { Libc } from './libc.ts';
import type { Watch } from './poller.ts';

/** Read at once. */
const PIECE = 0x4_0000;
/** Pieces read in one turn, so that a fast peer leaves time for others. */
const PIECES = 16;
/** What may wait to be sent while the peer does not read. */
const WAITING = 0x40_0000;

/** How a stream ended: the peer closed it, or what it carries cannot be read. */
export type StreamEnd = 'closed' | 'damaged';

/** A stream socket as a line: every message is preceded by its length. */
export class StreamLine implements Line, Watch {
	/** messages dropped because the peer reads too slowly; whoever sends the log sends it again */
	dropped: number = 0;
	/** bytes of all messages taken to be sent */
	sent: number = 0;
	#fd: number;
	readonly #port: number;
	readonly #input: Sink;
	readonly #ended: (how: StreamEnd) => void;
	readonly #libc: Libc = libc();
	readonly #deframer: Deframer;
	readonly #piece: Uint8Array = new Uint8Array(PIECE);
	readonly #message: Uint8Array;
	/** what could not be written yet */
	#waiting: Uint8Array = new Uint8Array(0);

	/**
	 * @param fd       a connected stream socket, its own from now on
	 * @param longest  bytes of the longest message
	 * @param ended    told once, after everything that had arrived was handed over
	 */
	constructor(fd: number, port: number, longest: number, input: Sink, ended: (how: StreamEnd) => void) {
		this.#fd = fd;
		this.#port = port;
		this.#input = input;
		this.#ended = ended;
		this.#deframer = new Deframer(longest);
		this.#message = new Uint8Array(STREAM_HEAD + longest);
	}

	get watch(): Watch { return this; }
	get fd(): number { return this.#fd; }
	get blocked(): boolean { return this.#waiting.length > 0; }
	/** Bytes that wait for the peer to read. */
	get waiting(): number { return this.#waiting.length; }

	send(bytes: Uint8Array, at: number, length: number): void {
		if (this.#fd < 0) return;
		if (this.#waiting.length + length > WAITING) {
			this.dropped++;
			return;
		}
		this.sent += length;
		const framed = putFramed(bytes, at, length, this.#message, 0);
		const written = this.#waiting.length > 0 ? 0 : this.#write(this.#message, framed);
		if (written < framed) this.#keep(this.#message.subarray(written, framed));
	}

	/** Bytes taken; those of a stream that is broken are lost, and its end is found by reading. */
	#write(bytes: Uint8Array, length: number): number {
		const written = this.#libc.write(this.#fd, bytes, length);
		if (written >= 0) return written;
		const errno = this.#libc.errno();
		return errno === ERRNO.EAGAIN || errno === ERRNO.EINTR || errno === ERRNO.ENOBUFS ? 0 : length;
	}

	#keep(rest: Uint8Array): void {
		const all = new Uint8Array(this.#waiting.length + rest.length);
		all.set(this.#waiting);
		all.set(rest, this.#waiting.length);
		this.#waiting = all;
	}

	writable(): void {
		if (this.#waiting.length === 0) return;
		this.#waiting = this.#waiting.slice(this.#write(this.#waiting, this.#waiting.length));
	}

	readable(): void {
		for (let left = PIECES; left > 0 && this.#fd >= 0; left--) {
			const length = this.#libc.read(this.#fd, this.#piece, PIECE);
			if (length > 0) this.#take(length);
			else return this.#stop(length);
		}
	}

	#take(length: number): void {
		try {
			this.#deframer.push(this.#piece, 0, length, this.#port, this.#input);
		} catch (error) {
			if (!(error instanceof FramingError)) throw error;
			this.#end('damaged');
		}
	}

	/** Nothing more to read now, or for good. */
	#stop(length: number): void {
		if (length < 0) {
			const errno = this.#libc.errno();
			if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return;
		}
		this.#end('closed');
	}

	#end(how: StreamEnd): void {
		this.close();
		this.#ended(how);
	}

	close(): void {
		if (this.#fd < 0) return;
		this.#libc.close(this.#fd);
		this.#fd = -1;
		this.#waiting = new Uint8Array(0);
	}
}
