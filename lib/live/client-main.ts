import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Clock } from './clock.ts';

// A client on the kernel's own sockets, told what to do by lines on stdin and
// telling what it lives through by lines on stdout:
// `node client-main.js CLOCK-BASE ADDRESS PORT`.
const [, , base = '', address = '', port = '0'] = process.argv;
const clock = new Clock(base);

/** What a client is told to do. */
export interface ClientOrder {
	readonly verb: 'connect' | 'ask' | 'end' | 'close' | 'quit';
	/** its own number for the connection */
	readonly connection: number;
	readonly text?: string;
}

/** What a client says has happened to it. */
export interface ClientReport {
	readonly kind: 'connecting' | 'connected' | 'wrote' | 'delivered' | 'failed' | 'closed';
	/** µs of the run's clock */
	readonly time: number;
	readonly connection: number;
	readonly text: string;
	/** our port, once there is one */
	readonly port: number;
}

const sockets = new Map<number, Socket>();

function report(kind: ClientReport['kind'], connection: number, text: string = ''): void {
	const told: ClientReport = { kind, time: clock.now(), connection, text, port: sockets.get(connection)?.localPort ?? 0 };
	process.stdout.write(`${JSON.stringify(told)}\n`);
}

function open(connection: number): void {
	report('connecting', connection);
	const socket = connect({ host: address, port: Number(port), noDelay: true, allowHalfOpen: true });
	sockets.set(connection, socket);
	let rest = '', error = '';
	socket.once('connect', () => report('connected', connection));
	socket.on('data', (piece) => {
		const lines = (rest + String(piece)).split('\n');
		rest = lines.pop()!;
		for (const line of lines) report('delivered', connection, line);
	});
	socket.once('error', (why) => { error = (why as NodeJS.ErrnoException).code ?? why.message; });
	socket.once('end', () => report('closed', connection, 'server'));
	socket.once('close', () => { if (error !== '') report('failed', connection, error); });
}

function obey({ verb, connection, text = '' }: ClientOrder): void {
	if (verb === 'quit') process.exit(0);
	if (verb === 'connect') return open(connection);
	const socket = sockets.get(connection)!;
	if (verb === 'ask') {
		report('wrote', connection, text);
		socket.write(`${text}\n`);
	} else if (verb === 'end') {
		report('closed', connection, 'client');
		socket.end();
	} else socket.destroy();
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => obey(JSON.parse(line) as ClientOrder));
lines.once('close', () => process.exit(0));
