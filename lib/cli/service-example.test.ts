import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const main = fileURLToPath(new URL(`./main${extname(self)}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'dupack-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

function rootOf(start: string): string {
	for (let at = start; ; at = dirname(at)) if (existsSync(join(at, 'package.json'))) return at;
}
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(rootOf(dirname(self)), 'lib', 'service', 'README.md'), 'utf8')) ?? [];

function run(text: string, ...more: readonly string[]): { code: number | null; out: string; err: string } {
	writeFileSync(join(folder, 'bank.ts'), text);
	const { status, stdout, stderr } = spawnSync(process.execPath, [...(extname(self) === '.ts' ? ['--import', import.meta.resolve('tsx')] : []), main, 'run', './bank.ts', '--json', ...more], { encoding: 'utf8', cwd: folder, maxBuffer: 1 << 28 });
	return { code: status, out: stdout, err: stderr };
}

test('the service with sessions that the README shows pays once, whatever is asked twice', () => {
	assert.match(example, 'SessionTable');
	const { code, out, err } = run(example);
	assert.is(code, 0, err);
	assert.ok((JSON.parse(out) as { claims: { id: string; ok: boolean }[] }).claims.every(({ ok }) => ok));
});

test('without the table it pays twice: the example shows what it is there for', () => {
	const careless = example.replace("case 'answered': return textOf(this.#table.reply);", "case 'answered': return `balance ${this.#own.balance += 10} s${serial}`;");
	assert.is.not(careless, example);
	const { code, out } = run(careless);
	assert.is(code, 1);
	assert.equal((JSON.parse(out) as { claims: { id: string; ok: boolean }[] }).claims.filter(({ ok }) => !ok).map(({ id }) => id), ['paid-once']);
});

test.run();
