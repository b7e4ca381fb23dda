import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LINKTYPE_RAW, packetsOf, pcapOf } from '../capture/traffic.test.helper.ts';

const self = fileURLToPath(import.meta.url);
const main = fileURLToPath(new URL(`./main${extname(self)}`, import.meta.url));
const tsx = import.meta.resolve('tsx');
const folder = mkdtempSync(join(tmpdir(), 'dupack-words-'));
const at = (name: string): string => join(folder, name);
test.after(() => { rmSync(folder, { recursive: true }); });

/** Runs a command with nothing on its standard input. */
function dupack(...args: string[]): { code: number | null; said: string } {
	const { status, stderr } = spawnSync(process.execPath, [...(extname(self) === '.ts' ? ['--import', tsx] : []), main, ...args], { encoding: 'utf8', input: '', timeout: 120_000 });
	return { code: status, said: stderr };
}

/** One sentence, without a word of where in the program it was said. */
function assertPlain({ code, said }: ReturnType<typeof dupack>, expected: number, words: RegExp): void {
	assert.match(said, words);
	assert.not.match(said, /^\s+at |\.[jt]s:\d|node:|Error:/m);
	assert.is(code, expected, said);
}

writeFileSync(at('a.pcap'), pcapOf(LINKTYPE_RAW, packetsOf([{ from: 'c', flags: 2, seq: 1 }, { from: 's', flags: 20, seq: 0, ack: 2 }])));
writeFileSync(at('empty'), '');

for (const command of ['analyze', 'replay']) {
	test(`${command}: what cannot be read is told in a sentence`, () => {
		assertPlain(dupack(command, folder), 2, /is a folder: name a capture file/);
		assertPlain(dupack(command, at('none')), 2, /cannot read .*none: there is no such file/);
		assertPlain(dupack(command, at('a.pcap/b')), 2, /cannot read .*: a part of its path is a file, not a folder/);
	});

	test(`${command}: a capture with nothing in it is damaged`, async () => {
		assertPlain(dupack(command, at('empty')), 1, /^CAPTURE_CUT: the capture is empty/);
		assertPlain(dupack(command, '-'), 1, /^CAPTURE_CUT: the capture is empty/);
		const pipe = at(`pipe-${command}`);
		if (spawnSync('mkfifo', [pipe]).status !== 0) return console.log('SKIP there is no mkfifo: no pipe was read');
		// Opening blocks until the other end is opened, too.
		const writer = spawn('sh', ['-c', `: > ${pipe}`]);
		const closed = new Promise((resolve) => writer.on('close', resolve));
		assertPlain(dupack(command, pipe), 1, /^CAPTURE_CUT: the capture is empty/);
		await closed;
	});

	test(`${command}: a device that fails`, () => {
		if (!existsSync('/proc/self/mem')) return console.log('SKIP there is no /proc: no failing device was read');
		assertPlain(dupack(command, '/proc/self/mem'), 2, /cannot read \/proc\/self\/mem: the device failed/);
	});

	test(`${command}: a file that may not be read`, () => {
		if (process.getuid?.() === 0) return console.log('SKIP a superuser may read every file');
		copyFileSync(at('a.pcap'), at(`secret-${command}`));
		chmodSync(at(`secret-${command}`), 0);
		assertPlain(dupack(command, at(`secret-${command}`)), 2, /cannot read .*: it is not permitted/);
	});
}

test('what cannot be written is told in a sentence', () => {
	const file = at('a.pcap');
	assertPlain(dupack('analyze', file, '--stream', '0', '--plot', at('none/x.svg')), 2, /cannot write .*: there is no such file or folder/);
	assertPlain(dupack('analyze', file, '--stream', '0', '--plot', folder), 2, /cannot write .*: it is a folder/);
	assertPlain(dupack('replay', file, '--pcap', at('a.pcap/x')), 2, /cannot write .*: a part of its path is a file/);
	assertPlain(dupack('run', 'duplicate-output', '--pcap', at('none/x')), 2, /cannot write .*: there is no such file or folder/);
});

test('fuzz makes the folder for what it finds, and says before the search where it cannot', () => {
	assert.is(dupack('fuzz', 'frames', '--runs', '1', '--seed', '1', '--out', at('made/deeper')).code, 0);
	assert.ok(existsSync(at('made/deeper')));
	assertPlain(dupack('fuzz', '--out', at('a.pcap/x')), 2, /cannot make the folder .*: a part of its path is a file/);
});

test('a script that cannot be read', () => {
	assertPlain(dupack('packetdrill', '/proc/self/mem'), 2, /cannot read \/proc\/self\/mem: the device failed/);
});

test.run();
