import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differences } from '../memory/index.ts';
import type { Knobs, Policy } from './knobs.ts';
import { get16 } from '../wire/bytes.ts';
import { PORT_ARBITER, PORT_CHANNEL, PORT_CLIENTS } from './core.ts';
import { FLAG_FAREWELL, LETTER, LETTER_ENTRIES, machineMac } from './letter.ts';
import { Pair, answered, every, holds, likeness, story } from './pair.test.helper.ts';
import type { PairOptions } from './pair.test.helper.ts';
import { violationsIn } from './invariants.ts';
import { Replica } from './replica.ts';
import { TOY_ADD, TOY_POISON, ToyHost, toyReply, toyRequest } from './toy.test.helper.ts';

test('the pair answers like one machine, and the replicas are equal', () => {
	const pair = story({ requests: every(10, 1000) }, 30_000);
	assert.equal(answered(pair), every(10, 1, 1));
	assert.is(pair.a.role, 'primary');
	assert.is(pair.b.role, 'backup');
	assert.is(pair.b.executed, pair.a.executed);
	assert.equal(differences(pair.a.machine.host.image, pair.b.machine.host.image), []);
	assert.is(pair.a.lag, 0);
	holds(pair);
});

/** When the only reply reaches the client. */
function replyTime(knobs: Partial<Knobs>): number {
	return story({ requests: [1000], knobs, clients: { bandwidth: Infinity }, channel: { delay: 300, bandwidth: Infinity } }, 2500).client.seen[0]!.time;
}

test('an output leaves one round trip of the channel after its input', () => {
	assert.is(replyTime({ outputRule: false }), 1040);
	assert.is(replyTime({}), 1640);
});

test('the primary dies: the backup drains, goes live, announces itself, goes on', () => {
	const pair = story({ requests: every(20, 1000) }, 40_000, ({ world }) => world.at(7550, (w) => w.crash('a')));
	assert.is(pair.b.role, 'alone');
	assert.is(pair.b.epoch, 2);
	assert.is(answered(pair).at(-1), 20);
	const announced = [...pair.trace.of('announced')];
	assert.is(announced.length, 3);
	const kinds = Array.from(pair.trace, (event) => event.kind);
	const order = ['peerSilent', 'arbiterAsked', 'arbiterDecided', 'arbiterAnswered', 'tookOver', 'announced'] as const;
	for (let i = 1; i < order.length; i++) assert.ok(kinds.indexOf(order[i - 1]!) < kinds.indexOf(order[i]!), `${order[i - 1]} before ${order[i]}`);
	holds(pair);
});

/** The primary replies, and dies before the backup hears so; the request is still in the backup's log. */
function lecture(knobs: PairOptions['knobs']): Pair {
	return story({ requests: [1000, 2000], knobs: { executeBehind: 1, watermarkDelay: 900, ...knobs } }, 20_000, ({ world }) => world.at(2400, (w) => w.crash('a')));
}

/** The primary dies when the backup has heard that everything was released. */
function heardOf(policy: Policy): Pair {
	return story({ requests: [1000, 2000], knobs: { policy } }, 20_000, ({ world }) => world.at(2900, (w) => w.crash('a')));
}

test('what was not heard to be released is sent again, the same bytes (duplicated output)', () => {
	const pair = lecture({});
	assert.equal(answered(pair), [1, 2, 2]);
	const [first, again] = pair.frames.filter((frame) => toyReply(frame)?.serial === 2);
	assert.equal(again, first);
	assert.is([...pair.trace.of('outputRepeated')].length, 1);
	holds(pair);
});

test('policy says what is sent again', () => {
	assert.equal(answered(lecture({ policy: 'lecture' })), [1, 2, 2]);
	const nothing = lecture({ policy: 'nothing' });
	assert.equal(answered(nothing), [1, 2]);
	assert.is(nothing.b.suppressed, 1);
	holds(nothing);
	// Released and heard of: the lecture sends what follows the last entry all the same.
	assert.equal(answered(heardOf('lecture')), [1, 2, 2]);
	assert.equal(answered(heardOf('unreleased')), [1, 2]);
});

test('without the drain, what was acknowledged is gone', () => {
	const pair = lecture({ drain: false });
	assert.equal(answered(pair), [1, 2]);
	assert.is((pair.b.machine.host as ToyHost).counter, 11);
	assert.is((lecture({}).b.machine.host as ToyHost).counter, 12);
});

