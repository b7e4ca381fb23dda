import type { TraceEvent } from '../../trace/index.ts';
import type { Line, Span } from '../ladder.ts';
import type { Row } from './row.ts';
import type { View } from './view.ts';
import { tell } from './tell.ts';

const NAME = 36, VALUE = 16;

/** What each row said before, by key. */
function known(view: View | null): ReadonlyMap<string, Row> {
	return new Map((view?.groups ?? []).flatMap(({ rows }) => rows).map((row) => [row.key, row]));
}

function cell(value: string, width: number): string {
	const text = [...value].length > width - 2 ? `${[...value].slice(0, width - 3).join('')}…` : value;
	return text.padEnd(width);
}

/** A row with what has changed since the view before in bold colour, and a mark where the replicas differ. */
function rowLine(row: Row, before: Row | undefined, isFirst: boolean): Line {
	const values = row.values.map((value, i): Span => {
		const isNew = !isFirst && value !== (before?.values[i] ?? '');
		return { text: cell(isNew && value !== '' ? `${value} *` : value, VALUE), tone: isNew ? 'repeat' : 'plain' };
	});
	const [primary = '', backup = ''] = row.values;
	const parts = row.compared && primary !== '' && backup !== '' && primary !== backup;
	return [{ text: `  ${cell(row.name, NAME)}`, tone: 'faint' }, ...values.slice(0, 2), { text: parts ? '≠  ' : '   ', tone: 'bad' }, ...values.slice(2)];
}

function eventLines(events: readonly TraceEvent[], step: number): Line[] {
	if (step === 0) return [[{ text: '  Nothing has happened yet.', tone: 'faint' }]];
	if (events.length === 0) return [[{ text: '  A timer that left no trace.', tone: 'faint' }]];
	return events.map((event): Line => [{ text: `  ${event.place.padEnd(10)}`, tone: 'faint' }, { text: tell(event), tone: 'good' }]);
}

/** As much of a line as there are columns. */
function clipped(line: Line, width: number): Line {
	const spans: Span[] = [];
	let left = width;
	for (const { text, tone } of line) {
		const characters = [...text];
		if (left <= 0) break;
		spans.push({ text: characters.slice(0, left).join(''), tone });
		left -= characters.length;
	}
	return spans;
}

/** A view as lines: what is always to be seen, and what may be scrolled. */
export interface ViewLines {
	readonly head: readonly Line[];
	readonly body: readonly Line[];
}

/**
 * A view for a terminal.
 *
 * @param before  the view of the moment before; changes since then bear a star
 * @param steps   steps of the whole run
 * @param width   columns; what is longer is cut
 */
export function viewLines(view: View, before: View | null, events: readonly TraceEvent[], steps: number, width: number = Infinity): ViewLines {
	const old = known(before);
	const [primary = '', backup = '', ...clients] = view.places;
	const heads = `${primary.padEnd(VALUE)}${backup.padEnd(VALUE)}   ${clients.map((name) => name.padEnd(VALUE)).join('')}`;
	const head: Line[] = [
		[{ text: `step ${view.step} of ${steps}`, tone: 'first' }, { text: `  ${(view.time / 1000).toFixed(3)} ms`, tone: 'plain' }],
		...eventLines(events, view.step),
		[{ text: `  ${''.padEnd(NAME)}${heads}`.trimEnd(), tone: 'faint' }],
	];
	const body: Line[] = [
		...view.groups.flatMap(({ title, rows }): Line[] => [[{ text: title, tone: 'client' }], ...rows.map((row) => rowLine(row, old.get(row.key), before === null))]),
		[{ text: 'next', tone: 'client' }],
		...(view.pending.length === 0 ? [[{ text: '  nothing', tone: 'faint' } as Span]] : view.pending.slice(0, 4).map((text): Line => [{ text: `  ${text}`, tone: 'faint' }])),
	];
	return { head: head.map((line) => clipped(line, width)), body: body.map((line) => clipped(line, width)) };
}
