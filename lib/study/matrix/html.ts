import { element, escaped, texted } from '../markup.ts';
import { axes, faults, senseless } from './axes.ts';
import { reasonTexts } from './cell.ts';
import type { Cell, Verdict } from './cell.ts';
import { ranges } from '../ranges.ts';
import { combined, reasonsOf } from './fold.ts';
import type { Alike, Combination } from './fold.ts';
import type { Lesson } from './laws.ts';
import { strip, stripDefinitions, swatch } from './strip.ts';
import { marks, names, wait } from './table.ts';

const style = `
:root { color-scheme: light; }
body { font: 15px/1.5 "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "Songti SC", serif; color: #1b1b1b; background: #fff; margin: 2.5rem auto; max-width: 1280px; padding: 0 1.5rem; }
h1 { font-size: 1.9rem; font-weight: 600; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; font-weight: 600; margin: 2.6rem 0 .6rem; }
p, li { max-width: 62rem; }
.lead { color: #444; margin-top: 0; }
table { border-collapse: collapse; width: 100%; font: 12.5px/1.35 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
th { font-weight: 600; text-align: left; padding: .3rem .6rem .3rem 0; vertical-align: bottom; border-bottom: 1px solid #999; white-space: nowrap; }
td { padding: .35rem .6rem .35rem 0; vertical-align: top; border-bottom: 1px solid #e4e4e4; }
td.name { white-space: nowrap; }
table.grid { table-layout: fixed; }
table.grid th:first-child { width: 13.5rem; }
table.grid td + td, table.grid th + th { padding-right: 1.1rem; }
td.none { color: #777; font-style: italic; }
.strip { display: block; background: linear-gradient(#ccc, #ccc) bottom / 100% 1px no-repeat; overflow: visible; }
.counts { color: #555; }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.8rem; margin: 1rem 0; padding: .8rem 1rem; border: 1px solid #ccc; font: 13px/1.4 ui-monospace, Menlo, Consolas, monospace; }
.legend div { display: flex; align-items: end; gap: .5rem; }
.lessons { list-style: none; padding: 0; }
.lessons li { padding: .25rem 0 .25rem 1.8rem; text-indent: -1.8rem; }
.lessons b { display: inline-block; width: 1.8rem; text-indent: 0; }
.evidence { display: block; color: #666; text-indent: 0; font-size: .9em; }
details { border-top: 1px solid #e4e4e4; }
summary { cursor: pointer; padding: .3rem 0; font: 12.5px/1.35 ui-monospace, Menlo, Consolas, monospace; }
summary:hover { background: #f4f4f4; }
details table { margin: 0 0 1.2rem; }
footer { margin-top: 3rem; color: #666; font-size: .9em; }
@media print { details { break-inside: avoid; } body { margin: 0; max-width: none; } }
`;

const meanings: readonly (readonly [verdict: Verdict, text: string])[] = [
	['right', 'right: each request answered once, as by one machine'], ['late', 'right, but a timer had to mend it'],
	['unanswered', 'a request has no answer'], ['wrong', 'the client was told what one machine would not have told it'],
];

function legend(): string {
	return element('div', { class: 'legend' }, meanings.map(([verdict, text]) => element('div', {}, swatch(verdict) + texted('span', {}, text))).join(''));
}

function counts({ cells }: Combination): string {
	const parts = (Object.keys(marks) as Verdict[]).flatMap((verdict) => {
		const count = cells.filter((cell) => cell.verdict === verdict).length;
		return count === 0 ? [] : [`${marks[verdict].mark}${count}`];
	});
	return texted('span', { class: 'counts' }, parts.join(' '));
}

/** Rows by policy and client, a column for each fault. */
function section(title: string, combinations: readonly Combination[]): string {
	const rows = new Map<string, Combination[]>();
	for (const one of combinations) {
		const name = `${names[one.coordinates.policy]}, ${names[one.coordinates.client]}`;
		rows.set(name, [...(rows.get(name) ?? []), one]);
	}
	const shown = faults.filter((fault) => combinations.some(({ coordinates }) => coordinates.fault === fault));
	const head = element('tr', {}, ['policy, client', ...shown.map((fault) => (fault === 'none' ? 'no further fault' : fault.replaceAll('-', ' ')))].map((text) => texted('th', {}, text)).join(''));
	const body = [...rows].map(([name, some]) => {
		const reason = senseless(some[0]!.coordinates);
		const cells = reason === '' ? shown.map((fault) => some.find(({ coordinates }) => coordinates.fault === fault)).map((one) => element('td', {}, one === undefined ? ' ' : strip(one.cells) + counts(one))).join('')
			: texted('td', { class: 'none', colspan: shown.length }, `n/a: ${reason}`);
		return element('tr', {}, texted('td', { class: 'name' }, name) + cells);
	});
	return texted('h2', {}, title) + element('table', { class: 'grid' }, element('thead', {}, head) + element('tbody', {}, body.join('')));
}

