import type { Line } from './driver.ts';
import type { Watch } from './poller.ts';
import type { Trap } from './replica-order.ts';

/** A line that kills or stops its own process at a frame it was told of: a moment that nobody outside can hit. */
export class TrappedLine implements Line {
	trap: Trap | null = null;
	readonly #line: Line;
	readonly #last: (trap: Trap) => void;
	#passed = 0;

	/** @param last  done before the signal: the last thing that is */
	constructor(line: Line, last: (trap: Trap) => void) {
		this.#line = line;
		this.#last = last;
	}

	get watch(): Watch | null { return this.#line.watch; }

	send(bytes: Uint8Array, at: number, length: number): void {
		const { trap } = this;
		if (trap === null || !this.#springs(trap, bytes, at, length)) return this.#line.send(bytes, at, length);
		this.trap = null;
		if (trap.when === 'after') this.#line.send(bytes, at, length);
		this.flush();
		this.#last(trap);
		process.kill(process.pid, trap.signal);
		// Whoever was only stopped goes on here.
		if (trap.when === 'before') this.#line.send(bytes, at, length);
	}

	flush(): void { this.#line.flush?.(); }

	#springs({ text, after }: Trap, bytes: Uint8Array, at: number, length: number): boolean {
		if (!Buffer.from(bytes.buffer, bytes.byteOffset + at, length).includes(text)) return false;
		if (this.#passed < after) {
			this.#passed++;
			return false;
		}
		this.#passed = 0;
		return true;
	}
}
