import { Host } from '../lib/host/index.ts';
import type { Application } from '../lib/host/index.ts';
import { Arbiter, MemoryLedger, Replica, machinePool } from '../lib/replica/index.ts';
import type { Knobs } from '../lib/replica/index.ts';
import { parseAddress, parseMac } from '../lib/wire/address.ts';
import type { Sink } from '../lib/wire/node.ts';
import { linux } from '../tcp/index.ts';
import type { Profile } from '../tcp/index.ts';
import { Drinker, Ponger, Pourer } from './loads.ts';
import { median, timed } from './measure.ts';
import type { Figure } from './measure.ts';
import { PIPELINED } from './stack.ts';

const RUNS = 5;
const steady: Profile = { ...linux, quickAcks: 0 };
const MAC = '02:00:00:00:00:02', ADDRESS = '10.0.0.2';
const likeness = { build: '0000000000000001', layout: '0000000000000001', profile: '0000000000000001' };
const knobs: Partial<Knobs> = { logBytes: 0x100_0000, logEntries: 65536, gateBytes: 0x100_0000, gateOutputs: 65536, messageBytes: 65000, checksum: false, lease: 10_000_000, silence: 10_000_000, resend: 1_000_000 };

/** A client, a primary and a backup in one process. */
class PairPump {
	readonly client: Host;
	readonly primary: Replica;
	readonly backup: Replica;
	readonly arbiter: Arbiter = new Arbiter(new MemoryLedger({ epoch: 1, winner: 1, members: [1, 2] }));
	now = 1;
	#moved = false;
	readonly #fromClient: Sink;
	readonly #fromPrimary: Sink;
	readonly #fromBackup: Sink;
	readonly #fromArbiter: Sink;

	constructor(client: Application, server: () => Application, executes: boolean) {
		const config = { profile: steady, fast: true };
		const machine = (): Host => new Host({ ...config, mac: MAC, addresses: [`${ADDRESS}/8`], application: server(), pools: [machinePool] });
		const identity = { mac: parseMac(MAC), address: parseAddress(ADDRESS) };
		this.client = new Host({ ...config, mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/8'], application: client });
		this.primary = new Replica({ id: 1, peer: 2, role: 'primary', host: machine(), identity, likeness, knobs }, this.now);
		this.backup = new Replica({ id: 2, peer: 1, role: 'backup', host: machine(), identity, likeness, knobs }, this.now);
		if (!executes) this.#leaveUnexecuted();
		const { primary, backup, arbiter } = this;
		this.#fromClient = { take: (bytes, at, length) => { this.#moved = true; primary.receive(0, bytes, at, length, this.now); } };
		this.#fromPrimary = {
			take: (bytes, at, length, port) => {
				this.#moved = true;
				if (port === 0) this.client.receive(0, bytes, at, length, this.now);
				else if (port === 1) backup.receive(1, bytes, at, length, this.now);
				else arbiter.receive(0, bytes, at, length, this.now);
			},
		};
		this.#fromBackup = {
			take: (bytes, at, length, port) => {
				this.#moved = true;
				if (port === 1) primary.receive(1, bytes, at, length, this.now);
				else if (port === 2) arbiter.receive(1, bytes, at, length, this.now);
			},
		};
		this.#fromArbiter = { take: (bytes, at, length, port) => { (port === 0 ? primary : backup).receive(2, bytes, at, length, this.now); } };
	}

	/** The backup's execution is another computer's work: here it takes entries and acknowledges them, no more. */
	#leaveUnexecuted(): void {
		const { machine } = this.backup;
		machine.step = () => { machine.record.index++; };
	}

	run(done: () => boolean): void {
		const { client, primary, backup, arbiter } = this;
		while (!done()) {
			this.#moved = false;
			this.now += 2;
			client.drain(this.#fromClient);
			primary.drain(this.#fromPrimary);
			backup.drain(this.#fromBackup);
			primary.drain(this.#fromPrimary);
			arbiter.drain(this.#fromArbiter);
			if (this.#moved) continue;
			const at = Math.min(client.wakeAt, primary.wakeAt, backup.wakeAt);
			if (at === Infinity) throw new Error('nothing moves any more');
			if (at > this.now) this.now = at;
			for (const node of [client, primary, backup]) if (node.wakeAt <= this.now) node.wake(this.now);
		}
	}
}

/** A load that can be run as often as need be. */
interface Load {
	readonly name: string;
	readonly unit: string;
	/** units of one run, and what one of them counts for in the figure */
	readonly units: number;
	readonly scale: number;
	readonly make: (executes: boolean) => { readonly pump: PairPump; readonly done: () => number };
}

/** Seconds a unit takes. */
function secondsPerUnit(load: Load, executes: boolean): { median: number; least: number; most: number } {
	const { pump, done } = load.make(executes);
	const go = (units: number): void => {
		const until = done() + units;
		pump.run(() => done() >= until);
	};
	go(load.units / 4);
	return median(RUNS, () => timed(() => go(load.units)) / load.units);
}

function figures(load: Load): Figure[] {
	const { name, unit, scale } = load;
	const paired = secondsPerUnit(load, false), whole = secondsPerUnit(load, true);
	const executing = whole.median - paired.median;
	return [
		{ name: `${name}, pair`, value: scale / paired.median, unit, note: `client, primary, append and acknowledgement; ${(scale / paired.most).toPrecision(3)}–${(scale / paired.least).toPrecision(3)}` },
		...(executing > 0 ? [{ name: `${name}, backup`, value: scale / executing, unit, note: 'executing the log, apart' }] : []),
	];
}

function pingPong(name: string, depth: number, units: number): Load {
	return {
		name, unit: '/s', units, scale: 1,
		make: (executes) => {
			const ponger = new Ponger(false, depth);
			return { pump: new PairPump(ponger, () => new Ponger(true), executes), done: () => ponger.rounds };
		},
	};
}

const loads: readonly Load[] = [
	{
		name: 'bulk', unit: 'Gbit/s', units: 200e6, scale: 8e-9,
		make: (executes) => {
			const drinkers: Drinker[] = [];
			const pump = new PairPump(new Pourer(), () => { const drinker = new Drinker(); drinkers.push(drinker); return drinker; }, executes);
			return { pump, done: () => drinkers[0]!.octets };
		},
	},
	pingPong('ping-pong', 1, 50_000),
	pingPong('pipelined', PIPELINED, 400_000),
];

/** The loads of a single host, with the host replicated. */
export function benchPair(): Figure[] {
	return loads.flatMap(figures);
}
