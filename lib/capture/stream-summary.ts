import { ACK, FIN, RST, SYN } from '../wire/tcp.ts';
import { gt, leq, lt } from '../../tcp/seq.ts';
import { DUPLICATE_ACK, FAST_RETRANSMISSION, KEEP_ALIVE, LOST_SEGMENT, OUT_OF_ORDER, RETRANSMISSION, SPURIOUS_RETRANSMISSION, ZERO_WINDOW } from './analysis-flag.ts';
import { roomyDoubles, roomyInts } from './growing.ts';
import type { SegmentOptions } from './segment-options.ts';
import type { Segment } from './segment.ts';

// What is counted of each flow, in words and doubles.
const WORDS = 18;
const FRAMES = 0;
const RETRANSMISSIONS = 1;
const FAST = 2;
const SPURIOUS = 3;
const REORDERED = 4;
const LOST = 5;
const DUPLICATES = 6;
const ZERO_WINDOWS = 7;
const KEEP_ALIVES = 8;
const RESETS = 9;
const SEEN = 10;
const MSS = 11;
const SCALE = 12;
const MAX_WINDOW = 13;
/** behind the segment whose acknowledgement is being timed */
const TIMED_END = 14;
const NEXT = 15;
const FIN_END = 16;
const LAST_ACK = 17;

const DOUBLES = 8;
const BYTES = 0;
const REPEATED = 1;
const TIMED_AT = 2;
const RTT_COUNT = 3;
const RTT_SUM = 4;
const RTT_MIN = 5;
const RTT_MAX = 6;
/** of the stream, kept with end 0 and end 1: its first and its last frame's time, ns */
const EDGE_TIME = 7;

// Bits in SEEN.
const SAW_SYN = 1;
const SAW_SYN_ACK = 2;
const SAW_ACK = 4;
const SAW_FIN = 8;
const SAW_RESET = 16;
const SACK_OFFERED = 32;
const TIMESTAMPS = 64;
const TIMING = 128;
const SENT = 256;
const FAST_OPEN = 512;
const FIN_ACKED = 1024;
const OPENED = 2048;

/** What one side of a connection sent. */
export interface FlowSummary {
	readonly frames: number;
	/** data, as often as it was sent */
	readonly bytes: number;
	/** data in segments that were sent again */
	readonly repeated_bytes: number;
	readonly retransmissions: number;
	readonly fast_retransmissions: number;
	readonly spurious_retransmissions: number;
	readonly out_of_order: number;
	/** gaps before a segment that were never seen filled in time */
	readonly lost_segments: number;
	readonly duplicate_acks: number;
	readonly zero_windows: number;
	readonly keep_alives: number;
	readonly resets: number;
	/** largest window that was announced, unscaled */
	readonly max_window: number;
	/** what its SYN offered; null where no SYN was seen */
	readonly options: FlowOptions | null;
	/** from its data to their acknowledgement, µs; null where nothing could be timed */
	readonly rtt_us: { readonly samples: number; readonly min: number; readonly mean: number; readonly max: number } | null;
}

export interface FlowOptions {
	/** null where it was not there */
	readonly mss: number | null;
	readonly window_scale: number | null;
	readonly sack_permitted: boolean;
	readonly timestamps: boolean;
	readonly fast_open: boolean;
}

export type Handshake = 'complete' | 'unanswered' | 'half' | 'refused' | 'not_seen';
export type Ending = 'closed' | 'half_closed' | 'reset' | 'open';

/** Counts what happened on each connection. */
export class StreamSummaries {
	#words: Int32Array = new Int32Array(0);
	#doubles: Float64Array = new Float64Array(0);

