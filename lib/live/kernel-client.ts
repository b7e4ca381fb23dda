import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ClientOrder, ClientReport } from './client-main.ts';
import { LiveError } from './error.ts';
import type { MachineOrder } from './machine-order.ts';
import type { Namespace } from './namespace.ts';
import { modulePath } from './pair.ts';
import { serviceOf } from './services.ts';

const PATIENCE_MS = 20_000;

/** Where a client runs, and whose client it is. */
export interface ClientPlace {
	readonly namespace: Namespace;
	readonly state: { readonly clockBase: string; readonly machine: Pick<MachineOrder, 'address' | 'service'> };
}

/** A client process inside the namespace, on sockets of the kernel's. */
export class KernelClient {
	/** everything it has said, in order */
	readonly reports: ClientReport[] = [];
	readonly #child: ChildProcess;
	#waiting: { readonly fits: () => boolean; readonly go: () => void }[] = [];
	#ended = false;

	constructor(place: ClientPlace) {
		const { clockBase, machine } = place.state;
		const [program, ...rest] = [...place.namespace.prefix, process.execPath, ...process.execArgv, modulePath('client-main'), clockBase, machine.address, String(serviceOf(machine.service).port)];
		this.#child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.#child.once('exit', () => { this.#ended = true; this.#look(); });
		createInterface({ input: this.#child.stdout! }).on('line', (line) => {
			this.reports.push(JSON.parse(line) as ClientReport);
			this.#look();
		});
	}

	get pid(): number { return this.#child.pid!; }

	#look(): void {
		const done = this.#waiting.filter(({ fits }) => this.#ended || fits());
		this.#waiting = this.#waiting.filter((one) => !done.includes(one));
		for (const { go } of done) go();
	}

	tell(order: ClientOrder): void {
		this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
	}

	/** What it said of one kind about a connection. */
	of(kind: ClientReport['kind'], connection: number = 1): ClientReport[] {
		return this.reports.filter((report) => report.kind === kind && report.connection === connection);
	}

	/** Waits until it has said something so many times. @throws LiveError CLIENT_SILENT */
	async said(kind: ClientReport['kind'], times: number, connection: number = 1, patienceMs: number = PATIENCE_MS): Promise<ClientReport> {
		const fits = (): boolean => this.of(kind, connection).length >= times;
		if (!fits()) {
			let timer: NodeJS.Timeout | undefined;
			await Promise.race([
				new Promise<void>((resolve) => { this.#waiting.push({ fits, go: resolve }); }),
				new Promise<void>((resolve) => { timer = setTimeout(resolve, patienceMs); }),
			]);
			clearTimeout(timer);
		}
		const found = this.of(kind, connection)[times - 1];
		if (found === undefined) throw new LiveError('CLIENT_SILENT', `The client did not say '${kind}' ${times} times on connection ${connection}: ${this.reports.slice(-3).map(({ kind: last, text }) => `${last} ${text}`).join(', ')}.`);
		return found;
	}

	/** Opens a connection and waits until it stands. */
	async connect(connection: number = 1): Promise<void> {
		this.tell({ verb: 'connect', connection });
		await this.said('connected', 1, connection);
	}

	/** Makes a request and waits for its reply. */
	async ask(text: string, connection: number = 1): Promise<string> {
		const before = this.of('delivered', connection).length;
		this.tell({ verb: 'ask', connection, text });
		return (await this.said('delivered', before + 1, connection)).text;
	}

	quit(): void {
		if (!this.#ended) this.#child.kill('SIGKILL');
	}
}
