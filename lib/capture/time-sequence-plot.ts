import { ACK, FIN, RST, SYN } from '../wire/tcp.ts';
import { DUPLICATE_ACK, OUT_OF_ORDER, RETRANSMISSION, ZERO_WINDOW } from './analysis-flag.ts';
import type { CaptureAnalysis } from './capture-analysis.ts';
import { axisTicks, formatBytes, formatTime } from './plot-axis.ts';

const WIDTH = 1200;
const PANEL = 420;
const LEFT = 90;
const RIGHT = 30;
const TOP = 64;
const GAP = 70;
const LEGEND = 84;
/** The window is drawn while it makes the picture no more than so many times as tall. */
const MAX_STRETCH = 3;
/** More marks than this would make a picture that no viewer opens. */
const MAX_MARKS = 200_000;

/** Kinds of marks, in drawing order, with their colour and what the legend says. */
const styles = {
	window: ['#e69f00', 'window: ACK + receive window'],
	ack: ['#009e73', 'ACK'],
	sack: ['#9b30ff', 'SACK block'],
	data: ['#222222', 'data segment'],
	reordered: ['#0072b2', 'out of order (O)'],
	repeated: ['#d62728', 'retransmission (R)'],
	control: ['#8c564b', 'SYN, FIN, RST'],
	duplicate: ['#56b4e9', 'duplicate ACK (D), zero window (Z)'],
} as const;

type Kind = keyof typeof styles;
const kinds = Object.keys(styles) as Kind[];

interface Mark {
	readonly kind: Kind;
	/** ns */
	readonly time: number;
	/** relative sequence numbers, unwrapped */
	readonly from: number;
	readonly to: number;
	readonly letter: string;
}

/** One direction: what was sent that way, and what came back for it. */
class Panel {
	readonly marks: Mark[] = [];
	/** steps of the ACK and the window line: time and sequence, by turns */
	readonly acks: number[] = [];
	readonly windows: number[] = [];
	low: number = Number.POSITIVE_INFINITY;
	high: number = Number.NEGATIVE_INFINITY;
	windowHigh: number = Number.NEGATIVE_INFINITY;
	#base: number | undefined = undefined;
	#last: number = 0;

	/** A sequence number as a distance from the first, over any number of times 2³². */
	unwrap(seq: number, base: number): number {
		this.#base ??= base;
		const near = this.#last + ((seq - this.#base - this.#last) | 0);
		return near;
	}

	/** Keeps the place that later numbers are near to. */
	reach(place: number): void {
		if (place > this.#last) this.#last = place;
		this.low = Math.min(this.low, place);
		this.high = Math.max(this.high, place);
	}

	add(kind: Kind, time: number, from: number, to: number, letter: string): void {
		if (this.marks.length < MAX_MARKS) this.marks.push({ kind, time, from, to, letter });
	}
}

/**
 * The time-sequence graph of one connection, in the manner of tcptrace: data
 * as I-beams, the receiver's ACKs below and its window above them; both
 * directions, and a legend.
 */
export class TimeSequencePlot {
	readonly stream: number;
	#panels: readonly [Panel, Panel] = [new Panel(), new Panel()];
	#begin: number = Number.POSITIVE_INFINITY;
	#end: number = Number.NEGATIVE_INFINITY;

	constructor(stream: number) {
		this.stream = stream;
	}

	/** Takes the frame that an analysis stands at, if it is of this stream. */
	take(analysis: CaptureAnalysis): void {
		const { segment } = analysis;
		if (analysis.stream !== this.stream || !segment.isWhole) return;
		this.#begin = Math.min(this.#begin, segment.time);
		this.#end = Math.max(this.#end, segment.time);
		const end = analysis.flow & 1;
		this.#sent(this.#panels[end === 0 ? 0 : 1], analysis);
		if ((segment.flags & ACK) !== 0 && (segment.flags & RST) === 0) this.#acknowledged(this.#panels[end === 0 ? 1 : 0], analysis);
	}

	/** Whether any frame was of the stream. */
	get isEmpty(): boolean {
		return this.#end < this.#begin;
	}

	#sent(panel: Panel, { segment, base, flags }: CaptureAnalysis): void {
		const from = panel.unwrap(segment.seq, base);
		const to = from + segment.length;
		if (segment.length > 0) {
			const kind = (flags & RETRANSMISSION) !== 0 ? 'repeated' : (flags & OUT_OF_ORDER) !== 0 ? 'reordered' : 'data';
			panel.add(kind, segment.time, from, to, kind === 'repeated' ? 'R' : kind === 'reordered' ? 'O' : '');
			panel.reach(from);
			panel.reach(to);
		}
		const control = segment.flags & (SYN | FIN | RST);
		if (control === 0) return;
		const name = (control & RST) !== 0 ? 'RST' : (control & SYN) !== 0 ? 'SYN' : 'FIN';
		panel.add(segment.length === 0 && (flags & RETRANSMISSION) !== 0 ? 'repeated' : 'control', segment.time, to, to + 1, name);
		panel.reach(to);
	}

