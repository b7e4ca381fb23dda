import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LIVE } from './bridge.ts';
import { canLive, Lab, besides } from './live.test.helper.ts';

const connect = `import { connect } from 'node:net';\nconst socket = connect(7000, '${LIVE.server}');\n`;

if (canLive()) {
	test('the kernel\'s TCP counts over one connection of ours', async () => {
		await Lab.use(['dk1'], async (lab) => {
			await lab.start(besides('./host.test.helper'), 'counter');
			const got = lab.script(`${connect}
				let text = '';
				socket.write('inc\\ninc\\ninc\\n');
				for await (const piece of socket) { text += piece; if (text.length >= 9) break; }
				console.log(JSON.stringify(text));`);
			assert.is(JSON.parse(got), '11\n12\n13\n');
			assert.is(lab.bridge.portOf(LIVE.serverMac), 'dk1');
			assert.ok(lab.bridge.isUp('dk1'));
		});
	});

	test('a bulk of bytes goes to our echo and back unchanged', async () => {
		await Lab.use(['dk1'], async (lab) => {
			await lab.start(besides('./host.test.helper'), 'echo');
			const got = lab.script(`${connect.replace('7000', '7')}
				const sent = Buffer.from(Uint8Array.from({ length: 4 << 20 }, (_, i) => i * 7 + (i >> 9)));
				socket.end(sent);
				const pieces = [];
				for await (const piece of socket) pieces.push(piece);
				console.log(Buffer.concat(pieces).equals(sent), pieces.length > 0);`);
			assert.is(got.trim(), 'true true');
		});
	});

	test('a thousand connections each get a number of their own', async () => {
		await Lab.use(['dk1'], async (lab) => {
			await lab.start(besides('./host.test.helper'), 'counter');
			const got = lab.script(`import { connect } from 'node:net';
				const one = () => new Promise((resolve, reject) => {
					const socket = connect(7000, '${LIVE.server}', () => socket.end('inc\\n'));
					let text = '';
					socket.on('data', (piece) => { text += piece; });
					socket.on('close', () => resolve(Number(text)));
					socket.on('error', reject);
				});
				const all = [];
				for (let i = 0; i < 50; i++) all.push(...await Promise.all(Array.from({ length: 20 }, one)));
				console.log(new Set(all).size, Math.min(...all), Math.max(...all));`);
			assert.is(got.trim(), '1000 11 1010');
		});
	});
}

test.run();
