import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { kinds } from '../lib/trace/index.ts';
import { KernelClient, lacks, LIVE, LivePair, readJournal } from '../lib/live/index.ts';
import type { UpOptions } from '../lib/live/index.ts';

/** One figure of the live pair. */
export interface LiveFigure {
	readonly name: string;
	readonly value: number;
	readonly unit: string;
	readonly note?: string;
}

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

/** Gbit/s from the machine to a client of the kernel's. */
async function goodput(alone: boolean): Promise<number> {
	return withPair({ service: 'http', alone, knobs: PATIENT }, async (pair) => {
		const rates: number[] = [];
		for (let i = 0; i < 3; i++) rates.push(Number(await inside(pair, ['curl', '-s', '-o', '/dev/null', '-w', '%{speed_download}', `http://${LIVE.server}/bytes/${BULK}`])));
		return quantile(rates, 0.5) * 8 / 1e9;
	});
}

/** Requests a second by redis-benchmark. */
async function requests(alone: boolean, pipelined: number): Promise<number> {
	return withPair({ service: 'kv', alone, knobs: PATIENT }, async (pair) => {
		const text = await inside(pair, ['redis-benchmark', '-h', LIVE.server, '-t', 'get', '-n', String(10_000 * pipelined), '-P', String(pipelined), '--csv']);
		return Number(/"GET","([\d.]+)"/.exec(text)?.[1] ?? Number.NaN);
	});
}

/** The live pair against the kernel's own clients, as far as this machine can show it; nothing where it cannot. */
export async function benchLive(): Promise<LiveFigure[]> {
	if (lacks().length > 0) return [];
	const kills = await killTimes();
	const alone = await askTimes(true), pair = await askTimes(false);
	const bulkAlone = await goodput(true), bulkPair = await goodput(false);
	const getAlone = await requests(true, 16), getPair = await requests(false, 16);
	return [
		{ name: 'kill -9 to first frame', value: quantile(kills, 0.5) / 1000, unit: 'ms', note: `${kills.length} kills, ${(Math.min(...kills) / 1000).toFixed(1)}–${(Math.max(...kills) / 1000).toFixed(1)}` },
		{ name: 'request, alone', value: quantile(alone, 0.5), unit: 'µs', note: `99 %: ${Math.round(quantile(alone, 0.99))}` },
		{ name: 'request, pair', value: quantile(pair, 0.5), unit: 'µs', note: `99 %: ${Math.round(quantile(pair, 0.99))}; added ${Math.round(quantile(pair, 0.5) - quantile(alone, 0.5))}` },
		{ name: 'bulk to kernel, alone', value: bulkAlone, unit: 'Gbit/s' },
		{ name: 'bulk to kernel, pair', value: bulkPair, unit: 'Gbit/s', note: `${(bulkPair / bulkAlone).toFixed(2)} of alone` },
		{ name: 'GET × 16, alone', value: getAlone, unit: '/s', note: 'redis-benchmark, pipelined' },
		{ name: 'GET × 16, pair', value: getPair, unit: '/s', note: `${(getPair / getAlone).toFixed(2)} of alone` },
	];
}
