import { ACK, FIN, RST, SYN } from '../../wire/tcp.ts';
import type { Recording } from './recording.ts';

/** Below this a port is a server's, where no SYN says so. */
const FIRST_USER_PORT = 1024;
/** A number that jumps further than this is not believed to be the next one's neighbour. */
const FARTHEST = 0x400_0000;

/** Which ports the two ends have. */
export interface EndPorts { readonly 0: number; readonly 1: number }

/**
 * One stream with its numbers made relative: places in the data of the side
 * that sent them, 0 the first byte, −1 the SYN, one more than the last byte
 * behind the FIN. They are doubles: a stream may be longer than 4 GiB.
 */
export class Conversation {
	readonly stream: number;
	/** rows of the recording, in the order of capture */
	readonly rows: readonly number[];
	/** of each segment: its SEG.SEQ as a place in its sender's data */
	readonly seq: Float64Array;
	/** of each segment: its SEG.ACK as a place in the other side's data; NaN where it has none */
	readonly ack: Float64Array;
	/** of each end: initial sequence number, as int32 */
	readonly isn: [number, number] = [0, 0];
	/** of each end: segments */
	readonly sent: [number, number] = [0, 0];
	/** of each end: whether its SYN was captured */
	readonly hasSyn: [boolean, boolean] = [false, false];
	/** which end opened the connection */
	readonly client: 0 | 1;
	/** whether that is a guess: no SYN was captured */
	readonly isGuess: boolean;

	constructor(recording: Recording, stream: number, ports: EndPorts) {
		this.stream = stream;
		this.rows = recording.rowsOf(stream);
		this.seq = new Float64Array(this.rows.length);
		this.ack = new Float64Array(this.rows.length);
		let opener = -1;
		for (const row of this.rows) {
			const end = recording.end(row) as 0 | 1, flags = recording.flags(row);
			this.sent[end]++;
			if ((flags & SYN) === 0) continue;
			this.hasSyn[end] = true;
			if (opener < 0) opener = (flags & ACK) === 0 ? end : end ^ 1;
		}
		this.isGuess = opener < 0;
		this.client = (opener >= 0 ? opener : this.#guess(recording, ports)) as 0 | 1;
		this.isn[0] = this.#isnOf(recording, 0);
		this.isn[1] = this.#isnOf(recording, 1);
		this.#relate(recording);
	}

	/** Without a SYN a well-known port is the server's, else who speaks first is the client. */
	#guess(recording: Recording, ports: EndPorts): number {
		const known0 = ports[0] < FIRST_USER_PORT, known1 = ports[1] < FIRST_USER_PORT;
		if (known0 !== known1) return known0 ? 1 : 0;
		return recording.end(this.rows[0]!);
	}

	/** From the SYN; of several the one that was acknowledged. Else one below the first number seen, or acknowledged. */
	#isnOf(recording: Recording, end: 0 | 1): number {
		const syns = new Set<number>();
		let first: number | undefined, acked: number | undefined, answered: number | undefined;
		for (const row of this.rows) {
			const flags = recording.flags(row);
			if (recording.end(row) === end) {
				if ((flags & SYN) !== 0) syns.add(recording.seq(row));
				else if ((flags & RST) === 0) first ??= (recording.seq(row) - 1) | 0;
			} else if ((flags & ACK) !== 0 && (flags & RST) === 0) {
				const isn = (recording.ack(row) - 1) | 0;
				acked ??= isn;
				if ((flags & SYN) !== 0) answered ??= isn;
				if (syns.size > 1 && syns.has(isn)) return isn;
			}
		}
		return [...syns][0] ?? answered ?? first ?? acked ?? 0;
	}

	#relate(recording: Recording): void {
		const near = [0, 0];
		for (let k = 0; k < this.rows.length; k++) {
			const row = this.rows[k]!;
			const end = recording.end(row) as 0 | 1, flags = recording.flags(row);
			const seq = placeOf(recording.seq(row), this.isn[end], near[end]!);
			this.seq[k] = seq;
			const behind = seq + recording.length(row) + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
			if (behind > near[end]! && behind - near[end]! < FARTHEST) near[end] = behind;
			const other = (end ^ 1) as 0 | 1;
			this.ack[k] = (flags & ACK) === 0 ? NaN : placeOf(recording.ack(row), this.isn[other], near[other]!);
		}
	}
}

/** The place a sequence number stands for: the one nearest to `near` (RFC 9293 §3.4, modulo 2³²). */
export function placeOf(number: number, isn: number, near: number): number {
	return near + ((number - isn - 1 - (near | 0)) | 0);
}

/** Where a segment's data begins: the SYN has a number, too. */
export function dataPlace(seq: number, flags: number): number {
	return (flags & SYN) !== 0 ? seq + 1 : seq;
}
