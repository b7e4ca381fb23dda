import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { scenarios } from '../../scenarios/index.ts';

const self = fileURLToPath(import.meta.url);
const main = fileURLToPath(new URL(`./main${extname(self)}`, import.meta.url));
const tsx = import.meta.resolve('tsx');
const folder = mkdtempSync(join(tmpdir(), 'dupack-'));

interface Outcome {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

/** Runs the command as a user does, in a folder of its own. */
function dupack(...words: readonly string[]): Outcome {
	const { status, stdout, stderr } = spawnSync(process.execPath, [...(extname(self) === '.ts' ? ['--import', tsx] : []), main, ...words], {
		encoding: 'utf8', cwd: folder, env: { PATH: process.env['PATH'], COLUMNS: '100' },
	});
	return { code: status, out: stdout, err: stderr };
}

function file(name: string, text: string): string {
	writeFileSync(join(folder, name), text);
	return `./${name}`;
}

const own = `
import { Counter, TcpClient, carries, claim, number, scenario, sent } from 'dupack/scenario';

export default scenario({
	name: 'mine', title: 'Mine', lecture: 'My own.',
	knobs: { asks: number(2, 'how often it asks') },
	service: () => new Counter({ start: 100 }),
	until: 1_000_000,
	play(stage, { asks }) {
		stage.client(new TcpClient({ requests: Array.from({ length: asks }, (_, i) => 20_000 + i) }));
		stage.crash(sent('primary', carries('102')));
	},
	claims: (run) => [claim('all', 'All answered.', run.client().delivered.join() === '101,102')],
});
`;

test('scenarios are listed, and one is told about', () => {
	const { out, code } = dupack('scenarios');
	assert.is(code, 0);
	for (const { name, title } of scenarios) assert.ok(out.includes(name) && out.includes(title), name);
	assert.is((JSON.parse(dupack('scenarios', '--json').out) as unknown[]).length, scenarios.length);
	assert.match(dupack('scenarios', 'switch-port').out, /black-hole/);
});

test('run prints a ladder, the claims and the digest; no colour where nobody sees it', () => {
	const { out, err, code } = dupack('run', 'duplicate-output');
	assert.is(code, 0);
	assert.match(out, /◀═+.*"11" again/);
	assert.match(out, /9 of 9 claims hold · seed 1 · \d+ steps · digest [0-9a-f]{64}/);
	assert.not.match(out, '\u001b');
	assert.not.match(err, 'Again');
});

test('JSON is one object, the same each time, and agrees with what is printed', () => {
	const first = dupack('run', 'client-closed', '--json', '--seed', '9'), again = dupack('run', 'client-closed', '--json', '--seed', '9');
	assert.is(first.out, again.out);
	const json = JSON.parse(first.out) as { readonly seed: number; readonly ok: boolean; readonly arm: string; readonly digest: string; readonly arms: readonly { readonly arm: string; readonly digest: string }[] };
	assert.is(json.seed, 9);
	assert.ok(json.ok);
	assert.is(json.arm, 'a1');
	assert.equal(json.arms.map(({ arm }) => arm), ['a1', 'a2', 'b1', 'b2', 'c']);
	assert.is(json.arms[0]!.digest, json.digest);
	const { out } = dupack('run', 'client-closed', '--seed', '9', '--arm', 'b2');
	assert.ok(out.includes(json.arms[3]!.digest));
});

test('a capture is written, and nothing else on stdout', () => {
	const { code, out, err } = dupack('run', 'duplicate-output', '--json', '--pcap', 'run.pcapng');
	assert.is(code, 0);
	assert.is((JSON.parse(out) as { readonly ok: boolean }).ok, true);
	assert.match(err, /\d+ frames in run\.pcapng/);
	assert.is(readFileSync(join(folder, 'run.pcapng')).readUInt32LE(0), 0x0a0d_0d0a);
	assert.is(dupack('run', 'duplicate-output', '--pcap', 'no/such/folder').code, 2);
});

test('a crash point alone, and all of them', () => {
	const one = dupack('run', 'duplicate-output', '--crash-at', '40', '--json');
	assert.is(one.code, 0);
	assert.is((JSON.parse(one.out) as { readonly crashAt: number }).crashAt, 40);
	const { code, out } = dupack('run', 'duplicate-output', '--crash-at', 'all', '--json');
	assert.is(code, 0);
	const json = JSON.parse(out) as { readonly ok: boolean; readonly digest: string; readonly points: readonly { readonly at: number; readonly verdict: string }[] };
	assert.ok(json.ok);
	assert.match(json.digest, /^[0-9a-f]{64}$/);
	const { steps } = JSON.parse(dupack('run', 'duplicate-output', '--json').out) as { readonly steps: number };
	assert.equal(json.points.map(({ at }) => at), Array.from({ length: steps }, (_, i) => i + 1));
	assert.ok(json.points.every(({ verdict }) => verdict === 'ok'));
	assert.is(dupack('run', 'duplicate-output', '--crash-at', String(steps + 1)).code, 2);
});

test('a claim that fails ends in 1 and the line that replays it', () => {
	const { code, out, err } = dupack('run', 'duplicate-output', '--set', 'policy=nothing', '--seed', '5');
	assert.is(code, 1);
	assert.match(out, '✗');
	assert.match(err, 'npx dupack run duplicate-output --seed 5 --set policy=nothing');
	assert.is((JSON.parse(dupack('run', 'duplicate-output', '--set', 'policy=nothing', '--json').out) as { readonly ok: boolean }).ok, false);
});

test('whoever reads may go away: no noise, and the exit code stays', async () => {
	for (const [words, wanted] of [[['run', 'duplicate-output'], 0], [['run', 'duplicate-output', '--set', 'policy=nothing'], 1], [['scenarios', '--json'], 0]] as const) {
		const child = spawn(process.execPath, [...(extname(self) === '.ts' ? ['--import', tsx] : []), main, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
		child.stdout.destroy();
		let err = '';
		child.stderr.on('data', (piece: Buffer) => { err += piece.toString(); });
		const code = await new Promise((resolve) => { child.on('close', resolve); });
		assert.is(code, wanted, words.join(' '));
		assert.not.match(err, 'EPIPE');
	}
});

test('what is not understood says what was meant, and ends in 2', () => {
	const wrong: readonly [readonly string[], RegExp][] = [
		[['run', 'duplicat-output'], /Did you mean 'duplicate-output'/],
		[['run', 'duplicate-output', '--set', 'drian=off'], /Did you mean 'drain'/],
		[['run', 'duplicate-output', '--set', 'drain=perhaps'], /on, off/],
		[['run', 'duplicate-output', '--set', 'drain'], /--set drain=on/],
		[['run', 'client-closed', '--arm', 'a11'], /Did you mean 'a1'/],
		[['run', 'duplicate-output', '--sed', '3'], /--seed/],
		[['run', 'duplicate-output', '--seed', 'x'], /whole number/],
		[['run', 'duplicate-output', '--crash-at', '0'], /whole number from 1/],
		[['rum', 'duplicate-output'], /Did you mean run/],
		[['run'], /missing required argument/],
		[['run', './nothing.ts'], /no file/],
	];
	for (const [words, message] of wrong) {
		const { code, err, out } = dupack(...words);
		assert.is(code, 2, words.join(' '));
		assert.match(err, message);
		assert.is(out, '');
	}
});

test('a file of one\'s own runs, as TypeScript and as JavaScript, wherever it lies', () => {
	for (const name of ['mine.ts', 'mine.js', 'mine.mjs']) {
		const { code, out, err } = dupack('run', file(name, own), '--set', 'asks=2');
		assert.is(code, 0, err);
		assert.match(out, /2 of 2 claims hold/);
	}
});

test('a file that is wrong says where', () => {
	const bad: readonly [string, string, RegExp, number][] = [
		['throws.ts', own.replace('stage.crash(', '(undefined as any).x; stage.crash('), /throws\.ts:11:\d+: TypeError/, 1],
		['claims.js', own.replace('=> [claim(', '=> [run.nothing.here, claim('), /claims\.js:13:\d+: TypeError/, 1],
		['top.mjs', '\nthrow new Error("no");\n', /top\.mjs:2:\d+: Error: no/, 1],
		['syntax.ts', 'const x = ;\n', /syntax\.ts:1:/, 1],
		['none.js', 'export default 3;\n', /no scenario as its default export/, 2],
		['name.ts', own.replace("'mine'", "'Not A Name'"), /cannot be a scenario's name/, 1],
		['data.json', '{}', /has to end in/, 2],
	];
	for (const [name, text, message, exit] of bad) {
		const { code, err } = dupack('run', file(name, text));
		assert.match(err, message, name);
		assert.is(code, exit, name);
	}
});

test('help begins with examples, and ends in 0', () => {
	for (const words of [['--help'], ['run', '--help']]) {
		const { code, out } = dupack(...words);
		assert.is(code, 0);
		assert.ok(out.trimStart().startsWith('Examples:'));
	}
});

test.after(() => { rmSync(folder, { recursive: true }); });

test.run();
