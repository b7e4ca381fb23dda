import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE } from '../lib/live/index.ts';
import type { LivePair } from '../lib/live/index.ts';

/** Where Node's own server is, behind the same bridge. */
const NODE = '10.0.0.20';

/** A script that asks for `/counter` over so many connections for so long, one request at a time each, and prints replies a second. */
export function httpLoad(address: string, connections: number = 16, ms: number = 2000): string {
	return `const { connect } = require('node:net');
		const request = 'GET /counter HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n';
		let replies = 0, began = 0;
		for (let i = 0; i < ${connections}; i++) {
			const socket = connect({ host: '${address}', port: 80, noDelay: true });
			let rest = '';
			socket.on('connect', () => socket.write(request));
			socket.on('data', (piece) => {
				rest += piece.toString('latin1');
				const end = rest.indexOf('\\r\\n\\r\\n');
				if (end < 0) return;
				const length = Number(/content-length: (\\d+)/i.exec(rest)?.[1] ?? 0);
				if (rest.length < end + 4 + length) return;
				rest = rest.slice(end + 4 + length);
				replies++;
				socket.write(request);
			});
		}
		setTimeout(() => { replies = 0; began = performance.now(); }, 500);
		setTimeout(() => { console.log(replies / (performance.now() - began) * 1000); process.exit(0); }, ${500 + ms});`;
}

/** Has Node's own HTTP server answer behind the bridge of a pair, in a namespace of its own, on the kernel's TCP, for as long as `work` takes. */
export async function besideNode<T>(pair: LivePair, work: (address: string) => Promise<T>): Promise<T> {
	const serve = `require('node:http').createServer((request, response) => { const text = '10'; response.setHeader('content-length', 2); response.end(text); }).listen(80, '${NODE}');`;
	const script = 'echo $$; read -r _; ip link set lo up; ip link set eth0 up; ip address add "$1"/24 dev eth0; exec "$2" -e "$3"';
	const [program, ...rest] = [...pair.namespace.prefix, 'unshare', '-n', 'sh', '-c', script, 'sh', NODE, process.execPath, serve];
	const child = spawn(program!, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
	try {
		const pid = await new Promise<string>((resolve) => { child.stdout.once('data', (text) => resolve(String(text).trim())); });
		pair.namespace.run(['sh', '-c', `ip link add node0 type veth peer name eth0 netns ${pid} && ip link set node0 master ${LIVE.bridge} up`]);
		child.stdin.write('\n');
		await sleep(800);
		return await work(NODE);
	} finally {
		child.kill('SIGKILL');
	}
}
