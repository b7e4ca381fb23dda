import { Explorer, explorables } from '../../search/explore/index.ts';
import type { Explorable } from '../../search/explore/index.ts';
import { tell } from './tell.ts';

// Arguments: most situations of a world; 'pair' or 'hosts' for one kind of world.
const [situations = '1000', kind = ''] = process.argv.slice(2);
let runs = 0;

/** Explores a world until something is found, and then tells it. */
function explore({ name, faults, build, most }: Explorable, frames: number): void {
	const found = new Explorer(build(), { faults, most: { ...most, frames }, situations: Number(situations) }).run();
	runs += found.situations;
	if (found.violation !== null) tell({ by: name, runs, why: `${found.violation.invariant}: ${found.violation.text}` });
}

for (const world of explorables) {
	const isPair = world.most.crashes + world.most.cuts > 0;
	if ((kind === 'pair' && !isPair) || (kind === 'hosts' && isPair)) continue;
	// Deaths and cuts alone first: with frames that fail as well they lie far apart.
	if (isPair) explore(world, 0);
	explore(world, 1);
}
tell({ by: '', runs, why: '' });
