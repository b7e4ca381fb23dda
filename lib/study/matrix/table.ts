import type { Line, Span } from '../ladder.ts';
import type { Tone } from '../ladder-rows.ts';
import { wrap } from '../report.ts';
import { senseless } from './axes.ts';
import type { Coordinates } from './axes.ts';
import { reasonTexts } from './cell.ts';
import type { Cell, Verdict } from './cell.ts';
import { ranges } from '../ranges.ts';
import { combined, reasonsOf, tally } from './fold.ts';
import type { Alike, Combination } from './fold.ts';

export const names: { readonly [value: string]: string } = {
	'udp': 'UDP', 'tcp': 'TCP', 'none': 'without serials', 'stored-reply': 'with serials and stored replies',
	'normal': 'normal', 'neither-sends': 'neither sends', 'rule-off': 'rule off', 'no-retry': 'no retry', 'retry': 'retry', 'reconnect': 'reconnect',
};

/** A verdict's mark, and its tone. */
export const marks: { readonly [V in Verdict]: { readonly mark: string; readonly tone: Tone } } = {
	'right': { mark: '✓', tone: 'good' }, 'late': { mark: '◷', tone: 'first' }, 'unanswered': { mark: '∅', tone: 'client' }, 'wrong': { mark: '✗', tone: 'bad' }, 'n/a': { mark: '–', tone: 'faint' },
};

const order: readonly Verdict[] = ['right', 'late', 'unanswered', 'wrong'];

/** The least and the most, as people write it: `2–4`. */
export function spread(values: readonly number[]): string {
	const least = Math.min(...values), most = Math.max(...values);
	return values.length === 0 ? '–' : least === most ? `${least}` : `${least}–${most}`;
}

/** µs as people read it. */
export function wait(delay: number): string {
	return delay < 500 ? '0' : delay < 10_000 ? `${(delay / 1000).toFixed(1)} ms` : delay < 1_000_000 ? `${Math.round(delay / 1000)} ms` : `${(delay / 1e6).toFixed(1)} s`;
}

/** A column of the table: its heading, its width, and what stands in it. */
interface Column {
	readonly head: string;
	readonly width: number;
	readonly of: (cells: readonly Cell[]) => string;
}

function equalText(cells: readonly Cell[]): string {
	const sent = cells.filter(({ equal }) => equal !== null);
	const same = sent.filter(({ equal }) => equal === true).length;
	return sent.length === 0 ? '–' : same === sent.length ? 'all' : `${same}/${sent.length}`;
}

function linearText(cells: readonly Cell[]): string {
	const fine = cells.filter(({ linearizable }) => linearizable).length;
	return fine === cells.length ? 'all' : `${fine}/${cells.length}`;
}

const columns: readonly Column[] = [
	{ head: 'wire', width: 5, of: (cells) => spread(cells.map(({ wire }) => wire)) },
	{ head: 'seen', width: 5, of: (cells) => spread(cells.map(({ seen }) => seen.length)) },
	{ head: 'count', width: 6, of: (cells) => spread(cells.map(({ counter }) => counter)) },
	{ head: 'equal', width: 6, of: equalText },
	{ head: 'error', width: 10, of: (cells) => [...new Set(cells.map(({ error }) => error).filter((error) => error !== ''))].join() || '–' },
	{ head: 'delay', width: 8, of: (cells) => { const delays = cells.flatMap(({ delay }) => (delay === null ? [] : [delay])); return delays.length === 0 ? '–' : wait(Math.max(...delays)); } },
	{ head: 'memory', width: 7, of: (cells) => spread(cells.map(({ memory }) => memory)) },
	{ head: 'linear', width: 10, of: linearText },
];

const NAME = 26, COUNT = 6;

function heading(first: string): Line {
	const counts = order.map((verdict) => `${marks[verdict].mark}`.padStart(COUNT)).join('');
	return [{ text: `  ${first.padEnd(NAME)}${counts}  ${columns.map(({ head, width }) => head.padStart(width)).join(' ')}`, tone: 'faint' }];
}

function row(name: string, cells: readonly Cell[]): Line {
	const counts = tally(cells);
	const shown = order.map((verdict): Span => ({ text: (counts[verdict] === 0 ? '·' : String(counts[verdict])).padStart(COUNT), tone: counts[verdict] === 0 ? 'faint' : marks[verdict].tone }));
	return [{ text: `  ${name.padEnd(NAME)}`, tone: 'plain' }, ...shown, { text: `  ${columns.map(({ width, of }) => of(cells).padStart(width)).join(' ')}`, tone: 'plain' }];
}

/** Why the cells of a row are not right. */
function why(cells: readonly Cell[], width: number): Line[] {
	const text = reasonsOf(cells).map(({ reason, count }) => `${count} × ${reason}`).join(', ');
	return text === '' ? [] : wrap(text, width - 8).map((line): Line => [{ text: `      ${line}`, tone: 'faint' }]);
}

