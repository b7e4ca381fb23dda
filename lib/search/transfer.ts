import fc from 'fast-check';
import { Host } from '../host/index.ts';
import { World } from '../sim/index.ts';
import type { LaneOptions } from '../sim/index.ts';
import { freebsd, linux, rfc } from '../../tcp/index.ts';
import type { Profile } from '../../tcp/index.ts';
import { Run } from '../study/index.ts';
import type { Scene } from '../study/index.ts';
import { Trace, tappedFrames } from '../trace/index.ts';
import { sceneOf } from './exhibit.ts';
import type { Exhibit } from './exhibit.ts';
import { demand } from './invariants.ts';
import type { Property } from './property.ts';
import { Talker } from './talker.ts';
import { checkTcp } from './tcp-invariants.ts';
import type { Sighting } from './wire-laws.ts';

/** A conversation between two hosts over one link. */
export interface Conversation {
	readonly seed: number;
	readonly up: number;
	readonly down: number;
	readonly piece: number;
	readonly pause: number;
	readonly aborts: boolean;
	readonly profile: 'rfc' | 'linux' | 'freebsd' | 'paced';
	readonly link: LaneOptions;
}

/** The profiles a conversation may have, by name. */
export const profiles: { readonly [name: string]: Profile } = { rfc, linux, freebsd, paced: { ...linux, pacing: true } };
const chance: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0.01, 0.1, 0.3);

/** Conversations of all kinds over links of all kinds. */
export const conversations: fc.Arbitrary<Conversation> = fc.record({
	seed: fc.nat(),
	up: fc.nat(30_000),
	down: fc.nat(30_000),
	piece: fc.integer({ min: 1, max: 5000 }),
	pause: fc.constantFrom(0, 0, 5000, 500_000),
	aborts: fc.boolean(),
	profile: fc.constantFrom('rfc' as const, 'linux' as const, 'freebsd' as const, 'paced' as const),
	link: fc.record({
		loss: chance, duplication: chance, reordering: chance, corruption: fc.constantFrom(0, 0, 0.05),
		reorderBy: fc.constantFrom(100, 50_000), duplicateBy: fc.constantFrom(0, 20_000),
		delay: fc.constantFrom(10, 5000), bandwidth: fc.constantFrom(1e9, 2e6), queue: fc.constantFrom(5, 1000),
	}),
});

/** Virtual time after which every conversation must be over, µs: all time-outs of all profiles, and the waits of TIME-WAIT. */
const LONGEST = 4 * 3600 * 1_000_000;

export interface Ended { readonly client: Talker; readonly server: Talker; readonly hosts: readonly Host[]; readonly world: World }

/** Holds a conversation to its end, checking every connection as it goes. */
export function converse(about: Conversation, trace: Trace | null = null): Ended {
	const profile = profiles[about.profile]!;
	const client = new Talker({ octets: about.up, piece: about.piece, awaits: about.down, pause: about.pause, peer: '10.0.0.2' });
	const server = new Talker({ octets: about.down, piece: about.piece, awaits: about.up, pause: 0, peer: '', aborts: about.aborts });
	const hosts = [client, server].map((application, i) => new Host({ mac: `02:00:00:00:00:0${i + 1}`, addresses: [`10.0.0.${i + 1}/24`], application, profile, chunk: 1024, pages: 600, tcp: { connections: 4 } }));
	const world = new World({ seed: about.seed, ...(trace === null ? {} : { trace }) });
	world.add('client', hosts[0]!);
	world.add('server', hosts[1]!);
	world.link(['client', 0], ['server', 0], about.link);
	if (trace !== null) for (const name of ['client', 'server']) world.tap([name, 0], name);
	for (let i = 0; i < 4000; i++) {
		const { ended } = world.run({ until: LONGEST, maxSteps: 64 });
		for (const host of hosts) checkTcp(host);
		for (const { error } of world.failures) throw error;
		if (ended !== 'steps') break;
		if (i === 3999) throw new Error('no end after 256,000 steps');
	}
	return { client, server, hosts, world };
}

/** What a side has to say at the end: all octets, in order, once; or an error. */
function checkSide(name: string, { own, script }: Talker): void {
	if (own.wrong > 0) throw new Error(`${own.wrong} octets the ${name} got are not what was sent`);
	if (own.got > script.awaits) throw new Error(`the ${name} got ${own.got} octets of ${script.awaits}`);
	if (own.ended === 1 && own.got < script.awaits) throw new Error(`the ${name} was told of an orderly end after ${own.got} of ${script.awaits} octets`);
}

/** Every frame as the hosts at its two ends saw it. */
export function sightingsIn(trace: Trace): Sighting[] {
	return tappedFrames(trace).map(({ interface: host, sent, time: at, bytes }) => ({ host, sent, at, bytes }));
}

/** A conversation as it can be looked at. */
export function exhibitOf(about: Conversation): Exhibit {
	const trace = new Trace(about.seed);
	try {
		converse(about, trace);
	} catch {
		// It ends where it breaks.
	}
	return { run: new Run<Scene>(sceneOf(trace, ['client', 'server'])), capture: null, script: null };
}

/** Two hosts over a link with any faults. */
export const transfer: Property<Conversation> = {
	name: 'transfer',
	text: 'two hosts over any link deliver exactly the octets written, or tell of an error; nothing is left behind',
	runs: 60,
	arbitrary: conversations,
	check(about) {
		// Watching the wire takes as long as the conversation: every other one; and what was damaged on the way nobody sent.
		const trace = about.seed % 2 === 0 && about.link.corruption === 0 ? new Trace(about.seed) : null;
		const { client, server, hosts } = converse(about, trace);
		if (trace !== null) demand({ frames: sightingsIn(trace) });
		checkSide('client', client);
		checkSide('server', server);
		if (!about.aborts && client.own.ended === 0 && server.own.ended === 0) throw new Error('neither side ever heard of an end');
		demand({ hosts, closed: true });
	},
	exhibit: exhibitOf,
};
