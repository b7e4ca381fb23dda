import { geq, gt, leq, lt } from '../../tcp/seq.ts';
import { ACK, FIN, RST, SYN } from '../wire/tcp.ts';
import { DUPLICATE_ACK } from './analysis-flag.ts';
import { roomyInts } from './growing.ts';
import type { SegmentOptions } from './segment-options.ts';
import type { Segment } from './segment.ts';

/**
 * Why a receiver threw away what came, as its own segments show:
 *
 * - `below_rcv_nxt`: it had acknowledged every byte: not acceptable, dropped
 *   and acknowledged again (RFC 9293 §3.10.7.4)
 * - `partly_below_rcv_nxt`: the first bytes were acknowledged, and cut off
 * - `sacked`: it had reported every byte by SACK (RFC 2018)
 * - `dsack`: it reported the bytes as received twice (RFC 2883), although the
 *   capture did not show it having them
 * - `paws`: an older timestamp than one it had accepted (RFC 7323 §5)
 */
export type DiscardReason = 'below_rcv_nxt' | 'partly_below_rcv_nxt' | 'sacked' | 'dsack' | 'paws';

const reasons: readonly DiscardReason[] = ['below_rcv_nxt', 'partly_below_rcv_nxt', 'sacked', 'dsack', 'paws'];
const BELOW = 0;
const PARTLY_BELOW = 1;
const SACKED = 2;
const DSACK = 3;
const PAWS = 4;

export interface Discard {
	readonly frame: number;
	readonly reason: DiscardReason;
	/** of data, and one for each of SYN and FIN */
	readonly bytes: number;
	/** the frame by which the receiver said so: a DSACK or a duplicate ACK; absent where none was captured */
	confirmed_by?: number;
}

/** More discards than this are counted, not listed. */
const MAX_LISTED = 100_000;
/** DSACKs are matched with the latest discards of a flow, no more. */
const MAX_PENDING = 16;

// What is known of each flow's sender as a receiver.
const WORDS = 14;
const RCV_NXT = 0;
const MARKS = 1;
const TS_RECENT = 2;
const SACK_COUNT = 3;
const SACK_EDGES = 4;
/** number of the flow's latest listed discard, plus one */
const LATEST = 12;
/** the frame whose repeat was seen last, and is not yet told from a mere repeat */
const SUSPECT = 13;

const HAS_RCV_NXT = 1;
const HAS_TS = 2;
/** the receiver's next segment may be the ACK that a discarded one draws */
const AWAITS_ACK = 4;

/** Finds the segments that their receiver threw away as duplicates, or by PAWS. */
export class DiscardFinder {
	/** listed or not */
	count: number = 0;
	/** of the segment last taken; undefined where its receiver threw nothing of it away, as far as is known */
	latest: Discard | undefined = undefined;
	#words: Int32Array = new Int32Array(0);
	#discards: Discard[] = [];
	#streams: number[] = [];
	#before: number[] = [];
	#seqs: number[] = [];

	/**
	 * Takes every whole segment.
	 *
	 * @param flags     tshark's flags of it
	 * @param isRepeat  it holds bytes that were sent before
	 */
	take(flow: number, segment: Segment, options: SegmentOptions, flags: number, isRepeat: boolean): void {
		this.latest = undefined;
		this.#words = roomyInts(this.#words, ((flow | 1) + 1) * WORDS);
		const receiver = (flow ^ 1) * WORDS;
		const span = segment.length + ((segment.flags & SYN) !== 0 ? 1 : 0) + ((segment.flags & FIN) !== 0 ? 1 : 0);
		if (span > 0) this.#arrive(flow, receiver, segment, options, span, isRepeat);
		if ((segment.flags & ACK) !== 0) this.#acknowledge(flow * WORDS, segment, options, flags);
	}

