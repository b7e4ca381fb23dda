// Runs every built test file in a process of its own, and counts what it ran.
//
//   node .ci/test.js [part of a path …]
//   DUPACK_SEED=n node .ci/test.js …   other cases of every property
//
// uvu has two traps: a file that forgets test.run() passes with no test, and a
// promise that never settles ends the process before the rest has run. So each
// file has to print uvu's closing summary with at least one test in it.
//
// Files that deal with the kernel's network and with processes (lib/live, lib/cli/kernel) run
// one after the other, since they share a machine with whatever else it does.
// One that fails gets a second run when everything else is done, and what the
// first run said is shown all the same.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const wanted = process.argv.slice(2);
const seed = new URL('seed.js', import.meta.url).href;
const TIMEOUT_MS = 600_000;

const files = readdirSync(dist, { recursive: true })
	.filter((name) => name.endsWith('.test.js'))
	.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
	.sort();

/** Runs one file; resolves to its counts, its output and how long it took. */
function runFile(name) {
	return new Promise((resolve) => {
		const began = Date.now();
		const child = spawn(process.execPath, ['--enable-source-maps', '--import', seed, join(dist, name)], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		const keep = (chunk) => { output += chunk; };
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		const timer = setTimeout(() => { output += `\ntook longer than ${TIMEOUT_MS / 1000} s`; child.kill('SIGKILL'); }, TIMEOUT_MS);
		child.on('close', (code) => {
			clearTimeout(timer);
			const count = (word) => { const found = new RegExp(`^\\s+${word}:\\s+(\\d+)`, 'm').exec(output); return found ? Number(found[1]) : -1; };
			const total = count('Total'), passed = count('Passed'), skipped = count('Skipped');
			const failed = total > 0 && code === 0 ? 0 : Math.max(1, total - passed - skipped);
			const why = total < 0 ? 'ended before its tests did, or never called test.run()' : total === 0 ? 'ran no test' : code !== 0 && total === passed ? `exit code ${code}` : '';
			resolve({ name, passed: Math.max(0, passed), skipped: Math.max(0, skipped), failed, why, output, ms: Date.now() - began });
		});
	});
}

const sum = { passed: 0, failed: 0, skipped: 0 };
const isLive = (name) => name.startsWith(join('lib', 'live')) || name.startsWith(join('lib', 'cli', 'kernel'));
const live = files.filter(isLive), others = files.filter((name) => !isLive(name));
const broken = [], doubtful = [];

function report(result, remark = '') {
	const { name, passed, skipped, failed, output, ms } = result;
	sum.passed += passed;
	sum.failed += failed;
	sum.skipped += skipped;
	const source = relative(root, join(root, name)).replace(/\.js$/, '.ts');
	console.log(`${failed ? 'FAIL' : 'ok  '} ${source}  ${passed} passed${skipped ? `, ${skipped} skipped` : ''}  ${ms} ms${remark}`);
	for (const line of output.split('\n')) if (line.startsWith('SKIP ')) console.log(`     ${line}`);
	if (failed) broken.push(result);
}

async function worker(...queues) {
	for (const queue of queues) for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
		const result = await runFile(name);
		if (result.failed && isLive(name)) doubtful.push(result);
		else report(result);
	}
}
const workers = Math.min(4, availableParallelism());
await Promise.all(Array.from({ length: workers }, (_, i) => (i === 0 ? worker(live, others) : worker(others))));

for (const first of doubtful) {
	console.log(`\n──── ${first.name} failed beside others ${first.why}; it runs once more, alone\n${first.output.trim()}\n`);
	report(await runFile(first.name), ' (second run)');
}
for (const { name, why, output } of broken) console.log(`\n──── ${name} ${why}\n${output.trim()}\n     again: ${process.env['DUPACK_SEED'] === undefined ? '' : `DUPACK_SEED=${process.env['DUPACK_SEED']} `}node --import ./.ci/seed.js dist/${name}`);
if (files.length === 0) { console.log('no test file matches'); sum.failed = 1; }
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed ? 1 : 0);
