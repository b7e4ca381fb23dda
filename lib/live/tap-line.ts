import type { Sink } from '../wire/node.ts';
import { Cutter } from './cutter.ts';
import type { Line } from './driver.ts';
import { Merger } from './merger.ts';
import type { Watch } from './poller.ts';
import type { Tap } from './tap.ts';

/** Frames read in one turn: as many as an entry of the log takes. */
const BATCH = 64;
const LONGEST = 65_600;

/**
 * A TAP device as a line: its frames come in batches. What leaves is written at
 * once; or, by a device with offload headers, in as few pieces as it takes, at
 * the end of the turn at the latest. Such a device may also hand in large
 * pieces, which are cut.
 */
export class TapLine implements Line, Watch {
	readonly blocked: boolean = false;
	readonly tap: Tap;
	readonly #port: number;
	readonly #input: Sink;
	readonly #frame: Uint8Array;
	readonly #merger: Merger | null;
	readonly #cutter: Cutter | null;

	constructor(tap: Tap, port: number, input: Sink) {
		this.tap = tap;
		this.#port = port;
		this.#input = input;
		this.#merger = tap.hasHeader ? new Merger() : null;
		this.#cutter = tap.hasHeader ? new Cutter() : null;
		this.#frame = this.#cutter?.bytes ?? new Uint8Array(LONGEST);
	}

	get watch(): Watch { return this; }
	get fd(): number { return this.tap.fd; }

	readable(): void {
		for (let left = BATCH; left > 0;) {
			const length = this.tap.read(this.#frame);
			if (length <= 0) return;
			left -= this.#take(length);
		}
	}

	/** Hands over what was read; how many frames that is, or counts as. */
	#take(length: number): number {
		if (this.#cutter !== null) return Math.max(1, this.#cutter.cut(length, this.#input, this.#port));
		this.#input.take(this.#frame, 0, length, this.#port);
		return 1;
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
