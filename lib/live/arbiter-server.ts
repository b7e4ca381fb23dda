import { Arbiter } from '../replica/index.ts';
import type { Sink } from '../wire/node.ts';
import { enrol } from './charter.ts';
import { FileLedger } from './file-ledger.ts';
import { libc } from './libc.ts';
import type { MachineOrder } from './machine-order.ts';
import type { Poller, Watch } from './poller.ts';
import { acceptFrom, listenOn, streamAddress } from './socket.ts';
import { StreamLine } from './stream-line.ts';

/** Bytes of the longest message to or from an arbiter: an enrolment, as JSON. */
export const LONGEST_WORD = 8192;
/** Ballots are Ethernet frames, which begin with an address; nothing else begins like an object of JSON. */
const BRACE = 0x7b;

/**
 * An arbiter for machines that share no storage: it keeps its ledger in a
 * folder of its own and is asked over TCP. On a connection ballots and
 * enrolments go as messages of the log channel do, each behind its length.
 */
export class ArbiterServer {
	readonly arbiter: Arbiter;
	readonly #folder: string;
	readonly #poller: Poller;
	readonly #listening: Watch;
	readonly #lines: Map<number, StreamLine> = new Map();
	readonly #input: Sink = { take: (bytes, at, length, port) => this.#take(bytes, at, length, port) };
	readonly #answers: Sink = { take: (bytes, at, length, port) => this.#lines.get(port)?.send(bytes, at, length) };
	#ports = 0;

	/**
	 * @param listen  `tcp:10.0.0.1:7001`
	 * @param folder  of the ledger; it has to be there
	 * @throws LiveError SOCKET_FAILED, ADDRESS_INVALID
	 */
	constructor(poller: Poller, listen: string, folder: string) {
		this.#poller = poller;
		this.#folder = folder;
		this.arbiter = new Arbiter(new FileLedger(folder));
		const fd = listenOn(streamAddress(listen));
		this.#listening = { fd, blocked: false, readable: () => this.#accept(fd), writable: () => {} };
		poller.add(this.#listening);
	}

	/** Connections there are. */
	get callers(): number { return this.#lines.size; }

	#accept(listener: number): void {
		const fd = acceptFrom(listener);
		if (fd < 0) return;
		const port = ++this.#ports;
		const line = new StreamLine(fd, port, LONGEST_WORD, this.#input, () => {
			this.#poller.remove(line);
			this.#lines.delete(port);
		});
		this.#lines.set(port, line);
		this.#poller.add(line);
	}

	#take(bytes: Uint8Array, at: number, length: number, port: number): void {
		if (bytes[at] === BRACE) return this.#enrol(Buffer.from(bytes.subarray(at, at + length)).toString(), port);
		this.arbiter.receive(port, bytes, at, length, 0);
		this.arbiter.drain(this.#answers);
	}

	#enrol(text: string, port: number): void {
		const answer = Buffer.from(JSON.stringify(this.#enrolled(text)));
		this.#lines.get(port)?.send(answer, 0, answer.length);
	}

	#enrolled(text: string): object {
		try {
			return { ok: true, ...enrol(this.#folder, (JSON.parse(text) as { machine: MachineOrder }).machine) };
		} catch (error) {
			const { code = 'REFUSED', message = String(error) } = error as { code?: string; message?: string };
			return { ok: false, code, error: message };
		}
	}

	close(): void {
		for (const line of this.#lines.values()) {
			this.#poller.remove(line);
			line.close();
		}
		this.#lines.clear();
		this.#poller.remove(this.#listening);
		libc().close(this.#listening.fd);
	}
}
