import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

function rootFolder(): string {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	return folder;
}

const root = rootFolder(), scripts = join(root, 'scenarios', 'packetdrill');
const list = join(process.env['DUPACK_SHARED'] ?? join(root, '..', 'shared'), 'facts', 'tcp-pitfalls.md');

interface Row { readonly group: string; readonly pitfall: string; readonly shownBy: string }

function rows(): Row[] {
	const text = readFileSync(join(root, 'tcp', 'README.md'), 'utf8');
	const [, table = ''] = text.split('## Pitfalls');
	return [...table.matchAll(/^\| \*\*(.+?)\*\*: (.+?) \| (.+) \|$/gm)].map(([, group, pitfall, shownBy]) => ({ group: group!, pitfall: pitfall!, shownBy: shownBy! }));
}

/** What is wrong with what a row names; empty where all of it is there. */
function missing({ pitfall, shownBy }: Row): string[] {
	const names = [...shownBy.matchAll(/`([^`]+)`(?: "([^"]+)")?/g)];
	if (names.length === 0) return [`${pitfall}: nothing shows it`];
	return names.flatMap(([, file, name]) => {
		const path = file!.endsWith('.pkt') ? join(scripts, file!) : join(root, file!);
		if (!existsSync(path)) return [`${pitfall}: ${file} is not there`];
		if (name === undefined) return [];
		return readFileSync(path, 'utf8').includes(`test('${name.replaceAll('\'', '\\\'')}'`) ? [] : [`${pitfall}: no test "${name}" in ${file}`];
	});
}

test('every script and test that the list of pitfalls names is there', () => {
	const all = rows();
	assert.ok(all.length >= 60, `${all.length} rows`);
	assert.equal(all.flatMap(missing), []);
	assert.is(new Set(all.map(({ group, pitfall }) => `${group}: ${pitfall}`)).size, all.length);
});

test('every script made for a pitfall is in the list', () => {
	const named = rows().map(({ shownBy }) => shownBy).join(' ');
	const all = readdirSync(join(scripts, 'pitfalls'));
	assert.equal(all.filter((file) => !named.includes(`pitfalls/${file}`)), []);
});

if (existsSync(list)) {
	test('every group of pitfalls has rows', () => {
		const groups = [...readFileSync(list, 'utf8').matchAll(/^\*\*(.+?)\*\*/gm)].map(([, group]) => group!);
		assert.ok(groups.length > 10);
		const there = new Set(rows().map(({ group }) => group));
		assert.equal(groups.filter((group) => !there.has(group)), []);
	});
} else console.log(`SKIP the groups of pitfalls: ${list} is absent`);

test.run();
