import { SYN } from '../wire/tcp.ts';
import type { PacketView } from './packet.ts';

/** Sequence numbers of a segment counted from the first of their connection, as people read them. */
export interface Relative {
	readonly seq: number;
	/** −1 where the segment acknowledges nothing that was seen to begin */
	readonly ack: number;
	/** blocks of its SACK option */
	readonly sack: readonly (readonly [left: number, right: number])[];
}

/** Difference of two sequence numbers, in sequence space: −2³¹ … 2³¹−1. */
export function seqDiff(a: number, b: number): number {
	return (a - b) | 0;
}

/**
 * Counts sequence numbers from the SYN of each direction. One direction is
 * named by its two ends, and begins anew with every SYN of another number.
 */
export class Numbering {
	readonly #first: Map<string, number> = new Map();

	/** The relative numbers of a segment; null for what is none. Packets are given in order. */
	of(packet: PacketView): Relative | null {
		const { segment } = packet;
		if (segment === null) return null;
		const mine = `${packet.source} ${packet.destination}`, other = `${packet.destination} ${packet.source}`;
		if ((segment.flags & SYN) !== 0 || !this.#first.has(mine)) this.#first.set(mine, segment.seq);
		const from = this.#first.get(mine)!, peer = this.#first.get(other);
		const back = (number: number): number => seqDiff(number, peer ?? number);
		return { seq: seqDiff(segment.seq, from), ack: peer === undefined ? -1 : back(segment.ack), sack: segment.sack.map(([left, right]) => [back(left), back(right)]) };
	}
}
