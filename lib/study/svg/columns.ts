/** Where the machines stand on the page, px. */
export interface Columns {
	readonly width: number;
	/** right of all machines */
	readonly margin: number;
	readonly of: ReadonlyMap<string, number>;
	/** where the texts of a machine's notes are: `left` of its line, or `right` of it */
	readonly side: ReadonlyMap<string, 'left' | 'right'>;
}

/** Room for the time and the frame numbers, and for the notes of the outermost machines. */
export const TIMES = 76;
const LEFT = 214, RIGHT = 282, MARGIN = 12;
/** Between two clients, between the last client and the primary, and between any other two. */
const CLIENTS = 210, WIRE = 430, LOG = 300;

/** Places machines from left to right. */
export function columnsOf(places: readonly string[]): Columns {
	const of = new Map<string, number>();
	let at = TIMES + LEFT;
	for (const [i, place] of places.entries()) {
		if (i > 0) at += place.startsWith('client') ? CLIENTS : places[i - 1]!.startsWith('client') ? WIRE : LOG;
		of.set(place, at);
	}
	const side = new Map<string, 'left' | 'right'>(places.map((place) => [place, place.startsWith('client') ? 'left' : 'right']));
	return { width: at + RIGHT, margin: at + MARGIN, of, side };
}

/** Width of a character of the labels, px. */
const CHARACTER = 6.65;

export function widthOf(text: string): number {
	return [...text].length * CHARACTER;
}

/** Words that can go where room is short, the least important first. */
const expendable = [/^len /, /^mark /, /^ack /, /^seq /];

/** As many words as there is room for, px. */
export function fitted(label: readonly string[], room: number): string {
	let words = [...label];
	for (const pattern of expendable) {
		if (widthOf(words.join(' ')) <= room) break;
		words = words.filter((word) => !pattern.test(word));
	}
	const text = words.join(' ');
	return widthOf(text) <= room ? text : `${[...text].slice(0, Math.max(1, Math.floor(room / CHARACTER) - 1)).join('')}…`;
}

/** A text in lines of a width, px, broken between its words. */
export function wrapped(text: string, width: number): readonly string[] {
	const lines: string[] = [];
	for (const word of text.split(' ')) {
		const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
		if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
		else lines.push(word);
	}
	return lines;
}
