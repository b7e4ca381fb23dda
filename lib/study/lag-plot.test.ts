import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scenarios } from '../../scenarios/index.ts';
import { lagOf, lagPlot } from './lag-plot.ts';
import { perform } from './perform.ts';
import type { Run } from './run.ts';

function played(arm: string): Run {
	return perform(scenarios.find(({ name }) => name === 'slow-backup')!, arm).run;
}

function textOf(lines: ReturnType<typeof lagPlot>): string[] {
	return lines.map((line) => line.map(({ text }) => text).join(''));
}

test('the lag is what was logged less what was executed, at every moment', () => {
	const run = played('lags');
	const lags = lagOf(run);
	for (const [i, { time, entries, age }] of lags.entries()) {
		assert.ok(entries >= 0 && age >= 0);
		if (entries === 0) assert.is(age, 0);
		if (i > 0) assert.ok(time > lags[i - 1]!.time);
		const logged = run.events('entryLogged', 'primary').filter((event) => event.time <= time).length;
		const executed = run.events('entryExecuted', 'backup').filter((event) => event.time <= time).length;
		if (i < lags.length - 1) assert.is(entries, logged - executed, `at ${time}`);
	}
	assert.is(lags.at(-1)!.entries, 0);
	assert.is(lags.at(-1)!.time, run.tookOverAt);
});

test('a plot is as wide and as high as it is to be, and its highest column is the most lag', () => {
	const run = played('lags');
	const most = Math.max(...lagOf(run).map(({ entries }) => entries));
	for (const [width, height] of [[72, 8], [20, 3], [100, 1], [1, 1]] as const) {
		const lines = textOf(lagPlot(run, { width, height }));
		assert.is(lines.length, height + 2);
		assert.ok(lines.slice(0, height).every((line) => [...line].length <= 8 + width));
		assert.is(Number(lines[0]!.slice(0, 6)), most);
		assert.ok(lines[0]!.includes('█') || height === 1);
		assert.is([...lines[height]!].length, 8 + width);
	}
});

test('marks are lines with their names, moments point at their column', () => {
	const run = played('throttled');
	const lines = textOf(lagPlot(run, { marks: [{ entries: 4, text: 'allowed' }], moments: [{ time: 0, mark: '╳', text: 'begins' }, { time: 1e9, mark: '?', text: 'never' }], from: 0, until: 200_000 }));
	assert.is(lines.filter((line) => line.endsWith(' allowed')).length, 1);
	assert.ok(lines.some((line) => line.includes('┄')));
	assert.is(lines.at(-1), `${' '.repeat(8)}╳ 0 µs  begins`);
});

test('nothing that lagged is left out, and nothing is drawn of a run without a log', () => {
	const lines = textOf(lagPlot(played('keeps-up'), { height: 4 }));
	assert.ok(/[▁▂▃▄▅▆▇█]/.test(lines[3]!));
	const { trace } = played('keeps-up');
	const empty = { trace: [], events: () => [] } as unknown as Run;
	assert.ok(trace.length > 0);
	assert.is(textOf(lagPlot(empty, { width: 10, height: 2 })).length, 4);
});

test.run();
