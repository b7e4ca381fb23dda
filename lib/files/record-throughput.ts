import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellKey, cells, crowdKey, crowds } from '../study/throughput/cells.ts';
import { measureCell, measureCrowd } from '../study/throughput/measure.ts';

// Writes the golden table of throughput anew, from the root of the checkout:
//
//   node dist/lib/files/record-throughput.js

const path = join('lib', 'study', 'throughput', 'golden.ts');

function rows(entries: readonly (readonly [string, readonly number[]])[]): string {
	return entries.map(([key, figures]) => `\t'${key}': [${figures.join(', ')}],\n`).join('');
}

function measureAll<T, F>(all: readonly T[], key: (one: T) => string, measure: (one: T) => F): [string, F][] {
	return all.map((one, i) => {
		if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${all.length} `);
		return [key(one), measure(one)];
	});
}

const flows = rows(measureAll(cells, cellKey, measureCell));
const fairness = rows(measureAll(crowds, crowdKey, measureCrowd));
writeFileSync(path, `// Written by lib/files/record-throughput.ts; a change in it is to be explained where it is committed.
import type { CrowdFigures, Figures } from './measure.ts';

/** One flow for 10 s over 20 Mbit/s with room for 100 frames: kbit/s, segments sent again, time-outs. */
export const golden: { readonly [cell: string]: Figures } = {
${flows}};

/** Flows over 50 Mbit/s, 10 ms each way, with room for 250 frames, from second 10 to 30: kbit/s of all, Jain's index in thousandths; segments sent again and time-outs, from the beginning. */
export const goldenCrowds: { readonly [crowd: string]: CrowdFigures } = {
${fairness}};
`);
process.stderr.write(`wrote ${path}\n`);