	/** Makes room for a stream; they come in the order of their numbers. */
	#begin(flow: number, time: number): void {
		const first = flow & ~1;
		this.#words = roomyInts(this.#words, (first + 2) * WORDS);
		this.#doubles = roomyDoubles(this.#doubles, (first + 2) * DOUBLES);
		const both = this.#words[first * WORDS + FRAMES]! + this.#words[(first + 1) * WORDS + FRAMES]!;
		if (both > 0) return;
		this.#words[first * WORDS + SCALE] = -1;
		this.#words[(first + 1) * WORDS + SCALE] = -1;
		this.#doubles[first * DOUBLES + EDGE_TIME] = time;
		this.#words[flow * WORDS + SEEN] = OPENED;
	}

	/**
	 * Takes every segment that belongs to a connection.
	 *
	 * @param time  ns since a moment that is the connection's own
	 */
	take(flow: number, segment: Segment, time: number, options: SegmentOptions, flags: number): void {
		this.#begin(flow, time);
		const words = this.#words;
		const doubles = this.#doubles;
		const w = flow * WORDS;
		words[w + FRAMES] = words[w + FRAMES]! + 1;
		doubles[(flow | 1) * DOUBLES + EDGE_TIME] = time;
		if (!segment.isWhole) return;
		doubles[flow * DOUBLES + BYTES] = doubles[flow * DOUBLES + BYTES]! + segment.length;
		if (flags !== 0) this.#countFlags(flow, segment, flags);
		if (segment.window > words[w + MAX_WINDOW]!) words[w + MAX_WINDOW] = segment.window;
		if (segment.flags & (SYN | FIN | RST)) this.#control(flow, segment, options);
		this.#time(flow, segment, time, flags);
	}

	#countFlags(flow: number, segment: Segment, flags: number): void {
		const w = flow * WORDS;
		this.#count(w + RETRANSMISSIONS, flags & RETRANSMISSION);
		this.#count(w + FAST, flags & FAST_RETRANSMISSION);
		this.#count(w + SPURIOUS, flags & SPURIOUS_RETRANSMISSION);
		this.#count(w + REORDERED, flags & OUT_OF_ORDER);
		this.#count(w + LOST, flags & LOST_SEGMENT);
		this.#count(w + DUPLICATES, flags & DUPLICATE_ACK);
		this.#count(w + ZERO_WINDOWS, flags & ZERO_WINDOW);
		this.#count(w + KEEP_ALIVES, flags & KEEP_ALIVE);
		if (flags & RETRANSMISSION) this.#doubles[flow * DOUBLES + REPEATED] = this.#doubles[flow * DOUBLES + REPEATED]! + segment.length;
	}

	#count(at: number, bit: number): void {
		if (bit !== 0) this.#words[at] = this.#words[at]! + 1;
	}

	#control(flow: number, segment: Segment, options: SegmentOptions): void {
		const words = this.#words;
		const w = flow * WORDS;
		let seen = words[w + SEEN]!;
		if (segment.flags & SYN) {
			seen |= (segment.flags & ACK) !== 0 ? SAW_SYN_ACK : SAW_SYN;
			if (options.sackPermitted) seen |= SACK_OFFERED;
			if (options.hasTimestamps) seen |= TIMESTAMPS;
			if (options.fastOpen) seen |= FAST_OPEN;
			words[w + MSS] = options.mss;
			words[w + SCALE] = options.windowScale;
		}
		if (segment.flags & FIN) {
			seen |= SAW_FIN;
			words[w + FIN_END] = (segment.seq + segment.length + 1) | 0;
		}
		if (segment.flags & RST) {
			seen |= SAW_RESET;
			words[w + RESETS] = words[w + RESETS]! + 1;
		}
		words[w + SEEN] = seen;
	}

	/** Times one segment after another; never one that was sent twice (Karn: RFC 6298 §3). */
	#time(flow: number, segment: Segment, time: number, flags: number): void {
		const words = this.#words;
		const doubles = this.#doubles;
		const w = flow * WORDS;
		const d = flow * DOUBLES;
		const span = segment.length + ((segment.flags & (SYN | FIN)) !== 0 ? 1 : 0);
		const end = (segment.seq + span) | 0;
		if (span > 0) {
			const isNew = (words[w + SEEN]! & SENT) === 0 || gt(end, words[w + NEXT]!);
			if (isNew) words[w + NEXT] = end;
			if ((flags & (RETRANSMISSION | OUT_OF_ORDER | KEEP_ALIVE)) !== 0 || !isNew) words[w + SEEN] = words[w + SEEN]! & ~TIMING;
			else if ((words[w + SEEN]! & TIMING) === 0) {
				words[w + SEEN] = words[w + SEEN]! | TIMING;
				words[w + TIMED_END] = end;
				doubles[d + TIMED_AT] = time;
			}
			words[w + SEEN] = words[w + SEEN]! | SENT;
		}
		if ((segment.flags & ACK) !== 0) this.#acknowledge(flow ^ 1, w, segment, time);
	}

	/** @param other  the flow that is acknowledged; `w` is of the one that says so */
	#acknowledge(other: number, w: number, segment: Segment, time: number): void {
		const words = this.#words;
		const o = other * WORDS;
		if ((segment.flags & SYN) === 0) words[w + SEEN] = words[w + SEEN]! | SAW_ACK;
		words[w + LAST_ACK] = segment.ack;
		if ((words[o + SEEN]! & SAW_FIN) !== 0 && leq(words[o + FIN_END]!, segment.ack)) words[o + SEEN] = words[o + SEEN]! | FIN_ACKED;
		if ((words[o + SEEN]! & TIMING) === 0 || lt(segment.ack, words[o + TIMED_END]!)) return;
		words[o + SEEN] = words[o + SEEN]! & ~TIMING;
		this.#sample(other * DOUBLES, time - this.#doubles[other * DOUBLES + TIMED_AT]!);
	}

	#sample(d: number, rtt: number): void {
		const doubles = this.#doubles;
		if (rtt < 0) return;
		const count = doubles[d + RTT_COUNT]!;
		doubles[d + RTT_MIN] = count === 0 ? rtt : Math.min(doubles[d + RTT_MIN]!, rtt);
		doubles[d + RTT_MAX] = Math.max(doubles[d + RTT_MAX]!, rtt);
		doubles[d + RTT_SUM] = doubles[d + RTT_SUM]! + rtt;
		doubles[d + RTT_COUNT] = count + 1;
	}

	/** Whether any frame was of the stream. */
	has(stream: number): boolean {
		const w = stream * 2 * WORDS;
		return (this.#words[w + FRAMES] ?? 0) + (this.#words[w + WORDS + FRAMES] ?? 0) > 0;
	}

	/** Which end opened the connection: who sent a SYN, else who got a SYN-ACK, else who was seen first. */
	clientEnd(stream: number): number {
		for (const bit of [SAW_SYN, SAW_SYN_ACK, OPENED]) {
			for (const end of [0, 1]) {
				if ((this.#seen(stream, end) & bit) !== 0) return bit === SAW_SYN_ACK ? 1 - end : end;
			}
		}
		return 0;
	}

	/** ns since the first packet of the capture */
	begin(stream: number): number {
		return this.#doubles[stream * 2 * DOUBLES + EDGE_TIME]!;
	}

	/** ns since the first packet of the capture */
	end(stream: number): number {
		return this.#doubles[(stream * 2 + 1) * DOUBLES + EDGE_TIME]!;
	}

	handshake(stream: number): Handshake {
		const client = this.clientEnd(stream);
		const from = this.#seen(stream, client);
		const to = this.#seen(stream, 1 - client);
		if ((from & SAW_SYN) === 0) return (to & SAW_SYN_ACK) === 0 ? 'not_seen' : 'half';
		if ((to & SAW_SYN_ACK) !== 0) return (from & SAW_ACK) === 0 ? 'half' : 'complete';
		return (to & SAW_RESET) === 0 ? 'unanswered' : 'refused';
	}

	ending(stream: number): Ending {
		const one = this.#seen(stream, 0);
		const other = this.#seen(stream, 1);
		if (((one | other) & SAW_RESET) !== 0) return 'reset';
		if ((one & SAW_FIN) !== 0 && (other & SAW_FIN) !== 0) return 'closed';
		return ((one | other) & SAW_FIN) !== 0 ? 'half_closed' : 'open';
	}

	/** Whether both sides acknowledged the other's FIN. */
	isAcknowledged(stream: number): boolean {
		return (this.#seen(stream, 0) & this.#seen(stream, 1) & FIN_ACKED) !== 0;
	}

	flow(stream: number, end: number): FlowSummary {
		const flow = stream * 2 + end;
		const word = (at: number): number => this.#words[flow * WORDS + at]!;
		const double = (at: number): number => this.#doubles[flow * DOUBLES + at]!;
		const samples = double(RTT_COUNT);
		return {
			frames: word(FRAMES),
			bytes: double(BYTES),
			repeated_bytes: double(REPEATED),
			retransmissions: word(RETRANSMISSIONS),
			fast_retransmissions: word(FAST),
			spurious_retransmissions: word(SPURIOUS),
			out_of_order: word(REORDERED),
			lost_segments: word(LOST),
			duplicate_acks: word(DUPLICATES),
			zero_windows: word(ZERO_WINDOWS),
			keep_alives: word(KEEP_ALIVES),
			resets: word(RESETS),
			max_window: word(MAX_WINDOW),
			options: this.#options(stream, end),
			rtt_us: samples === 0 ? null : { samples, min: double(RTT_MIN) / 1000, mean: Math.round(double(RTT_SUM) / samples) / 1000, max: double(RTT_MAX) / 1000 },
		};
	}

	#options(stream: number, end: number): FlowOptions | null {
		const seen = this.#seen(stream, end);
		if ((seen & (SAW_SYN | SAW_SYN_ACK)) === 0) return null;
		const w = (stream * 2 + end) * WORDS;
		return {
			mss: this.#words[w + MSS]! < 0 ? null : this.#words[w + MSS]!,
			window_scale: this.#words[w + SCALE]! < 0 ? null : this.#words[w + SCALE]!,
			sack_permitted: (seen & SACK_OFFERED) !== 0,
			timestamps: (seen & TIMESTAMPS) !== 0,
			fast_open: (seen & FAST_OPEN) !== 0,
		};
	}

	#seen(stream: number, end: number): number {
		return this.#words[(stream * 2 + end) * WORDS + SEEN]!;
	}
}
