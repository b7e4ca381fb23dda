import { get16, get32 } from '../wire/bytes.ts';
import {
	OPTION_END, OPTION_FAST_OPEN, OPTION_MSS, OPTION_NOP, OPTION_SACK, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_WINDOW_SCALE, TCP_HEADER,
} from '../wire/tcp.ts';
import type { Segment } from './segment.ts';

/** Two NOPs and timestamps: what most segments carry, and nothing else. */
const NOP_NOP_TIMESTAMPS = 0x0101_080a;
const MAX_BLOCKS = 4;

/** The TCP options of a captured segment; one object, filled again and again. */
export class SegmentOptions {
	/** −1 where it is not there */
	mss: number = -1;
	windowScale: number = -1;
	sackPermitted: boolean = false;
	fastOpen: boolean = false;
	hasTimestamps: boolean = false;
	/** as int32 */
	tsVal: number = 0;
	tsEcr: number = 0;
	sackCount: number = 0;
	/** left and right edges of the SACK blocks, as int32 */
	readonly edges: Int32Array = new Int32Array(MAX_BLOCKS * 2);

	/** Reads what a segment carries (RFC 9293 §3.1); what follows a wrong length cannot be found. */
	read(segment: Segment): void {
		this.mss = -1;
		this.windowScale = -1;
		this.sackPermitted = false;
		this.fastOpen = false;
		this.hasTimestamps = false;
		this.sackCount = 0;
		const { bytes, optionsLength } = segment;
		const at = segment.at + TCP_HEADER;
		if (optionsLength === 0) return;
		if (optionsLength === 12 && get32(bytes, at) === NOP_NOP_TIMESTAMPS) {
			this.#timestamps(bytes, at + 2);
			return;
		}
		const end = at + optionsLength;
		for (let next = at; next < end;) {
			const kind = bytes[next]!;
			if (kind === OPTION_END) return;
			if (kind === OPTION_NOP) { next++; continue; }
			const length = next + 1 < end ? bytes[next + 1]! : 0;
			if (length < 2 || next + length > end) return;
			this.#option(bytes, next, kind, length);
			next += length;
		}
	}

	#option(bytes: Uint8Array, at: number, kind: number, length: number): void {
		if (kind === OPTION_MSS && length === 4) this.mss = get16(bytes, at + 2);
		else if (kind === OPTION_WINDOW_SCALE && length === 3) this.windowScale = bytes[at + 2]!;
		else if (kind === OPTION_SACK_PERMITTED) this.sackPermitted = true;
		else if (kind === OPTION_FAST_OPEN) this.fastOpen = true;
		else if (kind === OPTION_TIMESTAMPS && length === 10) this.#timestamps(bytes, at);
		else if (kind === OPTION_SACK) this.#sack(bytes, at, length);
	}

	#timestamps(bytes: Uint8Array, at: number): void {
		this.hasTimestamps = true;
		this.tsVal = get32(bytes, at + 2);
		this.tsEcr = get32(bytes, at + 6);
	}

	#sack(bytes: Uint8Array, at: number, length: number): void {
		this.sackCount = Math.min((length - 2) >> 3, MAX_BLOCKS);
		for (let i = 0; i < this.sackCount * 2; i++) this.edges[i] = get32(bytes, at + 2 + i * 4);
	}
}
