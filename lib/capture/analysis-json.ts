import { flagNames } from './analysis-flag.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';
import { encodeUtf8 } from './utf8.ts';

/** Rows are handed on in pieces of about this many bytes. */
const PIECE = 64 * 1024;
/** No row is longer. */
const MAX_ROW = 512;
/** Eight bytes of text as a double, to be written in one store; none of these is a NaN, whose bits need not last. */
function eight(text: string): number {
	return new DataView(encodeUtf8(text).buffer).getFloat64(0);
}
const FRAME = eight('\n{"frame');
const STREAM = eight(',"stream');
const FLAGS = eight(',"flags"');
/** `":` */
const QUOTE_COLON = 0x223a;
const COLON = 0x3a;
const NULL = encodeUtf8('null');
const COMMA = 0x2c;
const CLOSING = 0x7d;
const ZERO = 0x30;
const INT32 = 0x7fff_ffff;

/**
 * The whole analysis as one JSON object, made in pieces as the capture comes:
 * {frames: [{frame, stream, flags}], streams: [StreamReport], skipped, errors}.
 */
export class AnalysisJson {
	#analysis: CaptureAnalysis;
	#stream: number | undefined;
	#take: (piece: Uint8Array | string) => void;
	#bytes: Uint8Array = new Uint8Array(PIECE + MAX_ROW);
	#view: DataView = new DataView(this.#bytes.buffer);
	#at: number = 0;
	#rows: number = 0;
	/** of each set of flags, how it is written: there are few different ones */
	#flags: Map<number, Uint8Array> = new Map();
	/** the row before had these, and most have the same */
	#lastFlags: number = 0;
	#lastText: Uint8Array = encodeUtf8('[]');

	/**
	 * @param stream  rows and report of this stream alone; undefined for all
	 * @param take    gets the text, or UTF-8 that is its own
	 */
	constructor(analysis: CaptureAnalysis, stream: number | undefined, take: (piece: Uint8Array | string) => void) {
		this.#analysis = analysis;
		this.#stream = stream;
		this.#take = take;
	}

	begin(): void {
		this.#take('{"frames":[');
	}

	/** Writes the row of the frame that the analysis stands at. */
	row(): void {
		const { frame, stream, flags } = this.#analysis;
		if (this.#stream !== undefined && this.#stream !== stream) return;
		if (this.#rows++ > 0) this.#bytes[this.#at++] = COMMA;
		this.#key(FRAME);
		this.#number(frame);
		this.#key(STREAM);
		if (stream < 0) this.#text(NULL);
		else this.#number(stream);
		this.#view.setFloat64(this.#at, FLAGS);
		this.#bytes[this.#at + 8] = COLON;
		this.#at += 9;
		this.#text(this.#flagsText(flags));
		this.#bytes[this.#at++] = CLOSING;
		if (this.#at >= PIECE) this.#flush();
	}

	/** The rest, once the capture has ended; `errors` as they are to stand there. */
	*end(errors: readonly { readonly code: string; readonly offset: number; readonly message: string }[]): Generator<string> {
		this.#flush();
		yield '\n],"streams":[';
		let comma = '\n';
		for (const report of this.#analysis.streams()) {
			if (this.#stream !== undefined && this.#stream !== report.stream) continue;
			yield comma + JSON.stringify(report);
			comma = ',\n';
		}
		const rest = errors.map(({ code, offset, message }) => ({ code, offset, message }));
		yield `\n],"skipped":${JSON.stringify(this.#analysis.skipped)},"errors":${JSON.stringify(rest)}}\n`;
	}

	#flagsText(flags: number): Uint8Array {
		if (flags !== this.#lastFlags) {
			this.#lastFlags = flags;
			this.#lastText = this.#written(flags);
		}
		return this.#lastText;
	}

	#written(flags: number): Uint8Array {
		let text = this.#flags.get(flags);
		if (text === undefined) {
			text = encodeUtf8(JSON.stringify(flagNames(flags)));
			this.#flags.set(flags, text);
		}
		return text;
	}

	/** A key of eight bytes, its closing quote and a colon. */
	#key(text: number): void {
		this.#view.setFloat64(this.#at, text);
		this.#view.setUint16(this.#at + 8, QUOTE_COLON);
		this.#at += 10;
	}

	#text(text: Uint8Array): void {
		const bytes = this.#bytes, at = this.#at;
		for (let i = 0; i < text.length; i++) bytes[at + i] = text[i]!;
		this.#at = at + text.length;
	}

	/** A whole number ≥ 0, in decimal. */
	#number(value: number): void {
		const bytes = this.#bytes;
		let digits = 1;
		for (let limit = 10; limit <= value; limit *= 10) digits++;
		let rest = value;
		let at = this.#at + digits;
		this.#at = at;
		// Beyond 31 bits a division is one of doubles.
		for (; rest > INT32; digits--) {
			const next = Math.floor(rest / 10);
			bytes[--at] = ZERO + (rest - next * 10);
			rest = next;
		}
		for (let left = rest | 0; digits > 0; digits--) {
			const next = (left / 10) | 0;
			bytes[--at] = ZERO + ((left - next * 10) | 0);
			left = next;
		}
	}

	#flush(): void {
		if (this.#at > 0) this.#take(this.#bytes.slice(0, this.#at));
		this.#at = 0;
	}
}