/** Groups of cells under one name, in the order they come in. */
function grouped(cells: readonly Cell[], nameOf: (cell: Cell) => string): Map<string, Cell[]> {
	const groups = new Map<string, Cell[]>();
	for (const cell of cells) {
		const name = nameOf(cell), group = groups.get(name);
		if (group === undefined) groups.set(name, [cell]);
		else group.push(cell);
	}
	return groups;
}

export interface TableOptions {
	readonly width: number;
	/** a row for each fault, and not one for all of them */
	readonly byFault?: boolean;
	/** the crash points of each row, told apart by history */
	readonly points?: boolean;
}

/** The matrix for a terminal. */
export function tableLines(cells: readonly Cell[], options: TableOptions): Line[] {
	const lines: Line[] = [];
	for (const [title, group] of grouped(cells, ({ transport, serials }) => `${names[transport]} ${names[serials]}`)) {
		lines.push([{ text: title, tone: 'plain' }], heading('policy, client'));
		for (const [name, some] of grouped(group, ({ policy, client }) => `${names[policy]}, ${names[client]}`)) lines.push(...rowLines(name, some, options));
		lines.push([]);
	}
	return [...lines, ...legend(cells, options.width)];
}

function rowLines(name: string, cells: readonly Cell[], options: TableOptions): Line[] {
	const reason = senseless(cells[0]!);
	if (reason !== '') return [[{ text: `  ${name.padEnd(NAME)}`, tone: 'plain' }, { text: `   n/a: ${reason}`, tone: 'faint' }]];
	const lines = [row(name, cells), ...why(cells, options.width)];
	if (options.byFault !== true && options.points !== true) return lines;
	for (const combination of combined(cells)) {
		lines.push(row(`    ${combination.coordinates.fault === 'none' ? 'no further fault' : combination.coordinates.fault}`, combination.cells));
		if (options.points === true) lines.push(...pointLines(combination, options.width));
	}
	return lines;
}

/** The histories of a combination, with the crash points that lead to each. */
export function pointLines({ alike }: Combination, width: number): Line[] {
	return alike.flatMap((one) => {
		const { mark, tone } = marks[one.sample.verdict];
		const [first = '', ...rest] = wrap(historyText(one), width - 12);
		return [
			[{ text: `        ${mark} `, tone }, { text: first, tone: 'plain' } as Span],
			...rest.map((line): Line => [{ text: `          ${line}`, tone: 'plain' }]),
			...wrap(crashText(one.crashes), width - 12).map((line): Line => [{ text: `          ${line}`, tone: 'faint' }]),
		];
	});
}

function crashText(crashes: readonly number[]): string {
	const killed = crashes.filter((crash) => crash > 0);
	return [...(killed.length < crashes.length ? ['without a crash'] : []), ...(killed.length === 0 ? [] : [`killed before step${killed.length === 1 ? '' : 's'} ${ranges(killed)}`])].join('; ');
}

/** What the client lived through, in one sentence. */
export function historyText({ sample, delay }: Alike): string {
	const { wire, seen, dropped, counter, equal, error, linearizable, reason, watch } = sample;
	const parts = [
		`${wire} ${wire === 1 ? 'reply' : 'replies'} on the wire${equal === null ? '' : equal ? ', what was repeated equal' : ', what was repeated NOT equal'}`,
		`the application saw ${seen.join(', ') || 'nothing'}${dropped === 0 ? '' : ` and dropped ${dropped}`}${error === '' ? '' : ` and was told ${error}`}`,
		`counter ${counter}`,
		...(delay === null || wait(delay[1]) === '0' ? [] : [`${[...new Set(delay.map(wait))].join('–')} later`]),
		...(linearizable ? [] : ['not linearizable']),
		...(watch === 'ok' ? [] : ['the watch over the run caught it']),
		...(reason === '' ? [] : [reasonTexts[reason]]),
	];
	return parts.join('; ');
}

function legend(cells: readonly Cell[], width: number): Line[] {
	const texts = [
		'Numbers are worlds, one for each crash point and fault.  ✓ right: each request answered once, as by one machine.  ◷ right, but a timer had to mend it.  ∅ a request has no answer.  ✗ the client was told what one machine would not have told it.',
		'wire: frames with a reply that came to the client; seen: replies its application was given, of two requests; count: the counter at the end, begun at 10; equal: whether what was sent again was the same, byte for byte; delay: the longest an answer was late; memory: octets both ends keep at the end to tell a repeat from news; linear: worlds whose answers one machine could have given.',
		...reasonsOf(cells).map(({ reason }) => `${reason}: ${reasonTexts[reason]}.`),
	];
	return texts.flatMap((text) => wrap(text, width - 2).map((line): Line => [{ text: `  ${line}`, tone: 'faint' }]));
}

/** `--only` values that name a combination. */
export function selector({ transport, serials, policy, client, fault }: Coordinates): string {
	return `transport=${transport},serials=${serials},policy=${policy},client=${client},fault=${fault}`;
}
