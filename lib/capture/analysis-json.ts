import { flagNames } from './analysis-flag.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';

const texts = new Map<number, string>();

/** The flags of a row as JSON; there are few different sets of them. */
function flagsText(flags: number): string {
	let text = texts.get(flags);
	if (text === undefined) {
		text = JSON.stringify(flagNames(flags));
		texts.set(flags, text);
	}
	return text;
}

/**
 * The whole analysis as one JSON object, made in pieces as the capture comes:
 * {frames: [{frame, stream, flags}], streams: [StreamReport], skipped, errors}.
 */
export class AnalysisJson {
	#analysis: CaptureAnalysis;
	#rows: number = 0;
	#stream: number | undefined;

	/** @param stream  rows and report of this stream alone; undefined for all */
	constructor(analysis: CaptureAnalysis, stream: number | undefined) {
		this.#analysis = analysis;
		this.#stream = stream;
	}

	begin(): string {
		return '{"frames":[';
	}

	/** The row of the frame that the analysis stands at. */
	row(): string {
		const { frame, stream, flags } = this.#analysis;
		if (this.#stream !== undefined && this.#stream !== stream) return '';
		const comma = this.#rows++ === 0 ? '\n' : ',\n';
		return `${comma}{"frame":${frame},"stream":${stream < 0 ? 'null' : stream},"flags":${flagsText(flags)}}`;
	}

	/** The rest, once the capture has ended; `errors` as they are to stand there. */
	*end(errors: readonly { readonly code: string; readonly offset: number; readonly message: string }[]): Generator<string> {
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
}
