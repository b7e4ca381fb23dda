import { roomyDoubles, roomyInts } from './growing.ts';

// What is kept of each direction of a connection ("flow"): FLOW_INTS words of
// `ints`, FLOW_DOUBLES of `doubles`. Names are those of the rules in judge.ts.
export const FLOW_INTS = 10;
/** behind the highest sequence number sent */
export const NEXT_SEQ = 0;
/** behind what was sent without a gap: nothing above it can have been received */
export const MAX_ACK = 1;
/** SEG.ACK of the last segment */
export const LAST_ACK = 2;
export const DUPLICATE_ACKS = 3;
/** SEG.WND of the last segment, unscaled; −1 before there is one */
export const WINDOW = 4;
/** SCALE_UNKNOWN, SCALE_OFF, or the shift of RFC 7323 §2 */
export const SCALE = 5;
/** analysis flags of the last segment */
export const LAST_FLAGS = 6;
/** the first sequence number: the ISN, or one below the first that was seen */
export const BASE_SEQ = 7;
export const MARKS = 8;

// Times are ns since the whole second in which the stream's first segment was
// captured: exact, however long the capture is.
export const FLOW_DOUBLES = 5;
/** when NEXT_SEQ last moved */
export const NEXT_SEQ_TIME = 0;
/** when LAST_ACK was last set */
export const LAST_ACK_TIME = 1;
/** of the connection, kept with end 0: when its latest SYN was sent; NaN before */
export const SYN_TIME = 2;
/** of the connection, kept with end 0: from that SYN to the first ACK without SYN, ns; NaN before */
export const INITIAL_RTT = 3;
/** of the connection, kept with end 0: that second, since the epoch */
export const BASE_SECONDS = 4;

export const SCALE_UNKNOWN = -1;
export const SCALE_OFF = -2;

/** BASE_SEQ is set */
export const HAS_BASE = 1;
/** an ACK was sent since the last SYN: its window is scaled */
export const HAS_ACKED = 2;

/** State of all flows; flow 2n and 2n + 1 are the two ends of stream n. */
export class FlowState {
	ints: Int32Array = new Int32Array(0);
	doubles: Float64Array = new Float64Array(0);

	/**
	 * Makes the two flows of a new stream; streams are added in the order of their numbers.
	 *
	 * @param seconds  since the epoch, of its first segment
	 */
	add(stream: number, seconds: number): void {
		this.ints = roomyInts(this.ints, (stream + 1) * 2 * FLOW_INTS);
		this.doubles = roomyDoubles(this.doubles, (stream + 1) * 2 * FLOW_DOUBLES);
		for (let flow = stream * 2; flow < stream * 2 + 2; flow++) {
			this.ints[flow * FLOW_INTS + WINDOW] = -1;
			this.ints[flow * FLOW_INTS + SCALE] = SCALE_UNKNOWN;
			this.doubles[flow * FLOW_DOUBLES + NEXT_SEQ_TIME] = Number.NEGATIVE_INFINITY;
			this.doubles[flow * FLOW_DOUBLES + LAST_ACK_TIME] = Number.NEGATIVE_INFINITY;
			this.doubles[flow * FLOW_DOUBLES + BASE_SECONDS] = seconds;
			this.doubles[flow * FLOW_DOUBLES + SYN_TIME] = Number.NaN;
			this.doubles[flow * FLOW_DOUBLES + INITIAL_RTT] = Number.NaN;
		}
	}
}
