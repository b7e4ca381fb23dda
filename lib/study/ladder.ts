import { LadderRows } from './ladder-rows.ts';
import type { ArrowRow, GapRow, LadderRow, NoteRow, Tone } from './ladder-rows.ts';
import type { Run, Scene } from './run.ts';

/** A piece of a line in one colour. */
export interface Span {
	readonly text: string;
	readonly tone: Tone;
}

/** A line of the diagram. */
export type Line = readonly Span[];

/** One line being drawn: a character and a tone a column. */
class Canvas {
	readonly #text: string[];
	readonly #tones: Tone[];

	constructor(width: number) {
		this.#text = Array.from({ length: width }, () => ' ');
		this.#tones = Array.from({ length: width }, (): Tone => 'plain');
	}

	put(at: number, text: string, tone: Tone): void {
		let column = at;
		for (const character of text) {
			if (column >= 0 && column < this.#text.length) {
				this.#text[column] = character;
				this.#tones[column] = tone;
			}
			column++;
		}
	}

	line(): Line {
		const spans: { text: string; tone: Tone }[] = [];
		let end = this.#text.length;
		while (end > 0 && this.#text[end - 1] === ' ') end--;
		for (let i = 0; i < end; i++) {
			const last = spans.at(-1);
			if (last !== undefined && last.tone === this.#tones[i]) last.text += this.#text[i];
			else spans.push({ text: this.#text[i]!, tone: this.#tones[i]! });
		}
		return spans;
	}
}

function length(text: string): number {
	return [...text].length;
}

/** As many words as there is room for; the less important ones in the middle go first. */
function fit(label: readonly string[], room: number): string {
	const words = [...label];
	// What a frame is stays; numbers of secondary interest go, then the text is cut.
	const expendable = [/^len /, /^mark /, /^ack /, /^seq /];
	while (length(words.join(' ')) > room) {
		const pattern = expendable.find((one) => words.some((word) => one.test(word)));
		if (pattern === undefined) break;
		words.splice(words.findIndex((word) => pattern.test(word)), 1);
		expendable.splice(0, expendable.indexOf(pattern));
	}
	const text = words.join(' ');
	return length(text) <= room ? text : room < 2 ? '' : `${[...text].slice(0, room - 1).join('')}…`;
}

/** Time as people read it: milliseconds with three digits. */
function clock(time: number): string {
	return (time / 1000).toFixed(3).padStart(10);
}

function duration(passed: number): string {
	return passed < 1_000_000 ? `${(passed / 1000).toFixed(passed < 10_000 ? 1 : 0)} ms` : `${(passed / 1e6).toFixed(1)} s`;
}

const MARGIN = 18;
const TAIL = 3;
const NARROWEST = 72, WIDEST = 150;

/** Draws the ladder diagram of a run: time runs down, each machine is a column. */
export class Ladder {
	readonly #rows: readonly LadderRow[];
	readonly #places: readonly string[];
	readonly #columns: ReadonlyMap<string, number>;
	readonly #width: number;
	/** how each machine's line is drawn from here on */
	readonly #lines: Map<string, string>;

	/** @param width  columns of the terminal */
	constructor(run: Run<Scene>, width: number) {
		const rows = new LadderRows(run);
		this.#rows = rows.rows();
		this.#places = rows.places;
		this.#width = Math.max(NARROWEST, Math.min(WIDEST, width));
		this.#columns = this.#lay();
		this.#lines = new Map(this.#places.map((place) => [place, '│']));
	}

	/** The gap before the backup is for the log, which needs less than the wire. */
	#lay(): Map<string, number> {
		const places = this.#places;
		const body = this.#width - MARGIN - TAIL - 1;
		const weights = places.slice(1).map((place) => (place === 'backup' ? 0.8 : place === 'primary' ? 1.1 : 0.55));
		const whole = weights.reduce((sum, weight) => sum + weight, 0);
		const columns = new Map<string, number>();
		let at = 0;
		for (const [i, place] of places.entries()) {
			columns.set(place, MARGIN + Math.round((at * body) / whole));
			at += weights[i] ?? 0;
		}
		return columns;
	}

	#column(place: string): number {
		return this.#columns.get(place) ?? Math.round((MARGIN + this.#width) / 2);
	}

	/** The lines of the diagram, its head first. */
	lines(): Line[] {
		return [this.#head(), ...this.#rows.flatMap((row) => this.#row(row))];
	}

	#head(): Line {
		const canvas = new Canvas(this.#width);
		canvas.put(0, '      ms  frame'.padStart(10), 'faint');
		for (const place of this.#places) {
			const at = Math.min(this.#column(place) - Math.floor(place.length / 2), this.#width - place.length);
			canvas.put(Math.max(MARGIN - 2, at), place, 'plain');
		}
		return canvas.line();
	}

	#blank(): Canvas {
		const canvas = new Canvas(this.#width);
		for (const place of this.#places) canvas.put(this.#column(place), this.#lines.get(place)!, 'faint');
		return canvas;
	}

	#row(row: LadderRow): Line[] {
		switch (row.kind) {
			case 'gap': return [this.#gap(row)];
			case 'note': return [this.#note(row)];
			case 'arrow': return [this.#arrow(row)];
		}
	}

	#gap({ passed, text }: GapRow): Line {
		const canvas = new Canvas(this.#width);
		for (const place of this.#places) if (this.#lines.get(place) !== ' ') canvas.put(this.#column(place), '⋮', 'faint');
		canvas.put(0, `${duration(passed)}`.padStart(10), 'faint');
		if (text !== '') {
			const from = this.#column('primary') + 2, room = this.#column('backup') - from - 1;
			const shown = length(text) <= room ? from : MARGIN + 3;
			canvas.put(shown, text, 'faint');
		}
		return canvas.line();
	}

	#note({ time, place, mark, text, tone, line }: NoteRow): Line {
		if (line === 'ends') this.#lines.set(place, ' ');
		else if (line === 'rests') this.#lines.set(place, '┊');
		else if (this.#columns.has(place)) this.#lines.set(place, '│');
		const canvas = this.#blank();
		canvas.put(0, clock(time), 'faint');
		if (!this.#columns.has(place)) {
			canvas.put(MARGIN + 3, `${mark} ${text}`, tone);
			return canvas.line();
		}
		const at = this.#column(place);
		canvas.put(at, mark, tone);
		const isRight = at + 2 + length(text) <= this.#width;
		canvas.put(isRight ? at + 2 : Math.max(MARGIN + 2, at - 1 - length(text)), isRight ? text : [...text].slice(0, at - MARGIN - 3).join(''), tone);
		return canvas.line();
	}

	#arrow(row: ArrowRow): Line {
		const canvas = this.#blank();
		canvas.put(0, clock(row.time), 'faint');
		if (row.number > 0) canvas.put(11, `#${row.number}`, row.again > 0 || row.tone === 'first' ? row.tone : 'faint');
		const from = this.#column(row.from), to = this.#column(row.to);
		const toRight = to > from;
		const left = Math.min(from, to) + 1, right = Math.max(from, to) - 1;
		const shaft = row.isLog ? '┄' : row.again > 0 ? '═' : '─';
		canvas.put(left, shaft.repeat(Math.max(0, right - left + 1)), row.tone);
		const end = toRight ? right : left;
		canvas.put(end, row.lost !== '' ? '✗' : toRight ? '▶' : '◀', row.tone);
		const tie = row.again > 0 ? [...row.label, `= #${row.again}`] : row.lost !== '' ? [...row.label, `(${row.lost})`] : row.label;
		const label = fit(tie, right - left - 5);
		if (label !== '') canvas.put(left + Math.floor((right - left + 1 - length(label) - 2) / 2), ` ${label} `, row.tone);
		return canvas.line();
	}
}
