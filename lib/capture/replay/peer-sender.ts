import { get16, get32 } from '../../wire/bytes.ts';
import type { Sink } from '../../wire/node.ts';
import { ACK, FIN, OPTION_MSS, OPTION_NOP, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_WINDOW_SCALE, PSH, SYN, TCP_HEADER, TCP_URGENT, URG } from '../../wire/tcp.ts';
import { findOption } from '../tcp-option.ts';
import { dataPlace, placeOf } from './conversation.ts';
import { Echo } from './echo.ts';
import type { LiveFlow } from './live-flow.ts';
import { GUESSED_SCALE } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Policies } from './policies.ts';
import { NO_SUM } from './recording.ts';
import { SegmentMaker } from './segment-maker.ts';
import type { Station } from './station.ts';
import { UNKNOWN } from './strand.ts';

const NOP_NOP_TIMESTAMPS = 0x0101_080a;
/** Bytes of NOP, NOP and a timestamps option. */
const TIMESTAMPS = 12;
const WIDEST = 0xffff;
/** MSS of a SYN that is made up. */
const PLAIN_MSS = 1460;

/** Sends what the captured peer sent, with its numbers turned into those of the live connection. */
export class PeerSender {
	/** place in our stack's data that was acknowledged */
	acked = -1;
	/** behind the last place of its own that was sent; −1 before the SYN */
	next = -1;
	/** number of the captured frame that was played last */
	frame = 0;
	/** the frame sent last */
	readonly maker: SegmentMaker = new SegmentMaker();
	readonly echo: Echo = new Echo();
	#plan!: Plan;
	#live!: LiveFlow;
	#policies!: Policies;
	#tsVal = 0;
	/** the window it gives, bytes */
	#window = WIDEST;
	/** segments of our side whose timestamps are noted */
	#noted = 0;

	begin(plan: Plan, live: LiveFlow, policies: Policies, own: Station, other: Station, isIpv6: boolean): void {
		this.#plan = plan;
		this.#live = live;
		this.#policies = policies;
		this.acked = -1;
		this.next = -1;
		this.frame = 0;
		this.echo.clear();
		this.maker.begin(own, other, isIpv6);
		this.#tsVal = plan.peerStamp;
		this.#window = WIDEST;
		this.#noted = 0;
	}

	/** Shift our SYN offers, captured or made up; −1: none. */
	get offeredScale(): number {
		const { peerOffer } = this.#plan;
		return peerOffer === undefined ? GUESSED_SCALE : peerOffer.scale;
	}

	/** Shift our stack applies to our windows. */
	get #scale(): number {
		const scale = this.offeredScale;
		return scale >= 0 && (this.#live.offer?.scale ?? -1) >= 0 ? scale : 0;
	}

	/** Plays a captured segment, in as many pieces as it takes. */
	play(sink: Sink, k: number): void {
		const { recording, conversation, ownPort, peerPort } = this.#plan, { maker } = this;
		const row = conversation.rows[k]!;
		const { u8 } = recording.slabs.slabs[recording.slab(row)]!;
		const at = recording.at(row), header = recording.header(row), length = recording.length(row), captured = recording.captured(row);
		let flags = recording.flags(row);
		if ((flags & FIN) !== 0 && !this.#plan.keepsFin(row)) flags &= ~FIN;
		this.frame = recording.frame(row);
		const ack = this.#translateAck(k, row, flags);
		const window = this.#translateWindow(row, flags);
		maker.put(TCP_HEADER, u8, at + TCP_HEADER, header - TCP_HEADER);
		if (header > TCP_HEADER) this.#translateOptions(k, u8, at, header, flags);
		const urgent = (flags & URG) === 0 ? 0 : get16(u8, at + TCP_URGENT);
		const room = maker.room(header), seq = recording.seq(row);
		let done = 0;
		do {
			const piece = Math.min(room, length - done), isLast = done + piece >= length;
			let bits = isLast ? flags : flags & ~(FIN | PSH);
			if (done > 0) bits &= ~SYN;
			if (urgent <= done) bits &= ~URG;
			const known = Math.max(0, Math.min(piece, captured - done));
			maker.put(header, u8, at + header + done, known);
			if (known < piece) maker.fill(header + known, piece - known);
			maker.header(peerPort, ownPort, (seq + done + (done > 0 && (flags & SYN) !== 0 ? 1 : 0)) | 0, ack, header, bits, window, Math.max(0, urgent - done));
			maker.finish(header, piece, piece === length ? recording.dataSum(row) : NO_SUM);
			sink.take(maker.memory.u8, maker.at, maker.length, 0);
			done += piece;
		} while (done < length);
		this.#sent(dataPlace(conversation.seq[k]!, flags) + length + ((flags & FIN) !== 0 ? 1 : 0));
	}

	#sent(behind: number): void {
		if (behind > this.next) this.next = Math.min(behind, this.#plan.read.end + (this.#plan.read.hasFin ? 1 : 0));
	}

	#translateAck(k: number, row: number, flags: number): number {
		const live = this.#live, { conversation, recording } = this.#plan;
		if ((flags & ACK) === 0 || !live.isOpen) return recording.ack(row);
		const place = Math.min(conversation.ack[k]!, live.got);
		if (place > this.acked) this.acked = place;
		return (live.iss + 1 + place) | 0;
	}

