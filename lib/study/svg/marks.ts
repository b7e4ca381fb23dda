import { element, texted } from '../markup.ts';
import type { ArrowRow, Tone } from '../ladder-rows.ts';

/** Colours that stay apart in grey, too: each kind has a form of its own besides. */
export const inks: { readonly [T in Tone]: string } = {
	plain: '#1d1d1d', log: '#4d7a7a', repeat: '#b3520a', first: '#b3520a', client: '#1f5a9e', bad: '#b5202c', good: '#23713f', faint: '#6b6b6b',
};

const HEAD = 8;

/** The point of an arrow that comes from that direction. */
function head(x: number, y: number, angle: number, ink: string): string {
	const wing = (turn: number): string => `${round(x - HEAD * Math.cos(angle + turn))},${round(y - HEAD * Math.sin(angle + turn))}`;
	return element('polygon', { points: `${round(x)},${round(y)} ${wing(0.38)} ${wing(-0.38)}`, fill: ink });
}

export function round(value: number): number {
	return Math.round(value * 10) / 10;
}

/** An x where a frame was lost. */
export function cross(x: number, y: number, ink: string, size: number = 5): string {
	return element('path', { d: `M${round(x - size)} ${round(y - size)}l${2 * size} ${2 * size}M${round(x + size)} ${round(y - size)}l${-2 * size} ${2 * size}`, stroke: ink, 'stroke-width': 2.2, fill: 'none' });
}

/** What an arrow is like, whatever is drawn. */
export type ArrowKind = Pick<ArrowRow, 'tone' | 'isLog' | 'again' | 'lost'>;

/** A line between two machines: dashed on the log link, double where it is a repeat, ending in an x where it is lost. */
export function arrow(kind: ArrowKind, x1: number, y1: number, x2: number, y2: number): string {
	const ink = inks[kind.tone];
	const angle = Math.atan2(y2 - y1, x2 - x1);
	const dx = Math.cos(angle), dy = Math.sin(angle);
	const isLost = kind.lost !== '';
	const inset = isLost ? 0 : HEAD - 1;
	const line = (across: number, width: number): string => element('line', {
		x1: round(x1 - across * dy), y1: round(y1 + across * dx), x2: round(x2 - inset * dx - across * dy), y2: round(y2 - inset * dy + across * dx),
		stroke: ink, 'stroke-width': width, ...(kind.isLog ? { 'stroke-dasharray': '2 3' } : {}),
	});
	const shaft = kind.again > 0 ? line(-1.6, 1.3) + line(1.6, 1.3) : line(0, kind.tone === 'first' ? 2.4 : 1.3);
	return shaft + (isLost ? cross(x2, y2, ink) : head(x2, y2, angle, ink));
}

/** A text with a white edge, so that it can be read on a line. */
export function label(x: number, y: number, text: string, ink: string, anchor: 'start' | 'middle' | 'end', angle: number = 0): string {
	return texted('text', {
		x: round(x), y: round(y), fill: ink, 'text-anchor': anchor, ...(angle === 0 ? {} : { transform: `rotate(${round(angle)} ${round(x)} ${round(y)})` }),
	}, text);
}
