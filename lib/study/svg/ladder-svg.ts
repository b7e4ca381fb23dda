import { element, texted } from '../markup.ts';
import type { Tone } from '../ladder-rows.ts';
import type { Run, Scene } from '../run.ts';
import { TIMES, columnsOf } from './columns.ts';
import type { Columns } from './columns.ts';
import { itemsOf } from './items.ts';
import { GAP_HEIGHT, Layouter, TEXT } from './layout.ts';
import type { Layout, Placed, PlacedArrow, PlacedGap, PlacedNote } from './layout.ts';
import { LEGEND_HEIGHT, legend } from './legend.ts';
import { arrow, cross, inks, label, round } from './marks.ts';

const style = 'text{font:11px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;paint-order:stroke;stroke:#fff;stroke-width:3.5px;stroke-linejoin:round}.title{font:600 16px ui-sans-serif,"Helvetica Neue",Arial,sans-serif}.lead{font:12px ui-sans-serif,"Helvetica Neue",Arial,sans-serif}.place{font-weight:600;font-size:13px}';

/** What stands above a ladder. */
export interface LadderTitle {
	readonly title: string;
	/** one line more */
	readonly lead?: string;
}

const TOP = 78;

/**
 * Draws the ladder diagram of a run as an SVG document: time runs down, each
 * machine is a line, each frame an arrow that slopes by the time it takes. What
 * is told by colour is told by form too.
 */
export function ladderSvg(run: Run<Scene>, head: LadderTitle = { title: '' }): string {
	const { places, items } = itemsOf(run);
	const columns = columnsOf(places);
	const layout = new Layouter(items, columns, TOP + 22).lay();
	const kinds = new Set(layout.placed.flatMap((one) => ('x1' in one ? [kindOf(one)] : [])));
	const height = layout.height + LEGEND_HEIGHT;
	const body = [
		element('rect', { width: columns.width, height, fill: '#fff' }),
		texted('text', { x: 20, y: 28, class: 'title' }, head.title), texted('text', { x: 20, y: 47, class: 'lead', fill: inks.faint }, head.lead ?? ''),
		...lifelines(columns, layout), ...gaps(layout, columns), ...times(layout), ...ties(layout),
		...layout.placed.flatMap((one) => ('x1' in one ? [arrow(one.item.row, one.x1, one.y1, one.x2, one.y2)] : [])),
		...layout.placed.flatMap((one) => ('x1' in one ? [drawLabel(one)] : [])),
		...layout.placed.flatMap((one) => ('side' in one ? [drawNote(one)] : [])),
		legend(20, layout.height + 6, kinds),
	];
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns.width} ${round(height)}" width="${columns.width}" height="${round(height)}"><style>${style}</style>\n${body.filter((part) => part !== '').join('\n')}\n</svg>\n`;
}

/** What the legend has to explain. */
function kindOf({ item: { row } }: PlacedArrow): string {
	return row.lost !== '' ? 'lost' : row.again > 0 ? 'repeat' : row.isLog ? 'log' : row.tone;
}

/** How a machine's line is drawn from a height on. */
interface Stretch {
	readonly from: number;
	readonly how: 'lives' | 'rests' | 'left out' | 'ended';
}

const dashes: { readonly [H in Stretch['how']]: string } = { 'lives': '', 'rests': '1 5', 'left out': '1.6 4', 'ended': '' };

/** What becomes of one machine, from top to bottom. */
function stretchesOf(name: string, placed: readonly Placed[]): Stretch[] {
	const stretches: Stretch[] = [{ from: TOP, how: 'lives' }];
	for (const one of placed) {
		const last = stretches.at(-1)!.how;
		if ('side' in one && one.item.row.place === name) {
			const { line, mark } = one.item.row;
			// Something that the dead is told to have done does not wake it; a machine started anew does.
			if (last !== 'ended' || mark === '▸' || mark === '◆') stretches.push({ from: one.y, how: line === 'ends' ? 'ended' : line === 'rests' ? 'rests' : 'lives' });
		} else if (!('x1' in one) && !('side' in one) && last !== 'ended') {
			stretches.push({ from: one.y + 6, how: 'left out' }, { from: one.y + GAP_HEIGHT - 8, how: last });
		}
	}
	return stretches;
}

