import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Journal, loadJournal, readJournal } from './journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'dkjournal-'));
test.after(() => rmSync(folder, { recursive: true }));

if (process.platform !== 'linux') console.log('SKIP journals: this is not Linux');
else {
	test('what was written is read back, names and all, and only what was written', () => {
		const path = join(folder, 'a');
		const journal = new Journal(path, 0x100_0000);
		const bytes = Uint8Array.of(9, 1, 2, 3);
		journal.name(0, 'ä name');
		journal.put(5, 1234, 1, 2, 3, 4, bytes, 1, 3);
		journal.put(6, 1235, -1, 0.5, 2 ** 40, 0, bytes, 0, 0);
		const file = loadJournal(path);
		assert.is(file.length, 0x10_0000);
		const { records, names } = readJournal(file);
		assert.equal(names, ['ä name']);
		assert.equal(records.map(({ kind, time, slots, bytes: body }) => [kind, time, ...slots, ...body]), [[5, 1234, 1, 2, 3, 4, 1, 2, 3], [6, 1235, -1, 0.5, 2 ** 40, 0]]);
	});

	test('a full journal counts what it had no room for, and keeps what it has', () => {
		const path = join(folder, 'b');
		const journal = new Journal(path, 4096);
		for (let i = 0; i < 100; i++) journal.put(1, i, 0, 0, 0, 0, new Uint8Array(50), 0, 50);
		const { records } = readJournal(loadJournal(path));
		assert.is(records.length + journal.missed, 100);
		assert.is(records.length, Math.floor(4096 / 104));
		assert.is(records.at(-1)!.time, records.length - 1);
	});

	test('kill -9 loses no record that was written', () => {
		const path = join(folder, 'c');
		const module = new URL(`./journal${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href;
		const text = `import { Journal } from '${module}'; const journal = new Journal('${path}'); for (let i = 0; i < 1000; i++) journal.put(1, i, 0, 0, 0, 0, new Uint8Array(60), 0, 60); process.kill(process.pid, 'SIGKILL');`;
		const { signal } = spawnSync(process.execPath, [...process.execArgv, '--input-type=module', '-e', text]);
		assert.is(signal, 'SIGKILL');
		assert.equal(readJournal(loadJournal(path)).records.map(({ time }) => time), Array.from({ length: 1000 }, (_, i) => i));
	});
}

test.run();
