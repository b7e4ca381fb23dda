import { linux } from '../tcp/index.ts';
import type { Profile } from '../tcp/index.ts';
import { Answerer, Asker, Drinker, Opener, Ponger, Pourer } from './loads.ts';
import { median, timed } from './measure.ts';
import type { Figure } from './measure.ts';
import { Pump } from './pump.ts';

const RUNS = 5;
/** Requests of 64 octets that a pipelining client has under way. */
export const PIPELINED = 64;
/** ACKs are withheld as long as may be: every second segment and no quick ones. */
const steady: Profile = { ...linux, quickAcks: 0 };

function bulk(): Figure {
	const drinker = new Drinker();
	const pump = new Pump({ application: new Pourer(), profile: steady }, { application: drinker, profile: steady });
	const pour = (octets: number): void => {
		const until = drinker.octets + octets;
		pump.run(() => drinker.octets >= until);
	};
	pour(100e6);
	const { median: gbit, least, most } = median(RUNS, () => 8 * 0.4 / timed(() => pour(400e6)));
	return { name: 'bulk', value: gbit, unit: 'Gbit/s', note: `${least.toFixed(2)}–${most.toFixed(2)}` };
}

function pingPong(name: string, depth: number): Figure {
	const ponger = new Ponger(false, depth);
	const pump = new Pump({ application: ponger, profile: steady }, { application: new Ponger(true), profile: steady });
	const play = (rounds: number): void => {
		const until = ponger.rounds + rounds;
		pump.run(() => ponger.rounds >= until);
	};
	play(50_000);
	const { median: rate, least, most } = median(RUNS, () => 200_000 / timed(() => play(200_000)));
	return { name, value: rate, unit: '/s', note: `64 octets each way, ${depth} at a time; ${Math.round(least)}–${Math.round(most)}` };
}

function connections(): Figure {
	const brief: Profile = { ...steady, msl: 1000 };
	const asker = new Asker(8, Infinity);
	const quota = { connections: 4096 };
	const pump = new Pump({ application: asker, profile: brief, tcp: quota }, { application: new Answerer(), profile: brief, tcp: quota });
	const ask = (count: number): void => {
		const until = asker.done + count;
		pump.run(() => asker.done >= until);
	};
	ask(10_000);
	const { median: rate, least, most } = median(RUNS, () => 40_000 / timed(() => ask(40_000)));
	return { name: 'connections', value: rate, unit: '/s', note: `connect, request, answer, close; ${Math.round(least)}–${Math.round(most)}` };
}

function idleMemory(): Figure {
	const wanted = 10_000;
	const opener = new Opener(wanted);
	const quota = { connections: wanted + 8 };
	const pump = new Pump({ application: opener, profile: steady, tcp: quota, pages: 64 }, { application: new Drinker(), profile: steady, tcp: quota, pages: 64 });
	pump.run(() => opener.open >= 8);
	const before = pump.b.image.brk;
	pump.run(() => opener.open >= wanted);
	// Besides the image a connection has a slot in the table that finds it, half of which is empty, and in the heap of timers.
	const indexes = 2 * 4 + 4 + 8 + 4;
	const { image } = pump.b, second = image.chunk / image.pool('tcbAside').perChunk;
	return { name: 'idle connection', value: (image.brk - before) / (wanted - 8) + indexes, unit: 'bytes an endpoint', note: `opened and never used: its share of the image and of the indexes; one that was used takes ${Math.round(second)} more` };
}

/** What one process does with two hosts, on 1500-byte frames with checksums, a CPU second. */
export function benchStack(): Figure[] {
	return [bulk(), pingPong('ping-pong', 1), pingPong('pipelined', PIPELINED), connections(), idleMemory()];
}
