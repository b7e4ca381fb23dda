import { Host } from '../host/index.ts';
import type { Application } from '../host/index.ts';
import { Arbiter, MemoryLedger, PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS, Replica, machinePool, turned } from '../replica/index.ts';
import type { Identity, Knobs, Likeness } from '../replica/index.ts';
import type { Image } from '../memory/index.ts';
import { Switch, World } from '../sim/index.ts';
import type { ClockOptions, End, LaneOptions, Link, LinkOptions } from '../sim/index.ts';
import { Counter } from '../service/counter.ts';
import { Random } from '../sim/random.ts';
import { Trace } from '../trace/index.ts';
import type { TraceEvent } from '../trace/index.ts';
import { linux } from '../../tcp/index.ts';
import type { Profile } from '../../tcp/index.ts';
import { parseAddress, parseMac } from '../wire/address.ts';
import { likenessOf } from './likeness.ts';

/** The addresses of the replicated machine, on whichever computer it runs. */
export const SERVER = { mac: '02:00:00:00:00:01', address: '10.0.0.1' } as const;

/** How a stage is set up. */
export interface StageOptions {
	readonly seed: number;
	/** makes the service, anew for each replica; the same options each time */
	readonly service: () => Application;
	readonly replica?: Partial<Knobs>;
	/** clients that will be plugged in; default 1 */
	readonly clients?: number;
	/** TCP of the replicated machine; default Linux's constants */
	readonly profile?: Profile;
	/** TCP of the clients, and how their links behave, where a client is not told otherwise */
	readonly clientProfile?: Profile;
	readonly clientLink?: LinkOptions;
	/** whether the switch port of a primary that dies goes down; default false */
	readonly portDies?: boolean;
	/** what a service's state is for people, read from the image of its host; the counter's is known */
	readonly describe?: (image: Image) => { readonly [name: string]: number | string };
	/** how long the switch remembers a silent address, µs */
	readonly ageing?: number;
	/** the links between switch and replicas, between the replicas, and to the arbiter */
	readonly links?: { readonly primary?: LinkOptions; readonly backup?: LinkOptions; readonly log?: LinkOptions; readonly arbiter?: LaneOptions };
	/** the backup's clock against the primary's */
	readonly clock?: ClockOptions;
	/** the step before which the primary is killed, in place of every crash the scenario plans */
	readonly crashAt?: number;
}

/** A host beside the pair, and the link it hangs on. */
export interface StageClient {
	readonly name: string;
	readonly address: string;
	readonly mac: string;
	readonly host: Host;
	readonly link: Link;
	/** the switch port it is plugged into */
	readonly port: number;
}

/** How a client is set up. */
export interface ClientOptions {
	/** its TCP; default Linux's constants */
	readonly profile?: Profile;
	readonly link?: LinkOptions;
}

/** What the moment is recognised by: an event of the trace. */
export type Moment = (event: TraceEvent) => boolean;

interface Watch {
	readonly moment: Moment;
	readonly action: (stage: Stage) => void;
	/** how many such events to pass over */
	left: number;
}

const CLIENT_LINK: LinkOptions = { delay: 50 };
const PORT_LINK: LinkOptions = { delay: 10 };
const LOG_LINK: LinkOptions = { delay: 40 };
const ARBITER_LINK: LaneOptions = { delay: 100 };
const PRIMARY_PORT = 0, BACKUP_PORT = 1, FIRST_CLIENT_PORT = 2;

/** The two computers, by what each was at the beginning: after a takeover the backup's is the primary. */
export type Computer = 'primary' | 'backup';

function portOf(computer: Computer): number {
	return computer === 'primary' ? PRIMARY_PORT : BACKUP_PORT;
}

/** Room for a few connections: a scenario's worlds are many and small. */
const QUOTAS = {
	pages: 48, chunk: 2048, tcp: { connections: 8 },
	quotas: { neighbours: 8, udpSockets: 2, udpQueue: 4096, outbox: 16384 },
} as const;

/**
 * The world of a scenario: clients at a learning switch, the pair at two ports
 * of it with one MAC and one IP address, the log channel between them, and the
 * arbiter. Everything is said in the trace; nothing here looks into machines.
 */
