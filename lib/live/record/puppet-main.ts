import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

// A process on the kernel's sockets that does what it is told by lines on
// stdin: `node puppet-main.js LETTERS`. It ends with its standard input.
const [, , letters = ''] = process.argv;

/** What a puppet is told; each order is answered once it is done. */
export type PuppetOrder =
	| { readonly verb: 'listen'; readonly host: string; readonly port: number; readonly paused?: boolean }
	| { readonly verb: 'connect'; readonly host: string; readonly port: number; readonly localPort: number; readonly paused?: boolean }
	/** waits until the connection of that number has been accepted */
	| { readonly verb: 'accepted'; readonly connection: number }
	| { readonly verb: 'write'; readonly connection: number; readonly bytes?: number; readonly text?: string }
	/** waits until so many bytes have been read */
	| { readonly verb: 'got'; readonly connection: number; readonly bytes: number }
	/** waits until the peer has sent its last byte */
	| { readonly verb: 'ended'; readonly connection: number }
	/** waits until the socket is gone */
	| { readonly verb: 'closed'; readonly connection: number }
	| { readonly verb: 'keep-alive'; readonly connection: number; readonly ms: number }
	| { readonly verb: 'resume' | 'end' | 'reset' | 'destroy' | 'sums'; readonly connection: number };

/** Bytes that crossed, and their SHA-256. */
export interface Sum { readonly bytes: number; readonly sha256: string }

/** What became of an order. */
export interface Answer {
	readonly id: number;
	/** '' where it went well; else the code of an error */
	readonly error: string;
	/** what `sums` asked for */
	readonly read?: Sum;
}

/** One socket, and what passed it. */
class Connection {
	readonly socket: Socket;
	wrote = 0;
	read = 0;
	isEnded = false;
	isClosed = false;
	readonly #hash: Hash = createHash('sha256');

	constructor(socket: Socket) {
		this.socket = socket;
		socket.setNoDelay(true);
		socket.on('data', (piece) => {
			this.read += piece.length;
			this.#hash.update(piece);
			look();
		});
		socket.once('end', () => { this.isEnded = true; look(); });
		socket.once('close', () => { this.isClosed = true; look(); });
		socket.on('error', () => { /* 'close' follows */ });
	}

	get sum(): Sum { return { bytes: this.read, sha256: this.#hash.copy().digest('hex') }; }

	/** Writes what comes next of a text in which every place can be told. */
	write(bytes: number): void {
		const piece = Buffer.alloc(bytes);
		for (let i = 0; i < bytes; i++, this.wrote++) piece[i] = letters.charCodeAt((this.wrote + (this.wrote >> 6)) % letters.length);
		this.socket.write(piece);
	}
}

const connections: Connection[] = [];
let waiting: { readonly fits: () => boolean; readonly go: () => void }[] = [];

function look(): void {
	const done = waiting.filter(({ fits }) => fits());
	waiting = waiting.filter((one) => !done.includes(one));
	for (const { go } of done) go();
}

async function until(fits: () => boolean): Promise<void> {
	if (!fits()) await new Promise<void>((resolve) => { waiting.push({ fits, go: resolve }); });
}

/** @param paused  it reads nothing before it is told to, not even into a buffer of its own */
async function opened(socket: Socket, paused: boolean): Promise<void> {
	if (paused) socket.pause();
	connections.push(new Connection(socket));
	await new Promise<void>((resolve, reject) => {
		socket.once('connect', resolve);
		socket.once('error', reject);
	});
}

async function listening(host: string, port: number, paused: boolean): Promise<void> {
	const server = createServer({ allowHalfOpen: true, pauseOnConnect: paused }, (socket) => { connections.push(new Connection(socket)); look(); });
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, host, resolve);
	});
}

async function obey(order: PuppetOrder): Promise<Sum | undefined> {
	if (order.verb === 'listen') { await listening(order.host, order.port, order.paused === true); return undefined; }
	if (order.verb === 'connect') { await opened(connect({ host: order.host, port: order.port, localPort: order.localPort, allowHalfOpen: true }), order.paused === true); return undefined; }
	const nth = order.connection - 1;
	if (order.verb === 'accepted') { await until(() => connections.length > nth); return undefined; }
	const connection = connections[nth];
	if (connection === undefined) throw Object.assign(new Error(), { code: `NO_CONNECTION_${order.connection}` });
	const { socket } = connection;
	if (order.verb === 'write') {
		if (order.text === undefined) connection.write(order.bytes ?? 0);
		else socket.write(order.text);
	} else if (order.verb === 'got') await until(() => connection.read >= order.bytes);
	else if (order.verb === 'ended') await until(() => connection.isEnded);
	else if (order.verb === 'closed') await until(() => connection.isClosed);
	else if (order.verb === 'keep-alive') socket.setKeepAlive(true, order.ms);
	else if (order.verb === 'end') socket.end();
	else if (order.verb === 'reset') socket.resetAndDestroy();
	else if (order.verb === 'destroy') socket.destroy();
	else if (order.verb === 'resume') socket.resume();
	return order.verb === 'sums' ? connection.sum : undefined;
}

function answer(told: Answer): void {
	process.stdout.write(`${JSON.stringify(told)}\n`);
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
	const { id, order } = JSON.parse(line) as { id: number; order: PuppetOrder };
	obey(order).then(
		(read) => answer({ id, error: '', ...(read === undefined ? {} : { read }) }),
		(error: unknown) => answer({ id, error: (error as NodeJS.ErrnoException).code ?? String(error) }),
	);
});
lines.once('close', () => process.exit(0));
