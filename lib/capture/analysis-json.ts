import { flagNames } from './analysis-flag.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';
import { encodeUtf8 } from './utf8.ts';

/** Rows are handed on in pieces of about this many bytes. */
const PIECE = 64 * 1024;
/** No row is longer. */
const MAX_ROW = 512;
const FRAME = encodeUtf8('{"frame":');
const STREAM = encodeUtf8(',"stream":');
const FLAGS = encodeUtf8(',"flags":');
const NULL = encodeUtf8('null');
const COMMA = 0x2c;
const NEW_LINE = 0x0a;
const CLOSING = 0x7d;
const ZERO = 0x30;

/**
 * The whole analysis as one JSON object, made in pieces as the capture comes:
 * {frames: [{frame, stream, flags}], streams: [StreamReport], skipped, errors}.
 */
export class AnalysisJson {
	#analysis: CaptureAnalysis;
	#stream: number | undefined;
	#take: (piece: Uint8Array | string) => void;
	#bytes: Uint8Array = new Uint8Array(PIECE + MAX_ROW);
	#at: number = 0;
	#rows: number = 0;
	/** of each set of flags, how it is written: there are few different ones */
	#flags: Map<number, Uint8Array> = new Map();

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
		this.#bytes[this.#at++] = NEW_LINE;
		this.#text(FRAME);
		this.#number(frame);
		this.#text(STREAM);
		if (stream < 0) this.#text(NULL);
		else this.#number(stream);
		this.#text(FLAGS);
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
		let text = this.#flags.get(flags);
		if (text === undefined) {
			text = encodeUtf8(JSON.stringify(flagNames(flags)));
			this.#flags.set(flags, text);
		}
		return text;
	}

	#text(text: Uint8Array): void {
		for (let i = 0; i < text.length; i++) this.#bytes[this.#at + i] = text[i]!;
		this.#at += text.length;
	}

	/** A whole number ≥ 0, in decimal. */
	#number(value: number): void {
		let digits = 1;
		for (let limit = 10; limit <= value; limit *= 10) digits++;
		let rest = value;
		for (let i = this.#at + digits - 1; i >= this.#at; i--) {
			const next = Math.floor(rest / 10);
			this.#bytes[i] = ZERO + (rest - next * 10);
			rest = next;
		}
		this.#at += digits;
	}

	#flush(): void {
		if (this.#at > 0) this.#take(this.#bytes.slice(0, this.#at));
		this.#at = 0;
	}
}
