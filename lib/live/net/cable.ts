import type { Sink } from '../../wire/node.ts';
import type { Device } from './device.ts';

/** One end of a cable between two stacks of one process. */
class CableEnd implements Device {
	other: CableEnd | null = null;
	#input: Sink | null = null;
	#arrived: () => void = () => {};
	#frames: Uint8Array[] = [];

	open(input: Sink, arrived: () => void): void {
		this.#input = input;
		this.#arrived = arrived;
	}

	send(bytes: Uint8Array, at: number, length: number): void {
		this.other?.take(bytes.slice(at, at + length));
	}

	take(frame: Uint8Array): void {
		// In a turn of their own, so that timers and files have theirs between two batches.
		if (this.#frames.push(frame) === 1) setImmediate(() => this.#deliver());
	}

	#deliver(): void {
		const frames = this.#frames;
		this.#frames = [];
		if (this.#input === null) return;
		for (const frame of frames) this.#input.take(frame, 0, frame.length, 0);
		this.#arrived();
	}

	close(): void { this.#input = null; }
}

/** A cable that loses nothing: its two ends. It needs no rights and no Linux. */
export function cable(): readonly [Device, Device] {
	const left = new CableEnd(), right = new CableEnd();
	left.other = right;
	right.other = left;
	return [left, right];
}
