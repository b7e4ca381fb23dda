import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveError } from '../error.ts';
import type { Namespace } from '../namespace.ts';

/** How long the last frames are given to reach the file. */
const LINGER_MS = 150;

/** A tcpdump in a namespace; what it writes is kept here, so it needs no right to any folder. */
export class Tcpdump {
	readonly child: ChildProcess;
	readonly #pieces: Buffer[] = [];
	#said = '';

	private constructor(child: ChildProcess) {
		this.child = child;
		child.stdout!.on('data', (piece: Buffer) => { this.#pieces.push(piece); });
		child.stderr!.on('data', (piece: Buffer) => { this.#said += String(piece); });
	}

	/**
	 * Starts one, and waits until it listens.
	 *
	 * @param options  besides those that say where it writes to
	 * @throws LiveError TCPDUMP_FAILED
	 */
	static async start(namespace: Namespace, options: readonly string[]): Promise<Tcpdump> {
		const [program, ...rest] = [...namespace.prefix, 'tcpdump', '-n', '-U', '--immediate-mode', '-Z', 'root', '-w', '-', ...options];
		const dump = new Tcpdump(spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] }));
		for (let waited = 0; !dump.#said.includes('listening on'); waited += 20) {
			if (dump.child.exitCode !== null || waited > 10_000) throw new LiveError('TCPDUMP_FAILED', `tcpdump does not listen: ${dump.#said.trim()}.`);
			await sleep(20);
		}
		return dump;
	}

	/** Ends it. @returns the capture @throws LiveError TCPDUMP_FAILED where frames are missing */
	async finish(): Promise<Buffer> {
		await sleep(LINGER_MS);
		const ended = new Promise<void>((resolve) => { this.child.once('close', () => resolve()); });
		this.child.kill('SIGINT');
		await ended;
		if (!/\b0 packets dropped by kernel/.test(this.#said)) throw new LiveError('TCPDUMP_FAILED', `tcpdump lost frames: ${this.#said.trim()}.`);
		return Buffer.concat(this.#pieces);
	}
}
