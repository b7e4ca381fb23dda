import { once } from 'node:events';
import { createServer as createHttpServer, request } from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linux } from '../../../tcp/index.ts';
import { cable, Stack } from './index.ts';
import type { StackOptions } from './index.ts';

/** What both Node's `net` and a stack of ours offer. */
interface AnySocket extends Duplex {
	connecting: boolean;
	readonly bytesRead: number;
	readonly bytesWritten: number;
	readonly remoteAddress?: string | undefined;
	readonly remotePort?: number | undefined;
	readonly localPort?: number | undefined;
	readonly readyState: string;
	setNoDelay(on?: boolean): this;
	setKeepAlive(on?: boolean, delay?: number): this;
	setTimeout(ms: number, told?: () => void): this;
	address(): object;
	resetAndDestroy(): this;
}
interface AnyServer extends NodeJS.EventEmitter {
	listen(port: number, told?: () => void): this;
	close(told?: (error?: Error) => void): this;
	address(): unknown;
}
interface Ends {
	createServer(options: { allowHalfOpen?: boolean; pauseOnConnect?: boolean }, connected: (socket: AnySocket) => void): AnyServer;
	connect(options: { port: number; allowHalfOpen?: boolean }): AnySocket;
	close(): void;
}

const own = (address: string): { readonly address: string; readonly connections: number; readonly pages: number } => ({ address: `${address}/24`, connections: 64, pages: 2048 });

function two(more: Partial<StackOptions> = {}): { readonly server: Stack; readonly client: Stack } {
	const [left, right] = cable();
	return { server: new Stack({ ...own('10.0.0.1'), ...more, device: left }), client: new Stack({ ...own('10.0.0.2'), ...more, device: right }) };
}

/** The same cases are played over Node's sockets and over ours: what differs is a difference to Node. */
const kinds: { readonly [name: string]: () => Ends } = {
	'Node\'s net': () => ({ createServer: net.createServer as Ends['createServer'], connect: (options) => net.connect({ ...options, host: '127.0.0.1' }) as AnySocket, close: () => {} }),
	'a stack': () => {
		const { server, client } = two();
		return {
			createServer: server.createServer as Ends['createServer'], connect: (options) => client.connect({ ...options, host: '10.0.0.1' }) as AnySocket,
			close: () => { server.close(); client.close(); },
		};
	},
};

async function listening(server: AnyServer): Promise<number> {
	server.listen(0);
	await once(server, 'listening');
	return (server.address() as { port: number }).port;
}

/** Everything up to the peer's end. */
async function textOf(socket: Duplex): Promise<string> {
	let text = '';
	socket.on('data', (piece) => { text += String(piece); });
	await once(socket, 'end');
	return text;
}

/** The code of the error a socket ends with. */
async function codeOf(socket: AnySocket): Promise<string> {
	const [error] = await once(socket, 'error') as [NodeJS.ErrnoException];
	return error.code ?? '';
}

/** Names of the events of a socket, in their order, until it is closed. */
function eventsOf(socket: AnySocket): { readonly seen: string[]; readonly closed: Promise<unknown> } {
	const seen: string[] = [];
	for (const name of ['connect', 'ready', 'end', 'finish', 'error']) socket.on(name, () => seen.push(name));
	socket.on('close', (failed: unknown) => seen.push(`close ${failed}`));
	return { seen, closed: new Promise((resolve) => { socket.once('close', resolve); }) };
}

type Case = (ends: Ends) => Promise<void>;

