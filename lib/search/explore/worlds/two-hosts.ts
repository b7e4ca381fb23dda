import { Host } from '../../../host/index.ts';
import { World } from '../../../sim/index.ts';
import type { Scene } from '../../../study/index.ts';
import { Trace } from '../../../trace/index.ts';
import { linux, rfc } from '../../../../tcp/index.ts';
import type { Profile } from '../../../../tcp/index.ts';
import { sceneOf } from '../../exhibit.ts';
import { Talker } from '../../talker.ts';
import type { Script } from '../../talker.ts';
import type { Explorable, System } from '../system.ts';
import { Violation } from '../watch.ts';
import type { Facts, Watch } from '../watch.ts';

const NAMES = ['client', 'server'] as const;
const MACS = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'] as const;
/** What each side got, what of it was wrong, how it ended, of what it awaited. */
interface Told { readonly got: number; readonly wrong: number; readonly ended: number; readonly awaits: number; readonly aborts: boolean }

function endOf(name: string, { connections, text }: Facts): void {
	const { got, wrong, ended, awaits, aborts } = JSON.parse(text) as Told;
	if (connections.size > 0) throw new Violation('all-is-settled', `nothing is left to happen, and the ${name} still has a connection`);
	if (wrong > 0 || got > awaits) throw new Violation('bytes-are-right', `the ${name} got ${got} octets of ${awaits}, ${wrong} of them wrong`);
	if (ended === 0) throw new Violation('all-is-settled', `nothing is left to happen, and the ${name} was told of no end`);
	if (ended === 1 && got < awaits && !aborts) throw new Violation('bytes-are-right', `the ${name} was told of an orderly end after ${got} of ${awaits} octets`);
}

/** Two hosts need no memory of their history: what they got is in themselves. */
const watch: Watch<null> = {
	initial: null,
	event: () => null,
	sent: () => null,
	crashed: () => null,
	keyOf: () => '',
	until: () => Infinity,
	ended(_state, facts) { for (const [name, told] of facts) endOf(name, told); },
};

interface Plan {
	readonly name: string;
	readonly text: string;
	readonly client: Partial<Script>;
	readonly server: Partial<Script>;
	readonly profile?: Profile;
	/** faults where nothing else is asked for; default 2 */
	readonly frames?: number;
}

function build(plan: Plan): System {
	const trace = new Trace(1);
	const world = new World({ seed: 1, trace });
	const script = { octets: 0, piece: 10, awaits: 0, pause: 0 };
	const talkers = [new Talker({ ...script, peer: '10.0.0.2', ...plan.client }), new Talker({ ...script, peer: '', ...plan.server })] as const;
	const hosts = talkers.map((application, i) => new Host({
		mac: MACS[i]!, addresses: [`10.0.0.${i + 1}/24`], application, profile: plan.profile ?? linux, chunk: 1024, pages: 40,
		tcp: { connections: 4, runs: 24, ranges: 16 }, quotas: { neighbours: 2, udpSockets: 1, udpQueue: 1024, outbox: 8192, reassemblies: 1, reassembly: 2048 },
	}));
	hosts.forEach((host, i) => {
		host.observe(trace, trace.place(NAMES[i]!));
		world.add(NAMES[i]!, host);
		world.tap([NAMES[i]!, 0], NAMES[i]!);
	});
	world.link(['client', 0], ['server', 0], { name: 'wire', delay: 0, bandwidth: Infinity });
	for (const name of NAMES) while (world.place(name).outputs > 0) world.choices.take({ kind: 'output', place: name });
	const scene: Scene = { ...sceneOf(trace, NAMES), world };
	return {
		world, scene, hosts: new Map(hosts.map((host, i) => [NAMES[i]!, host])), through: [], mayCrash: [], mayBeCut: [], mayFail: ['wire'],
		patience: 4_000_000, tick: 10, watch: watch as Watch<unknown>,
		describe(place) {
			const { own, script: { awaits, aborts = false } } = talkers[place === 'client' ? 0 : 1];
			return JSON.stringify({ got: own.got, wrong: own.wrong, ended: own.ended, awaits, aborts } satisfies Told);
		},
	};
}

const plans: readonly Plan[] = [
	{ name: 'handshake', text: 'two hosts: a connection is opened, says an octet each way, and is closed', client: { octets: 1, awaits: 1 }, server: { octets: 1, awaits: 1 } },
	{ name: 'handshake-rfc', text: 'the same with the constants the RFCs give', client: { octets: 1, awaits: 1 }, server: { octets: 1, awaits: 1 }, profile: rfc },
	{ name: 'client-first', text: 'two hosts: the client says something and closes at once', client: { octets: 1 }, server: { awaits: 1 } },
	{ name: 'server-first', text: 'two hosts: the server says something and closes at once', client: { awaits: 1 }, server: { octets: 1 } },
	{ name: 'both-close', text: 'two hosts that both close as soon as the connection is open', client: {}, server: {} },
	{ name: 'abort', text: 'two hosts: the server aborts when it has heard everything', client: { octets: 1 }, server: { awaits: 1, aborts: true } },
	{ name: 'slow-reader', frames: 1, text: 'two hosts: the client fills the server\'s window, and the server reads now and then', client: { octets: 900, piece: 300 }, server: { awaits: 900, pause: 700_000 }, profile: { ...rfc, receiveBuffer: 500, sendBuffer: 600, mss: 200 } },
	{ name: 'both-open', frames: 1, text: 'two hosts that open a connection to each other at once', client: { octets: 1, awaits: 1, local: 5000 }, server: { octets: 1, awaits: 1, peer: '10.0.0.1', local: 5000, second: true } },
];

/** Two hosts on one link. */
export const twoHosts: readonly Explorable[] = plans.map((plan) => ({
	name: plan.name, text: plan.text, faults: ['drop', 'dup', 'delay', 'reorder'], most: { frames: plan.frames ?? 2, crashes: 0, cuts: 0 }, build: () => build(plan),
}));
