import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { kinds } from '../lib/trace/index.ts';
import { hasProgram, KernelClient, lacks, LIVE, LivePair, readJournal } from '../lib/live/index.ts';
import type { UpOptions } from '../lib/live/index.ts';
import { besideNode, httpLoad } from './live-http.ts';
import type { Figure } from './measure.ts';

const KILLS = 20, ASKS = 400;
const BULK = 200_000_000;
/** A busy machine shall not break the lease by itself; a process that was killed is noticed at once all the same. */
const PATIENT = { lease: 2_000_000, silence: 2_000_000 } as const;

function quantile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

let count = 0;

async function withPair<T>(options: Omit<UpOptions, 'name'>, work: (pair: LivePair) => Promise<T>): Promise<T> {
	const pair = await LivePair.up({ name: `dkbench-${process.pid}-${++count}`, ...options });
	try {
		return await work(pair);
	} finally {
		pair.down();
	}
}

/** Runs a program inside the namespace while this process goes on; what it wrote on stdout. */
async function inside(pair: LivePair, command: readonly string[]): Promise<string> {
	const [program, ...rest] = [...pair.namespace.prefix, ...command];
	const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
	let text = '';
	child.stdout.on('data', (piece) => { text += String(piece); });
	await new Promise((resolve) => { child.once('close', resolve); });
	return text;
}

/** µs from kill -9 to the first frame of the one that took over, at the client's end. */
async function killTimes(): Promise<number[]> {
	return withPair({ service: 'counter', journals: true, sniff: true, knobs: PATIENT }, async (pair) => {
		const mac = Buffer.from(LIVE.serverMac.replaceAll(':', ''), 'hex');
		const client = new KernelClient(pair);
		const times: number[] = [];
		try {
			await client.connect();
			for (let i = 0; i < KILLS; i++) {
				await client.ask('inc');
				// What was announced before has died away.
				await sleep(600);
				const speaker = await pair.find('speaker');
				const killed = pair.clock.now();
				pair.signal(speaker, 'SIGKILL');
				await client.ask('inc');
				await pair.sniffed();
				const first = readJournal(pair.journal('client')).records.find(({ kind, time, bytes }) => kind === kinds.frameArrived.code && time > killed && mac.equals(bytes.subarray(6, 12)));
				times.push((first?.time ?? Number.NaN) - killed);
				await pair.join();
			}
		} finally {
			client.quit();
		}
		return times;
	});
}

/** µs a request and its reply take, over one connection, one at a time. */
async function askTimes(alone: boolean): Promise<number[]> {
	return withPair({ service: 'counter', alone, knobs: PATIENT }, async (pair) => {
		const script = `const { connect } = require('node:net');
			const socket = connect({ host: '${LIVE.server}', port: 7000, noDelay: true });
			const times = []; let began = 0;
			const ask = () => { began = performance.now(); socket.write('inc\\n'); };
			socket.on('connect', ask);
			socket.on('data', () => { times.push((performance.now() - began) * 1000); if (times.length < ${ASKS}) ask(); else { console.log(JSON.stringify(times)); socket.destroy(); } });`;
		return (JSON.parse(await inside(pair, [process.execPath, '-e', script])) as number[]).slice(ASKS / 4);
	});
}

/** Goodput of a bulk transfer, and of the log that went with it, Gbit/s. */
interface Bulk { readonly goodput: number; readonly log: number }

/** Bytes of log sent so far. */
async function logged(pair: LivePair): Promise<number> {
	return (await pair.status())[0]!.status?.channel.sent ?? 0;
}

/** The best of three transfers: what takes longer was kept waiting by somebody else. */
async function bulk(options: { readonly service: string; readonly alone: boolean }, once: (pair: LivePair) => Promise<number>): Promise<Bulk> {
	return withPair({ ...options, knobs: PATIENT }, async (pair) => {
		let best: Bulk = { goodput: 0, log: 0 };
		for (let i = 0; i < 3; i++) {
			const before = await logged(pair);
			const rate = await once(pair);
			const log = (await logged(pair) - before) / BULK * rate;
			if (rate > best.goodput) best = { goodput: rate, log };
		}
		return best;
	});
}

/** From the machine to a client of the kernel's. */
async function transmit(alone: boolean): Promise<Bulk> {
	return bulk({ service: 'http', alone }, async (pair) => Number(await inside(pair, ['curl', '-s', '-o', '/dev/null', '-w', '%{speed_download}', `http://${LIVE.server}/bytes/${BULK}`])) * 8 / 1e9);
}

