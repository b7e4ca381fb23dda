import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../host/index.ts';
import { Counter } from '../service/counter.ts';
import { TcpClient } from '../service/client-tcp.ts';
import { Run } from '../study/run.ts';
import { Stage } from '../study/stage.ts';
import type { StageOptions } from '../study/stage.ts';
import { ACK, FIN, PSH, RST, SYN } from '../wire/tcp.ts';
import { Tcb } from '../../tcp/index.ts';
import { broken, demand, invariants } from './invariants.ts';
import type { Evidence, InvariantName } from './invariants.ts';
import { PEER, SUBJECT, frameOf } from './segments/wire.ts';
import { Violation } from './violation.ts';
import type { Sighting } from './wire-laws.ts';

function run(options: Partial<StageOptions> = {}, more: (stage: Stage) => void = () => {}, until = 3_000_000): Run {
	const stage = new Stage({ seed: 1, service: () => new Counter(), ...options });
	stage.client(new TcpClient({ connectAt: 5_000, requests: [30_000, 60_000, 90_000, 120_000] }));
	more(stage);
	stage.run(until);
	return new Run(stage);
}

/** The first crash point at which something is broken. */
function search(options: Partial<StageOptions>, name: InvariantName, more: (stage: Stage) => void = () => {}): Evidence {
	for (let crashAt = 60; crashAt < 400; crashAt++) {
		const evidence = { run: run({ ...options, crashAt }, more), counter: 10 };
		if (broken(evidence).some((one) => one.name === name)) return evidence;
	}
	return {};
}

/** A host with one connection that has been opened from outside. */
function opened(): Host {
	const host = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], pages: 40, chunk: 1024 });
	host.wake(1000);
	host.sockets.listen(SUBJECT.port);
	const frame = frameOf({ flags: SYN, seq: 0, ack: 0, window: 5000, text: new Uint8Array(0) });
	host.receive(0, frame, 0, frame.length, 1000);
	host.drain({ take: () => {} });
	return host;
}

function tcbOf(host: Host): Tcb {
	const tcb = new Tcb(host.image);
	for (let at = host.image.first(host.tcp.tcbs); at !== 0; at = host.image.next(host.tcp.tcbs, at)) {
		tcb.go(at);
		if (tcb.state > 1) return tcb;
	}
	throw new Error('no connection');
}

/** Segments of the peer as its own host saw them leave; the reverse direction's are given with `back`. */
function seen(...segments: readonly { flags: number; seq: number; ack?: number; window?: number; text?: string; back?: true; at?: number }[]): Sighting[] {
	return segments.map(({ flags, seq, ack = 0, window = 5000, text = '', back, at = 0 }) => {
		const bytes = frameOf({ flags, seq, ack, window, text: Uint8Array.from(text, (one) => one.charCodeAt(0)) });
		if (back === true) {
			// The other way round: addresses and ports exchanged; nothing here looks at checksums.
			for (const [a, b, length] of [[26, 30, 4], [34, 36, 2]] as const) {
				const kept = bytes.slice(a, a + length);
				bytes.copyWithin(a, b, b + length);
				bytes.set(kept, b);
			}
		}
		return { host: 'peer', sent: back !== true, at, bytes };
	});
}

const handshake = [{ flags: SYN, seq: 99 }, { flags: SYN | ACK, seq: 499, ack: 100, back: true }, { flags: ACK, seq: 100, ack: 500 }] as const;

/** Evidence that breaks each. */
const breaking: { readonly [N in InvariantName]: () => Evidence } = {
	'oracle': () => search({ replica: { drain: false, executeBehind: 3 } }, 'oracle'),
	'never-throws': () => ({ run: run({ service: () => Object.assign(new Counter(), { ready: () => { throw new Error('planted'); } }) }) }),
	'bytes-are-right': () => ({ run: run({ service: () => new Counter({ start: 2 }) }), counter: 10 }),
	'output-rule': () => ({ run: run({ replica: { outputRule: false } }) }),
	'one-speaker': () => ({ run: run({ clients: 2, replica: { arbiter: false, lease: 0, outputRule: false } }, (stage) => {
		// Whom the backup has answered the primary answers, too, as soon as it has gone on alone.
		stage.client(new TcpClient({ connectAt: 85_000, requests: [200_000] }));
		stage.at(40_000, () => stage.world.cut(stage.links.log));
	}) }),
	'equal-replicas': () => ({ run: run({ replica: { divergence: 'random' } }, (stage) => { stage.at(25_000, () => stage.primary.entropy(new Uint8Array(16).fill(7), stage.world.now)); }) }),
	'identical-repeats': () => search({ replica: { drain: false, executeBehind: 3 } }, 'identical-repeats'),
	'same-payload': () => ({ frames: seen(...handshake, { flags: ACK | PSH, seq: 100, ack: 500, text: 'abc' }, { flags: ACK | PSH, seq: 101, ack: 500, text: 'xc' }) }),
	'rfc-9293': () => {
		const host = opened();
		const tcb = tcbOf(host);
		tcb.snd.una = (tcb.snd.nxt + 1) | 0;
		return { hosts: [host] };
	},
	'right-edge': () => ({ frames: seen(...handshake, { flags: ACK, seq: 100, ack: 500, window: 4999 }) }),
	'reset-allowed': () => ({ frames: seen(...handshake, { flags: RST, seq: 50 }) }),
	'progress': () => ({ frames: seen(...handshake, ...Array.from({ length: 600 }, (_, at) => ({ flags: ACK, seq: 100, ack: 500, at }))) }),
	'all-is-settled': () => ({ run: run({}, (stage) => { stage.at(50_000, () => stage.world.cut(stage.clients[0]!.link)); }, 500_000), settled: true }),
	'linearizable': () => search({ replica: { outputRule: false }, clients: 2 }, 'linearizable', (stage) => { stage.client(new TcpClient({ connectAt: 6_000, requests: [400_000, 500_000] })); stage.at(29_900, () => stage.world.cut(stage.links.log)); }),
	'memory-is-accounted-for': () => ({ hosts: [opened()], closed: true }),
	'same-digest': () => ({ run: run(), again: run({ seed: 2 }).digest }),
};

for (const { name, text } of invariants) {
	test(`can fail: ${name} (${text})`, () => {
		const found = broken(breaking[name]());
		assert.ok(found.some((one) => one.name === name), `${name} was not broken, only ${found.map((one) => `${one.name}: ${one.text}`).join('; ') || 'nothing'}`);
	});
}

test('what is right breaks none', () => {
	const first = run({ crashAt: 100 });
	assert.equal(broken({ run: first, counter: 10, settled: true, again: run({ crashAt: 100 }).digest, hosts: [opened()] }), []);
	const frames = seen(...handshake, { flags: ACK | PSH, seq: 100, ack: 500, text: 'abc' }, { flags: ACK | PSH, seq: 101, ack: 500, text: 'bcd' }, { flags: FIN | ACK, seq: 104, ack: 500 }, { flags: RST, seq: 105 }, { flags: ACK, seq: 77, ack: 900, back: true }, { flags: RST, seq: 900 });
	assert.equal(broken({ frames }), []);
	assert.ok(PEER.port > 0);
});

test('what is demanded and broken is thrown, under its name', () => {
	try {
		demand({ hosts: [opened()], closed: true });
		assert.unreachable();
	} catch (error) {
		assert.instance(error, Violation);
		assert.is((error as Violation).code, 'memory-is-accounted-for');
	}
	assert.is(new Set(invariants.map(({ name }) => name)).size, invariants.length);
});

test.run();
