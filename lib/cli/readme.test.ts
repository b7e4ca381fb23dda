import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const run = promisify(execFile);

function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json'))) return folder;
}
const root = rootOf(dirname(fileURLToPath(import.meta.url)));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const main = join(root, 'dist', 'lib', 'cli', 'main.js');

/** The command lines of a README: what stands in its blocks of shell. */
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((block) => block[1]!.trim().split('\n'));
const folder = mkdtempSync(join(tmpdir(), 'readme-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test('the README has the two commands, and they are what package.json knows', () => {
	const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts;
	assert.ok(commands.includes('npm ci && npm start'));
	assert.ok(commands.includes('npm ci && npm test'));
	for (const name of ['start', 'test', 'bench', 'prepare']) assert.type(scripts[name], 'string', name);
});

for (const command of commands.filter((line) => line.startsWith('npx dupack '))) {
	test(`it does what it says: ${command}`, async () => {
		const { stdout } = await run(process.execPath, [main, ...command.split(' ').slice(2)], { cwd: folder, maxBuffer: 1 << 28 });
		assert.ok(stdout.length > 0);
		if (command.includes('--json')) JSON.parse(stdout);
		const file = /--pcap (\S+)/.exec(command)?.[1];
		if (file !== undefined) assert.ok(existsSync(join(folder, file)));
	});
}

test('the ladder it shows is the one that is printed', async () => {
	const { stdout } = await run(process.execPath, [main, 'run', 'duplicate-output'], { cwd: folder, maxBuffer: 1 << 28, env: { ...process.env, COLUMNS: '', NO_COLOR: '1' } });
	const shown = /```text\n([\s\S]*?)```/.exec(readme)![1]!.trimEnd().split('\n').map((line) => line.trimEnd());
	const printed = new Set(stdout.split('\n').map((line) => line.trimEnd()));
	assert.equal(shown.filter((line) => !printed.has(line)), []);
});

for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
	test(`what it points to is there: ${path}`, () => { assert.ok(existsSync(join(root, path!))); });
}

test.run();
