import type { Sink } from '../../wire/node.ts';

/** What carries a stack's frames. */
export interface Device {
	/**
	 * Begins to hand in what arrives.
	 *
	 * @param input    takes one frame; its bytes are borrowed for the call
	 * @param arrived  called once after each batch of frames
	 */
	open(input: Sink, arrived: () => void): void;
	/** Sends one frame; bytes are borrowed for the call. */
	send(bytes: Uint8Array, at: number, length: number): void;
	close(): void;
}
