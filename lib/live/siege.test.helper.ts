import { begin } from './program.ts';
import type { Program } from './program.ts';
import { LivePair } from './pair.ts';
import type { UpOptions } from './pair.ts';

let count = 0;

/** A pair for a test; it is taken down however the test ends. */
export async function withPair(options: Omit<UpOptions, 'name'>, work: (pair: LivePair) => Promise<void>): Promise<void> {
	const pair = await LivePair.up({ name: `dkpair-${process.pid}-${++count}`, ...options });
	try {
		await work(pair);
	} finally {
		pair.down();
	}
}

/** Starts a script of Node's inside. */
export function script(pair: LivePair, text: string): Program {
	return begin(pair, [process.execPath, '--input-type=module', '-'], text);
}
