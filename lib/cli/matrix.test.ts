import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(import.meta.url);
const main = join(here, '..', `main${extname(here)}`);
const runner = extname(here) === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];

/** Runs the command as a user would; `code`, `out` and `err`. */
function dupack(...args: string[]): { code: number | null; out: string; err: string } {
	const { status, stdout, stderr } = spawnSync(process.execPath, [...runner, main, ...args], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, COLUMNS: '120', NO_COLOR: '1' } });
	return { code: status, out: stdout, err: stderr };
}

interface MatrixJson {
	readonly ok: boolean;
	readonly axes: readonly { readonly name: string }[];
	readonly lessons: readonly { readonly id: string; readonly ok: boolean }[];
	readonly cells: readonly { readonly verdict: string; readonly crash: number; readonly policy: string; readonly linearizable: boolean; readonly watch: string }[];
}

test('the whole matrix, with every crash point: nothing is wrong that has no reason to be, and every lesson is shown', () => {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-'));
	try {
		const page = join(folder, 'matrix.html');
		const { code, out, err } = dupack('matrix', '--json', '--html', page);
		assert.is(err, '');
		assert.is(code, 0);
		const { ok, axes, lessons, cells } = JSON.parse(out) as MatrixJson;
		assert.is(ok, true);
		assert.equal(axes.map(({ name }) => name), ['transport', 'serials', 'policy', 'client', 'fault', 'crash']);
		assert.equal(lessons.filter((lesson) => !lesson.ok), []);
		assert.is(lessons.length, 7);
		assert.ok(cells.length > 10_000);
		assert.ok(cells.every(({ policy, watch }) => policy === 'rule-off' || watch === 'ok'));
		assert.match(readFileSync(page, 'utf8'), 'Who notices a duplicate');
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('a part of it is the same on one thread and on several', () => {
	const part = ['matrix', '--only', 'transport=udp,policy=normal', '--json'];
	const one = dupack(...part, '--threads', '1'), many = dupack(...part, '--threads', '3');
	assert.is(one.code, 0);
	assert.is(one.out, many.out);
});

test('one world is shown with its ladder, and named by the line that replays it', () => {
	const { code, out } = dupack('matrix', '--only', 'transport=udp,serials=none,policy=normal,client=no-retry,fault=none', '--crash', '39');
	assert.is(code, 0);
	assert.match(out, 'is killed');
	assert.match(out, 'again = #');
	assert.match(out, 'the application saw 11, 11; counter 11');
});

test('what cannot be meant is refused, with what may have been', () => {
	for (const [args, message] of [
		[['--only', 'transprot=udp'], "Did you mean 'transport'?"],
		[['--only', 'client=retri'], "Did you mean 'retry'?"],
		[['--crash', '3'], 'name one with --only'],
		[['--only', 'transport=udp,serials=none,policy=normal,client=reconnect,fault=none', '--crash', '3'], 'makes no sense'],
		[['--only', 'fault=none,transport=udp,serials=none,policy=normal,client=retry', '--html', '/nowhere/at/all.html'], 'cannot write'],
	] as const) {
		const { code, out, err } = dupack('matrix', ...args);
		assert.is(code, 2);
		assert.is(out, '');
		assert.ok(err.includes(message), err);
	}
});

test.run();
