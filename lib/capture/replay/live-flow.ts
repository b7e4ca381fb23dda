import { get16, get32 } from '../../wire/bytes.ts';
import { ACK, FIN, OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_WINDOW_SCALE, RST, SYN, TCP_ACK, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_WINDOW } from '../../wire/tcp.ts';
import { findOption } from '../tcp-option.ts';
import { dataPlace, placeOf } from './conversation.ts';
import type { SynOffer } from './plan.ts';
import { SegmentLog } from './segment-log.ts';

/** Takes the bytes our stack sent, in order; borrowed for the call. */
export interface Receiver { take(bytes: Uint8Array, at: number, length: number): void }

/** What our stack has sent on the connection, read from its segments as a receiver reads them. */
export class LiveFlow {
	readonly log: SegmentLog = new SegmentLog();
	/** whether its SYN has come; its initial sequence number then, int32 */
	isOpen = false;
	iss = 0;
	/** what its SYN offered or agreed to */
	offer: SynOffer | undefined = undefined;
	/** what we have without a gap, as a place; −1 before the SYN; the FIN counts */
	got = -1;
	/** behind the highest it has sent */
	top = 0;
	hasFin = false;
	hasReset = false;
	/** what it has acknowledged of ours; −1 before it acknowledged our SYN */
	acked = -1;
	/** right edge of the window it gives us */
	edge = 0;
	/** TSval of its last segment, int32, where it bears timestamps */
	hasTimestamps = false;
	tsVal = 0;
	/** changes with whatever was new */
	progress = 0;
	#peerIsn = 0;
	#scale = 0;
	#receiver: Receiver | null = null;

	/** @param peerIsn  our side's initial sequence number, int32 */
	begin(peerIsn: number, receiver: Receiver | null): void {
		this.log.clear();
		this.isOpen = false;
		this.offer = undefined;
		this.got = -1;
		this.top = 0;
		this.hasFin = false;
		this.hasReset = false;
		this.acked = -1;
		this.edge = 0;
		this.hasTimestamps = false;
		this.progress = 0;
		this.#peerIsn = peerIsn;
		this.#scale = 0;
		this.#receiver = receiver;
	}

	/**
	 * Takes a segment.
	 *
	 * @param agreesScale  whether our SYN offered window scaling
	 * @param frame        the captured segment that was played last
	 * @returns            whether it brought data we had acknowledged already
	 */
	take(bytes: Uint8Array, at: number, length: number, agreesScale: boolean, frame: number): boolean {
		const flags = bytes[at + TCP_FLAGS]!, header = (bytes[at + TCP_OFFSET]! >> 4) << 2;
		const before = this.got;
		if ((flags & SYN) !== 0) this.#open(bytes, at, header, agreesScale);
		const seq = placeOf(get32(bytes, at + TCP_SEQ), this.iss, Math.max(0, this.got));
		const from = dataPlace(seq, flags), text = length - header;
		this.#readTimestamps(bytes, at, header);
		const ack = (flags & ACK) === 0 ? NaN : placeOf(get32(bytes, at + TCP_ACK), this.#peerIsn, Math.max(0, this.acked));
		const window = get16(bytes, at + TCP_WINDOW) << ((flags & SYN) !== 0 ? 0 : this.#scale);
		this.log.add(from, ack, window, text, flags, frame);
		if ((flags & RST) !== 0) {
			this.hasReset = true;
			this.progress++;
			return false;
		}
		this.#takeAck(ack, window);
		this.#takeText(bytes, at + header, from, text, (flags & FIN) !== 0);
		return before >= 0 && text > 0 && from + text <= before;
	}

	#open(bytes: Uint8Array, at: number, header: number, agreesScale: boolean): void {
		const option = (kind: number, span: number): number => findOption(bytes, at + TCP_HEADER, header - TCP_HEADER, kind, span);
		const mss = option(OPTION_MSS, 4), scale = option(OPTION_WINDOW_SCALE, 3);
		this.hasReset = false;
		if (this.isOpen) return;
		this.isOpen = true;
		this.iss = get32(bytes, at + TCP_SEQ);
		this.offer = { mss: mss < 0 ? 0 : get16(bytes, mss + 2), scale: scale < 0 ? -1 : bytes[scale + 2]!, sack: option(OPTION_SACK_PERMITTED, 2) >= 0, timestamps: option(OPTION_TIMESTAMPS, 10) >= 0 };
		this.#scale = scale >= 0 && agreesScale ? bytes[scale + 2]! : 0;
		this.got = 0;
		this.progress++;
	}

	#readTimestamps(bytes: Uint8Array, at: number, header: number): void {
		if (header === TCP_HEADER) return;
		const option = findOption(bytes, at + TCP_HEADER, header - TCP_HEADER, OPTION_TIMESTAMPS, 10);
		this.hasTimestamps = option >= 0;
		if (option >= 0) this.tsVal = get32(bytes, option + 2);
	}

	#takeAck(ack: number, window: number): void {
		if (ack > this.acked) {
			this.acked = ack;
			this.progress++;
		}
		if (ack + window > this.edge) {
			this.edge = ack + window;
			this.progress++;
		}
	}

	#takeText(bytes: Uint8Array, at: number, from: number, length: number, fin: boolean): void {
		const to = from + length;
		this.top = Math.max(this.top, to + (fin ? 1 : 0));
		if (length > 0 && from <= this.got && to > this.got && !this.hasFin) {
			const known = this.got - from;
			this.#receiver?.take(bytes, at + known, length - known);
			this.got = to;
			this.progress++;
		}
		if (!fin || this.hasFin || to !== this.got) return;
		this.hasFin = true;
		this.got++;
		this.progress++;
	}
}
