import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../host/index.ts';
import { Counter, TcpClient } from '../service/index.ts';
import { Switch, World } from '../sim/index.ts';
import { Trace } from '../trace/index.ts';
import { announcement } from './announcer.ts';
import { Arbiter } from './arbiter.ts';
import { violationsIn } from './invariants.ts';
import type { Knobs } from './knobs.ts';
import { MemoryLedger } from './ledger.ts';
import { machinePool } from './machine-record.ts';
import { judge, loggedIn } from './oracle.ts';
import type { OracleVerdict } from './oracle.ts';
import { Replica } from './replica.ts';
import { layoutDigest, textDigest } from './text-digest.ts';

const identity = { mac: Uint8Array.of(2, 0, 0, 0, 0, 0x10), address: Uint8Array.of(10, 0, 0, 1) };
const small = { tcp: { connections: 4 }, pages: 48 };

function server(): Host {
	return new Host({ mac: '02:00:00:00:00:10', addresses: ['10.0.0.1/24'], application: new Counter(), pools: [machinePool], ...small });
}

interface Story {
	readonly steps: number;
	readonly delivered: string[];
	readonly verdict: OracleVerdict;
	readonly broken: string[];
	readonly roles: string[];
	readonly repeated: number;
}

/** A client of the counter over TCP, through a switch; `a` dies before a step. */
function play(crashBefore: number, knobs: Partial<Knobs> = {}, seed = 1): Story {
	const trace = new Trace(seed);
	const world = new World({ seed, trace });
	const likeness = { build: textDigest('test'), layout: layoutDigest(server().image), profile: textDigest('rfc') };
	const replicas = (['a', 'b'] as const).map((name, i) => {
		const host = server();
		host.observe(trace, trace.place(name));
		const replica = new Replica({ id: i + 1, peer: 2 - i, role: i === 0 ? 'primary' : 'backup', host, identity, likeness, knobs: { witness: true, ...knobs }, trace, place: trace.place(name) });
		world.add(name, replica);
		return replica;
	});
	const client = new Host({ mac: '02:00:00:00:00:20', addresses: ['10.0.0.2/24'], application: new TcpClient({ requests: [5000, 10_000, 15_000, 20_000, 25_000], end: 'close' }), ...small });
	client.observe(trace, trace.place('client'));
	world.add('client', client);
	world.add('arbiter', new Arbiter(new MemoryLedger({ epoch: 1, winner: 1, members: [1, 2] }), trace, trace.place('arbiter')));
	world.add('switch', new Switch({ ports: 3, trace, place: 'switch' }));
	world.link(['client', 0], ['switch', 0]);
	world.link(['a', 0], ['switch', 1]);
	world.link(['b', 0], ['switch', 2]);
	world.link(['a', 1], ['b', 1], { delay: 100 });
	world.link(['a', 2], ['arbiter', 0]);
	world.link(['b', 2], ['arbiter', 1]);
	world.beforeStep(crashBefore, (w) => w.crash('a'));
	world.run({ until: 4_000_000, maxSteps: 20_000 });
	assert.equal(world.failures, []);
	const frames = Array.from(trace.of('frameArrived')).filter(({ place }) => place === 'client').map(({ bytes }) => bytes.slice());
	return {
		steps: world.steps,
		delivered: Array.from(trace.of('delivered'), ({ bytes }) => String.fromCharCode(...bytes)),
		verdict: judge({ host: server(), logged: loggedIn(trace), frames, announcements: [announcement('gratuitous-arp', identity)!] }),
		broken: violationsIn(trace).map(({ text }) => text),
		roles: replicas.map(({ role }) => role),
		repeated: [...trace.of('outputRepeated')].length,
	};
}

const counted = ['11', '12', '13', '14', '15'];

test('over real TCP: the primary dies at any step, and the client counts on', () => {
	let repeated = 0;
	// All of the connection happens in the first steps; heartbeats follow.
	for (let step = 1; step < 320; step += 3) {
		const { delivered, verdict, broken, roles, ...story } = play(step, { executeBehind: step % 3 });
		assert.is(verdict.violation?.text, undefined, `step ${step}`);
		assert.equal(broken, [], `step ${step}`);
		assert.equal(delivered, counted, `step ${step}`);
		assert.is(roles[1], 'alone', `step ${step}`);
		repeated += story.repeated;
	}
	assert.ok(repeated > 0, 'no run repeated an output');
});

test('over real TCP: without the Output Rule some death shows a frame that cannot be', () => {
	const steps = Array.from({ length: 320 }, (_, i) => i + 1);
	assert.ok(steps.some((step) => !play(step, { outputRule: false }).verdict.ok));
});

test('over real TCP: without the drain some death shows a frame that cannot be', () => {
	const steps = Array.from({ length: 320 }, (_, i) => i + 1);
	assert.ok(steps.some((step) => !play(step, { drain: false, executeBehind: 1 }).verdict.ok));
});

test.run();
