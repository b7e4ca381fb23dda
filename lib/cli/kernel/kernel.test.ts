import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lacks } from '../../live/requirements.ts';
import { judgeFile } from '../packetdrill-file.ts';
import { runScript } from '../../packetdrill/run/index.ts';
import { againstKernel } from './pool.ts';

const missing = lacks();
for (const { what, remedy } of missing) console.log(`SKIP scripts against a kernel: ${what} (${remedy})`);

/** A server and its connection. Packets may come at any time: the machine may be busy. */
const OPENED = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
+0 bind(3, ..., ...) = 0
+0 listen(3, 8) = 0
+0 < S 0:0(0) win 30000 <mss 1000>
* > S. 0:0(0) ack 1 <mss 1460>
+.01 < . 1:1(0) ack 1 win 30000
+.01 accept(3, ..., ...) = 4
`;

const SCRIPTS: Readonly<Record<string, string>> = {
	'text-and-close': `+.01 < P. 1:101(100) ack 1 win 30000
* > . 1:1(0) ack 101
+.01 read(4, ..., 1000) = 100
+.01 write(4, "hello", 5) = 5
* > P. 1:6(5) ack 101
+.01 < . 101:101(0) ack 6 win 30000
+.01 %{ assert tcpi_state == TCP_ESTABLISHED, tcpi_state; assert tcpi_snd_mss == 1000, tcpi_snd_mss; assert tcpi_unacked == 0 }%
+.01 close(4) = 0
* > F. 6:6(0) ack 101
+.01 < F. 101:101(0) ack 7 win 30000
* > . 7:7(0) ack 102
`,
	reset: `+.01 < R. 1:1(0) ack 1 win 30000
+.01 read(4, ..., 1000) = -1 ECONNRESET (Connection reset by peer)
`,
	'unread-text': `+.01 < P. 1:101(100) ack 1 win 30000
* > . 1:1(0) ack 101
+.01 close(4) = 0
* > R. 1:1(0) ack 101
`,
	'half-close': `+.01 shutdown(4, SHUT_WR) = 0
* > F. 1:1(0) ack 1
+.01 < . 1:1(0) ack 2 win 30000
+.01 write(4, ..., 10) = -1 EPIPE (Broken pipe)
`,
};

const quiet = { pcap: '', strict: false };

if (missing.length === 0) test('what every kernel does, the kernel of this machine and the linux profile both do', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-kernel-'));
	try {
		const files = Object.entries(SCRIPTS).map(([name, text]) => {
			const file = join(folder, `${name}.pkt`);
			writeFileSync(file, OPENED + text);
			return file;
		});
		const told: string[] = [];
		const verdicts = await againstKernel(files, quiet, ({ file }) => told.push(file));
		assert.equal(verdicts.map(({ status, message }) => `${status} ${message}`), files.map(() => 'pass '));
		assert.equal(told, files, 'in the order of the scripts');
		for (const file of files) assert.is(judgeFile(file, (script) => runScript(script, { profile: 'linux' })).status, 'pass', file);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

if (missing.length === 0) test('what the kernel does not do fails, with the line of it, and an unknown call is not supported', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'dupack-kernel-'));
	try {
		const wrong = join(folder, 'wrong.pkt'), unknown = join(folder, 'unknown.pkt');
		writeFileSync(wrong, `${OPENED}+.01 < P. 1:101(100) ack 1 win 30000\n* > . 1:1(0) ack 51\n`);
		writeFileSync(unknown, `${OPENED}+.01 splice(4, 0, 5, 0, 1, 0) = 1\n`);
		const verdicts = await againstKernel([wrong, unknown], quiet, () => { /* the list has it */ });
		assert.equal(verdicts.map(({ status, line }) => `${status} ${line}`), ['fail 10', 'unsupported 9']);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

if (missing.length > 0) test('a machine that cannot ask its kernel says so', async () => {
	try {
		await againstKernel([], quiet, () => { /* nothing to tell */ });
		assert.unreachable();
	} catch (error) {
		assert.match((error as Error).message, /kernel cannot be asked/);
	}
});

test.run();
