// Plays lives of the pair by the million: every crash point in turn, everything
// else drawn from the seed. Exit code 1 with the first that breaks something.
//
//   node dist/lib/files/campaign.js [--seed 1] [--from 0] [--count 1000000] [--time SECONDS]
import { parseArgs } from 'node:util';
import { campaign } from '../search/lives/lives.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, from: { type: 'string', default: '0' }, count: { type: 'string', default: '1000000' }, time: { type: 'string', default: 'Infinity' } } });
const [seed, from, count, time] = [Number(values.seed), Number(values.from), Number(values.count), Number(values.time)];
const began = Date.now();
const found = campaign(seed, from, count, () => Date.now() - began > time * 1000);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ...found, next: from + found.lives, seconds: (Date.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 }));
process.exitCode = found.broken === null ? 0 : 1;
