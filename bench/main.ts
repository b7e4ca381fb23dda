import { cpus } from 'node:os';
import type { Figure } from './measure.ts';
import { benchPair } from './pair.ts';
import { benchNet } from './peer-net.ts';
import { benchStack } from './stack.ts';

/** A figure with as many digits as mean something. */
function figure(value: number): string {
	return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

function print(title: string, figures: readonly Figure[]): void {
	console.log(`\n${title}`);
	for (const { name, value, unit, note } of figures) console.log(`  ${name.padEnd(24)} ${figure(value).padStart(12)} ${unit.padEnd(18)} ${note ?? ''}`);
}

console.log(`${cpus()[0]?.model ?? 'unknown CPU'} × ${cpus().length}, Node ${process.version}; a CPU second, medians`);
const ours = benchStack();
print('dupack, two hosts in one process, 1500-byte frames with checksums', ours);
const paired = benchPair();
print('the same, replicated', paired);
const peers = await benchNet();
print('peer', peers);
console.log('\nratios to the peer');
for (const { name, value } of peers) {
	const mine = ours.find((one) => one.name === name);
	if (mine !== undefined) console.log(`  ${name.padEnd(24)} ${(mine.value / value).toFixed(2).padStart(12)}`);
}
console.log('\nratios of the pair to the single host');
for (const { name, value } of paired) {
	const single = ours.find((one) => `${one.name}, pair` === name);
	if (single !== undefined) console.log(`  ${name.padEnd(24)} ${(value / single.value).toFixed(2).padStart(12)}`);
}