test('the backup dies: the primary asks, goes on alone, and loses nothing', () => {
	const pair = story({ requests: every(20, 1000) }, 40_000, ({ world }) => world.at(7550, (w) => w.crash('b')));
	assert.is(pair.a.role, 'alone');
	assert.equal(answered(pair), every(20, 1, 1));
	holds(pair);
});

test('the two of a new pair may be given longer to meet, and no longer than that afterwards', () => {
	const roles = (meeting: number): string[] => {
		const pair = story({ requests: every(40, 1000, 25_000), knobs: { meeting } }, 40_000, ({ world, channel }) => {
			world.at(0, (w) => w.cut(channel));
			world.at(20_000, (w) => w.mend(channel));
		});
		const met = [pair.a.role, pair.b.role];
		pair.world.crash('a');
		pair.run(80_000);
		assert.is(pair.b.role === 'alone', pair.b.haltReason === '');
		holds(pair);
		return [...met, pair.b.role];
	};
	assert.equal(roles(30_000), ['primary', 'backup', 'alone']);
	assert.not.equal(roles(0).slice(0, 2), ['primary', 'backup']);
});

/** The last frame `a` sent on the channel. */
function lastLetter(pair: Pair): Uint8Array {
	return [...pair.trace.of('frameSent')].reverse().find(({ place, port }) => place === 'a' && port === PORT_CHANNEL)!.bytes.slice();
}

/** Ports by which a replica has something to say. */
function saidBy(replica: Replica): number[] {
	const ports: number[] = [];
	replica.drain({ take: (_bytes, _at, _length, port) => { ports.push(port); } });
	return ports;
}

test('an acknowledgement that has not left when the arbiter is asked never leaves', () => {
	const pair = story({ requests: every(3, 1000) }, 3_500), { b } = pair;
	const frame = lastLetter(pair);
	b.receive(PORT_CHANNEL, frame, 0, frame.length, 3_500);
	assert.equal(saidBy(b), [PORT_CHANNEL]);
	b.receive(PORT_CHANNEL, frame, 0, frame.length, 3_500);
	b.peerDied(3_500);
	assert.equal(saidBy(b), [PORT_ARBITER]);
});

test('a farewell frees no backup that lacks what was logged before it', () => {
	const handed = ended('handOver');
	const farewell = lastLetter(handed);
	assert.is(get16(farewell, LETTER.flags) & FLAG_FAREWELL, FLAG_FAREWELL);
	const { b } = story({ requests: every(10, 400) }, 2_000);
	b.receive(PORT_CHANNEL, farewell, 0, farewell.length, 2_000);
	assert.not(saidBy(b).includes(PORT_ARBITER));
});

test('a message that is missed is sent again at once, without waiting for a timer', () => {
	const pair = story({ requests: every(6, 400), knobs: { resend: 100_000, heartbeat: 100_000, lease: 0, silence: 300_000, patience: 300_000 } }, 10_000, ({ channel }) => {
		channel.script('a', { act: 'lose', when: (bytes, at) => bytes[at + LETTER.kind] === LETTER_ENTRIES, nth: 3 });
	});
	assert.equal(answered(pair), every(6, 1, 1));
	assert.is(pair.a.counters.resent, 1);
	holds(pair);
});

test('a slow backup: the primary stops at a full log, heartbeats pass, nothing is lost but input', () => {
	const pair = story({ requests: every(400, 100), knobs: { executeEvery: 1000, logBytes: 4096, logEntries: 32 } }, 45_000);
	assert.is(pair.a.role, 'primary');
	assert.is(pair.b.role, 'backup');
	assert.ok(pair.a.counters.logFull > 100, `${pair.a.counters.logFull} dropped`);
	assert.ok(pair.a.lag > 10);
	assert.is([...pair.trace.of('peerSilent')].length, 0);
	holds(pair);
	pair.run(200_000);
	assert.is(pair.a.lag, 0);
});

/** When a backup of that pace takes over from a primary that dies at 5000. */
function paceTime(executeEvery: number): number {
	const pair = story({ requests: every(40, 100), knobs: { executeEvery } }, 90_000, ({ world }) => world.at(5000, (w) => w.crash('a')));
	holds(pair);
	return [...pair.trace.of('tookOver')][0]!.time;
}

test('a slow backup takes over when it has caught up', () => {
	assert.ok(paceTime(1000) > paceTime(0) + 20_000);
});

test('the pace of a backup can be turned while it runs', () => {
	const pair = story({ requests: every(10, 1000), knobs: { executeBehind: 3 } }, 12_000);
	assert.is(pair.b.logged - pair.b.executed, 3);
	pair.b.pace = { every: 0, behind: 0 };
	pair.world.touch('b');
	assert.is(pair.b.executed, pair.b.logged);
	assert.equal(pair.b.pace, { every: 0, behind: 0 });
});

