import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lacks, until } from '../live/index.ts';

const main = join(dirname(fileURLToPath(import.meta.url)), `main${extname(import.meta.url)}`);
// A folder of our own, so that nobody else's runs are ours to clear away.
const folder = mkdtempSync(join(tmpdir(), 'dklive-'));
/** How long is waited for what has to come, ms. */
const PATIENCE = 60_000;
const env = { ...process.env, DUPACK_LIVE: folder };
test.after(() => {
	dupack('clean');
	rmSync(folder, { recursive: true, force: true });
});

function dupack(...words: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
	return spawnSync(process.execPath, [...process.execArgv, main, 'live', ...words], { encoding: 'utf8', env, timeout: 300_000 });
}

const missing = lacks();
for (const { what, remedy } of missing) console.log(`SKIP dupack live: ${what} (${remedy})`);

test('what is asked for wrongly is said, with exit code 2', () => {
	const wrong: readonly (readonly [words: string[], says: RegExp])[] = [
		[['up', '--service', 'kvv'], /Did you mean 'kv'/], [['up', '--service', './none.ts'], /no file/], [['up', '--lease', '1'], /--lease 1 is no time/],
		[['up', '--channel', 'tpc'], /Did you mean 'tcp'/], [['kill', 'nobody'], /primary or backup/], [['demo', '--act', 'klil'], /Did you mean 'kill'/],
		[['replica', '--listen', '10.0.0.1', '--arbiter', '/'], /--listen 10.0.0.1 is no address/], [['replica', '--listen', '127.0.0.1:1', '--arbiter', '/none'], /no such folder/], [['replica', '--listen', '127.0.0.1:1', '--arbiter', '/', '--address', '10.0.0.1'], /length of its prefix/],
		[['replica', '--listen', '127.0.0.1:1', '--arbiter', '/', '--mac', '1'], /--mac 1 is none/], [['replica'], /--listen/], [['arbiter', '--listen', '127.0.0.1:0', '--ledger', '/'], /is no address/], [['arbiter', '--listen', '127.0.0.1:1', '--ledger', '/none'], /no such folder/],
		[['siege', 'kil'], /Did you mean 'kill'/], [['siege', 'kill', '--times', 'x'], /--times x/], [['status'], /no live run/], [['sttatus'], /unknown command/], [['up', '--name', 'A b'], /cannot be a run's name/],
	];
	for (const [words, says] of missing.length === 0 ? wrong : wrong.filter(([, text]) => /act|times/.test(text.source))) {
		const { status, stderr } = dupack(...words);
		assert.is(status, 2, words.join(' '));
		assert.match(stderr, says);
	}
});

/** Starts a demonstration, and waits until its processes run. */
async function begun(name: string): Promise<ChildProcess> {
	const child = spawn(process.execPath, [...process.execArgv, main, 'live', 'demo', '--act', 'kill', '--name', name], { env, stdio: 'ignore' });
	const state = join(folder, name, 'state.json');
	await until(PATIENCE, () => existsSync(state) && (JSON.parse(readFileSync(state, 'utf8')) as { processes: unknown[] }).processes.length >= 3, () => 'the demonstration did not begin');
	return child;
}

/** Processes that were started with a path of the run's. */
function processesOf(name: string): string[] {
	return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
		try {
			return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(folder, name));
		} catch {
			return false;
		}
	});
}

async function gone(name: string): Promise<void> {
	await until(PATIENCE, () => processesOf(name).length === 0, () => `processes of the run live on: ${processesOf(name).join(', ')}`);
	assert.not(existsSync(join(folder, name)));
	assert.not(existsSync(`/run/netns/${name}`));
}

if (missing.length === 0) {
	test('demo: its claims hold, and the capture is written', () => {
		const file = join(folder, 'kill.pcapng');
		const { status, stdout } = dupack('demo', '--act', 'kill', '--json', '--pcap', file, '--name', `dkcli-${process.pid}`);
		const { ok, claims, gap } = JSON.parse(stdout) as { ok: boolean; claims: { id: string; ok: boolean }[]; gap: { [part: string]: number } };
		assert.equal([status, ok], [0, true]);
		assert.ok(claims.length > 5);
		for (const part of ['detectionUs', 'drainUs', 'switchUs']) assert.ok(gap[part]! >= 0, part);
		assert.is(readFileSync(file).readUInt32LE(0), 0x0a0d0d0a);
	});

	test('Ctrl-C takes everything down', async () => {
		const name = `dkint-${process.pid}`;
		const child = await begun(name);
		child.kill('SIGINT');
		const code = await new Promise((resolve) => { child.once('exit', resolve); });
		assert.is(code, 130);
		await gone(name);
	});

	test('what a crash leaves behind goes with clean', async () => {
		const name = `dkcrash-${process.pid}`;
		const child = await begun(name);
		child.kill('SIGKILL');
		await new Promise((resolve) => { child.once('exit', resolve); });
		const { status, stdout } = dupack('clean', '--json');
		assert.is(status, 0);
		assert.ok((JSON.parse(stdout) as { removed: string[] }).removed.includes(name));
		await gone(name);
	});
}

test.run();
