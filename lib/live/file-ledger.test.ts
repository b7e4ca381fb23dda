import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { arbiterCases, arbiterOver, ledgerCases } from '../replica/arbiter-cases.test.helper.ts';
import type { LedgerRig } from '../replica/arbiter-cases.test.helper.ts';
import { LedgerError } from '../replica/index.ts';
import { FileLedger } from './file-ledger.ts';

const first = { epoch: 1, winner: 1, members: [1, 2] };

function rig(): LedgerRig & { readonly folder: string } {
	const parent = mkdtempSync(join(tmpdir(), 'dkledger-'));
	const folder = join(parent, 'arbiter');
	spawnSync('mkdir', [folder]);
	const ledger = new FileLedger(folder);
	ledger.put(first);
	return {
		folder, ledger, again: () => new FileLedger(folder, false),
		reach: (reachable) => renameSync(reachable ? `${folder}.away` : folder, reachable ? folder : `${folder}.away`),
		dispose: () => rmSync(parent, { recursive: true }),
	};
}

for (const one of arbiterCases) test(`in files: ${one.name}`, () => one.run(() => arbiterOver(rig())));
for (const one of ledgerCases) test(`in files: ${one.name}`, () => one.run(rig));

function codeOf(work: () => unknown): string {
	try {
		work();
		return '';
	} catch (error) {
		return (error as LedgerError).code;
	}
}

test('an empty folder is no new ledger, and a damaged file no decision', () => {
	const { folder, ledger, dispose } = rig();
	for (const text of ['', '{', '{"epoch":9,"winner":1,"members":[1]}', '{"epoch":2,"winner":1,"members":"1"}', 'null']) {
		writeFileSync(join(folder, 'epoch-2'), text);
		assert.is(codeOf(() => ledger.newest()), 'LEDGER_DAMAGED', text);
	}
	for (const name of readdirSync(folder)) rmSync(join(folder, name));
	assert.is(codeOf(() => ledger.newest()), 'LEDGER_UNREACHABLE');
	dispose();
});

test('nothing but the epochs is left behind', () => {
	const { folder, ledger, dispose } = rig();
	ledger.put({ epoch: 2, winner: 1, members: [1] });
	assert.not(ledger.put({ epoch: 2, winner: 2, members: [2] }));
	assert.equal(readdirSync(folder).sort(), ['epoch-1', 'epoch-2']);
	dispose();
});

test('of several processes that put the same epochs at once each epoch has one winner', async () => {
	const { folder, ledger, dispose } = rig();
	const module = new URL(`./file-ledger.test.helper${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).pathname;
	const racers = [1, 2, 3].map((id) => spawn(process.execPath, [...process.execArgv, module, folder, String(id)], { stdio: ['pipe', 'pipe', 'inherit'] }));
	await Promise.all(racers.map((racer) => new Promise((resolve) => { racer.stdout.once('data', resolve); })));
	const outcomes = racers.map((racer) => new Promise<number[]>((resolve) => {
		let text = '';
		racer.stdout.on('data', (piece) => { text += piece; });
		racer.once('close', () => resolve(JSON.parse(text) as number[]));
	}));
	for (const racer of racers) racer.stdin.end('go\n');
	const won = (await Promise.all(outcomes)).flat();
	assert.equal(won.sort((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 2));
	assert.is(ledger.newest().epoch, 101);
	dispose();
});

test.run();
