import { Explorer, explorables } from '../../search/explore/index.ts';
import { tell } from './tell.ts';

// Arguments: most situations of a world; 'pair' or 'hosts' for one kind of world.
const [situations = '1000', kind = ''] = process.argv.slice(2);
let runs = 0;
for (const { name, faults, most, build } of explorables) {
	const isPair = most.crashes + most.cuts > 0;
	if ((kind === 'pair' && !isPair) || (kind === 'hosts' && isPair)) continue;
	const found = new Explorer(build(), { faults, most: { ...most, frames: 1 }, situations: Number(situations) }).run();
	runs += found.situations;
	if (found.violation !== null) tell({ by: name, runs, why: `${found.violation.invariant}: ${found.violation.text}` });
}
tell({ by: '', runs, why: '' });
