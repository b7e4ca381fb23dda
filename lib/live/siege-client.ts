import { spawn, spawnSync } from 'node:child_process';
import { request, Agent } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';

/** What a client found while the pair was besieged. */
export interface ClientFinding {
	readonly client: string;
	/** requests, or programs run to their end */
	readonly asked: number;
	/** replies that were wrong, missing or given twice, and errors */
	readonly wrong: number;
	/** what was wrong first; '' where nothing */
	readonly first: string;
}

/** Asks and checks; says what was wrong, '' where nothing was. */
type Ask = () => Promise<string>;

interface ClientKind {
	readonly service: 'http' | 'kv';
	/** the program it takes; '' for Node's own */
	readonly program: string;
	readonly begin: (address: string) => Ask;
}

/** A random number below `most`. */
function any(most: number): number { return Math.floor(Math.random() * most); }

/** Runs a program to its end; what it wrote on stdout, or an error. */
async function run(command: string, flags: readonly string[]): Promise<Buffer> {
	const child = spawn(command, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
	const pieces: Buffer[] = [];
	let complaint = '';
	child.stdout.on('data', (piece: Buffer) => { pieces.push(piece); });
	child.stderr.on('data', (piece: Buffer) => { complaint += String(piece); });
	const code = await new Promise((resolve) => { child.once('close', resolve); });
	if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${complaint.trim()}`);
	return Buffer.concat(pieces);
}

/** The byte `/bytes/N` has at a place. */
function isPattern(bytes: Uint8Array): boolean {
	for (let i = 0; i < bytes.length; i++) if (bytes[i] !== ((i + (i >> 8) * 7 + (i >> 16) * 31) & 255)) return false;
	return true;
}

function sum(bytes: Uint8Array): string { return createHash('sha256').update(bytes).digest('hex').slice(0, 12); }

/** Counts over one connection of Node's HTTP client. */
function nodeHttp(address: string): Ask {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const sockets = new Set<unknown>();
	let expected = 10;
	return async () => {
		const got = await new Promise<string>((resolve, reject) => {
			const asked = request({ agent, host: address, path: '/counter', method: 'POST' }, (response) => {
				let text = '';
				response.on('data', (piece) => { text += String(piece); });
				response.on('end', () => resolve(text));
			});
			asked.on('socket', (socket) => sockets.add(socket));
			asked.on('error', reject);
			asked.end();
		});
		expected++;
		if (sockets.size > 1) return `${sockets.size} connections`;
		return Number(got) === expected ? '' : `${got} and not ${expected}`;
	};
}

/** Fetches bytes of a known pattern, and puts objects and fetches them again, a process and a connection each. */
function curl(address: string): Ask {
	let turn = 0;
	return async () => {
		if (++turn % 2 === 0) {
			const length = any(3_000_000);
			const got = await run('curl', ['-sS', '--limit-rate', '5M', `http://${address}/bytes/${length}`]);
			return got.length === length && isPattern(got) ? '' : `${got.length} of ${length} bytes, SHA-256 ${sum(got)}`;
		}
		const object = randomBytes(any(30_000)).toString('base64'), url = `http://${address}/objects/o${turn % 16}`;
		const got = await run('curl', ['-sS', '-X', 'PUT', '--data-binary', object, '-o', '/dev/null', url, '--next', '-sS', url]);
		return String(got) === object ? '' : `an object of ${got.length} bytes, not of ${object.length}`;
	};
}

/** Increments by a redis-cli that lives through it. */
function redisCli(address: string): Ask {
	let expected = 0;
	return async () => {
		const lines = String(await run('redis-cli', ['-h', address, '-r', '100', '-i', '0.002', 'INCR', 'cli'])).trim().split('\n');
		for (const line of lines) if (Number(line) !== ++expected) return `${line} and not ${expected}`;
		return lines.length === 100 ? '' : `${lines.length} replies`;
	};
}

