import { ACK, FIN, PSH, RST, SYN } from '../../wire/tcp.ts';
import type { SynOffer } from './plan.ts';
import type { SegmentLog } from './segment-log.ts';

/**
 * How our stack can differ from the captured side:
 *
 * - `segmentation`: the same bytes in other segments
 * - `ack`: other places acknowledged, or at other times
 * - `window`: another window with the same acknowledgement
 * - `options`: another offer, or answer to one, in the SYN
 * - `retransmission`: bytes sent again by one of both
 * - `reset`: a reset sent by one of both
 * - `data`: other bytes delivered
 */
export type DivergenceClass = 'segmentation' | 'ack' | 'window' | 'options' | 'retransmission' | 'reset' | 'data';

/** A segment for people: numbers relative as Wireshark shows them, the SYN's is 0. */
export interface SegmentView {
	readonly seq: number;
	/** null where nothing is acknowledged */
	readonly ack: number | null;
	readonly length: number;
	readonly flags: string;
	/** bytes */
	readonly window: number;
}

/** One class of difference, with its first case. */
export interface Divergence {
	readonly class: DivergenceClass;
	/** cases of it */
	readonly count: number;
	/** of the first: the captured frame, or the one played last before our stack's segment */
	readonly frame: number;
	readonly expected: SegmentView | null;
	readonly got: SegmentView | null;
	/** in words */
	readonly text: string;
}

const flagNames: readonly (readonly [number, string])[] = [[SYN, 'SYN'], [FIN, 'FIN'], [RST, 'RST'], [PSH, 'PSH'], [ACK, 'ACK']];

export function viewOf(log: SegmentLog, nth: number): SegmentView {
	const flags = log.flags(nth), ack = log.ack(nth);
	return {
		seq: log.seq(nth) + ((flags & SYN) !== 0 ? 0 : 1), ack: Number.isNaN(ack) ? null : ack + 1, length: log.length(nth),
		flags: flagNames.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name).join(' '), window: log.window(nth),
	};
}

/** A segment in one line. */
export function segmentText(view: SegmentView | null): string {
	if (view === null) return 'nothing';
	return `[${view.flags}] seq ${view.seq}${view.ack === null ? '' : ` ack ${view.ack}`} len ${view.length} win ${view.window}`;
}

/** What a SYN offers, in words. */
export function offerText(offer: SynOffer): string {
	const parts = [offer.mss > 0 ? `MSS ${offer.mss}` : 'no MSS', offer.scale >= 0 ? `window scale ${offer.scale}` : 'no window scale', offer.sack ? 'SACK' : 'no SACK', offer.timestamps ? 'timestamps' : 'no timestamps'];
	return parts.join(', ');
}
