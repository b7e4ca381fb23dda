import { ACK, FIN, OPTION_WINDOW_SCALE, RST, SYN, TCP_HEADER } from '../wire/tcp.ts';
import { leq, lt } from '../../tcp/seq.ts';
import {
	ACK_LOST_SEGMENT, DUPLICATE_ACK, FAST_RETRANSMISSION, KEEP_ALIVE, KEEP_ALIVE_ACK, LOST_SEGMENT, OUT_OF_ORDER, RETRANSMISSION,
	REUSED_PORTS, SPURIOUS_RETRANSMISSION, WINDOW_FULL, WINDOW_UPDATE, ZERO_WINDOW, ZERO_WINDOW_PROBE, ZERO_WINDOW_PROBE_ACK,
} from './analysis-flag.ts';
import {
	BASE_SECONDS, BASE_SEQ, DUPLICATE_ACKS, FLOW_DOUBLES, FLOW_INTS, FlowState, HAS_ACKED, HAS_BASE, INITIAL_RTT, LAST_ACK, LAST_ACK_TIME, LAST_FLAGS,
	MARKS, MAX_ACK, NEXT_SEQ, NEXT_SEQ_TIME, SCALE, SCALE_OFF, SCALE_UNKNOWN, SYN_TIME, WINDOW,
} from './flow-state.ts';
import { MultipathSessions } from './multipath-sessions.ts';
import type { Segment } from './segment.ts';
import { SocksTunnels } from './socks-tunnels.ts';
import type { StreamTable } from './stream-table.ts';
import { areOptionsReadable, findOption } from './tcp-option.ts';

/** A fast retransmission comes this soon after the duplicate ACKs, ns. */
const FAST_TIME = 20e6;
/** What is taken for the round trip where no handshake was seen, ns. */
const DEFAULT_RTT = 3e6;
/** In DUPLICATE_ACKS: more than any number of them; rule 11 sets it. */
const ACKED_UNSEEN = -1;
const MAX_SCALE = 14;
const NOT_PLAIN = SYN | FIN | RST;

/**
 * Judges segments as tshark 4.0 does: the same stream numbers, and the same
 * flags by the same rules in the same order. It knows nothing of hosts: what
 * it calls a retransmission may be a duplicate made by the network.
 */
export class Judge {
	/** the stream of the segment last judged; −1 where it has none */
	stream: number = -1;
	/** the flow it was sent on: 2 × stream + end */
	flow: number = 0;
	/** of that flow before this segment: behind the highest sequence number sent; 0 where nothing was */
	sentBefore: number = 0;
	/** when it was captured, ns since the whole second in which its stream began */
	time: number = 0;
	readonly state: FlowState = new FlowState();
	#streams: StreamTable;
	#socks: SocksTunnels = new SocksTunnels();
	#paths: MultipathSessions = new MultipathSessions();

	constructor(streams: StreamTable) {
		this.#streams = streams;
	}

	/** @returns the segment's flags; sets `stream` and `flow` */
	judge(segment: Segment): number {
		if (segment.isStub) {
			this.stream = -1;
			return 0;
		}
		const reused = this.#enter(segment);
		this.time = (segment.seconds - this.state.doubles[(this.flow & ~1) * FLOW_DOUBLES + BASE_SECONDS]!) * 1e9 + segment.nanos;
		if (!segment.isWhole) {
			// Of a quotation, and of a first fragment, tshark shows the connection, and reads the header.
			this.#scale(segment, this.#isRead(segment));
			this.#noteHandshake(segment);
			return 0;
		}
		this.#base(segment);
		this.sentBefore = this.state.ints[this.flow * FLOW_INTS + NEXT_SEQ]!;
		const flags = reused | this.#sequence(segment);
		this.#remember(segment, flags);
		// It counts a header that is cut, or claims to be shorter than any, and says nothing of it.
		const isRead = this.#isRead(segment);
		this.#scale(segment, isRead);
		if (segment.headerLength >= TCP_HEADER) this.#noteHandshake(segment);
		if (!isRead) return 0;
		if ((flags & (RETRANSMISSION | OUT_OF_ORDER)) === 0 && this.#socks.concerns(segment)) this.#tunnel(segment);
		return flags;
	}

	/** Whether tshark reads the header through. */
	#isRead(segment: Segment): boolean {
		return segment.headerLength === TCP_HEADER ? segment.isHeaderWhole : areOptionsReadable(segment, this.flow, this.#paths);
	}

	/** Data through a proxy may open a stream that no frame is of. */
	#tunnel(segment: Segment): void {
		const inner = this.#socks.take(this.stream, segment, this.#streams);
		if (inner >= 0) this.state.add(inner, segment.seconds);
	}

