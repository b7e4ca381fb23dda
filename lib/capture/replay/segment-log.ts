import { roomyDoubles, roomyInts } from '../growing.ts';

const DOUBLES = 3;
const INTS = 3;

/**
 * Segments one side sent, in order, for a comparison: places as in
 * `conversation.ts`, windows in bytes. One log is used for stream after stream.
 */
export class SegmentLog {
	count = 0;
	#doubles: Float64Array = new Float64Array(DOUBLES * 64);
	#ints: Int32Array = new Int32Array(INTS * 64);

	clear(): void { this.count = 0; }

	/**
	 * @param seq     place of the first byte of data
	 * @param ack     NaN where the segment acknowledges nothing
	 * @param window  bytes
	 * @param frame   of a captured segment its own number, of one of our stack's that of the captured segment that was played last
	 */
	add(seq: number, ack: number, window: number, length: number, flags: number, frame: number): void {
		const nth = this.count++;
		this.#doubles = roomyDoubles(this.#doubles, this.count * DOUBLES);
		this.#ints = roomyInts(this.#ints, this.count * INTS);
		const d = nth * DOUBLES, i = nth * INTS;
		this.#doubles[d] = seq;
		this.#doubles[d + 1] = ack;
		this.#doubles[d + 2] = window;
		this.#ints[i] = length;
		this.#ints[i + 1] = flags;
		this.#ints[i + 2] = frame;
	}

	seq(nth: number): number { return this.#doubles[nth * DOUBLES]!; }
	ack(nth: number): number { return this.#doubles[nth * DOUBLES + 1]!; }
	window(nth: number): number { return this.#doubles[nth * DOUBLES + 2]!; }
	length(nth: number): number { return this.#ints[nth * INTS]!; }
	flags(nth: number): number { return this.#ints[nth * INTS + 1]!; }
	frame(nth: number): number { return this.#ints[nth * INTS + 2]!; }
}
