import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LiveError } from '../error.ts';
import type { Answer, PuppetOrder, Sum } from './puppet-main.ts';

const PATIENCE_MS = 30_000;

/** An application on the kernel's sockets in a namespace, that does what it is told. */
export class Puppet {
	readonly #child: ChildProcess;
	readonly #name: string;
	readonly #waiting: Map<number, (answer: Answer) => void> = new Map();
	#last = 0;

	/** @param command  what starts it: see puppet-main.ts */
	constructor(name: string, command: readonly string[]) {
		const [program, ...rest] = command;
		this.#name = name;
		this.#child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#child.stdin!.on('error', () => { /* it has ended: orders go unanswered */ });
		createInterface({ input: this.#child.stdout! }).on('line', (line) => {
			const answer = JSON.parse(line) as Answer;
			this.#waiting.get(answer.id)?.(answer);
			this.#waiting.delete(answer.id);
		});
	}

	get child(): ChildProcess { return this.#child; }

	/**
	 * Gives an order and waits until it is done.
	 *
	 * @returns  the code of the error it met, '' where none
	 * @throws LiveError PUPPET_SILENT
	 */
	async attempt(order: PuppetOrder): Promise<Answer> {
		const id = ++this.#last;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new LiveError('PUPPET_SILENT', `The ${this.#name} did not manage in ${PATIENCE_MS / 1000} s: ${JSON.stringify(order)}.`)), PATIENCE_MS);
			this.#waiting.set(id, (answer) => { clearTimeout(timer); resolve(answer); });
			this.#child.stdin!.write(`${JSON.stringify({ id, order })}\n`);
		});
	}

	/** The same where nothing may go wrong. @throws LiveError PUPPET_FAILED */
	async tell(order: PuppetOrder): Promise<void> {
		const { error } = await this.attempt(order);
		if (error !== '') throw new LiveError('PUPPET_FAILED', `The ${this.#name} was told ${error} at ${JSON.stringify(order)}.`);
	}

	/** What it has read of a connection. */
	async sums(connection: number): Promise<Sum> {
		const { read, error } = await this.attempt({ verb: 'sums', connection });
		if (read === undefined) throw new LiveError('PUPPET_FAILED', `The ${this.#name} knows no connection ${connection}: ${error}.`);
		return read;
	}
}
