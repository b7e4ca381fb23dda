import { rmSync } from 'node:fs';
import { ERRNO, libc } from './libc.ts';
import type { Poller, Watch } from './poller.ts';
import { acceptFrom, listenOn, streamAddress } from './socket.ts';

/** Longest request, bytes. */
const LONGEST = 65_536;

/** What is asked of a process: a verb, and whatever goes with it. */
export interface ControlRequest {
	readonly verb: string;
	readonly [name: string]: unknown;
}

/** Answers requests: each a line of JSON, and so is each answer. */
export class ControlServer {
	readonly #poller: Poller;
	readonly #path: string;
	readonly #fd: number;
	readonly #answer: (request: ControlRequest) => unknown;

	/** @param answer  what it throws is told as `error` */
	constructor(poller: Poller, path: string, answer: (request: ControlRequest) => unknown) {
		this.#poller = poller;
		this.#path = path;
		this.#answer = answer;
		rmSync(path, { force: true });
		this.#fd = listenOn(streamAddress(`unix:${path}`));
		const fd = this.#fd;
		poller.add({ fd, blocked: false, readable: () => this.#accept(), writable: () => {} });
	}

	#accept(): void {
		const fd = acceptFrom(this.#fd);
		if (fd >= 0) this.#poller.add(new Caller(fd, (line) => this.#reply(line), (caller) => this.#poller.remove(caller)));
	}

	#reply(line: string): string {
		try {
			return JSON.stringify({ ok: true, ...(this.#answer(JSON.parse(line) as ControlRequest) as object | undefined) });
		} catch (error) {
			return JSON.stringify({ ok: false, error: error instanceof Error ? error.message : String(error) });
		}
	}

	close(): void {
		libc().close(this.#fd);
		rmSync(this.#path, { force: true });
	}
}

/** One connection of a control server. */
class Caller implements Watch {
	fd: number;
	readonly blocked: boolean = false;
	readonly #reply: (line: string) => string;
	readonly #ended: (caller: Caller) => void;
	readonly #piece: Uint8Array = new Uint8Array(4096);
	#text = '';

	constructor(fd: number, reply: (line: string) => string, ended: (caller: Caller) => void) {
		this.fd = fd;
		this.#reply = reply;
		this.#ended = ended;
	}

	writable(): void {}

	readable(): void {
		const length = libc().read(this.fd, this.#piece, this.#piece.length);
		if (length < 0 && (libc().errno() === ERRNO.EAGAIN || libc().errno() === ERRNO.EINTR)) return;
		if (length <= 0 || this.#text.length > LONGEST) return this.#end();
		this.#text += Buffer.from(this.#piece.subarray(0, length)).toString();
		const lines = this.#text.split('\n');
		this.#text = lines.pop()!;
		for (const line of lines) {
			const answer = Buffer.from(`${this.#reply(line)}\n`);
			// An answer fits the socket's buffer; who does not read them is not waited for.
			if (libc().write(this.fd, answer, answer.length) !== answer.length) return this.#end();
		}
	}

	#end(): void {
		libc().close(this.fd);
		this.fd = -1;
		this.#ended(this);
	}
}