const cases: { readonly [name: string]: Case } = {
	'talks, ends on both sides and closes': async (ends) => {
		const server = ends.createServer({}, (socket) => { socket.on('data', (piece) => socket.write(String(piece).toUpperCase())); });
		const socket = ends.connect({ port: await listening(server) });
		const { seen, closed } = eventsOf(socket);
		assert.is(socket.connecting, true);
		assert.is(socket.readyState, 'opening');
		await once(socket, 'connect');
		assert.is(socket.connecting, false);
		assert.is(socket.readyState, 'open');
		socket.setNoDelay(true).setKeepAlive(true, 1000);
		socket.write('abc');
		assert.is(String((await once(socket, 'data'))[0]), 'ABC');
		assert.equal([socket.bytesRead, socket.bytesWritten], [3, 3]);
		socket.end();
		await closed;
		assert.equal(seen.sort(), ['close false', 'connect', 'end', 'finish', 'ready']);
		assert.is(socket.readyState, 'closed');
		await new Promise((resolve) => { server.close(resolve); });
	},

	'a port of nobody refuses': async (ends) => {
		const socket = ends.connect({ port: 9 });
		const { seen, closed } = eventsOf(socket);
		const [error] = await once(socket, 'error') as [NodeJS.ErrnoException & { address?: string; port?: number }];
		assert.equal([error.code, error.syscall, error.port, error.errno], ['ECONNREFUSED', 'connect', 9, -111]);
		assert.match(error.message, /^connect ECONNREFUSED [\d.]+:9$/);
		await closed;
		assert.equal(seen, ['error', 'close true']);
	},

	'a peer that resets is an error of reading': async (ends) => {
		const server = ends.createServer({}, (socket) => { socket.on('error', () => {}); setTimeout(() => socket.resetAndDestroy(), 20); });
		const socket = ends.connect({ port: await listening(server) });
		const { seen, closed } = eventsOf(socket);
		await closed;
		assert.equal(seen, ['connect', 'ready', 'error', 'close true']);
		await new Promise((resolve) => { server.close(resolve); });
	},

	'a peer that is destroyed with octets unread resets': async (ends) => {
		const server = ends.createServer({}, (socket) => {
			// Octets have to lie there unread: the peer gets its turns, however busy the machine is.
			socket.once('data', async () => {
				socket.pause();
				for (let turns = 0; turns < 10; turns++) await sleep(10);
				socket.destroy();
			});
		});
		const socket = ends.connect({ port: await listening(server) });
		socket.write(Buffer.alloc(2_000_000));
		assert.is(await codeOf(socket), 'ECONNRESET');
		await new Promise((resolve) => { server.close(resolve); });
	},

	'half open: the one side ends and goes on reading': async (ends) => {
		const server = ends.createServer({ allowHalfOpen: true }, (socket) => {
			void textOf(socket).then(async (text) => { await sleep(20); socket.end(`you said ${text}`); });
		});
		const socket = ends.connect({ port: await listening(server), allowHalfOpen: true });
		socket.end('all');
		assert.is(await textOf(socket), 'you said all');
		await new Promise((resolve) => { server.close(resolve); });
	},

	'writing after the other party has ended': async (ends) => {
		const server = ends.createServer({}, (socket) => { socket.end('bye'); });
		const socket = ends.connect({ port: await listening(server) });
		socket.resume();
		await once(socket, 'end');
		const told = new Promise((resolve) => { socket.write('too late', resolve); });
		assert.is(await codeOf(socket), 'EPIPE');
		assert.is((await told as NodeJS.ErrnoException).code, 'EPIPE');
		await new Promise((resolve) => { server.close(resolve); });
	},

	'who reads slowly makes the writer wait, and loses nothing': async (ends) => {
		const size = 20_000_000;
		const server = ends.createServer({}, (socket) => {
			const chunk = Buffer.alloc(100_000);
			let sent = 0;
			const pour = (): void => {
				while (sent < size) {
					for (let i = 0; i < chunk.length; i += 1000) chunk[i] = (sent + i) / 1000 & 255;
					sent += chunk.length;
					if (!socket.write(Buffer.from(chunk))) return void socket.once('drain', pour);
				}
				socket.end();
			};
			pour();
		});
		const socket = ends.connect({ port: await listening(server) });
		socket.pause();
		await sleep(100);
		let got = 0, wrong = 0;
		for await (const piece of socket as AsyncIterable<Buffer>) {
			for (let i = (1000 - got % 1000) % 1000; i < piece.length; i += 1000) if (piece[i] !== ((got + i) / 1000 & 255)) wrong++;
			got += piece.length;
		}
		assert.equal([got, wrong], [size, 0]);
		await new Promise((resolve) => { server.close(resolve); });
	},

	'silence is told, and ends nothing': async (ends) => {
		const server = ends.createServer({}, (socket) => { socket.on('data', (piece) => socket.write(piece)); });
		const socket = ends.connect({ port: await listening(server) });
		await new Promise<void>((resolve) => { socket.setTimeout(30, resolve); });
		socket.write('still here');
		assert.is(String((await once(socket, 'data'))[0]), 'still here');
		socket.destroy();
		await new Promise((resolve) => { server.close(resolve); });
	},

	'a port is listened on once, and a server is closed once': async (ends) => {
		const server = ends.createServer({}, () => {}), other = ends.createServer({}, () => {});
		const port = await listening(server);
		other.listen(port);
		const [error] = await once(other, 'error') as [NodeJS.ErrnoException];
		assert.equal([error.code, error.syscall], ['EADDRINUSE', 'listen']);
		await new Promise((resolve) => { server.close(resolve); });
		const again = await new Promise<Error | undefined>((resolve) => { server.close(resolve); });
		assert.is((again as NodeJS.ErrnoException).code, 'ERR_SERVER_NOT_RUNNING');
	},

	'a hundred connections at once, each with addresses of its own': async (ends) => {
		const ports = new Set<number>();
		const server = ends.createServer({}, (socket) => { ports.add(socket.remotePort!); socket.pipe(socket); });
		const port = await listening(server);
		await Promise.all(Array.from({ length: 30 }, async (_, i) => {
			const socket = ends.connect({ port });
			socket.end(`number ${i}`);
			assert.is(await textOf(socket), `number ${i}`);
		}));
		assert.is(ports.size, 30);
		await new Promise((resolve) => { server.close(resolve); });
	},
};

