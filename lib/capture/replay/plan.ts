import { ACK, FIN, OPTION_MSS, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_WINDOW_SCALE, RST, SYN, TCP_HEADER } from '../../wire/tcp.ts';
import { get16, get32 } from '../../wire/bytes.ts';
import { findOption } from '../tcp-option.ts';
import { dataPlace } from './conversation.ts';
import type { Conversation, EndPorts } from './conversation.ts';
import { schedule } from './pace.ts';
import type { Pace } from './pace.ts';
import { noPolicies } from './policies.ts';
import type { Policies } from './policies.ts';
import type { Recording } from './recording.ts';
import { ABORT, CLOSE, WRITE } from './script.ts';
import type { Script } from './script.ts';
import { Strand, UNKNOWN } from './strand.ts';

// What the peer does next.
/** plays a captured segment */
export const PLAY = 0;
/** sends zeros in place of bytes that were not captured */
export const FILL = 1;
/** sends a SYN, or its SYN-ACK, that was not captured */
export const OPEN = 2;
/** acknowledges the SYN-ACK */
export const GREET = 3;

/** Shift taken for the windows of a side whose SYN was not captured: rather too wide than too narrow. */
export const GUESSED_SCALE = 7;
const MAX_SCALE = 14;
/** Most data of a packet with plain headers: longer captured ones were made by offload. */
const LONGEST = 1460;

/** What a captured SYN offered. */
export interface SynOffer {
	/** 0 where none was */
	readonly mss: number;
	/** −1 where none was */
	readonly scale: number;
	readonly sack: boolean;
	readonly timestamps: boolean;
}

/** Which side of the capture our stack takes. */
export type Side = 'server' | 'client';

/**
 * How one captured stream is played: what the application on top of our stack
 * does, what its peer sends, and what is expected.
 */
export class Plan {
	readonly recording: Recording;
	readonly conversation: Conversation;
	readonly side: Side;
	/** the end our stack takes, and the one that is played */
	readonly own: 0 | 1;
	readonly peer: 0 | 1;
	readonly ownPort: number;
	readonly peerPort: number;
	/** bytes of each side in order: what our application is to write, and to read */
	readonly written: Strand = new Strand();
	readonly read: Strand = new Strand();
	/** of each segment: its moment, µs */
	readonly moments: Float64Array;
	readonly script: Script;
	/** the peer's steps: what, which segment, which bytes */
	readonly kinds: number[] = [];
	readonly segments: number[] = [];
	readonly from: number[] = [];
	readonly to: number[] = [];
	readonly policies: Policies = noPolicies();
	/** what the captured SYNs offered; undefined where none was captured */
	readonly ownOffer: SynOffer | undefined;
	readonly peerOffer: SynOffer | undefined;
	/** shifts of the captured windows behind the handshake */
	readonly ownScale: number;
	readonly peerScale: number;
	/** the peer's segments behind the handshake bear timestamps */
	readonly peerHasTimestamps: boolean;
	/** TSval of the first of them, int32 */
	readonly peerStamp: number;
	/** nobody was captured on the peer's side: it acknowledges whatever comes */
	readonly acknowledgesAll: boolean;
	/** whether our side accepted the connection in the capture, or may have */
	readonly accepts: boolean;
	/** whether our side reset the connection in the capture, and the peer did */
	readonly ownResets: boolean;
	readonly peerResets: boolean;

	constructor(recording: Recording, conversation: Conversation, ports: EndPorts, side: Side, pace: Pace) {
		this.recording = recording;
		this.conversation = conversation;
		this.side = side;
		this.own = side === 'client' ? conversation.client : (conversation.client ^ 1) as 0 | 1;
		this.peer = (this.own ^ 1) as 0 | 1;
		// Port 0 is nobody's.
		this.ownPort = ports[this.own] || 1;
		this.peerPort = ports[this.peer] || 1;
		const { rows } = conversation;
		this.moments = schedule(rows.map((row) => recording.time(row)), pace);
		this.ownOffer = this.#offer(this.own);
		this.peerOffer = this.#offer(this.peer);
		const scales = this.ownOffer?.scale !== -1 && this.peerOffer?.scale !== -1;
		this.ownScale = scales ? this.ownOffer?.scale ?? 0 : 0;
		this.peerScale = scales ? this.peerOffer?.scale ?? GUESSED_SCALE : 0;
		const stamps = this.#firstStamps();
		this.peerHasTimestamps = stamps !== undefined;
		this.peerStamp = stamps ?? 0;
		this.acknowledgesAll = conversation.sent[this.peer] === 0;
		this.accepts = conversation.hasSyn[this.own] || conversation.sent[this.own] === 0 || !this.#refuses();
		this.#weave();
		const resets = this.#lay();
		this.ownResets = resets.own >= 0;
		this.peerResets = resets.peer >= 0;
		this.script = this.#direct(resets.own);
		this.#count();
	}