	#acknowledged(panel: Panel, analysis: CaptureAnalysis): void {
		const { segment, options, flags } = analysis;
		const ack = panel.unwrap(segment.ack, analysis.otherBase);
		panel.reach(ack);
		if (panel.acks.length < MAX_MARKS * 2) {
			panel.acks.push(segment.time, ack);
			const edge = ack + segment.window * 2 ** analysis.windowShift;
			panel.windows.push(segment.time, edge);
			panel.windowHigh = Math.max(panel.windowHigh, edge);
		}
		if ((flags & DUPLICATE_ACK) !== 0) panel.add('duplicate', segment.time, ack, ack, 'D');
		if ((flags & ZERO_WINDOW) !== 0) panel.add('duplicate', segment.time, ack, ack, 'Z');
		for (let i = 0; i < options.sackCount; i++) {
			const left = panel.unwrap(options.edges[i * 2]!, analysis.otherBase);
			panel.add('sack', segment.time, left, left + ((options.edges[i * 2 + 1]! - options.edges[i * 2]!) | 0), '');
		}
	}

	/** The picture; `title` names the capture, `ends` both endpoints by their number. */
	svg(title: string, ends: readonly [string, string], client: number = 0): string {
		const height = TOP + 2 * PANEL + GAP + LEGEND;
		const parts = [
			`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
			`<title>${escapeText(title)}, stream ${this.stream}</title>`,
			`<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
			`<text x="${LEFT}" y="24" font-size="16">${escapeText(title)}, stream ${this.stream}: time and sequence</text>`,
		];
		for (const nth of [0, 1] as const) {
			const end = nth === client ? 0 : 1;
			const top = TOP + nth * (PANEL + GAP);
			parts.push(`<text x="${LEFT}" y="${top - 10}">${escapeText(ends[end])} → ${escapeText(ends[end === 0 ? 1 : 0])}</text>`);
			parts.push(...this.#panel(this.#panels[end], top));
		}
		parts.push(...legend(TOP + 2 * PANEL + GAP + 34), '</svg>\n');
		return parts.join('\n');
	}

	#panel(panel: Panel, top: number): string[] {
		const span = Math.max(this.#end - this.#begin, 1);
		const low = Number.isFinite(panel.low) ? panel.low : 0;
		// A window far above the data would press them flat: it is told instead of drawn.
		const isWindowNear = panel.windowHigh <= low + MAX_STRETCH * (panel.high - low);
		const high = isWindowNear ? Math.max(panel.high, panel.windowHigh) : panel.high;
		const tall = Math.max(high - low, 1) * 1.05;
		const x = (time: number): number => round(LEFT + ((time - this.#begin) / span) * (WIDTH - LEFT - RIGHT));
		const y = (seq: number): number => round(top + PANEL - ((seq - low) / tall) * PANEL);
		const clip = `panel${top}`;
		const parts = [
			`<clipPath id="${clip}"><rect x="${LEFT - 14}" y="${top}" width="${WIDTH - LEFT - RIGHT + 28}" height="${PANEL + 4}"/></clipPath>`,
			`<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL}" fill="none" stroke="#bbbbbb"/>`,
		];
		for (const tick of axisTicks(0, span, 8)) parts.push(tickLine(x(this.#begin + tick), top, x(this.#begin + tick), top + PANEL, formatTime(tick, span), 'middle', 16));
		for (const tick of axisTicks(low, low + tall, 6)) parts.push(tickLine(LEFT, y(tick), WIDTH - RIGHT, y(tick), formatBytes(tick), 'end', 4));
		parts.push(`<g clip-path="url(#${clip})" fill="none">`);
		parts.push(stepPath(panel.windows, x, y, styles.window[0]), stepPath(panel.acks, x, y, styles.ack[0]));
		for (const kind of kinds) parts.push(...markPath(panel.marks.filter((mark) => mark.kind === kind), kind, x, y));
		parts.push('</g>');
		if (!isWindowNear && panel.windows.length > 0) parts.push(`<text x="${WIDTH - RIGHT}" y="${top - 10}" text-anchor="end" fill="${styles.window[0]}">window beyond the picture, up to ${formatBytes(panel.windowHigh)}</text>`);
		return parts;
	}
}

type Scale = (value: number) => number;

/** A line that keeps its height until the next step. */
function stepPath(steps: readonly number[], x: Scale, y: Scale, colour: string): string {
	if (steps.length === 0) return '';
	let path = `M${x(steps[0]!)} ${y(steps[1]!)}`;
	for (let i = 2; i < steps.length; i += 2) path += `H${x(steps[i]!)}V${y(steps[i + 1]!)}`;
	return `<path d="${path}" stroke="${colour}"/>`;
}

/** All marks of one kind as one path of I-beams, and a letter above each that has one. */
function markPath(marks: readonly Mark[], kind: Kind, x: Scale, y: Scale): string[] {
	if (marks.length === 0) return [];
	const [colour] = styles[kind];
	let path = '';
	const letters: string[] = [];
	for (const { time, from, to, letter } of marks) {
		const at = x(time);
		path += `M${at - 2} ${y(from)}h4m-2 0V${y(to)}m-2 0h4`;
		if (letter !== '') letters.push(`<text x="${at}" y="${round(y(to) - 4)}" text-anchor="middle" font-size="10" fill="${colour}">${letter}</text>`);
	}
	return [`<path class="${kind}" d="${path}" stroke="${colour}" stroke-width="${kind === 'sack' ? 2 : 1.4}"/>`, ...letters];
}

function tickLine(x1: number, y1: number, x2: number, y2: number, label: string, anchor: 'middle' | 'end', drop: number): string {
	const isVertical = anchor === 'middle';
	return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#eeeeee"/><text x="${isVertical ? x1 : x1 - 8}" y="${isVertical ? y2 + drop : y1 + drop}" text-anchor="${anchor}" fill="#555555">${label}</text>`;
}

function legend(top: number): string[] {
	return kinds.map((kind, i) => {
		const [colour, text] = styles[kind];
		const x = LEFT + (i % 4) * 270;
		const y = top + Math.floor(i / 4) * 24;
		const isLine = kind === 'window' || kind === 'ack';
		const mark = isLine ? `M${x} ${y - 4}h20` : `M${x + 8} ${y - 10}h4m-2 0v12m-2 0h4`;
		return `<path d="${mark}" stroke="${colour}" stroke-width="1.6" fill="none"/><text x="${x + 28}" y="${y}">${text}</text>`;
	});
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