function ended(how: 'handOver' | 'stop'): Pair {
	return story({ requests: every(10, 1000), knobs: { executeBehind: 2 } }, 40_000, ({ world, a }) => world.at(5550, (w) => a[how](w.now)));
}

test('a planned end in order: handed over without a repeat, or both stopped', () => {
	const handed = ended('handOver');
	assert.equal([handed.a.role, handed.a.haltReason, handed.b.role], ['halted', 'stopped', 'alone']);
	assert.is([...handed.trace.of('outputRepeated')].length, 0);
	assert.equal(answered(handed), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
	assert.ok([...handed.trace.of('tookOver')][0]!.time < 6000);
	holds(handed);
	const stopped = ended('stop');
	assert.equal([stopped.a.haltReason, stopped.b.haltReason], ['stopped', 'stopped']);
	assert.is([...stopped.trace.of('tookOver')].length, 0);
	holds(stopped);
});

test('a poisoned request kills both, and nothing of its step is ever seen', () => {
	const pair = story({ requests: every(6, 1000), operation: (serial) => (serial === 4 ? TOY_POISON : TOY_ADD) }, 40_000);
	assert.equal([pair.a.haltReason, pair.b.haltReason], ['fault', 'fault']);
	assert.match((pair.b.fault as Error).message, /planted/);
	// Not even as something that waits.
	const whole = new Set(Array.from(pair.trace.of('entryExecuted'), ({ entry }) => entry));
	for (const kind of ['outputHeld', 'outputKept'] as const) for (const { entry } of pair.trace.of(kind)) assert.ok(whole.has(entry), `${kind} of entry ${entry}`);
	assert.equal(answered(pair), [1, 2, 3]);
	holds(pair);
});

test('one that is unlike is refused by name, and the primary goes on without it', () => {
	const names = { build: 'BUILD_MISMATCH', layout: 'LAYOUT_MISMATCH', profile: 'PROFILE_MISMATCH' } as const;
	for (const part of ['build', 'layout', 'profile'] as const) {
		const pair = story({ config: (name, config) => (name === 'b' ? { ...config, likeness: { ...likeness, [part]: 'ffffffffffffffff' } } : config) }, 20_000);
		assert.equal([pair.b.haltReason, pair.b.refusal, pair.a.role], ['refused', names[part], 'alone']);
	}
	const state = story({ config: (name, config) => (name === 'b' ? { ...config, host: new ToyHost(5) } : config) }, 20_000);
	assert.is(state.b.refusal, 'STATE_MISMATCH');
});

test('a digest entry finds the replica that has parted, before it could go live', () => {
	const pair = story({ requests: every(20, 1000), knobs: { digestEvery: 4, witness: false } }, 40_000, ({ world, b }) => {
		world.at(6500, () => { b.machine.host.stir(Uint8Array.of(1), 0, 1); });
		world.at(15_000, (w) => w.crash('a'));
	});
	assert.is(pair.b.haltReason, 'diverged');
	assert.is([...pair.trace.of('diverged')].length, 1);
	const sound = story({ requests: every(20, 1000), knobs: { digestEvery: 4 } }, 40_000);
	assert.is(sound.b.role, 'backup');
	holds(sound);
});

for (const divergence of ['time', 'timers', 'random', 'packets'] as const) {
	test(`${divergence} of its own parts a backup from the primary, and a digest entry shows it`, () => {
		const options: PairOptions = {
			requests: every(30, 700), knobs: { digestEvery: 5 }, clock: { drift: 900 },
			config: (name, config) => (name === 'b' ? { ...config, knobs: { ...config.knobs, divergence } } : config),
			// What the backup hears is not what the primary heard.
			clients: { loss: 0.2 },
		};
		const pair = story(options, 60_000, ({ world, a }) => world.at(2500, (w) => a.entropy(Uint8Array.of(1, 2, 3), w.now)));
		assert.is(pair.b.haltReason, 'diverged');
		assert.is(violationsIn(pair.trace)[0]?.invariant, 'equal-replicas');
		assert.is(pair.a.role, 'alone');
		assert.ok(pair.verdict().ok);
		const where = differences(pair.a.machine.host.image, pair.b.machine.host.image).map((one) => one.where);
		assert.ok(where.length > 0);
	});
}

test('entropy reaches both machines by the log', () => {
	const pair = story({ requests: every(6, 1000) }, 20_000, ({ world, a, b }) => world.at(2500, (w) => { a.entropy(Uint8Array.of(1, 2, 3), w.now); b.entropy(Uint8Array.of(9), w.now); }));
	assert.ok([...pair.trace.of('entryLogged')].some(({ of }) => of === 'entropy'));
	assert.equal(differences(pair.a.machine.host.image, pair.b.machine.host.image), []);
	holds(pair);
});

test('the own clock of a replica may show anything, and run as fast as was bounded', () => {
	for (const clock of [{ offset: -5_000_000 }, { offset: 1e12, drift: 900 }, { drift: -900 }]) {
		const pair = story({ requests: every(20, 1000), clock }, 40_000, ({ world }) => world.at(9550, (w) => w.crash('a')));
		assert.is(pair.b.role, 'alone');
		assert.is(answered(pair).at(-1), 20);
		// The machine's clock went on where the primary's was, through the time in which nobody ran.
		const live = [...pair.trace.of('entryExecuted')].find(({ epoch }) => epoch === 2)!;
		assert.ok(Math.abs(live.clock - live.time) < 200, `${live.clock} at ${live.time}`);
		holds(pair);
	}
});

test('machine time goes on at a takeover where the primary\'s was, however long the clocks have drifted apart', () => {
	const requests = every(40, 50_000);
	const pair = story({ requests, clock: { drift: 900 } }, 2_400_000, ({ world }) => world.at(2_000_500, (w) => w.crash('a')));
	const live = [...pair.trace.of('entryExecuted')].find(({ epoch }) => epoch === 2)!;
	// Both run for the pause between two requests at most without hearing of each other.
	assert.ok(Math.abs(live.clock - live.time) < 200, `${live.clock} at ${live.time}`);
	holds(pair);
});

function crashesAt4000({ world }: Pair): void {
	world.at(4000, (w) => w.crash('a'));
}

/** Puts two replicas into states they were never saved in; the world does not hear of it. */
function unsettle({ a, b, world, trace }: Pair): void {
	const mark = trace.mark(), nowhere = { take: () => {} };
	for (let serial = 100; serial < 104; serial++) {
		const frame = toyRequest(1, serial), now = world.now + serial * 10;
		a.receive(PORT_CLIENTS, frame, 0, frame.length, now);
		a.drain(nowhere);
	}
	b.peerDied(world.now + 2000);
	b.drain(nowhere);
	trace.rewind(mark);
}

test('saved and restored at any step, a run goes on as if it had not been', () => {
	const options: PairOptions = { requests: every(8, 700), channel: { loss: 0.1, duplication: 0.1, reordering: 0.1 }, knobs: { executeBehind: 1 } };
	const whole = story(options, 25_000, crashesAt4000);
	const steps = whole.world.steps;
	for (let at = 1; at < steps; at += 3) {
		const pair = new Pair(options);
		crashesAt4000(pair);
		pair.world.run({ maxSteps: at });
		const saved = [pair.a.save(), pair.b.save(), pair.arbiter.save()] as const;
		pair.world.run({ maxSteps: 40 });
		const other = new Pair(options);
		crashesAt4000(other);
		other.world.run({ maxSteps: at });
		unsettle(other);
		other.a.restore(saved[0]);
		other.b.restore(saved[1]);
		other.arbiter.restore(saved[2]);
		assert.equal(other.b.save().outside, saved[1].outside);
		const fresh = new Pair(options);
		fresh.a.restore(saved[0]);
		fresh.b.restore(saved[1]);
		assert.equal([fresh.a.save(), fresh.b.save()], [saved[0], saved[1]]);
		other.run(25_000);
		assert.is(other.trace.digest(), whole.trace.digest(), `restored at step ${at}`);
	}
});

test('bytes that are no messages are counted, whatever they are', () => {
	const replica = new Replica({ id: 5, peer: 6, role: 'backup', host: new ToyHost(), identity: { mac: machineMac(1), address: new Uint8Array(4) }, likeness });
	const sink = { take: () => {} };
	for (let length = 0; length < 200; length++) for (const port of [0, 1, 2, 3]) { replica.receive(port, new Uint8Array(length).fill(length), 0, length, length); replica.drain(sink); }
	const { notSpeaking, channelMalformed, arbiterMalformed, portUnknown } = replica.counters;
	assert.equal({ notSpeaking, channelMalformed, arbiterMalformed, portUnknown }, { notSpeaking: 200, channelMalformed: 200, arbiterMalformed: 200, portUnknown: 200 });
	assert.is(replica.role, 'backup');
});

test.run();
