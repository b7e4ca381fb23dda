import { until } from './pair.ts';
import type { LivePair } from './pair.ts';
import { begin } from './program.ts';
import type { Program } from './program.ts';

const PATIENCE = 20_000;

/** Writes down where the bridge finds addresses, as it learns them. */
export class PortWatch {
	readonly #pair: LivePair;
	readonly #monitor: Program;
	#marks = 0;

	/** What is learnt is heard of for sure once `caughtUp` was waited for. */
	constructor(pair: LivePair) {
		this.#pair = pair;
		this.#monitor = begin(pair, ['bridge', 'monitor', 'fdb']);
	}

	/** Waits until all is written down that the bridge has learnt so far: an address that nobody has comes behind it. */
	async caughtUp(): Promise<void> {
		const mark = `02:00:00:00:fe:${(++this.#marks & 255).toString(16).padStart(2, '0')}`;
		await until(PATIENCE, () => {
			if (this.#monitor.lines.some((line) => line.includes(mark))) return true;
			this.#pair.bridge.mark(mark);
			return false;
		}, () => 'What the bridge learns is not told (bridge monitor).');
	}

	/** The ports it found an address at, one after the other. */
	portsOf(mac: string): string[] {
		const ports: string[] = [];
		for (const line of this.#monitor.lines) {
			const [, port] = new RegExp(`^${mac} dev (\\S+)`).exec(line) ?? [];
			if (port !== undefined && ports.at(-1) !== port) ports.push(port);
		}
		return ports;
	}

	end(): void { this.#monitor.kill(); }
}
