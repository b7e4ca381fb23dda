import type { Sink } from '../wire/node.ts';
import type { Line } from './driver.ts';
import type { Watch } from './poller.ts';
import type { Tap } from './tap.ts';

/** Frames read in one turn: as many as an entry of the log takes. */
const BATCH = 64;
const LONGEST = 65_600;

/** A TAP device as a line: its frames come in batches, what leaves is written at once. */
export class TapLine implements Line, Watch {
	readonly blocked: boolean = false;
	readonly tap: Tap;
	readonly #port: number;
	readonly #input: Sink;
	readonly #frame: Uint8Array = new Uint8Array(LONGEST);

	constructor(tap: Tap, port: number, input: Sink) {
		this.tap = tap;
		this.#port = port;
		this.#input = input;
	}

	get watch(): Watch { return this; }
	get fd(): number { return this.tap.fd; }

	readable(): void {
		const { tap } = this;
		for (let left = BATCH; left > 0; left--) {
			const length = tap.read(this.#frame);
			if (length <= 0) return;
			this.#input.take(this.#frame, 0, length, this.#port);
		}
	}

	writable(): void {}

	send(bytes: Uint8Array, at: number, length: number): void {
		this.tap.write(bytes.subarray(at, at + length), length);
	}
}
