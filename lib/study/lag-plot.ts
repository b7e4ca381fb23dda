import type { Line, Span } from './ladder.ts';
import type { Run } from './run.ts';
import { durationText } from './failover.ts';

/** How far a backup was behind at a moment, until the next one. */
export interface Lag {
	/** µs */
	readonly time: number;
	/** entries logged that it had not executed */
	readonly entries: number;
	/** how long ago the oldest of them was logged, µs, at this moment */
	readonly age: number;
}

/**
 * How far the backup was behind the primary at every moment at which that
 * changed: entries logged there, less entries executed here, until it took over or ended.
 */
export function lagOf(run: Run): Lag[] {
	const loggedAt = new Map<number, number>();
	const lags: Lag[] = [];
	let logged = 0, executed = 0;
	for (const event of run.trace) {
		const { kind, place, time } = event;
		const isOver = place === 'backup' && (kind === 'tookOver' || kind === 'crashed' || kind === 'halted');
		if (event.kind === 'entryLogged' && event.place === 'primary') {
			logged = event.entry;
			loggedAt.set(logged, event.time);
		} else if (event.kind === 'entryExecuted' && event.place === 'backup') executed = event.entry;
		else if (isOver) executed = logged;
		else continue;
		const next = { time, entries: Math.max(0, logged - executed), age: logged > executed ? time - (loggedAt.get(executed + 1) ?? time) : 0 };
		if (lags.at(-1)?.time === time) lags.pop();
		lags.push(next);
		if (isOver) break;
	}
	return lags;
}

/** What a plot of the lag is to show. */
export interface LagPlotOptions {
	/** columns and rows of the plot without its axes; default 72 and 8 */
	readonly width?: number;
	readonly height?: number;
	/** from and until when, µs; default: as long as something changes */
	readonly from?: number;
	readonly until?: number;
	/** lags to draw a line at, with what they are */
	readonly marks?: readonly { readonly entries: number; readonly text: string }[];
	/** moments to point at, with what happens then */
	readonly moments?: readonly { readonly time: number; readonly mark: string; readonly text: string }[];
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█';
const MARGIN = 8;

/** The most lag of each column. */
function columnsOf(lags: readonly Lag[], from: number, until: number, width: number): number[] {
	const columns = Array.from({ length: width }, () => 0);
	const columnAt = (time: number): number => Math.floor(((time - from) * width) / (until - from));
	for (const [i, { time, entries }] of lags.entries()) {
		const first = Math.max(0, columnAt(time)), last = Math.min(width - 1, columnAt(lags[i + 1]?.time ?? time));
		for (let column = first; column <= last; column++) columns[column] = Math.max(columns[column]!, entries);
	}
	return columns;
}

/** Draws the lag over time, for a terminal: entries upwards, time to the right. */
export function lagPlot(run: Run, options: LagPlotOptions = {}): Line[] {
	const { width = 72, height = 8, marks = [], moments = [] } = options;
	const lags = lagOf(run);
	const { from = lags[0]?.time ?? 0, until = Math.max((lags.at(-1)?.time ?? 0) + 1, (options.from ?? 0) + 1) } = options;
	const columns = columnsOf(lags, from, until, width);
	const top = Math.max(1, ...columns, ...marks.map(({ entries }) => entries));
	const lines: Line[] = [];
	for (let row = height - 1; row >= 0; row--) {
		const mark = marks.find(({ entries }) => Math.min(height - 1, Math.floor((entries * height) / top)) === row);
		const label = row === height - 1 ? String(top) : row === 0 ? '0' : mark === undefined ? '' : String(mark.entries);
		lines.push([
			{ text: `${label.padStart(MARGIN - 2)} ┤`, tone: 'faint' },
			...rowOf(columns, row, height, top, mark !== undefined),
			...(mark === undefined ? [] : [{ text: ` ${mark.text}`, tone: 'faint' } as const]),
		]);
	}
	return [...lines, ...axis(from, until, width), ...pointers(moments, from, until, width)];
}

function rowOf(columns: readonly number[], row: number, height: number, top: number, isMarked: boolean): Span[] {
	const text = columns.map((entries) => {
		const eighths = Math.max(0, Math.min(8, Math.round((entries * height * 8) / top) - row * 8));
		// Something that is there is seen, however little it is.
		const shown = row === 0 && entries > 0 ? Math.max(1, eighths) : eighths;
		return shown === 0 && isMarked ? '┄' : EIGHTHS[shown]!;
	}).join('');
	return [{ text: text.trimEnd(), tone: 'first' }];
}

function axis(from: number, until: number, width: number): Line[] {
	const left = durationText(Math.round(from)), right = durationText(Math.round(until));
	return [
		[{ text: `${' '.repeat(MARGIN - 1)}└${'─'.repeat(width)}`, tone: 'faint' }],
		[{ text: `${' '.repeat(MARGIN)}${left}${' '.repeat(Math.max(1, width - left.length - right.length))}${right}`, tone: 'faint' }],
	];
}

/** A line for each moment, pointing at its column. */
function pointers(moments: readonly { readonly time: number; readonly mark: string; readonly text: string }[], from: number, until: number, width: number): Line[] {
	return moments.filter(({ time }) => time >= from && time <= until).map(({ time, mark, text }): Line => {
		const column = Math.min(width - 1, Math.floor(((time - from) * width) / (until - from)));
		const words = `${durationText(time)}  ${text}`;
		const isRight = column + 2 + words.length <= width + 16;
		return [{ text: isRight ? `${' '.repeat(MARGIN + column)}${mark} ${words}` : `${' '.repeat(Math.max(0, MARGIN + column - words.length - 1))}${words} ${mark}`, tone: 'faint' }];
	});
}
