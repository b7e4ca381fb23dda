import { FIN, SYN } from '../wire/tcp.ts';
import { KEEP_ALIVE } from './analysis-flag.ts';
import type { CaptureError } from './capture-error.ts';
import { CaptureReader } from './capture-reader.ts';
import type { CaptureRecord } from './capture-record.ts';
import { Decoder } from './decoder.ts';
import type { Discard } from './discard-finder.ts';
import { DiscardFinder } from './discard-finder.ts';
import { BASE_SECONDS, BASE_SEQ, FLOW_DOUBLES, FLOW_INTS, INITIAL_RTT, SCALE } from './flow-state.ts';
import { Judge } from './judge.ts';
import { skipReasons } from './layer.ts';
import type { SkipReason } from './layer.ts';
import type { Repeat } from './repeat-finder.ts';
import { RepeatFinder } from './repeat-finder.ts';
import { SegmentOptions } from './segment-options.ts';
import type { Segment } from './segment.ts';
import type { Ending, FlowSummary, Handshake } from './stream-summary.ts';
import { StreamSummaries } from './stream-summary.ts';
import type { Endpoint } from './stream-table.ts';
import { StreamTable } from './stream-table.ts';

/** Bytes of the capture that a repeat is looked for in. */
const REACH = 32 * 1024 * 1024;

/** What happened on one connection. */
export interface StreamReport {
	/** tshark's tcp.stream */
	readonly stream: number;
	readonly client: Endpoint;
	readonly server: Endpoint;
	/** of its first frame, µs since the epoch */
	readonly begin_us: number;
	readonly duration_us: number;
	readonly handshake: Handshake;
	/** of the handshake, from the latest SYN to the first ACK without SYN, µs; null where it was not seen */
	readonly initial_rtt_us: number | null;
	readonly ending: Ending;
	readonly to_server: FlowSummary;
	readonly to_client: FlowSummary;
	/** what a receiver threw away, and why */
	readonly discarded: readonly Discard[];
	/** what was sent again, held against the first time */
	readonly repeats: readonly Repeat[];
}

/**
 * Reads a capture as it comes and says frame by frame what TCP did:
 *
 *     analysis.push(chunk);
 *     while (analysis.next()) use(analysis.frame, analysis.stream, analysis.flags);
 *     …
 *     analysis.end();
 *     analysis.streams(), analysis.skipped, analysis.error
 */
export class CaptureAnalysis {
	/** the frame that next() found, counted from 1 over all packets of the capture */
	frame: number = 0;
	/** its connection, as tshark counts; −1 where too little of its header is there to tell */
	stream: number = -1;
	/** which end sent it: 2 × stream + end */
	flow: number = 0;
	/** bits of analysis-flag.ts */
	flags: number = 0;
	/** packets without TCP, by reason */
	readonly skipped: { [K in SkipReason]: number } = { link_type: 0, not_ip: 0, not_tcp: 0, fragment: 0, tunnel: 0, truncated: 0, malformed: 0 };
	readonly options: SegmentOptions = new SegmentOptions();
	readonly endpoints: StreamTable = new StreamTable();
	readonly repeats: RepeatFinder = new RepeatFinder();
	readonly discards: DiscardFinder = new DiscardFinder();
	#reader: CaptureReader = new CaptureReader(REACH);
	#decoder: Decoder = new Decoder();
	#judge: Judge = new Judge(this.endpoints);
	#summaries: StreamSummaries = new StreamSummaries();

	/** Adds bytes of the capture; they are copied. */
	push(chunk: Uint8Array): void {
		this.#reader.push(chunk);
	}

	/** No more bytes will come. */
	end(): void {
		this.#reader.end();
	}

	/** Why reading ended early; everything before was analysed. */
	get error(): CaptureError | undefined {
		return this.#reader.error;
	}

	/** The segment of the frame that next() found. */
	get segment(): Segment {
		return this.#decoder.segment;
	}

	get record(): CaptureRecord {
		return this.#reader.record;
	}

	/** Moves to the next frame with TCP; false where more bytes are needed, or reading has ended. */
	next(): boolean {
		const reader = this.#reader;
		while (reader.next()) {
			const found = this.#decoder.decode(reader.record);
			if (found === 0) {
				this.#take(reader.record);
				return true;
			}
			const reason = skipReasons[-found - 1];
			if (reason !== undefined) this.skipped[reason]++;
		}
		return false;
	}

	/** First sequence number of the flow of this frame: its ISN, or one below the first that was seen. */
	get base(): number {
		return this.#judge.state.ints[this.flow * FLOW_INTS + BASE_SEQ]!;
	}

	/** The same of the other direction. */
	get otherBase(): number {
		return this.#judge.state.ints[(this.flow ^ 1) * FLOW_INTS + BASE_SEQ]!;
	}

	/** What this frame's window is to be shifted by: 0 in a SYN, and where scaling is off or unknown (RFC 7323 §2.2). */
	get windowShift(): number {
		const scale = this.#judge.state.ints[this.flow * FLOW_INTS + SCALE]!;
		return scale > 0 && (this.segment.flags & SYN) === 0 ? scale : 0;
	}

	/** Which end opened a connection, as far as it was seen: 0 or 1. */
	clientEnd(stream: number): number {
		return this.#summaries.clientEnd(stream);
	}

	#take(record: CaptureRecord): void {
		const { segment } = this.#decoder;
		const judge = this.#judge;
		this.flags = judge.judge(segment);
		this.frame = segment.frame;
		this.stream = judge.stream;
		this.flow = judge.flow;
		this.repeats.latest = undefined;
		this.discards.latest = undefined;
		if (judge.stream < 0) return;
		this.options.read(segment);
		this.#summaries.take(judge.flow, segment, judge.time, this.options, this.flags);
		if (!segment.isWhole) return;
		const takesSpace = segment.length > 0 || (segment.flags & (SYN | FIN)) !== 0;
		// A keep-alive may carry any byte it likes (RFC 9293 §3.8.4).
		const isRepeat = takesSpace && (this.flags & KEEP_ALIVE) === 0 && this.repeats.take(judge.flow, segment, record, judge.sentBefore);
		if ((this.flags & KEEP_ALIVE) === 0) this.discards.take(judge.flow, segment, this.options, this.flags, isRepeat);
	}

	/** One report for each connection, in the order of their numbers. */
	*streams(): Generator<StreamReport> {
		const repeats = this.repeats.byStream();
		const discards = this.discards.byStream();
		for (let stream = 0; stream < this.endpoints.count; stream++) {
			const summaries = this.#summaries;
			// The inside of a proxied connection has a number, and no frames.
			if (!summaries.has(stream)) continue;
			const client = summaries.clientEnd(stream);
			const rtt = this.#judge.state.doubles[stream * 2 * FLOW_DOUBLES + INITIAL_RTT]!;
			yield {
				stream,
				client: this.endpoints.endpoint(stream, client),
				server: this.endpoints.endpoint(stream, 1 - client),
				begin_us: this.#judge.state.doubles[stream * 2 * FLOW_DOUBLES + BASE_SECONDS]! * 1e6 + Math.floor(summaries.begin(stream) / 1000),
				duration_us: Math.round(summaries.end(stream) - summaries.begin(stream)) / 1000,
				handshake: summaries.handshake(stream),
				initial_rtt_us: Number.isNaN(rtt) ? null : rtt / 1000,
				ending: summaries.ending(stream),
				to_server: summaries.flow(stream, client),
				to_client: summaries.flow(stream, 1 - client),
				discarded: discards.get(stream) ?? [],
				repeats: repeats.get(stream) ?? [],
			};
		}
	}
}