export class Stage {
	readonly options: StageOptions;
	readonly trace: Trace;
	readonly world: World;
	readonly switch: Switch;
	readonly primary: Replica;
	readonly backup: Replica;
	readonly arbiter: Arbiter;
	readonly clients: StageClient[] = [];
	readonly links: { readonly primary: Link; readonly backup: Link; readonly log: Link; readonly arbiter: readonly Link[] };
	readonly knobs: Knobs;
	readonly identity: Identity;
	#watches: Watch[] = [];
	#seen = 0;
	readonly #likeness: Likeness;
	/** machine id given last: every incarnation has one of its own */
	#newest = 2;

	constructor(options: StageOptions) {
		const { seed, crashAt, links = {}, clock = {} } = options;
		this.options = options;
		this.trace = new Trace(seed);
		this.world = new World({ seed, trace: this.trace });
		if (crashAt !== undefined) this.world.beforeStep(crashAt, () => this.kill('primary'));
		this.knobs = turned({ logBytes: 0x1_0000, logEntries: 1024, gateBytes: 0x1_0000, gateOutputs: 256, witness: true, ...options.replica });
		this.identity = { mac: parseMac(SERVER.mac), address: parseAddress(SERVER.address) };
		this.switch = new Switch({ ports: FIRST_CLIENT_PORT + (options.clients ?? 1), trace: this.trace, ...(options.ageing === undefined ? {} : { ageing: options.ageing }) });
		// The client's column comes first in every view.
		this.trace.place('client');
		this.#likeness = likenessOf(this.machine(), this.#profile.name);
		this.primary = this.#replica('primary', 'primary', 1, 2, 0);
		this.backup = this.#replica('backup', 'backup', 2, 1, clock.offset ?? 0);
		this.arbiter = new Arbiter(new MemoryLedger({ epoch: 1, winner: 1, members: [1, 2] }), this.trace, this.trace.place('arbiter'));
		this.links = this.#wire(links, clock);
		if (this.knobs.outputFrom === 'backup') this.#keepInput();
		this.world.at(0, () => this.primary.entropy(new Random(seed, 'entropy').bytes(16), this.world.now), 'primary');
	}

	get #profile(): Profile { return this.options.profile ?? linux; }

	/** The replicated machine in its initial state, as both replicas begin with it. */
	machine(): Host {
		return new Host({
			...QUOTAS, mac: SERVER.mac, addresses: [`${SERVER.address}/24`], profile: this.#profile,
			application: this.options.service(), pools: [machinePool], seed: new Random(this.options.seed, 'server').bytes(16),
		});
	}

