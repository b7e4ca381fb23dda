import { fitted, widthOf, wrapped } from './columns.ts';
import type { Columns } from './columns.ts';
import type { ArrowItem, GapItem, Item, NoteItem } from './items.ts';

/** An arrow on the page. */
export interface PlacedArrow {
	readonly item: ArrowItem;
	readonly x1: number;
	y1: number;
	readonly x2: number;
	y2: number;
	readonly text: string;
}

/** A note on the page: `x` is that of its machine; what is no machine's is in the margin right of them all, its lines one below the other. */
export interface PlacedNote {
	readonly item: NoteItem;
	readonly x: number;
	y: number;
	readonly side: 'left' | 'right' | 'margin';
	readonly lines: readonly string[];
}

/** Time left out: a band over the whole width. */
export interface PlacedGap {
	readonly item: GapItem;
	y: number;
}

export type Placed = PlacedArrow | PlacedNote | PlacedGap;

export interface Layout {
	readonly placed: readonly Placed[];
	readonly height: number;
}

/** px of a µs, and from how many px on time is drawn ever shorter. */
const SCALE = 0.32, LONG = 52;
/** Least distance of two rows, height of a text, and height of a gap, px. */
const ROW = 14;
export const TEXT = 15, GAP_HEIGHT = 34;
/** Between what happens and the gap behind it, and between two arrow heads at one machine, px. */
const BEFORE_GAP = 12, HEADS = 6;
/** How much of its way a frame is drawn that was lost as it was sent. */
const LOST_AFTER = 0.62, LOST_SLOPE = 12;
/** How often overlaps are looked for, and how far apart in order two texts may touch each other. */
const ROUNDS = 60, NEAR = 10;

/** How far down a time takes, px. */
function span(time: number): number {
	const straight = time * SCALE;
	return straight <= LONG ? Math.max(0, straight) : LONG + 16 * Math.log10(straight / LONG);
}

/** A moment of the drawing: where an item begins, or where an arrow ends. */
interface Moment {
	readonly time: number;
	readonly item: number;
	readonly isEnd: boolean;
	/** of one time: first what ends, then what begins, then what ends as it began */
	readonly rank: number;
}

function momentsOf(items: readonly Item[]): Moment[] {
	const moments: Moment[] = [];
	for (const [item, one] of items.entries()) {
		moments.push({ time: one.row.time, item, isEnd: false, rank: 1 });
		if (one.kind === 'arrow') moments.push({ time: Math.max(one.ends, one.row.time), item, isEnd: true, rank: one.ends > one.row.time ? 0 : 2 });
	}
	return moments.sort((a, b) => a.time - b.time || a.rank - b.rank || a.item - b.item);
}

interface Box {
	readonly left: number;
	readonly right: number;
	readonly middle: number;
	/** how far up and down a text leans that goes along a slope */
	readonly lean: number;
}

/** Where the text of an item is. */
function boxOf(placed: Placed): Box | null {
	if ('text' in placed) {
		const half = widthOf(placed.text) / 2, x = (placed.x1 + placed.x2) / 2;
		const lean = Math.abs((placed.y2 - placed.y1) / (placed.x2 - placed.x1 || 1)) * half;
		return { left: x - half, right: x + half, middle: (placed.y1 + placed.y2) / 2 - 5, lean };
	}
	if (!('side' in placed)) return null;
	const width = Math.max(...placed.lines.map(widthOf)) + 14, more = (placed.lines.length - 1) * TEXT;
	const left = placed.side === 'left' ? placed.x - width : placed.x;
	return { left, right: left + width, middle: placed.y + more / 2, lean: more };
}

/** Lays a ladder out: time runs down, more slowly the less happens. */
export class Layouter {
	readonly #items: readonly Item[];
	readonly #moments: readonly Moment[];
	readonly #placed: readonly Placed[];
	/** px put in before each item, so that no text lies on another */
	readonly #room: number[];
	readonly #top: number;
	#height = 0;

