import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './measure.ts';

// The native peer: lwIP, as Debian's `liblwip-dev` has it, with our loads
// written in C. It is compiled where that and a compiler are there.

const HEADERS = '/usr/include/lwip';
const TIMEOUT_MS = 120_000;

/** What the driver's counts are in, and what one of them is worth. */
const units: { readonly [name: string]: { readonly unit: string; readonly scale: number } } = {
	bulk: { unit: 'Gbit/s', scale: 8e-9 },
	'ping-pong': { unit: '/s', scale: 1 },
	pipelined: { unit: '/s', scale: 1 },
	connections: { unit: '/s', scale: 1 },
};

/** The driver's source lies in the checkout, whether this runs from there or from `dist`. */
function sourcePath(): string | undefined {
	return ['peer-lwip/driver.c', '../../bench/peer-lwip/driver.c'].map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);
}

function skip(why: string): Figure[] {
	console.log(`\nSKIP lwIP is not measured: ${why}`);
	return [];
}

function parse(line: string): Figure[] {
	const [name = '', ...rest] = line.split(' ');
	const { unit, scale } = units[name] ?? { unit: '', scale: 0 };
	const runs = rest.map(Number).filter((value) => value > 0).map((value) => value * scale).sort((a, b) => a - b);
	if (name === 'pcb') return [{ name: 'control block', value: Number(rest[0]), unit: 'bytes', note: 'without what the allocator adds' }];
	if (runs.length === 0) return [];
	return [{ name, value: runs[runs.length >> 1]!, unit, note: `${runs[0]!.toPrecision(3)}–${runs.at(-1)!.toPrecision(3)}` }];
}

/** The same loads between two interfaces of lwIP in one process, a CPU second; none where it cannot be built. */
export function benchLwip(): Figure[] {
	const source = sourcePath();
	if (source === undefined) return skip('its driver is not in this package');
	if (!existsSync(join(HEADERS, 'lwip/tcp.h'))) return skip('apt-get install liblwip-dev');
	const room = mkdtempSync(join(tmpdir(), 'dupack-lwip-'));
	try {
		const driver = join(room, 'driver');
		const built = spawnSync('gcc', ['-O2', `-I${HEADERS}`, '-o', driver, source, '-llwip'], { encoding: 'utf8' });
		if (built.status !== 0) return skip(built.error === undefined ? `gcc could not build it: ${built.stderr.split('\n')[0] ?? ''}` : 'apt-get install gcc');
		const ran = spawnSync(driver, { encoding: 'utf8', timeout: TIMEOUT_MS });
		return ran.stdout.trim().split('\n').flatMap(parse);
	} finally {
		rmSync(room, { recursive: true });
	}
}