function lifelines(columns: Columns, { placed, height }: Layout): string[] {
	return [...columns.of].flatMap(([name, x]) => {
		const stretches = stretchesOf(name, placed);
		const lines = stretches.map(({ from, how }, i): string => {
			const to = stretches[i + 1]?.from ?? height - 16;
			if (how === 'ended' || to <= from) return '';
			return element('line', { x1: x, x2: x, y1: round(from), y2: round(to), stroke: how === 'left out' ? '#999' : '#1d1d1d', 'stroke-width': 1.6, ...(dashes[how] === '' ? {} : { 'stroke-dasharray': dashes[how] }) });
		});
		return [texted('text', { x, y: TOP - 10, class: 'place', 'text-anchor': 'middle' }, name), ...lines];
	});
}

function clock(time: number): string {
	return (time / 1000).toFixed(3);
}

function duration(passed: number): string {
	return passed < 1_000_000 ? `${(passed / 1000).toFixed(passed < 10_000 ? 1 : 0)} ms` : `${(passed / 1e6).toFixed(1)} s`;
}

/** Milliseconds down the left edge, where they change. */
function times({ placed }: Layout): string[] {
	let last = '';
	const shown = [texted('text', { x: TIMES, y: TOP - 10, 'text-anchor': 'end', fill: inks.faint }, 'ms')];
	for (const one of placed) {
		if (!('x1' in one) && !('side' in one)) continue;
		const text = clock(one.item.row.time);
		if (text === last) continue;
		last = text;
		shown.push(label(TIMES, ('y1' in one ? one.y1 : one.y) + 4, text, inks.faint, 'end'));
	}
	return shown;
}

/** How much time is left out where the lines are broken. */
function gaps({ placed }: Layout, columns: Columns): string[] {
	const xs = [...columns.of.values()];
	const middle = (Math.min(...xs) + Math.max(...xs)) / 2;
	return placed.flatMap((one): string[] => {
		if ('x1' in one || 'side' in one) return [];
		const { item: { row }, y } = one satisfies PlacedGap;
		const text = [duration(row.passed), ...(row.text === '' ? [] : [row.text])].join('  ·  ');
		return [label(middle, y + GAP_HEIGHT / 2 + 2, text, inks.faint, 'middle')];
	});
}

/** A tie from each repeat back to the frame it repeats. */
function ties({ placed }: Layout): string[] {
	const arrows = placed.flatMap((one) => ('x1' in one ? [one] : []));
	return arrows.flatMap((again): string[] => {
		const first = again.item.row.again === 0 ? undefined : arrows.find(({ item }) => item.row.number === again.item.row.again);
		if (first === undefined) return [];
		const x = again.x2, bulge = x + 34 * (again.x1 > x ? 1 : -1);
		return [element('path', {
			d: `M${round(x)} ${round(first.y2)}C${round(bulge)} ${round(first.y2 + 14)} ${round(bulge)} ${round(again.y2 - 14)} ${round(x)} ${round(again.y2)}`,
			fill: 'none', stroke: inks.repeat, 'stroke-width': 1.2, 'stroke-dasharray': '5 2.5',
		})];
	});
}

/** What an arrow is, along its line, and where it ends badly, why. */
function drawLabel(one: PlacedArrow): string {
	const { x1, y1, x2, y2, text, item: { row } } = one;
	const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
	const upright = turn > 90 ? turn - 180 : turn < -90 ? turn + 180 : turn;
	const why = row.lost === '' ? '' : label(x2 + (x2 > x1 ? 12 : -12), y2 + 4, row.lost, inks.bad, x2 > x1 ? 'start' : 'end');
	return label((x1 + x2) / 2, (y1 + y2) / 2 - 4, text, inks[row.tone], 'middle', upright) + why;
}

const dots: readonly Tone[] = ['good', 'bad', 'first'];

function drawNote({ x, y, side, lines, item: { row } }: PlacedNote): string {
	const ink = inks[row.tone];
	if (side === 'margin') return lines.map((line, i) => label(x, y + 4 + i * TEXT, line, ink, 'start')).join('');
	const spot = row.line === 'ends' ? cross(x, y, ink, 6) : element('circle', { cx: x, cy: round(y), r: 4, fill: dots.includes(row.tone) ? ink : '#fff', stroke: ink, 'stroke-width': 1.4 });
	return spot + (side === 'left' ? label(x - 12, y + 4, row.text, ink, 'end') : label(x + 12, y + 4, row.text, ink, 'start'));
}

/** Whatever is on the page, for tests. */
export type { Placed };
