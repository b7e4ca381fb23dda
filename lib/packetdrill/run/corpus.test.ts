import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScript } from '../index.ts';
import { runScript } from './index.ts';
import type { Verdict } from './index.ts';

function root(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	return folder;
}

/** Runs every script below a folder. */
function runAll(folder: string): Verdict[] {
	const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pkt')).sort();
	return names.map((name) => runScript(parseScript(readFileSync(join(folder, name), 'utf8'), name), { strict: true }));
}

/** Scripts that did not pass, with their first line of why. */
function others(verdicts: readonly Verdict[]): string[] {
	return verdicts.filter(({ status }) => status !== 'pass').map(({ file, line, status, message }) => `${file}:${line} ${status}: ${message.split('\n')[0]}`);
}

const own = join(root(), 'scenarios', 'packetdrill');
const shared = join(process.env['DUPACK_SHARED'] ?? join(root(), '..', 'shared'), 'packetdrill', 'freebsd');

test('every script of our own passes', () => {
	const verdicts = runAll(own);
	assert.equal(others(verdicts), []);
	assert.ok(verdicts.length >= 120, `${verdicts.length} scripts`);
});

if (existsSync(shared)) {
	test('of FreeBSD\'s scripts exactly these do not pass: none', () => {
		const verdicts = runAll(shared);
		assert.equal(others(verdicts), []);
		assert.is(verdicts.length, 366);
	});
} else console.log(`SKIP the scripts of FreeBSD: ${shared} is absent`);

test.run();