/** From a client of the kernel's to the machine, which throws it away. */
async function receive(alone: boolean): Promise<Bulk> {
	const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
	const script = `const socket = require('node:net').connect(9, '${LIVE.server}');
		const chunk = Buffer.alloc(65536);
		let left = ${BULK}, began = 0;
		const pour = () => { while (left > 0) { left -= chunk.length; if (!socket.write(chunk)) return socket.once('drain', pour); } socket.end(); };
		socket.on('connect', () => { began = performance.now(); pour(); });
		socket.on('close', () => console.log(${BULK} * 8 / (performance.now() - began) / 1e6));
		socket.resume();`;
	return bulk({ service: fileURLToPath(new URL(`./live-sink.${extension}`, import.meta.url)), alone }, async (pair) => Number(await inside(pair, [process.execPath, '-e', script])));
}

/** Requests a second by redis-benchmark. */
async function requests(alone: boolean, pipelined: number): Promise<number> {
	return withPair({ service: 'kv', alone, knobs: PATIENT }, async (pair) => {
		const text = await inside(pair, ['redis-benchmark', '-h', LIVE.server, '-t', 'get', '-n', String(10_000 * pipelined), '-P', String(pipelined), '--csv']);
		return Number(/"GET","([\d.]+)"/.exec(text)?.[1] ?? Number.NaN);
	});
}

/** HTTP requests a second over 16 connections; beside it Node's own server behind the same bridge. */
async function httpRequests(alone: boolean): Promise<{ readonly ours: number; readonly node: number }> {
	return withPair({ service: 'http', alone, knobs: PATIENT }, async (pair) => {
		const load = async (address: string): Promise<number> => Number(await inside(pair, [process.execPath, '-e', httpLoad(address)]));
		const ours = await load(LIVE.server);
		return { ours, node: await besideNode(pair, load) };
	});
}

/** A row of the paper's tables: without and with the pair, and the log. */
function row(name: string, alone: Bulk, pair: Bulk): Figure[] {
	return [
		{ name: `${name}, alone`, value: alone.goodput, unit: 'Gbit/s' },
		{ name: `${name}, pair`, value: pair.goodput, unit: 'Gbit/s', note: `${(pair.goodput / alone.goodput).toFixed(2)} of alone; log ${Math.round(pair.log * 1000)} Mbit/s` },
	];
}

function rates(name: string, alone: number, pair: number, note: string = ''): Figure[] {
	return [
		{ name: `${name}, alone`, value: alone, unit: '/s', note },
		{ name: `${name}, pair`, value: pair, unit: '/s', note: `${(pair / alone).toFixed(2)} of alone` },
	];
}

/**
 * The live pair against the kernel's own clients, as far as this machine can
 * show it; nothing where it cannot. Processes are pinned to no processor:
 * client, primary and backup share those there are.
 */
export async function benchLive(): Promise<Figure[]> {
	const missing = lacks();
	for (const { what, remedy } of missing) console.log(`SKIP the live pair: ${what} (${remedy})`);
	if (missing.length > 0) return [];
	const kills = await killTimes();
	const alone = await askTimes(true), pair = await askTimes(false);
	const http = await httpRequests(true), httpPair = await httpRequests(false);
	return [
		{ name: 'kill -9 to first frame', value: quantile(kills, 0.5) / 1000, unit: 'ms', note: `${kills.length} kills, ${(Math.min(...kills) / 1000).toFixed(1)}–${(Math.max(...kills) / 1000).toFixed(1)}` },
		{ name: 'request, alone', value: quantile(alone, 0.5), unit: 'µs', note: `99 %: ${Math.round(quantile(alone, 0.99))}` },
		{ name: 'request, pair', value: quantile(pair, 0.5), unit: 'µs', note: `99 %: ${Math.round(quantile(pair, 0.99))}; added delay ${Math.round(quantile(pair, 0.5) - quantile(alone, 0.5))}` },
		...row('transmit to a kernel', await transmit(true), await transmit(false)),
		...row('receive from a kernel', await receive(true), await receive(false)),
		...hasProgram('redis-benchmark') ? [...rates('GET', await requests(true, 1), await requests(false, 1), 'redis-benchmark, 50 connections'), ...rates('GET × 16', await requests(true, 16), await requests(false, 16), 'pipelined')] : [],
		...rates('HTTP', http.ours, httpPair.ours, '16 connections'),
		{ name: 'HTTP, Node\'s own server', value: Math.max(http.node, httpPair.node), unit: '/s', note: 'on the kernel\'s TCP, behind the same bridge' },
	];
}