	/** The first SYN of an end. */
	#offer(end: 0 | 1): SynOffer | undefined {
		const { recording, conversation } = this;
		const row = conversation.rows.find((one) => recording.end(one) === end && (recording.flags(one) & SYN) !== 0);
		if (row === undefined) return undefined;
		const option = (kind: number, span: number): number => this.optionAt(row, kind, span);
		const { u8 } = recording.slabs.slabs[recording.slab(row)]!;
		const mss = option(OPTION_MSS, 4), scale = option(OPTION_WINDOW_SCALE, 3);
		return {
			mss: mss < 0 ? 0 : get16(u8, mss + 2), scale: scale < 0 ? -1 : Math.min(MAX_SCALE, u8[scale + 2]!),
			sack: option(OPTION_SACK_PERMITTED, 2) >= 0, timestamps: option(OPTION_TIMESTAMPS, 10) >= 0,
		};
	}

	/** Where in its slab an option of a segment begins; −1 where it has none. */
	optionAt(row: number, kind: number, span: number): number {
		const { recording } = this;
		return findOption(recording.slabs.slabs[recording.slab(row)]!.u8, recording.at(row) + TCP_HEADER, recording.header(row) - TCP_HEADER, kind, span);
	}

	/** Whether a segment reports ranges received out of order. */
	hasSack(row: number): boolean { return this.recording.header(row) > TCP_HEADER + 8 && this.optionAt(row, OPTION_SACK, 0) >= 0; }

	/** TSval of the peer's first segment behind the handshake; undefined where it has none. */
	#firstStamps(): number | undefined {
		const { recording, conversation, peer } = this;
		const row = conversation.rows.find((one) => recording.end(one) === peer && (recording.flags(one) & (SYN | RST)) === 0);
		if (row === undefined) return this.peerOffer?.timestamps === true ? 0 : undefined;
		const at = this.optionAt(row, OPTION_TIMESTAMPS, 10);
		return at < 0 ? undefined : get32(recording.slabs.slabs[recording.slab(row)]!.u8, at + 2);
	}

	/** Our side sent nothing but resets. */
	#refuses(): boolean {
		const { recording, conversation, own } = this;
		return conversation.rows.every((row) => recording.end(row) !== own || (recording.flags(row) & RST) !== 0);
	}

	/** Puts the bytes of both sides in order. */
	#weave(): void {
		const { recording, conversation, own, written, read } = this;
		const { rows, seq, ack } = conversation;
		for (let k = 0; k < rows.length; k++) {
			const row = rows[k]!, flags = recording.flags(row);
			const [mine, other] = recording.end(row) === own ? [written, read] : [read, written];
			const from = dataPlace(seq[k]!, flags), to = from + recording.length(row);
			// What follows a reset's header is no data, but perhaps why it was sent (RFC 9293 §3.10.7.4, RFC 1122 §4.2.2.12).
			if ((flags & RST) !== 0) continue;
			mine.noteData(from, to, (flags & FIN) !== 0);
			if (ack[k]! > 0) other.noteAck(ack[k]!);
		}
		written.settle();
		read.settle();
		for (let k = 0; k < rows.length; k++) {
			const row = rows[k]!, flags = recording.flags(row);
			const [mine, other] = recording.end(row) === own ? [written, read] : [read, written];
			const from = dataPlace(seq[k]!, flags), length = recording.length(row);
			if ((flags & RST) !== 0) continue;
			if (ack[k]! > 0) other.takeAck(k, ack[k]!);
			if (length > 0) mine.takeData(k, from, length, recording.captured(row), recording.slab(row), recording.at(row) + recording.header(row));
			if ((flags & FIN) !== 0) mine.takeFin(k, from + length);
		}
	}

	/** Lays out the peer's steps; returns where each side's reset has its place: −1 where it has none, and behind all segments where it was held back. */
	#lay(): { own: number; peer: number } {
		const { recording, conversation, peer, read, written, policies } = this;
		const { rows, sent, hasSyn } = conversation;
		const news = Math.max(read.when.at(-1) ?? -1, written.when.at(-1) ?? -1, read.finWhen, written.finWhen);
		const resets = { own: -1, peer: -1 };
		if (!hasSyn[peer]) this.#open();
		let piece = 0;
		for (let k = 0; k < rows.length; k++) {
			for (; piece < read.when.length && read.when[piece]! <= k; piece++) {
				if (read.slab[piece] === UNKNOWN && !this.#isCutPiece(piece, k)) this.#step(FILL, k, read.from[piece]!, read.to[piece]!);
			}
			const row = rows[k]!, isPeer = recording.end(row) === peer;
			if ((recording.flags(row) & RST) !== 0) {
				const early = k < news;
				if (early) policies.resetsHeld++;
				if (!isPeer) resets.own = early ? rows.length : k;
				else if (early) resets.peer = rows.length + k;
				else resets.peer = k;
				if (early) continue;
			}
			const isOther = (recording.flags(row) & SYN) !== 0 && recording.seq(row) !== conversation.isn[peer];
			if (isPeer && isOther) policies.synsSkipped++;
			else if (isPeer) this.#step(PLAY, k, 0, 0);
		}
		if (resets.peer >= rows.length) this.#step(PLAY, resets.peer - rows.length, 0, 0);
		if (sent[0] === 0 || sent[1] === 0) policies.oneSided = 1;
		return resets;
	}

	/** Unknown bytes of a segment that is played go with it. */
	#isCutPiece(piece: number, k: number): boolean {
		const { recording, conversation, read } = this;
		const row = conversation.rows[k]!;
		if (recording.end(row) !== this.peer || recording.length(row) === recording.captured(row)) return false;
		const from = dataPlace(conversation.seq[k]!, recording.flags(row));
		return read.from[piece]! >= from && read.to[piece]! <= from + recording.length(row);
	}

	#step(kind: number, k: number, from: number, to: number): void {
		this.kinds.push(kind);
		this.segments.push(k);
		this.from.push(from);
		this.to.push(to);
	}

	#open(): void {
		if (this.conversation.sent[this.own] > 0 && this.#refuses()) return;
		this.policies.missingSyn = 1;
		this.#step(OPEN, 0, 0, 0);
		if (this.side === 'server') this.#step(GREET, 0, 0, 0);
	}

	/** What the application does. */
	#direct(reset: number): Script {
		const { recording, conversation, own, written, read, moments } = this;
		const { rows, ack } = conversation;
		const count = written.from.length + (written.hasFin ? 1 : 0) + (reset >= 0 ? 1 : 0);
		const kinds = new Uint8Array(count), times = new Float64Array(count), reads = new Float64Array(count), lengths = new Float64Array(count);
		const slabOf = new Int32Array(count), places = new Int32Array(count);
		let k = 0, had = 0, item = 0;
		/** what it had been sent by the time of a segment, as it said itself */
		const readBy = (when: number): number => {
			for (; k < rows.length && k <= when; k++) if (recording.end(rows[k]!) === own && ack[k]! > had && ack[k]! <= read.acked) had = Math.min(ack[k]!, read.end);
			return had;
		};
		const add = (kind: number, when: number, piece: number): void => {
			kinds[item] = kind;
			times[item] = moments[Math.min(when, rows.length - 1)] ?? 0;
			reads[item] = readBy(when);
			lengths[item] = piece < 0 ? 0 : written.to[piece]! - written.from[piece]!;
			slabOf[item] = piece < 0 ? UNKNOWN : written.slab[piece]!;
			places[item] = piece < 0 ? 0 : written.at[piece]!;
			item++;
		};
		for (let piece = 0; piece < written.from.length; piece++) add(WRITE, written.when[piece]!, piece);
		if (written.hasFin) add(CLOSE, written.finWhen, -1);
		if (reset >= 0) {
			add(ABORT, reset, -1);
			reads[item - 1] = read.end;
		}
		const listens = this.side === 'server' ? this.ownPort : 0;
		return {
			listens, address: '', port: this.peerPort, localPort: this.ownPort, openAt: this.#openAt(),
			kinds, times, reads, lengths, slabOf, places, slabs: recording.slabs.slabs,
		};
	}

	/** The moment at which our side's connection is open: the peer's ACK of its SYN. */
	#openAt(): number {
		const { recording, conversation, peer, moments } = this;
		const k = conversation.rows.findIndex((row) => recording.end(row) === peer && (recording.flags(row) & ACK) !== 0 && (recording.flags(row) & RST) === 0);
		return moments[Math.max(0, k)] ?? 0;
	}

	#count(): void {
		const { recording, conversation, peer, policies, read, written } = this;
		for (const row of conversation.rows) {
			const length = recording.length(row);
			if (recording.isDamaged(row)) policies.badChecksums++;
			if (length > LONGEST) policies.oversize++;
			if (recording.captured(row) < length) policies.cutFrames++;
			if (recording.end(row) !== peer || (recording.flags(row) & FIN) === 0) continue;
			// Counted here, done where the segment is played.
			if (!this.keepsFin(row)) policies.finsDropped++;
		}
		policies.zeroFilled = zerosOf(read) + zerosOf(written);
		policies.repeated = read.repeated;
		policies.overlapping = read.overlapping;
		if (this.peerOffer?.timestamps === true && !this.peerHasTimestamps) policies.timestampsWithheld = 1;
	}

	/** Whether a FIN of the peer's stands behind its last byte. */
	keepsFin(row: number): boolean {
		const { recording, conversation, peer, read } = this;
		const behind = recording.seq(row) + recording.length(row) + ((recording.flags(row) & SYN) !== 0 ? 1 : 0);
		return ((behind - conversation.isn[peer] - 1 - read.end) | 0) >= 0;
	}
}

function zerosOf(strand: Strand): number {
	let zeros = 0;
	for (let piece = 0; piece < strand.from.length; piece++) if (strand.slab[piece] === UNKNOWN) zeros += strand.to[piece]! - strand.from[piece]!;
	return zeros;
}