for (const [kind, make] of Object.entries(kinds)) {
	for (const [name, play] of Object.entries(cases)) {
		test(`${kind}: ${name}`, async () => {
			const ends = make();
			try {
				await play(ends);
			} finally {
				ends.close();
			}
		});
	}
}

test('nobody answers: ETIMEDOUT', async () => {
	const [, right] = cable();
	const client = new Stack({ ...own('10.0.0.2'), profile: { ...linux, rtoInitial: 20_000, synRetries: 1 }, device: right });
	const socket = client.connect(80, '10.0.0.1');
	assert.is(await codeOf(socket as AnySocket), 'ETIMEDOUT');
	client.close();
});

test('addresses are those of the connection', async () => {
	const { server, client } = two();
	const listener = server.createServer((socket) => { socket.end(`${socket.remoteAddress} ${socket.remoteFamily}`); });
	listener.listen({ port: 80, host: '10.0.0.1' });
	await once(listener, 'listening');
	assert.equal(listener.address(), { address: '10.0.0.1', family: 'IPv4', port: 80 });
	const socket = client.connect({ port: 80, host: '10.0.0.1', localPort: 5000 });
	assert.is(await textOf(socket), '10.0.0.2 IPv4');
	assert.equal(socket.address(), { address: '10.0.0.2', family: 'IPv4', port: 5000 });
	assert.equal([socket.remoteAddress, socket.remotePort], ['10.0.0.1', 80]);
	server.close();
	client.close();
});

test('over IPv6', async () => {
	const [left, right] = cable();
	const server = new Stack({ address: '2001:db8::1/64', device: left, connections: 16, pages: 512 }), client = new Stack({ address: '2001:db8::2/64', device: right, connections: 16, pages: 512 });
	server.createServer((socket) => { socket.end(socket.remoteAddress); }).listen(80);
	assert.is(await textOf(client.connect(80, '2001:db8::1')), '2001:db8::2');
	server.close();
	client.close();
});

test('Node\'s own HTTP server and client run on it', async () => {
	const { server, client } = two();
	const http = createHttpServer((asked, reply) => {
		if (asked.method === 'POST') asked.pipe(reply);
		else reply.end(`you asked for ${asked.url}`);
	});
	server.createServer((socket) => { http.emit('connection', socket); }).listen(80);
	const ask = async (method: string, path: string, body: string = ''): Promise<string> => {
		const asked = request({ method, path, createConnection: () => client.connect(80, '10.0.0.1') as unknown as net.Socket });
		asked.end(body);
		return textOf((await once(asked, 'response'))[0] as Duplex);
	};
	assert.is(await ask('GET', '/a'), 'you asked for /a');
	const body = 'x'.repeat(300_000);
	assert.is(await ask('POST', '/', body), body);
	http.closeAllConnections();
	server.close();
	client.close();
});

test('what a listener throws is its own affair', async () => {
	const { server, client } = two();
	server.createServer((socket) => { socket.on('data', () => { throw new Error('thrown by a user'); }); }).listen(80);
	server.createServer((socket) => { socket.pipe(socket); }).listen(81);
	const thrown = once(process, 'uncaughtException');
	const bad = client.connect(80, '10.0.0.1', () => { bad.write('x'); });
	assert.match((await thrown)[0], /thrown by a user/);
	const good = client.connect(81, '10.0.0.1');
	good.end('still served');
	assert.is(await textOf(good), 'still served');
	server.close();
	client.close();
});

test.run();
