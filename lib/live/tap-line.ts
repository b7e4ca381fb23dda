import type { Sink } from '../wire/node.ts';
import type { Line } from './driver.ts';
import { Merger, OFFLOAD_HEAD } from './merger.ts';
import type { Watch } from './poller.ts';
import type { Tap } from './tap.ts';

/** Frames read in one turn: as many as an entry of the log takes. */
const BATCH = 64;
const LONGEST = 65_600;

/**
 * A TAP device as a line: its frames come in batches. What leaves is written at
 * once; or, by a device with offload headers, in as few pieces as it takes, at
 * the end of the turn at the latest.
 */
export class TapLine implements Line, Watch {
	readonly blocked: boolean = false;
	readonly tap: Tap;
	readonly #port: number;
	readonly #input: Sink;
	readonly #frame: Uint8Array = new Uint8Array(LONGEST);
	readonly #merger: Merger | null;

	constructor(tap: Tap, port: number, input: Sink) {
		this.tap = tap;
		this.#port = port;
		this.#input = input;
		this.#merger = tap.hasHeader ? new Merger() : null;
	}

	get watch(): Watch { return this; }
	get fd(): number { return this.tap.fd; }

	readable(): void {
		const { tap } = this;
		const head = tap.hasHeader ? OFFLOAD_HEAD : 0;
		for (let left = BATCH; left > 0; left--) {
			const length = tap.read(this.#frame);
			if (length <= head) return;
			// Nothing was offered that the kernel might leave to us: the header of what comes in says nothing.
			this.#input.take(this.#frame, head, length - head, this.#port);
		}
	}

	writable(): void {}

	send(bytes: Uint8Array, at: number, length: number): void {
		const merger = this.#merger;
		if (merger === null) this.tap.write(bytes.subarray(at, at + length), length);
		else if (merger.length === 0 || !merger.add(bytes, at, length)) {
			this.flush();
			merger.begin(bytes, at, length);
		}
	}

	flush(): void {
		const merger = this.#merger;
		if (merger !== null && merger.length > 0) this.tap.write(merger.bytes, merger.finish());
	}
}
