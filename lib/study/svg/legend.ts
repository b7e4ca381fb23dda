import { element } from '../markup.ts';
import { widthOf } from './columns.ts';
import { arrow, inks, label } from './marks.ts';
import type { ArrowKind } from './marks.ts';

export const LEGEND_HEIGHT = 64;

const entries: readonly { readonly kind: string; readonly like: ArrowKind; readonly text: string }[] = [
	{ kind: 'client', like: { tone: 'client', isLog: false, again: 0, lost: '' }, text: 'of a client' },
	{ kind: 'plain', like: { tone: 'plain', isLog: false, again: 0, lost: '' }, text: 'of the server' },
	{ kind: 'log', like: { tone: 'log', isLog: true, again: 0, lost: '' }, text: 'on the log link' },
	{ kind: 'first', like: { tone: 'first', isLog: false, again: 0, lost: '' }, text: 'will be repeated' },
	{ kind: 'repeat', like: { tone: 'repeat', isLog: false, again: 1, lost: '' }, text: 'the same again, tied to its first' },
	{ kind: 'lost', like: { tone: 'bad', isLog: false, again: 0, lost: 'x' }, text: 'lost' },
];

const LINE = 46, BETWEEN = 34;

/** Explains what is on the page, and nothing else. */
export function legend(x: number, y: number, kinds: ReadonlySet<string>): string {
	let at = x;
	const samples = entries.filter(({ kind }) => kinds.has(kind)).map(({ like, text }) => {
		const sample = arrow(like, at, y + 14, at + LINE, y + 20) + label(at + LINE + 12, y + 21, text, inks.plain, 'start');
		at += LINE + 12 + widthOf(text) + BETWEEN;
		return sample;
	});
	const note = label(x, y + 44, 'Time runs down, and is drawn the shorter the longer nothing happens; #n is the frame\'s number in the capture file.', inks.faint, 'start');
	return element('g', {}, element('line', { x1: x, x2: at, y1: y, y2: y, stroke: '#ccc' }) + samples.join('') + note);
}