	/** What was found, by stream and in the order of the capture. */
	byStream(): Map<number, Discard[]> {
		const grouped = new Map<number, Discard[]>();
		this.#discards.forEach((discard, i) => {
			const stream = this.#streams[i] ?? 0;
			const listed = grouped.get(stream);
			if (listed === undefined) grouped.set(stream, [discard]);
			else listed.push(discard);
		});
		for (const listed of grouped.values()) listed.sort((a, b) => a.frame - b.frame);
		return grouped;
	}

	/** Holds a segment against what its receiver was seen to have. */
	#arrive(flow: number, r: number, segment: Segment, options: SegmentOptions, span: number, isRepeat: boolean): void {
		const words = this.#words;
		const end = (segment.seq + span) | 0;
		const isKnown = (words[r + MARKS]! & HAS_RCV_NXT) !== 0;
		const rcvNxt = words[r + RCV_NXT]!;
		words[r + SUSPECT] = 0;
		if (isKnown && leq(end, rcvNxt)) {
			this.#found(flow, r, segment, BELOW, span);
		} else if (this.#isOutdated(r, segment, options)) {
			this.#found(flow, r, segment, PAWS, span);
		} else if (isKnown && lt(segment.seq, rcvNxt)) {
			this.#found(flow, r, segment, PARTLY_BELOW, (rcvNxt - segment.seq) | 0);
		} else if (this.#isSacked(r, segment.seq, end)) {
			this.#found(flow, r, segment, SACKED, span);
		} else if (isRepeat) {
			words[r + SUSPECT] = segment.frame;
		}
		if (options.hasTimestamps) this.#keepTimestamp(r, segment, options, isKnown, rcvNxt);
	}

	/** PAWS: SEG.TSval < TS.Recent, and not a reset (RFC 7323 §5.3 R1). */
	#isOutdated(r: number, segment: Segment, options: SegmentOptions): boolean {
		if (!options.hasTimestamps || (segment.flags & RST) !== 0) return false;
		return (this.#words[r + MARKS]! & HAS_TS) !== 0 && lt(options.tsVal, this.#words[r + TS_RECENT]!);
	}

	/** TS.Recent follows segments at or below the last ACK sent (RFC 7323 §4.3). */
	#keepTimestamp(r: number, segment: Segment, options: SegmentOptions, isKnown: boolean, rcvNxt: number): void {
		const words = this.#words;
		const hasRecent = (words[r + MARKS]! & HAS_TS) !== 0;
		if (isKnown && gt(segment.seq, rcvNxt)) return;
		if (hasRecent && (segment.flags & SYN) === 0 && lt(options.tsVal, words[r + TS_RECENT]!)) return;
		words[r + TS_RECENT] = options.tsVal;
		words[r + MARKS] = words[r + MARKS]! | HAS_TS;
	}

	#isSacked(r: number, seq: number, end: number): boolean {
		const words = this.#words;
		for (let i = 0; i < words[r + SACK_COUNT]!; i++) {
			const edge = r + SACK_EDGES + i * 2;
			if (leq(words[edge]!, seq) && leq(end, words[edge + 1]!)) return true;
		}
		return false;
	}

	/** Notes what a receiver says that it has. */
	#acknowledge(at: number, segment: Segment, options: SegmentOptions, flags: number): void {
		const words = this.#words;
		const isKnown = (words[at + MARKS]! & HAS_RCV_NXT) !== 0;
		if (options.sackCount > 0 && this.#isDsack(segment.ack, options)) this.#confirm(at, segment, options);
		else if ((words[at + MARKS]! & AWAITS_ACK) !== 0 && (flags & DUPLICATE_ACK) !== 0) this.#confirmLatest(at, segment.frame);
		words[at + MARKS] = words[at + MARKS]! & ~AWAITS_ACK;
		if (isKnown && lt(segment.ack, words[at + RCV_NXT]!)) return;
		words[at + RCV_NXT] = segment.ack;
		words[at + MARKS] = words[at + MARKS]! | HAS_RCV_NXT;
		words[at + SACK_COUNT] = options.sackCount;
		for (let i = 0; i < options.sackCount * 2; i++) words[at + SACK_EDGES + i] = options.edges[i]!;
	}

	/** The first block lies below the ACK, or within the second (RFC 2883 §4). */
	#isDsack(ack: number, options: SegmentOptions): boolean {
		const { edges } = options;
		if (leq(edges[1]!, ack)) return true;
		return options.sackCount > 1 && geq(edges[0]!, edges[2]!) && leq(edges[1]!, edges[3]!);
	}

	/** Finds the discard that a DSACK means, or learns of it from the DSACK alone. */
	#confirm(at: number, segment: Segment, options: SegmentOptions): void {
		const left = options.edges[0]!;
		const right = options.edges[1]!;
		let i = this.#words[at + LATEST]! - 1;
		for (let steps = 0; i >= 0 && steps < MAX_PENDING; steps++, i = this.#before[i]!) {
			const discard = this.#discards[i]!;
			const seq = this.#seqs[i]!;
			if (discard.confirmed_by !== undefined || !lt(seq, right) || !lt(left, (seq + discard.bytes) | 0)) continue;
			discard.confirmed_by = segment.frame;
			return;
		}
		const suspect = this.#words[at + SUSPECT]!;
		if (suspect === 0) return;
		this.#words[at + SUSPECT] = 0;
		this.#list(at, suspect, (at / WORDS) >> 1, left, DSACK, (right - left) | 0, segment.frame);
	}

	#confirmLatest(at: number, frame: number): void {
		const discard = this.#discards[this.#words[at + LATEST]! - 1];
		if (discard !== undefined && discard.confirmed_by === undefined) discard.confirmed_by = frame;
	}

	#found(flow: number, r: number, segment: Segment, reason: number, bytes: number): void {
		this.#words[r + MARKS] = this.#words[r + MARKS]! | AWAITS_ACK;
		this.#list(r, segment.frame, flow >> 1, segment.seq, reason, bytes, 0);
	}

	#list(r: number, frame: number, stream: number, seq: number, reason: number, bytes: number, confirmedBy: number): void {
		this.count++;
		if (this.#discards.length >= MAX_LISTED) return;
		this.#before.push(this.#words[r + LATEST]! - 1);
		this.#words[r + LATEST] = this.#discards.length + 1;
		this.#streams.push(stream);
		this.#seqs.push(seq);
		const discard: Discard = { frame, reason: reasons[reason] ?? 'dsack', bytes };
		if (confirmedBy === 0) this.latest = discard;
		else discard.confirmed_by = confirmedBy;
		this.#discards.push(discard);
	}
}
