import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { combinations, senseless } from './axes.ts';
import type { Coordinates } from './axes.ts';
import type { Cell } from './cell.ts';
import { cellAt, cellsOf } from './enumerate.ts';
import { ranges } from '../ranges.ts';
import { combined, tally } from './fold.ts';
import { breachOf, breachesIn, isSafe, lessons } from './laws.ts';
import { matrixHtml } from './html.ts';
import { tableLines } from './table.ts';

const plain: Coordinates = { transport: 'tcp', serials: 'none', policy: 'normal', client: 'no-retry', fault: 'none' };
const udp: Coordinates = { ...plain, transport: 'udp' };

function textOf(lines: ReturnType<typeof tableLines>): string {
	return lines.map((line) => line.map(({ text }) => text).join('')).join('\n');
}

/** Memoised: several tests look at the same worlds. */
const known = new Map<string, Cell[]>();
function cells(coordinates: Coordinates): Cell[] {
	const key = JSON.stringify(coordinates);
	const found = known.get(key) ?? cellsOf(coordinates, 1);
	known.set(key, found);
	return found;
}

test('every combination is there once; UDP has no connection to open again', () => {
	const all = combinations();
	assert.is(all.length, 2 * 2 * 3 * 3 * 7);
	assert.is(new Set(all.map((one) => JSON.stringify(one))).size, all.length);
	assert.is(all.filter((one) => senseless(one) !== '').length, 2 * 3 * 7);
	assert.equal(cells({ ...udp, client: 'reconnect' }).map(({ verdict, crash }) => [verdict, crash]), [['n/a', -1]]);
});

test('crash points are every step of the conversation, in order, behind the world without a crash', () => {
	const numbers = cells(plain).map(({ crash }) => crash);
	assert.equal(numbers, [...numbers.keys()]);
	assert.ok(numbers.length > 50);
});

for (const coordinates of [plain, { ...udp, client: 'retry', fault: 'reply-late', policy: 'neither-sends' }, { ...plain, serials: 'stored-reply', policy: 'rule-off', client: 'reconnect', fault: 'log-lost' }] as const) {
	test(`worlds that go on from a saved state, or stand for one another, are as worlds of their own: ${coordinates.transport} ${coordinates.policy} ${coordinates.fault}`, () => {
		const found = cells(coordinates);
		assert.equal(found, cellsOf(coordinates, 1, true));
		for (const crash of [0, 1, 9, 24, 37, found.length - 1]) assert.equal(cellAt(coordinates, 1, crash).cell, found[crash]);
	});
}

test('without a crash and a fault every client is served, whatever the policy', () => {
	for (const coordinates of combinations().filter(({ fault, serials }) => fault === 'none' && serials === 'none')) {
		if (senseless(coordinates) !== '') continue;
		const { cell } = cellAt(coordinates, 1, 0);
		assert.is(cell.verdict, 'right');
		assert.equal([cell.wire, cell.seen, cell.counter, cell.delay], [2, ['11', '12'], 12, 0]);
	}
});

test('over TCP the reply comes twice, the same, and is read once', () => {
	const twice = cells(plain).filter(({ wire }) => wire > 2);
	assert.ok(twice.length > 0);
	for (const { seen, counter } of twice) assert.equal([seen.join(), counter], ['11,12', 12]);
	assert.ok(twice.some(({ verdict, equal }) => verdict === 'right' && equal === true));
	// What TCP's timer sends is another output, and nothing to compare.
	assert.ok(twice.every(({ equal }) => equal !== false));
});

test('over UDP the second one is believed, and is even taken for the answer to the next request', () => {
	const fooled = cells(udp).filter(({ reason }) => reason === 'no-memory');
	assert.ok(fooled.some(({ seen, linearizable, counter }) => seen.join() === '11,11' && !linearizable && counter === 11));
	assert.ok(fooled.some(({ seen }) => seen.join() === '11,12,12'));
});

test('with serials it is dropped', () => {
	const found = cells({ ...udp, serials: 'stored-reply', client: 'retry' });
	assert.ok(found.some(({ dropped, seen }) => dropped === 1 && seen.join() === '11,12'));
	assert.equal(tally(found).wrong + tally(found).unanswered, 0);
});

test('without the Output Rule the client is told of what never was, over TCP with serials too', () => {
	const found = cells({ ...plain, serials: 'stored-reply', policy: 'rule-off', fault: 'log-lost' });
	assert.ok(found.some(({ linearizable, watch, reason }) => !linearizable && watch !== 'ok' && reason === 'told-too-early'));
	assert.ok(found.some(({ error }) => error === 'ETIMEDOUT'));
});

test('the laws find what breaks them', () => {
	const cell = cells(plain)[1]!;
	assert.is(isSafe(cell), true);
	assert.is(breachOf(cell), '');
	assert.match(breachOf({ ...cell, verdict: 'wrong', reason: 'no-memory' }), 'With all protections on');
	assert.match(breachOf({ ...cell, equal: false }), 'not the same');
	assert.match(breachOf({ ...cell, watch: 'a strange frame' }), 'a strange frame');
	assert.match(breachOf({ ...cell, client: 'retry', verdict: 'wrong', reason: 'neither-sent' }), 'reason it cannot have');
	assert.match(breachOf({ ...cell, client: 'retry', verdict: 'wrong', reason: 'unexplained' }), 'nothing explains it');
	assert.match(breachOf({ ...cell, verdict: 'n/a' }), 'was not run');
	assert.is(breachesIn([cell, { ...cell, equal: false }]).length, 1);
});

test('a matrix that shows nothing teaches nothing', () => {
	assert.ok(lessons([]).every(({ ok }) => !ok));
});

test('crash points with one history are told together', () => {
	const [combination] = combined(cells(udp));
	assert.is(combination!.alike.reduce((sum, { crashes }) => sum + crashes.length, 0), combination!.cells.length);
	assert.is(ranges([0, 2, 3, 4, 7]), '0, 2–4, 7');
});

test('the table counts every world, and tells the histories where it is asked to', () => {
	const some = [...cells(udp), ...cells({ ...udp, client: 'reconnect' })];
	const { right, unanswered, wrong } = tally(some);
	const short = textOf(tableLines(some, { width: 120 }));
	assert.match(short, 'UDP without serials');
	assert.match(short, new RegExp(`normal, no retry +${right} +· +${unanswered} +${wrong} `));
	assert.match(short, 'n/a: UDP has no connection to open again');
	assert.not.match(short, 'killed before');
	assert.match(textOf(tableLines(some, { width: 120, points: true })), 'the application saw 11, 11; counter 11');
});

test('the page needs nothing but itself, and escapes what it is given', () => {
	const page = matrixHtml(cells(udp), [{ id: 'x', text: 'a <b> & "c"', ok: true, evidence: '' }], 1);
	assert.match(page, /^<!doctype html>/);
	assert.not.match(page, /(src|href)=|https?:|<script|@import/);
	assert.match(page, 'a &lt;b&gt; &amp; &quot;c&quot;');
	assert.is([...page.matchAll(/<details/g)].length, 1);
});

test.run();
