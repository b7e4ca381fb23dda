import { cpus } from 'node:os';
import { benchCapture } from './capture.ts';
import { benchLive } from './live.ts';
import type { Figure } from './measure.ts';
import { benchPair } from './pair.ts';
import { benchLwip } from './peer-lwip.ts';
import { benchNet } from './peer-net.ts';
import { benchReplay } from './replay.ts';
import { benchSearch } from './search.ts';
import { benchStack } from './stack.ts';

/** What is measured, under the name it can be asked for by. */
const parts: { readonly [name: string]: { readonly title: string; readonly run: () => Figure[] | Promise<Figure[]> } } = {
	stack: { title: 'dupack, two hosts in one process, 1500-byte frames with checksums', run: benchStack },
	pair: { title: 'the same, replicated', run: benchPair },
	lwip: { title: 'peer: lwIP in C, two interfaces in one process', run: benchLwip },
	net: { title: 'peer: Node net over loopback', run: benchNet },
	capture: { title: 'captures, and who else reads them', run: benchCapture },
	live: { title: 'the pair as processes on TAP devices, clients of the kernel\'s; nothing is pinned, and by the clock', run: benchLive },
	replay: { title: 'captures played into the stack', run: benchReplay },
	search: { title: 'the search', run: benchSearch },
};

/** A figure with as many digits as mean something. */
function figure(value: number): string {
	return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

function row(name: string, value: string, rest: string): void {
	console.log(`  ${name.padEnd(28)} ${value.padStart(12)} ${rest}`);
}

function print(title: string, figures: readonly Figure[]): void {
	console.log(`\n${title}`);
	for (const { name, value, unit, note } of figures) row(name, figure(value), `${unit.padEnd(18)} ${note ?? ''}`);
}

/** Prints how the figures of one part stand to those of another that bear the same name. */
function ratios(title: string, ours: readonly Figure[], theirs: readonly Figure[], nameOf: (name: string) => string): void {
	const pairs = ours.flatMap((mine) => theirs.filter((one) => nameOf(one.name) === mine.name || one.name === nameOf(mine.name)).map((one) => [mine, one] as const));
	if (pairs.length === 0) return;
	console.log(`\n${title}`);
	for (const [mine, one] of pairs) row(mine.name, (mine.value / one.value).toFixed(2), '');
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0) {
	console.error(`there is no '${unknown.join("', '")}' to measure: npm run bench -- [${Object.keys(parts).join(' | ')}]`);
	process.exit(2);
}
console.log(`${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}; medians; stack, pair and peers a CPU second`);
const measured: { [name: string]: readonly Figure[] } = {};
for (const [name, { title, run }] of Object.entries(parts)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	measured[name] = await run();
	print(title, measured[name]);
}
const { stack = [], pair = [], lwip = [], net = [] } = measured;
ratios('ratios to lwIP', stack, lwip, (name) => name);
ratios('ratios to Node net', stack, net, (name) => name);
const isSerial = (name: string): boolean => name.startsWith('ping-pong');
ratios('ratios of the pair to the single host', pair.filter(({ name }) => !isSerial(name)), stack, (name) => name.replace(/, pair$/, ''));
const alone = stack.find(({ name }) => isSerial(name)), replicated = pair.find(({ name }) => isSerial(name));
if (alone !== undefined && replicated !== undefined) row('added to a serial request', (1e6 / replicated.value - 1e6 / alone.value).toFixed(1), 'µs of CPU');
