import './seeded.ts';
import { properties } from '../../search/properties.ts';
import { search } from '../../search/property.ts';
import { tell } from './tell.ts';

// Arguments: how many times as many cases as a test tries; names of properties, all without them.
const [times = '1', ...names] = process.argv.slice(2);
let runs = 0;
for (const property of properties) {
	if (names.length > 0 && !names.includes(property.name)) continue;
	const outcome = search(property, { runs: Math.ceil(property.runs * Number(times)), seed: 1 });
	runs += outcome.runs;
	if (!outcome.ok) tell({ by: property.name, runs, why: outcome.why });
}
tell({ by: '', runs, why: '' });