const heads = ['', 'killed before step', 'on the wire', 'application saw', 'counter', 'bytes equal', 'error', 'added delay', 'dedup memory', 'linearizable', 'why'];

function delayText({ delay }: Alike): string {
	return delay === null ? '–' : [...new Set(delay.map(wait))].join('–');
}

function historyRow(alike: Alike): string {
	const { crashes, sample } = alike;
	const killed = crashes.filter((crash) => crash > 0);
	const when = [...(killed.length < crashes.length ? ['never'] : []), ...(killed.length === 0 ? [] : [ranges(killed)])].join('; ');
	const dropped = sample.dropped === 0 ? '' : ` (dropped ${sample.dropped})`;
	const columns = [
		marks[sample.verdict].mark, when, String(sample.wire), `${sample.seen.join(', ') || 'nothing'}${dropped}`, String(sample.counter), sample.equal === null ? '–' : sample.equal ? 'yes' : 'NO',
		sample.error || '–', delayText(alike), `${sample.memory} B`, sample.linearizable ? 'yes' : 'NO', sample.reason === '' ? '' : `${sample.reason}: ${reasonTexts[sample.reason]}`,
	];
	return element('tr', {}, columns.map((text) => texted('td', {}, text)).join(''));
}

function details(combination: Combination): string {
	const { transport, serials, policy, client, fault } = combination.coordinates;
	const title = [names[transport], names[serials], names[policy], names[client], fault === 'none' ? 'no further fault' : fault.replaceAll('-', ' ')].join(' · ');
	const head = element('tr', {}, heads.map((text) => texted('th', {}, text)).join(''));
	const table = element('table', {}, element('thead', {}, head) + element('tbody', {}, combination.alike.map(historyRow).join('')));
	return element('details', {}, element('summary', {}, `${escaped(title)} &nbsp; ${counts(combination)}`) + table);
}

function lessonList(lessons: readonly Lesson[]): string {
	if (lessons.length === 0) return '';
	const items = lessons.map(({ ok, text, evidence }) => element('li', {}, texted('b', {}, ok ? '✓' : '✗') + escaped(text) + texted('span', { class: 'evidence' }, evidence)));
	return texted('h2', {}, 'What it shows') + element('ul', { class: 'lessons' }, items.join(''));
}

/** The matrix as a page that needs nothing but itself. */
export function matrixHtml(cells: readonly Cell[], lessons: readonly Lesson[], seed: number): string {
	const combinations = combined(cells);
	const groups = new Map<string, Combination[]>();
	for (const one of combinations) {
		const title = `${names[one.coordinates.transport]} ${names[one.coordinates.serials]}`;
		groups.set(title, [...(groups.get(title) ?? []), one]);
	}
	const worlds = cells.filter(({ verdict }) => verdict !== 'n/a').length;
	const lead = `A client asks a replicated counter twice. The primary is killed before every step of that conversation in turn, and besides, one frame is lost, repeated or late. ${worlds} worlds: each strip has the crash points from left to right, and the higher it stands the worse.`;
	const reasons = element('ul', {}, reasonsOf(cells).map(({ reason, count }) => texted('li', {}, `${reason} (${count}): ${reasonTexts[reason]}.`)).join('') || ' ');
	const axisList = element('ul', {}, axes.map(({ name, text, values }) => texted('li', {}, `${name}: ${text}. ${values.join(', ')}`)).join(''));
	const sensible = combinations.filter(({ coordinates }) => senseless(coordinates) === '');
	const body = [
		stripDefinitions, texted('h1', {}, 'Who notices a duplicate'), texted('p', { class: 'lead' }, lead), legend(),
		...[...groups].map(([title, some]) => section(title, some)), lessonList(lessons),
		texted('h2', {}, 'Why a world is not right'), reasons, texted('h2', {}, 'The axes'), axisList,
		texted('h2', {}, 'Every history'), texted('p', { class: 'lead' }, 'Crash points that lead to one history are told together.'), ...sensible.map(details),
		texted('footer', {}, `dupack matrix · seed ${seed}`),
	].join('\n');
	return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>The dedup matrix</title><style>${style}</style></head>\n<body>\n${body}\n</body></html>\n`;
}