	/**
	 * Where the backup sends the outputs, its switch port does not learn: the
	 * input would follow. One who has taken over gets the input too.
	 */
	#keepInput(): void {
		this.switch.setLearning(BACKUP_PORT, false);
		this.always((event) => event.kind === 'tookOver', ({ place }) => this.switch.setLearning(portOf(place as Computer), true));
	}

	#replica(computer: Computer, role: Computer | 'joining', id: number, peer: number, now: number): Replica {
		const { trace, knobs, identity } = this;
		return new Replica({ id, peer, role, host: this.machine(), identity, likeness: this.#likeness, knobs, trace, place: trace.place(computer) }, now);
	}

	/** The replica that runs on a computer now. */
	replica(computer: Computer): Replica {
		const node: unknown = this.world.place(computer).node;
		return node as Replica;
	}

	/** Starts a new machine on a computer whose last one died: it asks to become the backup. */
	join(computer: Computer): Replica {
		const { world } = this;
		const replica = this.#replica(computer, 'joining', ++this.#newest, 0, world.place(computer).clock.toNode(world.now));
		this.switch.setPort(portOf(computer), true);
		if (this.knobs.outputFrom === 'backup') this.switch.setLearning(portOf(computer), false);
		world.start(computer, replica);
		return replica;
	}

	#wire(links: NonNullable<StageOptions['links']>, clock: ClockOptions): Stage['links'] {
		const { world } = this;
		world.add('primary', this.primary);
		world.add('backup', this.backup, clock);
		world.add('switch', this.switch);
		world.add('arbiter', this.arbiter);
		const wired = {
			primary: world.link(['primary', PORT_CLIENTS], ['switch', PRIMARY_PORT], { name: 'primary', ...PORT_LINK, ...links.primary }),
			backup: world.link(['backup', PORT_CLIENTS], ['switch', BACKUP_PORT], { name: 'backup', ...PORT_LINK, ...links.backup }),
			log: world.link(['primary', PORT_CHANNEL], ['backup', PORT_CHANNEL], { name: 'log', ...LOG_LINK, ...links.log }),
			arbiter: [['primary', 0], ['backup', 1]].map(([name, port]) =>
				world.link([name as string, PORT_ARBITER], ['arbiter', port as number], { name: `arbiter of ${name}`, ...ARBITER_LINK, ...links.arbiter })),
		};
		return wired;
	}

	/** Declares what is recorded, in the order of the capture file's interfaces. */
	#tap(): void {
		const { world } = this;
		const tap = (end: End, name: string): void => world.tap(end, name);
		for (const { name } of this.clients.slice(0, 1)) tap([name, 0], name);
		tap(['primary', PORT_CLIENTS], 'primary');
		tap(['backup', PORT_CLIENTS], 'backup');
		world.tap(['primary', PORT_CHANNEL], 'log', 'sent');
		world.tap(['backup', PORT_CHANNEL], 'log', 'sent');
		for (const { name } of this.clients.slice(1)) tap([name, 0], name);
	}

	/**
	 * Plugs a client in; the first is `client`, the one under study, the others
	 * `client-2`, `client-3` …
	 *
	 * @throws RangeError where there are more than the stage was set up for
	 */
	client(application: Application, options: ClientOptions = {}): StageClient {
		const nth = this.clients.length + 1;
		if (nth > (this.options.clients ?? 1)) throw new RangeError(`the stage has no port for client ${nth}: set it up with clients: ${nth}`);
		const name = nth === 1 ? 'client' : `client-${nth}`;
		const address = `10.0.0.${10 + nth}`;
		const port = FIRST_CLIENT_PORT + nth - 1;
		const mac = `02:00:00:00:00:${(10 + nth).toString(16).padStart(2, '0')}`;
		const host = new Host({
			...QUOTAS, mac, addresses: [`${address}/24`], profile: options.profile ?? this.options.clientProfile ?? linux,
			application, seed: new Random(this.options.seed, name).bytes(16),
		});
		host.observe(this.trace, this.trace.place(name));
		this.world.add(name, host);
		const link = this.world.link([name, 0], ['switch', port], { name, ...CLIENT_LINK, ...this.options.clientLink, ...options.link });
		const client = { name, address, mac, host, link, port };
		this.clients.push(client);
		return client;
	}

	/** Does something the moment an event is seen; `nth` counts such events from 1. */
	when(moment: Moment, action: (stage: Stage) => void, nth: number = 1): void {
		this.#watches.push({ moment, action, left: nth - 1 });
	}

	/** Does something every time an event is seen. */
	always(moment: Moment, action: (event: TraceEvent) => void): void {
		let seen: TraceEvent | null = null;
		const once: Moment = (event) => {
			if (!moment(event)) return false;
			seen = event;
			return true;
		};
		const watch = (): void => this.when(once, () => {
			watch();
			action(seen!);
		});
		watch();
	}

	/** Does something at a world time, µs. */
	at(time: number, action: (stage: Stage) => void): void {
		this.world.at(time, () => action(this));
	}

	/**
	 * Kills a computer at a world time, or the moment an event is seen: before
	 * anything it had not yet put on a link leaves. Where a crash step is given
	 * this does nothing.
	 */
	crash(moment: Moment | number, nth: number = 1, computer: Computer = 'primary'): void {
		if (this.options.crashAt !== undefined) return;
		if (typeof moment === 'number') this.at(moment, () => this.kill(computer));
		else this.when(moment, () => this.kill(computer), nth);
	}

	/** Kills whatever runs on a computer, at once. */
	kill(computer: Computer): void {
		this.world.crash(computer);
		if (this.options.portDies === true) this.switch.setPort(portOf(computer), false);
	}

	/** What the service of a replicated machine says of itself. */
	describe(host: Host): { readonly [name: string]: number | string } {
		const { describe } = this.options;
		if (describe !== undefined) return describe(host.image);
		return host.application?.name === 'counter' ? { counter: Counter.valueIn(host.image) } : {};
	}

	/** Runs until a world time, µs, or so many steps. */
	run(until: number, maxSteps: number = 200_000): void {
		if (this.trace.taps.length === 0) this.#tap();
		this.world.run({ until, maxSteps, done: () => this.#look() });
	}

	#look(): boolean {
		const { trace } = this;
		for (; this.#seen < trace.length; this.#seen++) {
			if (this.#watches.length === 0) continue;
			const event = trace.event(this.#seen);
			const due = this.#watches.filter((watch) => watch.moment(event) && watch.left-- === 0);
			if (due.length === 0) continue;
			this.#watches = this.#watches.filter((watch) => !due.includes(watch));
			for (const { action } of due) action(this);
		}
		return false;
	}
}
