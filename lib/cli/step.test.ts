import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
const main = join(here, '..', `main${extname(here)}`);
const runner = extname(here) === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];

function step(input: string, ...args: string[]): { code: number | null; out: string; err: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, [...runner, main, 'run', 'duplicate-output', '--step', ...args], { input, encoding: 'utf8', env: { ...process.env, COLUMNS: '110', NO_COLOR: '1' } });
	return { code: status, out: stdout, err: stderr };
}

/** The steps shown, in order. */
function steps(out: string): number[] {
	return [...out.matchAll(/^step (\d+) of/gm)].map((found) => Number(found[1]));
}

test('by lines of stdin it goes forward, back, to a step and to an event', () => {
	const { code, out, err } = step('n\nn 5\nb\nb 2\ng 40\n\nf tookOver\nr crashed\ng 0\nb\nq\nn\n');
	assert.is(code, 0);
	assert.is(err, '');
	const [took, crashed] = steps(out).slice(7, 9);
	assert.equal(steps(out), [0, 1, 6, 5, 3, 40, 41, took, crashed, 0, 0]);
	assert.ok(took! > crashed! && crashed! > 0);
	assert.match(out, 'takes over in epoch 2');
});

test('what is not understood is said, and changes nothing', () => {
	const { code, out, err } = step('x\nn much\nf tokOver\nf joined\nk\n');
	assert.is(code, 0);
	assert.equal(steps(out), [0]);
	assert.match(err, "There is no command 'x'");
	assert.match(err, "'much' is no whole number");
	assert.match(err, "Did you mean 'tookOver'?");
	assert.match(out, /crashed, .*tookOver/);
});

test('it ends with its input, and refuses what it cannot be joined with', () => {
	assert.is(step('').code, 0);
	assert.is(step('', '--json').code, 2);
	assert.is(step('', '--crash-at', 'all').code, 2);
	assert.match(step('f crashed\n', '--crash-at', '12', '--crash', 'backup').out, /stands +running \*? +dead \*|stands +running +dead/);
});

test.run();
