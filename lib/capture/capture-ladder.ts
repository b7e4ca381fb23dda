import { PSH, ACK } from '../wire/tcp.ts';
import { flagNames } from './analysis-flag.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';
import { segmentText } from './segment-text.ts';

const ARROW = 50;
/** From this many plain data segments in a row on, the middle ones are told in one line. */
const FOLD = 4;

/** One line of the ladder. */
export interface LadderLine {
	readonly text: string;
	/** it shows a frame with flags */
	readonly isFlagged: boolean;
}

/**
 * A ladder diagram of what was captured: one arrow a segment, the client on
 * the left. Arrows are level: a capture knows one place, not two.
 */
export class CaptureLadder {
	#analysis: CaptureAnalysis;
	#stream: number | undefined;
	#folded: LadderLine[] = [];
	#foldedFlow: number = -1;
	#foldedFrames: number = 0;
	#foldedBytes: number = 0;
	#shown: Set<number> = new Set();

	/** @param stream  this stream alone; undefined for all */
	constructor(analysis: CaptureAnalysis, stream: number | undefined) {
		this.#analysis = analysis;
		this.#stream = stream;
	}

	/** Takes the frame that the analysis stands at; returns the lines that are due. */
	take(): LadderLine[] {
		const analysis = this.#analysis;
		const { stream, flow, segment } = analysis;
		if (stream < 0 || (this.#stream !== undefined && stream !== this.#stream)) return [];
		const line = { text: this.#arrow(), isFlagged: analysis.flags !== 0 };
		const isPlain = analysis.flags === 0 && segment.length > 0 && (segment.flags & ~(PSH | ACK)) === 0;
		const goesOn = isPlain && flow === this.#foldedFlow && this.#foldedFrames > 0;
		const due = goesOn ? [] : this.end();
		due.push(...this.#title(stream));
		if (!isPlain) return [...due, line];
		this.#foldedFlow = flow;
		this.#foldedFrames++;
		this.#foldedBytes += segment.length;
		// Only the ends of a long run are shown: its middle need not be kept.
		if (this.#folded.length > FOLD) this.#folded[FOLD] = line;
		else this.#folded.push(line);
		return due;
	}

	/** The lines that were held back. */
	end(): LadderLine[] {
		const lines = this.#folded;
		const hidden = this.#foldedFrames - 2;
		const bytes = this.#foldedBytes;
		const arrow = this.#isToServer(this.#foldedFlow) ? '▶' : '◀';
		this.#folded = [];
		this.#foldedFrames = 0;
		this.#foldedBytes = 0;
		const first = lines[0];
		const last = lines.at(-1);
		if (first === undefined || last === undefined || lines.length <= FOLD) return lines;
		return [first, { text: `${' '.repeat(29)}⋮ ${arrow} ${hidden} more like these, ${bytes} bytes in all`, isFlagged: false }, last];
	}

	/** Names both ends where a stream appears for the first time. */
	#title(stream: number): LadderLine[] {
		if (this.#shown.has(stream)) return [];
		this.#shown.add(stream);
		const { endpoints } = this.#analysis;
		const client = this.#analysis.clientEnd(stream);
		const [left, right] = [endpoints.endpoint(stream, client), endpoints.endpoint(stream, 1 - client)];
		return [{ text: `stream ${stream}: ${left.address} port ${left.port} on the left, ${right.address} port ${right.port} on the right`, isFlagged: false }];
	}

	#isToServer(flow: number): boolean {
		return flow >= 0 && (flow & 1) === this.#analysis.clientEnd(flow >> 1);
	}

	#arrow(): string {
		const analysis = this.#analysis;
		const text = segmentText(analysis);
		const shaft = '─'.repeat(Math.max(1, ARROW - text.length - 4));
		const arrow = this.#isToServer(analysis.flow) ? `│─ ${text} ${shaft}▶│` : `│◀${shaft} ${text} ─│`;
		const place = `${String(analysis.frame).padStart(7)} ${(analysis.segment.time / 1e9).toFixed(6).padStart(14)} ${`#${analysis.stream}`.padStart(5)}`;
		const flags = flagNames(analysis.flags).join(' ');
		return `${place} ${arrow}${flags === '' ? '' : ` ${flags}`}`;
	}
}
