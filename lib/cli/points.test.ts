import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
const main = join(here, '..', `main${extname(here)}`);
const runner = extname(here) === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];

function dupack(...args: string[]): { code: number | null; out: string; err: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, [...runner, main, 'run', 'duplicate-output', ...args], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, COLUMNS: '120', NO_COLOR: '1' } });
	return { code: status, out: stdout, err: stderr };
}

test('every crash point of the backup, as text and as JSON', () => {
	const { code, out } = dupack('--crash-at', 'all', '--crash', 'backup');
	assert.is(code, 0);
	const [, points] = /(\d+) crash points of the backup, (\d+) worlds that differ, \2 ok/.exec(out) ?? [];
	assert.match(out, `killed before steps 1–${points}`);
	const json = JSON.parse(dupack('--crash-at', 'all', '--crash', 'backup', '--json').out) as { ok: boolean; points: { at: number; verdict: string }[]; histories: { shows: string }[]; worlds: { points: number[]; crash: string }[] };
	assert.is(json.ok, true);
	assert.is(json.points.length, Number(points));
	assert.equal(json.histories.map(({ shows }) => shows), ['the application was given 11; counter 11']);
	assert.equal(json.points.map(({ at }) => at), Array.from({ length: json.points.length }, (_, i) => i + 1));
	assert.equal(json.worlds.flatMap((world) => world.points), json.points.map(({ at }) => at));
});

test('the arm that is asked for is the one whose crash points are tried', () => {
	const walk = (arm: string): { code: number | null; out: string } => {
		const { status, stdout } = spawnSync(process.execPath, [...runner, main, 'run', 'poison', '--arm', arm, '--crash-at', '20', '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 });
		return { code: status, out: stdout };
	};
	for (const arm of ['poison', 'machine']) assert.is((JSON.parse(walk(arm).out) as { arm: string }).arm, arm);
});

test('one world of them, with its ladder and its fault', () => {
	const { code, out } = dupack('--crash-at', '40', '--fault', 'log:primary:3:lose');
	assert.is(code, 0);
	assert.match(out, 'The primary is killed before step 40: ok');
	assert.match(out, /✗|lost/);
	assert.match(dupack('--crash-at', '40', '--crash', 'backup').out, 'The backup is killed before step 40: ok');
});

test('what cannot be meant is refused', () => {
	for (const [args, message] of [
		[['--crash', 'backup'], 'go with --crash-at'],
		[['--fault', 'log:primary:3:lose', '--crash-at', 'all'], '--fault strikes one run'],
		[['--fault', 'log:primary', '--crash-at', '3'], 'is no fault'],
		[['--fault', 'wire:primary:1:lose', '--crash-at', '3'], "There is no link 'wire'"],
		[['--crash', 'arbiter', '--crash-at', '3'], 'Allowed choices are primary, backup'],
		[['--faults', '2', '--crash-at', 'all'], 'it is 0 or 1'],
		[['--svg', 'x.svg', '--crash-at', 'all'], '--svg draws one run'],
	] as const) {
		const { code, err } = dupack(...args);
		assert.is(code, 2, args.join(' '));
		assert.ok(err.includes(message), err);
	}
});

test.run();
