import { sha256 } from '@noble/hashes/sha2.js';
import { leq, lt } from '../../tcp/seq.ts';
import { FIN, SYN } from '../wire/tcp.ts';
import type { CaptureRecord } from './capture-record.ts';
import { headerDifference, headerFieldNames } from './header-difference.ts';
import type { Frame, HeaderField } from './header-difference.ts';
import type { Segment } from './segment.ts';
import { SentHistory } from './sent-history.ts';

/**
 * How a segment that was sent again compares with the first time:
 *
 * - `identical`: every byte of the frame is the same
 * - `same_segment`: the same data in the same segment, under another header
 * - `resegmented`: the same data, cut up in another way
 * - `different`: other data under the same sequence numbers, which no sender
 *   may do (RFC 9293 §3.4): the sign of a broken failover
 */
export type RepeatKind = 'identical' | 'same_segment' | 'resegmented' | 'different';

const kinds: readonly RepeatKind[] = ['identical', 'same_segment', 'resegmented', 'different'];
const IDENTICAL = 0;
const SAME_SEGMENT = 1;
const RESEGMENTED = 2;
const DIFFERENT = 3;
/** More repeats than this are counted, not listed. */
const MAX_LISTED = 100_000;
/** Older segments of a flow are not searched for. */
const MAX_SEARCH = 8192;
/** Segments are mostly sent in order: behind so many that lie below, nothing is expected any more. */
const MAX_BELOW = 16;

export interface Repeat {
	readonly frame: number;
	/** the frame that brought (the latest of) these bytes before */
	readonly of: number;
	readonly kind: RepeatKind;
	/** SHA-256 of the captured bytes of either frame; only where they are identical */
	readonly sha256?: string;
	/** header fields that are not the same; only for `same_segment` */
	readonly differs?: readonly HeaderField[];
	/** the first sequence number with other data, unsigned; only for `different` */
	readonly seq?: number;
}

/** Where a captured segment's headers and data lie, as a frame to compare. */
class CapturedFrame implements Frame {
	bytes: Uint8Array = new Uint8Array();
	at: number = 0;
	stored: number = 0;
	tcpAt: number = 0;
	dataAt: number = 0;
	addressAt: number = 0;
	addressLength: number = 0;
	length: number = 0;
}

/** Finds segments that were sent before, and compares them byte by byte. */
export class RepeatFinder {
	readonly #history: SentHistory;
	#now: CapturedFrame = new CapturedFrame();
	/** how many of each kind there were, listed or not */
	readonly counts: { [K in RepeatKind]: number } = { identical: 0, same_segment: 0, resegmented: 0, different: 0 };
	/** of the segment last taken; undefined where it repeats nothing that is known */
	latest: Repeat | undefined = undefined;
	#streams: number[] = [];
	#repeats: Repeat[] = [];
	#differentAt: number = 0;

	constructor(history: SentHistory = new SentHistory()) {
		this.#history = history;
	}

	/**
	 * Takes a segment that takes up sequence space.
	 *
	 * @param sentBefore  behind the highest sequence number its flow sent before; 0 where none was
	 * @returns whether it repeats what is still known
	 */
	take(flow: number, segment: Segment, record: CaptureRecord, sentBefore: number): boolean {
		this.latest = undefined;
		const control = segment.flags & (SYN | FIN);
		const isOld = sentBefore !== 0 && lt(segment.seq, sentBefore);
		const isFound = isOld && segment.bytes === record.bytes && this.#compare(flow, segment, record, control);
		this.#history.add(flow, segment, record, control);
		return isFound;
	}

	/** What was found, by stream and in the order of the capture. */
	byStream(): Map<number, Repeat[]> {
		const grouped = new Map<number, Repeat[]>();
		this.#repeats.forEach((repeat, i) => {
			const stream = this.#streams[i] ?? 0;
			const listed = grouped.get(stream);
			if (listed === undefined) grouped.set(stream, [repeat]);
			else listed.push(repeat);
		});
		return grouped;
	}

	#compare(flow: number, segment: Segment, record: CaptureRecord, control: number): boolean {
		const history = this.#history;
		this.#fill(segment, record);
		const end = (segment.seq + segment.length) | 0;
		let kind = -1;
		let of = 0;
		let differs = 0;
		let isKnown = history.seek(flow, record);
		let below = 0;
		// What was not found yet, but for holes in the middle.
		let left = segment.seq;
		let right = end;
		for (let i = 0; isKnown && i < MAX_SEARCH; i++, isKnown = history.older()) {
			if (history.seq === segment.seq && history.length === segment.length && history.control === control) {
				differs = this.#dataDiffers(segment, segment.seq, end) ? -1 : headerDifference(history, this.#now);
				kind = differs < 0 ? DIFFERENT : differs === 0 ? IDENTICAL : SAME_SEGMENT;
				of = history.frame;
				break;
			}
			const from = lt(history.seq, segment.seq) ? segment.seq : history.seq;
			const historyEnd = (history.seq + history.length) | 0;
			const to = lt(end, historyEnd) ? end : historyEnd;
			if (!lt(from, to)) {
				below = lt(history.seq, segment.seq) ? below + 1 : 0;
				if (below > MAX_BELOW) break;
				continue;
			}
			if (of === 0) of = history.frame;
			kind = RESEGMENTED;
			if (this.#dataDiffers(segment, from, to)) {
				kind = DIFFERENT;
				of = history.frame;
				break;
			}
			if (leq(from, left) && lt(left, to)) left = to;
			if (lt(from, right) && leq(right, to)) right = from;
			if (leq(right, left)) break;
		}
		if (kind < 0) return false;
		this.#report(flow, segment, record, kind, of, differs);
		return true;
	}

	#fill(segment: Segment, record: CaptureRecord): void {
		const now = this.#now;
		now.bytes = record.bytes;
		now.at = record.at;
		now.stored = record.capturedLength;
		now.tcpAt = segment.at - record.at;
		now.dataAt = segment.dataAt - record.at;
		now.addressAt = segment.sourceAt - record.at;
		now.addressLength = segment.addressLength;
		now.length = segment.length;
	}

	/** Whether the data of both in [from, to) of sequence space differ, as far as both were captured. */
	#dataDiffers(segment: Segment, from: number, to: number): boolean {
		const history = this.#history;
		const now = segment.dataAt + ((from - segment.seq) | 0);
		const then = history.at + history.dataAt + ((from - history.seq) | 0);
		const captured = Math.min(segment.dataAt + segment.capturedLength - now, history.at + history.stored - then, (to - from) | 0);
		for (let i = 0; i < captured; i++) {
			if (segment.bytes[now + i] !== history.bytes[then + i]) {
				this.#differentAt = (from + i) >>> 0;
				return true;
			}
		}
		return false;
	}

	#report(flow: number, segment: Segment, record: CaptureRecord, kind: number, of: number, differs: number): void {
		const name = kinds[kind] ?? 'different';
		this.counts[name]++;
		if (this.#repeats.length >= MAX_LISTED) return;
		this.latest = {
			frame: segment.frame,
			of,
			kind: name,
			...(kind === IDENTICAL ? { sha256: digestOf(record) } : {}),
			...(kind === SAME_SEGMENT ? { differs: headerFieldNames(differs) } : {}),
			...(kind === DIFFERENT ? { seq: this.#differentAt } : {}),
		};
		this.#streams.push(flow >> 1);
		this.#repeats.push(this.latest);
	}
}

function digestOf(record: CaptureRecord): string {
	const digest = sha256(record.bytes.subarray(record.at, record.at + record.capturedLength));
	return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
