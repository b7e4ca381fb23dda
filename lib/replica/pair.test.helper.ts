import * as assert from 'uvu/assert';
import { Trace } from '../trace/index.ts';
import { World } from '../sim/index.ts';
import type { Link, LinkOptions } from '../sim/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { Arbiter } from './arbiter.ts';
import { announcement } from './announcer.ts';
import type { Knobs } from './knobs.ts';
import { turned } from './knobs.ts';
import { violationsIn } from './invariants.ts';
import { MemoryLedger } from './ledger.ts';
import { judge, loggedIn } from './oracle.ts';
import type { OracleVerdict } from './oracle.ts';
import { Replica } from './replica.ts';
import type { ReplicaConfig } from './replica.ts';
import { ToyHost, toyAddress, toyMac, toyReply, toyRequest } from './toy.test.helper.ts';

/** Sends requests at given times to both replicas, as a switch that floods would, and keeps every frame it sees. */
export class ToyClient implements Node {
	/** frames seen, in order, and by which port */
	readonly seen: { port: number; bytes: Uint8Array; time: number }[] = [];
	readonly #times: readonly number[];
	readonly #operation: (serial: number) => number;
	#sent = 0;
	#due = 0;

	/** @param times  when to send, µs, in order */
	constructor(times: readonly number[], operation: (serial: number) => number = () => 1) {
		this.#times = times;
		this.#operation = operation;
	}

	get wakeAt(): number { return this.#times[this.#due] ?? Infinity; }

	wake(now: number): void {
		while (this.wakeAt <= now) this.#due++;
	}

	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		this.seen.push({ port, bytes: bytes.slice(at, at + length), time: now });
	}

	drain(sink: Sink): void {
		for (; this.#sent < this.#due; this.#sent++) {
			const frame = toyRequest(1, this.#sent + 1, this.#operation(this.#sent + 1));
			for (const port of [0, 1]) sink.take(frame, 0, frame.length, port);
		}
	}
}

export const likeness = { build: '00000000000000b1', layout: '00000000000000a1', profile: '00000000000000f1' } as const;

/** Knobs of a pair that decides quickly, for tests. */
export const quick: Partial<Knobs> = {
	lease: 5_000, silence: 5_000, patience: 2_000, stall: 500, heartbeat: 1_000, resend: 500, watermarkDelay: 100, askEvery: 2_000,
	announceEvery: 10_000, logBytes: 0x4000, logEntries: 64, gateBytes: 0x4000, gateOutputs: 128, frameBytes: 256, messageBytes: 1514, witness: true,
};

export interface PairOptions {
	readonly seed?: number;
	readonly knobs?: Partial<Knobs>;
	/** when the client sends, µs */
	readonly requests?: readonly number[];
	/** what the client asks for, by serial */
	readonly operation?: (serial: number) => number;
	readonly channel?: LinkOptions;
	readonly arbiterLink?: LinkOptions;
	readonly clients?: LinkOptions;
	/** clock of b against a */
	readonly clock?: { offset?: number; drift?: number };
	/** changes what a replica is made of */
	readonly config?: (name: 'a' | 'b', config: ReplicaConfig) => ReplicaConfig;
	/** the hosts; default toys */
	readonly host?: () => ToyHost;
}

/** Two replicas of a toy, an arbiter and a client in a simulated world. */
export class Pair {
	readonly world: World;
	readonly trace: Trace;
	readonly a: Replica;
	readonly b: Replica;
	readonly arbiter: Arbiter;
	readonly client: ToyClient;
	readonly channel: Link;
	readonly arbiterLinks: readonly Link[];
	readonly knobs: Knobs;
	readonly #host: () => ToyHost;

	constructor(options: PairOptions = {}) {
		const seed = options.seed ?? 1;
		const trace = new Trace(seed);
		this.trace = trace;
		this.knobs = turned({ ...quick, ...options.knobs });
		this.world = new World({ seed, trace });
		this.#host = options.host ?? (() => new ToyHost());
		const make = (name: 'a' | 'b', id: number, peer: number): Replica => {
			const config: ReplicaConfig = {
				id, peer, role: name === 'a' ? 'primary' : 'backup', host: this.#host(), identity: { mac: toyMac, address: toyAddress },
				likeness, knobs: this.knobs, trace, place: trace.place(name),
			};
			return new Replica(options.config === undefined ? config : options.config(name, config), name === 'b' ? options.clock?.offset ?? 0 : 0);
		};
		this.a = make('a', 1, 2);
		this.b = make('b', 2, 1);
		this.arbiter = new Arbiter(new MemoryLedger({ epoch: 1, winner: 1, members: [1, 2] }), trace, trace.place('arbiter'));
		this.client = new ToyClient(options.requests ?? [1000, 2000, 3000], options.operation);
		const { world } = this;
		world.add('a', this.a);
		world.add('b', this.b, options.clock ?? {});
		world.add('arbiter', this.arbiter);
		world.add('client', this.client);
		world.link(['client', 0], ['a', 0], { delay: 20, ...options.clients });
		world.link(['client', 1], ['b', 0], { delay: 20, ...options.clients });
		this.channel = world.link(['a', 1], ['b', 1], { delay: 30, ...options.channel });
		this.arbiterLinks = [world.link(['a', 2], ['arbiter', 0], { delay: 50, ...options.arbiterLink }), world.link(['b', 2], ['arbiter', 1], { delay: 50, ...options.arbiterLink })];
	}

	/** Starts another machine at the place of a dead one; it asks to join. */
	join(place: 'a' | 'b', id: number, seed: number = 1): Replica {
		const { world, trace } = this;
		const config: ReplicaConfig = {
			id, peer: 0, role: 'joining', host: seed === 1 ? this.#host() : new ToyHost(seed), identity: { mac: toyMac, address: toyAddress }, likeness, knobs: this.knobs, trace, place: trace.place(place),
		};
		const replica = new Replica(config, world.place(place).clock.toNode(world.now));
		world.start(place, replica);
		return replica;
	}

	run(until: number): this {
		this.world.run({ until });
		return this;
	}

	/** Server frames the client saw. */
	get frames(): Uint8Array[] { return this.client.seen.map(({ bytes }) => bytes); }

	/** The verdict of the oracle on the run so far. */
	verdict(): OracleVerdict {
		const announced = announcement(this.knobs.announce, { mac: toyMac, address: toyAddress });
		return judge({ host: this.#host(), logged: loggedIn(this.trace), frames: this.frames, announcements: announced === null ? [] : [announced] });
	}
}

/** So many times, so far apart. */
export const every = (count: number, pause: number, from = 1000): number[] => Array.from({ length: count }, (_, i) => from + i * pause);

/** Serials the client was answered, in order; ticks are left out. */
export function answered(pair: Pair): number[] {
	return pair.frames.map(toyReply).filter((reply) => reply !== null && reply.client !== 0).map((reply) => reply!.serial);
}

/** The oracle and every invariant agree with the run. */
export function holds(pair: Pair): void {
	const verdict = pair.verdict();
	assert.is(verdict.violation?.text, undefined);
	assert.equal(violationsIn(pair.trace), []);
	assert.equal(pair.world.failures, []);
}

/** A pair's run up to a time, µs, with something done to it before it begins. */
export function story(options: PairOptions, until: number, act: (pair: Pair) => void = () => {}): Pair {
	const pair = new Pair(options);
	act(pair);
	return pair.run(until);
}