	#translateWindow(row: number, flags: number): number {
		const field = this.#plan.recording.window(row);
		if ((flags & SYN) !== 0) {
			this.#window = field;
			return field;
		}
		const { peerScale } = this.#plan, scale = this.#scale;
		this.#window = field << peerScale;
		return peerScale === scale ? field : this.#fieldOf(this.#window);
	}

	/** A window of that many bytes as the header has it. */
	#fieldOf(bytes: number): number {
		const scale = this.#scale;
		return Math.min(WIDEST, (Math.min(bytes, 0x3fff_ffff) + (1 << scale) - 1) >> scale);
	}

	/** Options lie behind the header being made as they were captured. */
	#translateOptions(k: number, u8: Uint8Array, at: number, header: number, flags: number): void {
		const from = at + TCP_HEADER, length = header - TCP_HEADER;
		const stamps = length === TIMESTAMPS && get32(u8, from) === NOP_NOP_TIMESTAMPS ? from + 2 : findOption(u8, from, length, OPTION_TIMESTAMPS, 10);
		if (stamps >= 0) this.#translateStamps(k, u8, stamps, stamps - at, flags);
		if (length <= TIMESTAMPS && stamps >= 0) return;
		const sack = findOption(u8, from, length, OPTION_SACK, 0);
		if (sack >= 0) this.#translateSack(u8, sack, sack - at);
	}

	#translateStamps(k: number, u8: Uint8Array, at: number, offset: number, flags: number): void {
		const { maker } = this;
		if ((flags & SYN) !== 0 && !this.#plan.peerHasTimestamps) {
			for (let i = 0; i < 10; i++) maker.byte(offset + i, OPTION_NOP);
			this.#policies.timestampsWithheld = 1;
			return;
		}
		this.#tsVal = get32(u8, at + 2);
		if ((flags & ACK) === 0) return;
		this.#noteStamps(k);
		maker.word(offset + 6, this.echo.translate(get32(u8, at + 6)));
	}

	/** Notes the timestamps of our captured side's segments before `k`. */
	#noteStamps(k: number): void {
		const { recording, conversation, own } = this.#plan;
		for (; this.#noted < k; this.#noted++) {
			const row = conversation.rows[this.#noted]!;
			if (recording.end(row) !== own || recording.header(row) === TCP_HEADER) continue;
			const at = this.#plan.optionAt(row, OPTION_TIMESTAMPS, 10);
			if (at >= 0) this.echo.captured.add(get32(recording.slabs.slabs[recording.slab(row)]!.u8, at + 2), conversation.seq[this.#noted]!);
		}
	}

	#translateSack(u8: Uint8Array, at: number, offset: number): void {
		const live = this.#live, { conversation, own } = this.#plan;
		const edges = ((u8[at + 1]! - 2) >> 3) * 2;
		for (let i = 0; i < edges; i++) {
			const place = placeOf(get32(u8, at + 2 + i * 4), conversation.isn[own], Math.max(0, live.got));
			this.maker.word(offset + 2 + i * 4, (live.iss + 1 + Math.min(place, live.top)) | 0);
		}
	}

	/**
	 * Sends an ACK that was not captured.
	 *
	 * @param place  in our stack's data: what is acknowledged
	 * @param reach  the window reaches at least to there
	 */
	acknowledge(sink: Sink, place: number, reach: number): void {
		this.acked = Math.max(this.acked, place);
		this.#emit(sink, ACK, Math.max(0, this.next), 0, UNKNOWN, 0, Math.max(this.#window, reach - place));
	}

	/** Sends a SYN that was not captured, or the SYN-ACK of one; with what the rest of the capture shows that it offered. */
	open(sink: Sink): void {
		const { maker } = this, live = this.#live, plan = this.#plan;
		const isAnswer = plan.side === 'client';
		let at = TCP_HEADER;
		const options = [OPTION_MSS, 4, PLAIN_MSS >> 8, PLAIN_MSS & 0xff, OPTION_NOP, OPTION_WINDOW_SCALE, 3, GUESSED_SCALE, OPTION_NOP, OPTION_NOP, OPTION_SACK_PERMITTED, 2];
		for (const byte of options) maker.byte(at++, byte);
		if (plan.peerHasTimestamps && (!isAnswer || live.hasTimestamps)) {
			maker.word(at, NOP_NOP_TIMESTAMPS);
			maker.word(at + 4, this.#tsVal);
			maker.word(at + 8, isAnswer ? live.tsVal : 0);
			at += TIMESTAMPS;
		}
		if (isAnswer) this.acked = 0;
		maker.header(plan.peerPort, plan.ownPort, plan.conversation.isn[plan.peer], isAnswer ? (live.iss + 1) | 0 : 0, at, isAnswer ? SYN | ACK : SYN, WIDEST, 0);
		maker.finish(at, 0, 0);
		sink.take(maker.memory.u8, maker.at, maker.length, 0);
		this.#sent(0);
	}

	/** Sends [from, to) of the peer's bytes, and the FIN where `to` lies behind it; at most `most` segments. Returns where it stopped. */
	data(sink: Sink, from: number, to: number, most: number): number {
		const { read } = this.#plan;
		let place = Math.max(0, from), piece = this.#pieceAt(place);
		for (let count = 0; count < most && place < to; count++) {
			const fin = read.hasFin && place >= read.end;
			if (!fin) while (read.to[piece]! <= place) piece++;
			const end = fin ? place : Math.min(to, read.to[piece]!, place + this.maker.room(TCP_HEADER + TIMESTAMPS));
			const slab = fin ? UNKNOWN : read.slab[piece]!;
			const withFin = fin || (read.hasFin && end === read.end && to > end);
			this.#emit(sink, ACK | (withFin ? FIN : PSH), place, end - place, slab, slab === UNKNOWN ? 0 : read.at[piece]! + place - read.from[piece]!, this.#window);
			place = end + (withFin ? 1 : 0);
		}
		this.#sent(place);
		return place;
	}

	#pieceAt(place: number): number {
		const { to } = this.#plan.read;
		let low = 0, high = to.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (to[middle]! <= place) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	#emit(sink: Sink, flags: number, seq: number, length: number, slab: number, at: number, window: number): void {
		const { maker } = this, live = this.#live, plan = this.#plan;
		let header = TCP_HEADER;
		if (live.hasTimestamps) {
			maker.word(header, NOP_NOP_TIMESTAMPS);
			maker.word(header + 4, this.#tsVal);
			maker.word(header + 8, live.tsVal);
			header += TIMESTAMPS;
		}
		maker.header(plan.peerPort, plan.ownPort, (plan.conversation.isn[plan.peer] + 1 + seq) | 0, (live.iss + 1 + Math.max(0, this.acked)) | 0, header, flags, this.#fieldOf(window), 0);
		if (slab === UNKNOWN) maker.fill(header, length);
		else maker.put(header, plan.recording.slabs.slabs[slab]!.u8, at, length);
		maker.finish(header, length, NO_SUM);
		sink.take(maker.memory.u8, maker.at, maker.length, 0);
	}
}
