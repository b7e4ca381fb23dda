import { element, texted } from '../markup.ts';
import type { Cell, Verdict } from './cell.ts';

/** Height of a strip, px; a crash point is as wide as the column lets it be. */
const HEIGHT = 22;
/** How high each verdict stands: the worse the higher, so that no colour is needed. */
const heights: { readonly [V in Verdict]: number } = { 'right': 4, 'late': 9, 'unanswered': 15, 'wrong': 22, 'n/a': 0 };
export const fills: { readonly [V in Verdict]: string } = { 'right': '#8cc3a0', 'late': 'url(#late)', 'unanswered': '#fff', 'wrong': '#b5202c', 'n/a': 'none' };
const strokes: { readonly [V in Verdict]: string } = { 'right': 'none', 'late': 'none', 'unanswered': '#333', 'wrong': 'none', 'n/a': 'none' };

interface Run {
	readonly verdict: Verdict;
	readonly from: number;
	to: number;
}

function runsOf(cells: readonly Cell[]): Run[] {
	const runs: Run[] = [];
	for (const { verdict, crash } of cells) {
		if (crash < 1) continue;
		const last = runs.at(-1);
		if (last !== undefined && last.verdict === verdict) last.to = crash;
		else runs.push({ verdict, from: crash, to: crash });
	}
	return runs;
}

/** What is drawn once a page for all strips. */
export const stripDefinitions: string = element('svg', { width: 0, height: 0, style: 'position:absolute' },
	element('defs', {}, element('pattern', { id: 'late', width: 3, height: 3, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
		element('rect', { width: 3, height: 3, fill: '#f7e3b0' }) + element('rect', { width: 1.2, height: 3, fill: '#a8770a' }))));

/** A bar of one verdict, for the legend. */
export function swatch(verdict: Verdict): string {
	return element('svg', { width: 14, height: HEIGHT, class: 'swatch', 'aria-hidden': 'true' }, bar(verdict, 1, 12));
}

function bar(verdict: Verdict, x: number, width: number, title: string = ''): string {
	return element('rect', {
		x, y: HEIGHT - heights[verdict], width, height: heights[verdict], fill: fills[verdict], stroke: strokes[verdict], 'vector-effect': 'non-scaling-stroke',
	}, title === '' ? '' : texted('title', {}, title));
}

/** A strip: from left to right the steps before which the primary was killed, and how each world came out. */
export function strip(cells: readonly Cell[]): string {
	const runs = runsOf(cells);
	const width = runs.at(-1)?.to ?? 1;
	const bars = runs.map(({ verdict, from, to }) => bar(verdict, from - 1, to - from + 1, `killed before step${from === to ? ` ${from}` : `s ${from}–${to}`}: ${verdict}`));
	return element('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, width: '100%', height: HEIGHT, preserveAspectRatio: 'none', class: 'strip', role: 'img' }, bars.join('') || ' ');
}