	/** Finds the segment's connection; a SYN with another ISN opens a new one. */
	#enter(segment: Segment): number {
		const found = this.#streams.find(segment);
		if (found < 0) {
			this.#take(this.#streams.add(), segment);
			return 0;
		}
		this.#take(found, undefined);
		const control = segment.flags & (SYN | ACK);
		const at = this.flow * FLOW_INTS;
		const { ints } = this.state;
		if ((control & SYN) === 0 || (ints[at + MARKS]! & HAS_BASE) === 0) return 0;
		if (segment.seq === ints[at + BASE_SEQ]) {
			// A RST may have moved NEXT_SEQ to what the other side acknowledged.
			if (control === SYN) ints[at + NEXT_SEQ] = ints[at + MAX_ACK]!;
			return 0;
		}
		if (control === SYN) this.#take(this.#streams.add(), segment);
		else ints[at + BASE_SEQ] = segment.seq;
		return REUSED_PORTS;
	}

	/** @param first  the segment that opens the stream, where it is new */
	#take(stream: number, first: Segment | undefined): void {
		if (first !== undefined) this.state.add(stream, first.seconds);
		this.stream = stream;
		this.flow = stream * 2 + this.#streams.end;
	}

	/** Keeps the first sequence number of each direction; of the other one as the ACK shows it. */
	#base(segment: Segment): void {
		const { ints } = this.state;
		const f = this.flow * FLOW_INTS;
		const r = (this.flow ^ 1) * FLOW_INTS;
		if ((ints[f + MARKS]! & HAS_BASE) === 0) {
			ints[f + BASE_SEQ] = (segment.flags & SYN) !== 0 ? segment.seq : (segment.seq - 1) | 0;
			ints[f + MARKS] = ints[f + MARKS]! | HAS_BASE;
		}
		if ((ints[r + MARKS]! & HAS_BASE) === 0 && (segment.flags & ACK) !== 0) {
			ints[r + BASE_SEQ] = (segment.ack - 1) | 0;
			ints[r + MARKS] = ints[r + MARKS]! | HAS_BASE;
		}
	}

	#sequence(segment: Segment): number {
		const { ints } = this.state;
		const f = this.flow * FLOW_INTS;
		const r = (this.flow ^ 1) * FLOW_INTS;
		let flags = ZERO_WINDOW_PROBE;
		const isProbe = segment.length === 1 && segment.seq === ints[f + NEXT_SEQ] && ints[r + WINDOW] === 0;
		if (!isProbe) flags = this.#place(segment, f, r) | this.#pureAck(segment, f, r);
		if (segment.ack !== ints[f + LAST_ACK]) ints[f + DUPLICATE_ACKS] = 0;
		if (this.#acksUnseen(segment, r)) flags |= ACK_LOST_SEGMENT;
		if ((flags & KEEP_ALIVE) === 0) flags |= this.#repetition(segment, f, r);
		return flags;
	}

	/** What a segment is by where it lies in sequence and window: rules 2, 3, 4, 6. */
	#place(segment: Segment, f: number, r: number): number {
		const { ints } = this.state;
		const { seq, length } = segment;
		const nextSeq = ints[f + NEXT_SEQ]!;
		const isPlain = (segment.flags & NOT_PLAIN) === 0;
		let flags = 0;
		if (nextSeq !== 0 && gt(seq, nextSeq) && (segment.flags & RST) === 0) flags |= LOST_SEGMENT;
		if (!isPlain) return flags;
		if (segment.window === 0) flags |= ZERO_WINDOW;
		if (length <= 1 && seq === ((nextSeq - 1) | 0)) flags |= KEEP_ALIVE;
		if (length > 0 && ints[r + SCALE] !== SCALE_UNKNOWN) {
			const scale = ints[r + SCALE] === SCALE_OFF || (ints[r + MARKS]! & HAS_ACKED) === 0 ? 0 : ints[r + SCALE]!;
			if (((seq + length) | 0) === ((ints[r + LAST_ACK]! + (ints[r + WINDOW]! << scale)) | 0)) flags |= WINDOW_FULL;
		}
		return flags;
	}

	/** What a segment without data says again: rules 5, 7, 8, 9. */
	#pureAck(segment: Segment, f: number, r: number): number {
		const { ints } = this.state;
		if (segment.length !== 0 || (segment.flags & NOT_PLAIN) !== 0) return 0;
		if (segment.seq !== ints[f + NEXT_SEQ] || segment.ack !== ints[f + LAST_ACK]) return 0;
		const isSame = segment.window === ints[f + WINDOW];
		if (segment.window === 0) return isSame && (ints[r + LAST_FLAGS]! & ZERO_WINDOW_PROBE) !== 0 ? ZERO_WINDOW_PROBE_ACK : 0;
		if (!isSame) return WINDOW_UPDATE;
		if ((ints[r + LAST_FLAGS]! & KEEP_ALIVE) !== 0) return KEEP_ALIVE_ACK;
		// Of several paths one may say again what another moved on (RFC 8684 §3.3.2).
		if (this.#paths.isUsed && this.#paths.hasNews(this.flow)) return 0;
		ints[f + DUPLICATE_ACKS] = ints[f + DUPLICATE_ACKS] === ACKED_UNSEEN ? 1 : ints[f + DUPLICATE_ACKS]! + 1;
		return DUPLICATE_ACK;
	}

	/** Rule 11: it acknowledges what the capture does not hold. */
	#acksUnseen(segment: Segment, r: number): boolean {
		const { ints } = this.state;
		const maxAck = ints[r + MAX_ACK]!;
		if ((segment.flags & ACK) === 0 || maxAck === 0 || !gt(segment.ack, maxAck)) return false;
		if (lt(maxAck, ints[r + NEXT_SEQ]!)) {
			ints[r + MAX_ACK] = ints[r + NEXT_SEQ]!;
			return true;
		}
		const isFirst = ints[r + DUPLICATE_ACKS] === 0;
		ints[r + DUPLICATE_ACKS] = ACKED_UNSEEN;
		return isFirst;
	}

	/** Rule 12: sent before, or only come late? */
	#repetition(segment: Segment, f: number, r: number): number {
		const { ints, doubles } = this.state;
		const { seq, length } = segment;
		const isClosing = (segment.flags & (SYN | FIN)) !== 0;
		if (length === 0 && !isClosing) return 0;
		const nextSeq = ints[f + NEXT_SEQ]!;
		const isOld = nextSeq !== 0 && lt(seq, nextSeq) && !(length > 1 && seq === ((nextSeq - 1) | 0));
		const acked = ints[r + LAST_ACK]!;
		if (length > 0 && acked !== 0 && leq((seq + length) | 0, acked)) return SPURIOUS_RETRANSMISSION | RETRANSMISSION;
		if (!isOld) return 0;
		const sinceAck = this.time - doubles[(this.flow ^ 1) * FLOW_DOUBLES + LAST_ACK_TIME]!;
		const hasDuplicates = ints[r + DUPLICATE_ACKS]! >= 2 || ints[r + DUPLICATE_ACKS] === ACKED_UNSEEN;
		if (hasDuplicates && acked === seq && isBefore(sinceAck, FAST_TIME)) return FAST_RETRANSMISSION | RETRANSMISSION;
		const sinceNext = this.time - doubles[this.flow * FLOW_DOUBLES + NEXT_SEQ_TIME]!;
		const rtt = doubles[(this.flow & ~1) * FLOW_DOUBLES + INITIAL_RTT]!;
		const end = (seq + length + (isClosing ? 1 : 0)) | 0;
		if (isBefore(sinceNext, isUnknown(rtt) ? DEFAULT_RTT : rtt) && nextSeq !== end) return OUT_OF_ORDER;
		return RETRANSMISSION;
	}

	#remember(segment: Segment, flags: number): void {
		const { ints, doubles } = this.state;
		const f = this.flow * FLOW_INTS;
		const end = (segment.seq + segment.length + ((segment.flags & (SYN | FIN)) !== 0 ? 1 : 0)) | 0;
		if ((flags & ZERO_WINDOW_PROBE) === 0) {
			if (ints[f + NEXT_SEQ] === 0 || gt(end, ints[f + NEXT_SEQ]!)) {
				ints[f + NEXT_SEQ] = end;
				doubles[this.flow * FLOW_DOUBLES + NEXT_SEQ_TIME] = this.time;
			}
			if (ints[f + MAX_ACK] === 0 || segment.seq === ints[f + MAX_ACK]) ints[f + MAX_ACK] = ints[f + NEXT_SEQ]!;
		}
		ints[f + LAST_ACK] = segment.ack;
		ints[f + WINDOW] = segment.window;
		ints[f + LAST_FLAGS] = flags;
		if (this.#paths.isUsed) this.#paths.note(this.flow);
		doubles[this.flow * FLOW_DOUBLES + LAST_ACK_TIME] = this.time;
	}

	/**
	 * Window scaling is on where both SYNs offer it (RFC 7323 §2.2), or the only one that was seen.
	 *
	 * @param isRead  all its options could be read: what is not there was not offered
	 */
	#scale(segment: Segment, isRead: boolean): void {
		if ((segment.flags & SYN) === 0) return;
		const { ints } = this.state;
		const f = this.flow * FLOW_INTS;
		const r = (this.flow ^ 1) * FLOW_INTS;
		const option = findOption(segment.bytes, segment.at + TCP_HEADER, segment.optionsLength, OPTION_WINDOW_SCALE, 3);
		if (option >= 0) ints[f + SCALE] = Math.min(segment.bytes[option + 2]!, MAX_SCALE);
		if (!isRead) return;
		const isRefused = (segment.flags & ACK) !== 0 && ints[r + SCALE] === SCALE_OFF;
		if (ints[f + SCALE] !== SCALE_UNKNOWN && !isRefused) return;
		ints[f + SCALE] = SCALE_OFF;
		ints[r + SCALE] = SCALE_OFF;
	}

	/** Times the handshake, from the latest SYN to the first ACK without SYN; the window of a SYN is never scaled (RFC 7323 §2.2). */
	#noteHandshake(segment: Segment): void {
		const control = segment.flags & (SYN | ACK);
		if (control === 0) return;
		const { ints, doubles } = this.state;
		const marks = this.flow * FLOW_INTS + MARKS;
		ints[marks] = (control & SYN) !== 0 ? ints[marks]! & ~HAS_ACKED : ints[marks]! | HAS_ACKED;
		const at = (this.flow & ~1) * FLOW_DOUBLES;
		if (control === SYN) doubles[at + SYN_TIME] = segment.isTimeless ? Number.NaN : this.time;
		else if (control === ACK && isUnknown(doubles[at + INITIAL_RTT]!)) doubles[at + INITIAL_RTT] = this.time - doubles[at + SYN_TIME]!;
	}
}

/** tshark takes a round trip of no time for none. */
function isUnknown(rtt: number): boolean { return rtt === 0 || Number.isNaN(rtt); }

/** Times are compared as if unsigned: one that ran backwards is longer than any other. */
function isBefore(time: number, limit: number): boolean {
	return time < 0 === limit < 0 ? time < limit : limit < 0;
}

/** a > b in sequence space; at a distance of 2³¹ tshark finds each greater than the other. */
function gt(a: number, b: number): boolean { return ((b - a) | 0) < 0; }