	constructor(items: readonly Item[], columns: Columns, top: number) {
		this.#items = items;
		this.#moments = momentsOf(items);
		this.#top = top;
		this.#room = items.map(() => 0);
		this.#placed = items.map((item) => place(item, columns));
	}

	lay(): Layout {
		this.#run();
		for (let round = 0; round < ROUNDS && this.#part(); round++) this.#run();
		return { placed: this.#placed, height: this.#height };
	}

	/** Gives every moment its height. */
	#run(): void {
		let y = this.#top, time = this.#moments[0]?.time ?? 0, lastRow = -Infinity, lowest = 0, isAfterGap = true;
		const ends = new Map<number, number>();
		for (const { time: now, item, isEnd } of this.#moments) {
			const placed = this.#placed[item]!, one = this.#items[item]!;
			if (one.kind === 'gap') y += BEFORE_GAP;
			else y += isAfterGap ? 0 : span(now - time);
			time = now;
			isAfterGap = false;
			if ('x1' in placed && isEnd) {
				const end = this.#endOf(placed, y);
				placed.y2 = Math.max(end, (ends.get(placed.x2) ?? -Infinity) + HEADS);
				ends.set(placed.x2, placed.y2);
				lowest = Math.max(lowest, placed.y2);
				continue;
			}
			if (one.kind === 'gap') y = Math.max(y, lowest + BEFORE_GAP);
			// What is answered comes first.
			const heard = 'x1' in placed ? ends.get(placed.x1) ?? 0 : 0;
			y = Math.max(y, lastRow + ROW, heard) + this.#room[item]!;
			lastRow = y;
			if ('y1' in placed) placed.y1 = y;
			else placed.y = y;
			if (one.kind === 'gap') {
				y += GAP_HEIGHT;
				lastRow = y - ROW / 2;
				isAfterGap = true;
			}
		}
		this.#height = Math.max(y, lowest) + 30;
	}

	#endOf({ item, y1 }: PlacedArrow, y: number): number {
		return item.row.lost !== '' && !item.reached ? y1 + LOST_SLOPE : Math.max(y, y1);
	}

	/** Moves apart what lies on one another; false where nothing does. */
	#part(): boolean {
		const boxes = this.#placed.map(boxOf);
		let isMoved = false;
		for (let i = 0; i < boxes.length; i++) {
			const upper = boxes[i];
			if (upper === null || upper === undefined) continue;
			for (let j = i + 1; j < Math.min(boxes.length, i + NEAR); j++) {
				const lower = boxes[j];
				if (lower === null || lower === undefined || upper.right <= lower.left || lower.right <= upper.left) continue;
				const missing = TEXT + Math.abs(upper.lean - lower.lean) / 2 - (lower.middle - upper.middle);
				if (missing <= 0.5) continue;
				this.#room[j] = this.#room[j]! + missing;
				isMoved = true;
			}
		}
		return isMoved;
	}
}

function place(item: Item, columns: Columns): Placed {
	const at = (name: string): number => columns.of.get(name) ?? columns.margin;
	switch (item.kind) {
		case 'arrow': {
			const { row } = item;
			const from = at(row.from), to = at(row.to);
			const reach = row.lost !== '' && !item.reached ? LOST_AFTER : 1;
			const x2 = from + (to - from) * reach;
			return { item, x1: from, y1: 0, x2, y2: 0, text: fitted(wordsOf(item), Math.abs(x2 - from) - 36) };
		}
		case 'note': {
			const { place, text } = item.row;
			const side = columns.side.get(place) ?? 'margin';
			return { item, x: at(place), y: 0, side, lines: side === 'margin' ? wrapped(text, columns.width - columns.margin) : [text] };
		}
		case 'gap': return { item, y: 0 };
	}
}

function wordsOf({ row }: ArrowItem): readonly string[] {
	const number = row.number > 0 ? [`#${row.number}`] : [];
	if (row.again > 0) return [...number, ...row.label, `= #${row.again}`];
	return [...number, ...row.label];
}