/** Runs redis-benchmark, whose increments have all to be counted once. */
function redisBenchmark(address: string): Ask {
	let total = 0;
	return async () => {
		const count = 4000;
		const text = String(await run('redis-benchmark', ['-h', address, '-t', 'set,get,incr', '-n', String(count), '-c', '4', '-P', '4', '--csv']));
		total += count;
		const counted = Number(String(await run('redis-cli', ['-h', address, 'GET', 'counter:__rand_int__'])).trim());
		if (!/"INCR"/.test(text)) return `it said ${text.slice(0, 80)}`;
		return counted === total ? '' : `${counted} increments and not ${total}`;
	};
}

/** Splits simple replies of RESP2 off a text: integers, strings and nil. */
function replies(text: string): { readonly found: string[]; readonly rest: string } {
	const found: string[] = [];
	let at = 0;
	for (;;) {
		const end = text.indexOf('\r\n', at);
		if (end < 0) break;
		const line = text.slice(at, end);
		const length = line.startsWith('$') ? Number(line.slice(1)) : -1;
		if (length < 0) {
			found.push(line);
			at = end + 2;
		} else {
			if (text.length < end + 4 + length) break;
			found.push(text.slice(end + 2, end + 2 + length));
			at = end + 4 + length;
		}
	}
	return { found, rest: text.slice(at) };
}

/** Pipelines over one connection of Node's: sets, gets and increments, against a table of its own. */
function nodeKv(address: string): Ask {
	const table = new Map<string, string>();
	const waiting: { readonly expected: string; }[] = [];
	let text = '', wrong = '', wake: () => void = () => {};
	let socket: Socket | null = null;
	const read = (piece: Buffer): void => {
		const { found, rest } = replies(text + piece.toString('latin1'));
		text = rest;
		for (const reply of found) {
			const expected = waiting.shift()?.expected ?? 'none';
			if (reply !== expected) wrong ||= `'${reply.slice(0, 40)}' and not '${expected.slice(0, 40)}'`;
		}
		if (waiting.length === 0) wake();
	};
	const command = (): string => {
		const key = `k${any(20)}`, kind = any(3);
		const words = kind === 0 ? ['SET', key, randomBytes(any(400)).toString('hex')] : kind === 1 ? ['GET', key] : ['INCR', 'node'];
		if (kind === 0) table.set(key, words[2]!);
		const next = String(Number(table.get('node') ?? 0) + 1);
		if (kind === 2) table.set('node', next);
		waiting.push({ expected: kind === 0 ? '+OK' : kind === 1 ? table.get(key) ?? '$-1' : `:${next}` });
		return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
	};
	return async () => {
		if (socket === null) {
			socket = connect({ host: address, port: 6379, noDelay: true });
			socket.on('data', read);
			socket.on('error', (error) => { wrong ||= error.message; wake(); });
			socket.on('close', () => { wrong ||= 'the connection was closed'; wake(); });
		}
		await new Promise<void>((resolve) => {
			wake = resolve;
			socket!.write(Array.from({ length: 1 + any(20) }, command).join(''), 'latin1');
		});
		return wrong;
	};
}

/** Clients that check what they are told. */
export const siegeClients: { readonly [name: string]: ClientKind } = {
	'node-http': { service: 'http', program: '', begin: nodeHttp },
	curl: { service: 'http', program: 'curl', begin: curl },
	'node-kv': { service: 'kv', program: '', begin: nodeKv },
	'redis-cli': { service: 'kv', program: 'redis-cli', begin: redisCli },
	'redis-benchmark': { service: 'kv', program: 'redis-benchmark', begin: redisBenchmark },
};

/** Asks until told to stop, once at least. @param began  called after the first reply */
export async function siegeClient(name: string, address: string, isOver: () => boolean, began: () => void): Promise<ClientFinding> {
	const ask = siegeClients[name]!.begin(address);
	let asked = 0, wrong = 0, first = '';
	while (asked === 0 || (!isOver() && wrong < 10)) {
		const fault = await ask().catch((error: unknown) => String(error));
		if (++asked === 1) began();
		if (fault === '') continue;
		wrong++;
		first ||= fault;
	}
	return { client: name, asked, wrong, first };
}

/** Whether the program a client takes can be started. */
export function hasClient(name: string): boolean {
	const { program } = siegeClients[name]!;
	return program === '' || spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
