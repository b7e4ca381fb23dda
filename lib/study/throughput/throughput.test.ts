import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cellKey, cells, crowdKey, crowds } from './cells.ts';
import { golden, goldenCrowds } from './golden.ts';
import { jain, measureCell, measureCrowd } from './measure.ts';

// All of it takes a minute; these go through every sender, buffer, loss and delay.
const someCells = cells.filter((_, i) => i % 19 === 0);
const someCrowds = crowds.filter(({ flows }) => flows === 2).slice(0, 1);

test('the golden table has a line for every transfer and every crowd', () => {
	assert.equal(Object.keys(golden), cells.map(cellKey));
	assert.equal(Object.keys(goldenCrowds), crowds.map(crowdKey));
});

for (const cell of someCells) {
	test(`throughput as recorded: ${cellKey(cell)}`, () => {
		assert.equal(measureCell(cell), golden[cellKey(cell)]);
	});
}

for (const crowd of someCrowds) {
	test(`fairness as recorded: ${crowdKey(crowd)}`, () => {
		assert.equal(measureCrowd(crowd), goldenCrowds[crowdKey(crowd)]);
	});
}

test('nothing is recorded above what the link carries, and a link without loss is filled where the buffers span it', () => {
	// 1448 octets of text are 1538 on the wire.
	const most = Math.floor((20_000 * 1448) / 1538);
	for (const cell of cells) {
		const [kbits] = golden[cellKey(cell)]!;
		assert.ok(kbits <= most, cellKey(cell));
		const spans = cell.buffer * 8 > 20 * 2 * cell.delay + 100 * 1538 * 8;
		if (cell.loss === 0 && cell.buffer === 262_144 && spans) assert.ok(kbits > 0.94 * most, cellKey(cell));
	}
});

test('flows of one kind share a bottleneck fairly', () => {
	for (const crowd of crowds) {
		const [kbits, fairness] = goldenCrowds[crowdKey(crowd)]!;
		// Which flow a full queue hits is chance, and 20 s have few such chances.
		assert.ok(fairness >= 930, crowdKey(crowd));
		assert.ok(kbits > 0.94 * 50_000 * (1448 / 1538), crowdKey(crowd));
	}
});

test('Jain: equal shares are 1000, all for one of n is 1000 ÷ n', () => {
	assert.is(jain([5, 5, 5, 5]), 1000);
	assert.is(jain([7, 0, 0, 0]), 250);
	assert.is(jain([0, 0]), 1000);
});

test.run();
