import { createServer, connect } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { once } from 'node:events';
import { cpuSeconds } from './measure.ts';
import type { Figure } from './measure.ts';

// The peer everybody has: Node's own `net` over loopback. Its kernel side runs
// on the same CPU time, which is counted.

async function listening(server: Server): Promise<number> {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return (server.address() as AddressInfo).port;
}

async function bulk(octets: number): Promise<number> {
	const block = Buffer.alloc(65536, 7);
	const server = createServer((socket) => {
		let left = octets;
		const more = (): void => {
			for (; left > 0; left -= block.length) if (!socket.write(block)) { left -= block.length; socket.once('drain', more); return; }
			socket.end();
		};
		more();
	});
	const port = await listening(server);
	const before = cpuSeconds();
	const socket = connect(port, '127.0.0.1');
	let got = 0;
	socket.on('data', (data) => { got += data.length; });
	await once(socket, 'close');
	server.close();
	return 8 * got / 1e9 / (cpuSeconds() - before);
}

async function pingPong(rounds: number): Promise<number> {
	const ball = Buffer.alloc(64, 7);
	const server = createServer((socket) => { socket.setNoDelay(true); socket.on('data', () => socket.write(ball)); socket.on('error', () => { /* the client is gone */ }); });
	const port = await listening(server);
	const socket = connect(port, '127.0.0.1');
	socket.setNoDelay(true);
	await once(socket, 'connect');
	const before = cpuSeconds();
	let done = 0;
	await new Promise<void>((resolve) => {
		socket.on('data', () => { if (++done === rounds) resolve(); else socket.write(ball); });
		socket.write(ball);
	});
	const rate = rounds / (cpuSeconds() - before);
	socket.destroy();
	server.close();
	return rate;
}

async function connections(count: number): Promise<number> {
	const ball = Buffer.alloc(64, 7);
	const server = createServer((socket) => { socket.on('data', () => socket.end(ball)); });
	const port = await listening(server);
	const before = cpuSeconds();
	let left = count;
	const one = async (): Promise<void> => {
		while (left-- > 0) {
			const socket = connect(port, '127.0.0.1');
			socket.on('data', () => { /* the answer */ });
			socket.write(ball);
			await once(socket, 'close');
		}
	};
	await Promise.all(Array.from({ length: 8 }, one));
	const rate = count / (cpuSeconds() - before);
	server.close();
	return rate;
}

/** The same loads over Node's `net`. */
export async function benchNet(): Promise<Figure[]> {
	await bulk(50e6);
	await pingPong(2000);
	const note = 'Node net over loopback';
	return [
		{ name: 'bulk', value: await bulk(1e9), unit: 'Gbit/s', note },
		{ name: 'ping-pong', value: await pingPong(40_000), unit: '/s', note },
		{ name: 'connections', value: await connections(5000), unit: '/s', note },
	];
}
