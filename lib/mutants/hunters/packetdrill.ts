import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseScript } from '../../packetdrill/index.ts';
import { runScript } from '../../packetdrill/run/index.ts';
import { tell } from './tell.ts';

// Arguments: folders of scripts.
let runs = 0;
for (const folder of process.argv.slice(2)) {
	for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.pkt')).sort()) {
		runs++;
		const { status, message, line } = runScript(parseScript(readFileSync(join(folder, name), 'utf8'), name));
		if (status === 'fail') tell({ by: `${basename(folder)}/${name}`, runs, why: `line ${line}: ${message.split('\n')[0]}` });
	}
}
tell({ by: '', runs, why: '' });
