import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { merged } from './findings.ts';
import type { Finding } from './findings.ts';
import { hunt } from './hunt.ts';
import { pitfalls, plant } from './mutant.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './plants/index.ts';
import { markdown, summary } from './table.ts';
import { complaints } from './type-check.ts';
import { Workshop } from './workshop.ts';

function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'tsconfig.json'))) return folder;
}
const root = rootOf(dirname(fileURLToPath(import.meta.url)));
const named = (name: string): Mutant => mutants.find((one) => one.name === name)!;

test('every mutant finds its place in the sources, once', () => {
	const wrong: string[] = [];
	for (const mutant of mutants) {
		try {
			plant(readFileSync(join(root, mutant.file), 'utf8'), mutant);
		} catch (error) {
			wrong.push((error as Error).message);
		}
	}
	assert.equal(wrong, []);
});

test('there are mutants of every kind, and no two of one name', () => {
	assert.is(new Set(mutants.map(({ name }) => name)).size, mutants.length);
	for (const pitfall of Object.keys(pitfalls)) assert.ok(mutants.filter((one) => one.pitfall === pitfall).length >= (pitfall === 'replica' ? 15 : 2), pitfall);
});

test('a patch that fits nowhere, twice, or changes nothing is refused', () => {
	const about = { ...named('lt-as-numbers'), from: 'b', to: 'c' };
	const code = (source: string, mutant: Mutant): string => {
		try {
			return plant(source, mutant);
		} catch (error) {
			return (error as { code: string }).code;
		}
	};
	assert.is(code('abc', about), 'acc');
	assert.is(code('ac', about), 'PATCH_LOST');
	assert.is(code('abcb', about), 'PATCH_AMBIGUOUS');
	assert.is(code('bb', about), 'PATCH_AMBIGUOUS');
	assert.is(code('abc', { ...about, to: 'b' }), 'PATCH_IDLE');
});

test('what does not compile is told by name', () => {
	const found = complaints(root, [{ ...named('lt-as-numbers'), name: 'broken', to: 'return a; }' }, named('gt-as-numbers')]);
	assert.is(found.length, 1, found.join('\n'));
	assert.match(found[0]!, /^broken: /);
});

test('a mutant dies in its copy; mended, the copy is sound; removed, it is gone', async () => {
	const workshop = new Workshop(root);
	try {
		workshop.plant(named('lt-as-numbers'));
		const first = await hunt(workshop.folder, root, 'tests', 'tcp/seq.ts');
		assert.is(first.fate, 'killed', JSON.stringify(first));
		// The next one takes its place.
		workshop.plant(named('ack-before-receipt'));
		assert.is((await hunt(workshop.folder, root, 'packetdrill', 'tcp/seq.ts')).fate, 'none');
		assert.is((await hunt(workshop.folder, root, 'packetdrill', 'lib/replica/listener.ts')).fate, 'aside');
		workshop.plant(named('time-wait-silent'));
		const last = await hunt(workshop.folder, root, 'packetdrill', 'tcp/arrival.ts');
		assert.is(last.fate, 'killed', JSON.stringify(last));
		assert.match(last.by, /\.pkt$/);
	} finally {
		workshop.remove();
	}
	assert.not.ok(existsSync(workshop.folder));
});

test('findings of now replace those of other sources and join those of the same; the table shows them', () => {
	const [a, b] = [mutants[0]!.name, mutants[1]!.name];
	const killed = { fate: 'killed', by: 'tcp/wrap.test', runs: 3, why: '' } as const, none = { fate: 'none', by: '', runs: 9, why: '' } as const;
	const before: Finding[] = [{ name: a, commit: 'old', catches: { fuzz: killed } }, { name: b, commit: 'new', catches: { fuzz: none } }, { name: 'gone', commit: 'old', catches: {} }];
	const all = merged(mutants, before, [{ name: b, commit: 'new', catches: { tests: killed } }, { name: a, commit: 'new', catches: { tests: none } }]);
	assert.equal(all, [{ name: a, commit: 'new', catches: { tests: none } }, { name: b, commit: 'new', catches: { fuzz: none, tests: killed } }]);
	assert.match(summary(all)[0]!, /^1 of 2 mutants died \(50\.0 %\); sources of new\.$/);
	const table = markdown(mutants, all);
	assert.match(table, `| \`${a}\` **lives** ${mutants[0]!.text} | – |  |  |  |`);
	assert.match(table, `| \`${b}\` ${mutants[1]!.text} | wrap (3) | – |  |  |`);
});

test.run();
