import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { existsSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LIVE } from '../bridge.ts';
import { canLive, Lab } from '../live.test.helper.ts';
import { hasProgram } from '../requirements.ts';
import { script, withPair } from '../siege.test.helper.ts';

function rootOf(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) if (existsSync(join(folder, 'package.json'))) return folder;
}
const root = rootOf(dirname(fileURLToPath(import.meta.url)));

/** The example of the README that holds some text. */
function example(text: string): string {
	return [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!).find((code) => code.includes(text))!;
}

if (canLive()) {
	test('the README\'s service is replicated: its count survives kill -9', async () => {
		await Lab.use([], async (lab) => {
			const file = join(lab.folder, 'tally.ts');
			writeFileSync(file, example('TallyService'));
			await withPair({ service: file, knobs: { lease: 2_000_000, silence: 2_000_000 } }, async (pair) => {
				const client = script(pair, `import { connect } from 'node:net';
					const socket = connect(7001, '${LIVE.server}');
					let rest = 'abc';
					socket.write('abcd');
					socket.on('data', (piece) => {
						console.log(String(piece).trim());
						if (rest === '') return socket.end();
						setTimeout(() => { socket.write(rest); rest = ''; }, 500);
					});`);
				while (client.lines.length === 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
				pair.signal(await pair.find('speaker'), 'SIGKILL');
				assert.is(await client.ended, 0);
				assert.equal(client.lines, ['4', '7']);
			});
		});
	});

	test('the README\'s HTTP server of Node\'s on a TAP device answers curl', async () => {
		if (!hasProgram('curl')) { console.log('SKIP Node\'s HTTP server with curl: the program curl is missing (apt-get install curl)'); return; }
		await Lab.use(['tap0'], async (lab) => {
			const file = join(lab.folder, 'server.mjs');
			const net = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), `index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`)).href;
			writeFileSync(file, `${example('dupack/net').replace('dupack/net', net)}\nconsole.log('up');\n`);
			await lab.start(pathToFileURL(file));
			const ask = (...flags: string[]): string => lab.namespace.run(['curl', '-s', ...flags]);
			assert.is(ask(`http://${LIVE.server}/a`), 'you asked for /a\n');
			assert.is(ask(`http://${LIVE.server}/b`, `http://${LIVE.server}/c`), 'you asked for /b\nyou asked for /c\n');
			const refused = lab.namespace.run(['sh', '-c', `curl -s -o /dev/null http://${LIVE.server}:81/; echo $?`]);
			assert.is(refused.trim(), '7');
		});
	});
}

test.run();
