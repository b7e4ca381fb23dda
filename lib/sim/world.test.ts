import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flightsOf, interfacesOf, tappedFrames, Trace } from '../trace/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { WorldError } from './error.ts';
import type { LinkOptions } from './link.ts';
import type { WorldOptions } from './options.ts';
import { Switch } from './switch.ts';
import { Toy } from './toy.ts';
import { World } from './world.ts';

/** Writes down all that is done to it, and sends what it is told to. */
class Scribe implements Node {
	wakeAt = Infinity;
	readonly log: string[] = [];
	readonly out: { port: number; text: string }[] = [];
	/** Called with each frame's text. */
	onFrame: (text: string, port: number) => void = () => {};

	receive(port: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		const text = String.fromCharCode(...bytes.subarray(at, at + length));
		this.log.push(`${now} ${port}<${text}`);
		this.onFrame(text, port);
	}

	wake(now: number): void {
		this.log.push(`${now} wake`);
		this.wakeAt = Infinity;
	}

	drain(sink: Sink): void {
		for (const { port, text } of this.out.splice(0)) {
			sink.take(Uint8Array.from(text, (char) => char.charCodeAt(0)), 0, text.length, port);
		}
	}

	say(text: string, port: number = 0): void {
		this.out.push({ port, text });
	}
}

const instant: LinkOptions = { bandwidth: Infinity, delay: 100 };

/** Two scribes on a link. */
function pair(link: LinkOptions = {}, options: Partial<WorldOptions> = {}): { world: World; a: Scribe; b: Scribe; trace: Trace } {
	const trace = new Trace(1);
	const world = new World({ seed: 1, trace, ...options });
	const [a, b] = [new Scribe(), new Scribe()];
	world.add('a', a);
	world.add('b', b);
	world.link(['a', 0], ['b', 0], { ...instant, ...link });
	return { world, a, b, trace };
}

const kindsOf = (trace: Trace): string[] => [...trace].map((event) => `${event.step} ${event.time} ${event.place} ${event.kind}`);
const coded = (code: string) => (error: unknown): boolean => error instanceof WorldError && error.code === code;

test('a delivery, a timer and each output is a step of its own', () => {
	const { world, a, b, trace } = pair();
	b.onFrame = (text) => {
		b.say(`${text}1`);
		b.say(`${text}2`);
		b.wakeAt = 150;
	};
	a.say('x');
	world.touch('a');
	assert.equal(world.run(), { ended: 'quiet', steps: 7, time: 200, pending: [] });
	assert.equal(kindsOf(trace), [
		'1 0 a frameSent',
		'2 100 b frameArrived',
		'3 100 b frameSent',
		'4 100 b frameSent',
		'6 200 a frameArrived',
		'7 200 a frameArrived',
	]);
	assert.equal(a.log, ['200 0<x1', '200 0<x2']);
	assert.equal(b.log, ['100 0<x', '150 wake']);
	assert.equal([...trace.of('frameSent')].map(({ cause }) => cause), [-1, 1, 1], 'an answer names the arrival that prompted it');
	assert.equal([...trace.of('frameArrived')].map(({ cause }) => cause), [0, 2, 3]);
});

/** What comes of it when `b`, which answers once with two frames, is killed before a step. */
const crashed = (step: number): string => {
	const { world, a, b, trace } = pair({}, { crashBefore: { place: 'b', step } });
	b.onFrame = () => {
		b.say('1');
		b.say('2');
	};
	a.say('x');
	world.touch('a');
	const { ended, time } = world.run();
	const [crash] = [...trace.of('crashed')];
	return `${ended} ${time}: ${a.log.map((line) => line.slice(-1)).join('')} ${crash?.time}/${crash?.outputs} ${[...trace.of('frameLost')].map(({ reason }) => reason).join()}`;
};

test('a crash before step N: what is not on its link dies, what is travels on', () => {
	assert.is(crashed(1), 'quiet 100:  0/0 dead');
	assert.is(crashed(2), 'quiet 100:  100/0 dead');
	assert.is(crashed(3), 'quiet 100:  100/2 ');
	assert.is(crashed(4), 'quiet 200: 1 100/1 ');
	assert.is(crashed(5), 'quiet 200: 12 200/0 ');
	assert.is(crashed(7), 'quiet 200: 12 undefined/undefined ', 'there is no step 7');
});

test('a stopped machine is given everything late, in order, and its outputs wait', () => {
	const { world, a, b } = pair({ queue: 3 });
	b.wakeAt = 250;
	world.touch('b');
	b.onFrame = (text) => b.say(text.toUpperCase());
	'pqrstu'.split('').forEach((text, i) => world.at(i * 10, () => a.say(text), 'a'));
	world.at(105, (w) => w.stop('b'));
	world.at(500, (w) => w.cont('b'));
	world.run({ until: 499 });
	assert.equal(b.log, ['100 0<p']);
	world.run();
	assert.equal(b.log, ['100 0<p', '500 0<q', '500 0<r', '500 0<s', '500 wake'], 'the queue of the link holds three');
	assert.equal(a.log.map((line) => line.slice(-1)), ['P', 'Q', 'R', 'S']);
	assert.is(world.links[0]!.forth.counters.lost.queue, 2);
});

test('stopped between draining and sending, it keeps its outputs until it goes on', () => {
	const { world, a, b } = pair();
	b.onFrame = () => b.say('late');
	a.say('x');
	world.touch('a');
	world.beforeStep(3, (w) => w.stop('b'));
	world.at(900, (w) => w.cont('b'));
	world.run({ until: 800 });
	assert.equal(a.log, []);
	world.run();
	assert.equal(a.log, ['1000 0<late']);
});

test('a machine that dies while it is stopped takes with it what waited for it', () => {
	const { world, a, b, trace } = pair();
	world.stop('b');
	a.say('x');
	a.say('y');
	world.touch('a');
	world.run();
	assert.is(world.inFlight(), 2);
	world.crash('b');
	world.cont('b');
	assert.is(world.run().steps, 0);
	assert.equal([b.log, world.inFlight(), world.place('b').standing], [[], 0, 'dead']);
	assert.equal([...trace.of('frameLost')].map(({ reason, cause }) => [reason, cause]), [['dead', 1], ['dead', 2]]);
});

test('any number of outputs wait for the link, in order', () => {
	const { world, a, b } = pair();
	const said: string[] = [];
	for (let round = 0; round < 40; round++) {
		for (let i = 0; i < round % 23; i++) {
			said.push(`${round}.${i}`);
			a.say(`${round}.${i}`);
		}
		world.touch('a');
		// Fewer are sent than come, so that the queue moves as it grows.
		for (let i = 0; i < 7; i++) world.step(0);
	}
	assert.is(world.now, 0);
	world.run();
	assert.equal(b.log.map((line) => line.slice(line.indexOf('<') + 1)), said);
});

test('a machine lives by its own clock', () => {
	const world = new World({ seed: 1 });
	const [a, b] = [new Scribe(), new Scribe()];
	world.add('a', a);
	world.add('b', b, { offset: 5000, drift: 1000 });
	world.link(['a', 0], ['b', 0], instant);
	b.wakeAt = 5000 + 1_001_000;
	world.touch('b');
	world.at(2e6 - 100, () => a.say('x'), 'a');
	world.run();
	assert.equal(b.log, ['1006000 wake', '2007000 0<x']);
	assert.is(world.now, 2e6);
});

/** How five frames of one instant come, by batches of at most so many. */
const batched = (batch: number): string => {
	const world = new World({ seed: 1 });
	const [a, b] = [new Scribe(), new Scribe()];
	world.add('a', a);
	world.add('b', b, { batch });
	world.link(['a', 0], ['b', 0], instant);
	let since = 0;
	b.onFrame = () => since++;
	const drain = b.drain.bind(b);
	const batches: number[] = [];
	b.drain = (sink) => {
		if (since > 0) batches.push(since);
		since = 0;
		drain(sink);
	};
	for (const text of 'pqrst') a.say(text);
	world.touch('a');
	world.at(1, () => a.say('u'), 'a');
	const { steps } = world.run();
	assert.equal(b.log.map((line) => line.slice(-1)).join(''), 'pqrstu');
	return `${batches.join()} in ${steps}`;
};

test('frames of one instant come as a batch where that is asked for', () => {
	assert.is(batched(1), '1,1,1,1,1,1 in 12');
	assert.is(batched(3), '3,2,1 in 9');
	assert.is(batched(9), '5,1 in 8');
});

test('a cut loses what is in flight, and what is sent until it is mended', () => {
	const { world, a, b, trace } = pair();
	const [link] = world.links;
	for (const [time, text] of [[0, 'p'], [50, 'q'], [60, 'Q'], [120, 'r'], [200, 's']] as const) world.at(time, () => a.say(text), 'a');
	world.at(110, (w) => w.cut(link!));
	world.at(150, (w) => w.mend(link!));
	world.run();
	assert.equal(b.log, ['100 0<p', '300 0<s']);
	assert.equal([...trace.of('frameLost')].map(({ reason, time, place, cause }) => `${reason} ${time} ${place} ${[...trace.event(cause).bytes]}`), [
		'cut 110 a 113', 'cut 110 a 81', 'cut 120 a 114',
	]);
	assert.equal([...trace.of('linkCut')].map(({ frames }) => frames), [2]);
	assert.equal(link!.forth.counters.lost.cut, 3);
});

test('a machine that throws is halted before any output of that step', () => {
	const { world, a, b, trace } = pair();
	b.onFrame = (text) => {
		b.say(`${text}!`);
		if (text === 'bad') throw new Error('a planted bug');
	};
	['ok', 'bad', 'ok'].forEach((text, i) => world.at(i * 10, () => a.say(text), 'a'));
	assert.is(world.run().ended, 'quiet');
	assert.equal(a.log.map((line) => line.slice(4)), ['0<ok!']);
	assert.equal(world.failures.map(({ place, step, error }) => [place, step, (error as Error).message]), [['b', 6, 'a planted bug']]);
	assert.equal([...trace.of('crashed')].map(({ place, reason }) => [place, reason]), [['b', 'threw: a planted bug']]);
	assert.equal([...trace.of('frameLost')].map(({ reason }) => reason), ['dead']);
});

test('what throws while it is drained sends nothing of that draining, but what it sent before', () => {
	const { world, a, b } = pair();
	let drains = 0;
	b.onFrame = (text) => b.say(text);
	b.drain = (sink) => {
		for (const { text } of b.out.splice(0)) {
			sink.take(Uint8Array.from(text, (char) => char.charCodeAt(0)), 0, text.length, 0);
			if (++drains === 2) throw new Error('in the middle');
		}
	};
	a.say('1');
	world.touch('a');
	world.at(100, () => a.say('2'), 'a');
	world.run();
	assert.equal(a.log, ['200 0<1']);
	assert.is(world.place('b').standing, 'dead');
});

test('another machine may be started where one died', () => {
	const { world, a, b, trace } = pair();
	world.crash('b');
	assert.is(world.place('b').standing, 'dead');
	const again = new Scribe();
	again.onFrame = () => again.say('new');
	world.start('b', again);
	assert.throws(() => world.start('b', again), coded('NOT_DEAD'));
	a.say('x');
	world.touch('a');
	world.run();
	assert.equal([a.log, b.log, again.log], [['200 0<new'], [], ['100 0<x']]);
	assert.equal([...trace.of('started')].map(({ place }) => place), ['b']);
});

test('a machine started anew sends nothing of what died with the one before', () => {
	const { world, a, b } = pair();
	b.onFrame = () => b.say('old');
	a.say('x');
	world.touch('a');
	world.beforeStep(3, (w) => {
		w.crash('b');
		w.start('b', new Scribe());
	});
	assert.is(world.run().steps, 2);
	assert.equal([a.log, b.log], [[], ['100 0<x']]);
});

test('a frame for a port without a link is lost, and said to be', () => {
	const { world, a, trace } = pair();
	a.say('x', 7);
	world.touch('a');
	assert.is(world.run().steps, 1);
	assert.equal([...trace.of('frameLost')].map(({ reason, link }) => [reason, link]), [['no-link', -1]]);
	assert.equal(flightsOf(trace).map(({ to }) => to), [-1]);
});

test('a duplicated frame arrives twice, a corrupted one changed', () => {
	const { world, a, b, trace } = pair();
	world.links[0]!.script('a', { act: 'duplicate', nth: 1, by: 30 });
	world.links[0]!.script('a', { act: 'corrupt', nth: 2, bit: 2 });
	a.say('A');
	a.say('A');
	world.touch('a');
	world.run();
	assert.equal(b.log, ['100 0<A', '100 0<a', '130 0<A']);
	assert.equal([...trace.of('frameArrived')].map(({ copy, bytes }) => [copy, bytes[0]]), [[0, 0x41], [0, 0x61], [1, 0x41]]);
	assert.equal(flightsOf(trace).map(({ arrived, intact }) => [arrived.length, intact]), [[2, true], [1, false]]);
});

test('taps record the ends they name; a switch passes a frame on with its cause', () => {
	const trace = new Trace(1);
	const world = new World({ seed: 1, trace });
	world.add('client', new Toy({ id: 1, peer: 2, balls: 1, bounces: 1 }));
	world.add('primary', new Toy({ id: 2 }));
	world.add('switch', new Switch({ ports: 3, trace, place: 'switch' }));
	world.link(['client', 0], ['switch', 0]);
	world.link(['primary', 0], ['switch', 1]);
	world.tap(['client', 0], 'client');
	world.tap(['primary', 0], 'primary');
	world.run();
	assert.equal(interfacesOf(trace), ['client', 'primary']);
	assert.equal(tappedFrames(trace).map((f) => `${f.number} ${f.interface} ${f.sent ? 'out' : 'in'}`), [
		'1 client out', '2 primary in', '3 primary out', '4 client in',
	]);
	const way: string[] = [];
	for (let index = tappedFrames(trace)[3]!.event; index >= 0; index = trace.slotOf(index, 2)) {
		const event = trace.event(index);
		way.unshift(`${event.place} ${event.kind}`);
	}
	assert.is(way.join(' > '), [
		'client frameSent > switch frameArrived > switch frameSent > primary frameArrived',
		'primary frameSent > switch frameArrived > switch frameSent > client frameArrived',
	].join(' > '), 'the way back to the cause of it all');
});

test('a run ends where it is told to, and says what was going on', () => {
	const { world, a, b } = pair();
	a.onFrame = () => a.say('ping');
	b.onFrame = () => b.say('pong');
	a.say('ping');
	b.wakeAt = 1e9;
	world.touch('a');
	world.touch('b');
	world.at(5e8, () => {});
	const bounded = world.run({ maxSteps: 3 });
	assert.equal(bounded, {
		ended: 'steps', steps: 3, time: 100,
		pending: ["a frame of 4 bytes from 'b' to 'a' at 200 µs", 'an action at 500000000 µs', "running 'b': a timer at 1000000000 µs"],
	});
	assert.equal({ ...world.run({ until: 250 }), pending: [] }, { ended: 'until', steps: 2, time: 250, pending: [] });
	assert.is(world.run({ done: (w) => w.steps === 20 }).steps, 15);
	const { ended, time } = pair().world.run({ until: 77 });
	assert.equal([ended, time], ['quiet', 77]);
});

test('a machine that never rests is bounded too, and does not starve the others', () => {
	const { world, a, b } = pair();
	b.wake = (now) => {
		b.log.push(`${now} wake`);
		b.wakeAt = now;
	};
	b.wakeAt = 0;
	world.touch('b');
	a.say('x');
	world.touch('a');
	const result = world.run({ maxSteps: 1000 });
	assert.is(result.ended, 'steps');
	assert.equal(result.pending, ["a frame of 1 bytes from 'a' to 'b' at 100 µs", "running 'b': a timer at 0 µs"].reverse());
	assert.throws(() => {
		const again = (w: World): void => w.at(w.now, again);
		pair().world.at(0, again);
		const { world: other } = pair();
		other.at(0, again);
		other.run();
	}, coded('ENDLESS_ACTIONS'));
});

test('says what is wrong in typed errors', () => {
	const { world } = pair();
	assert.throws(() => world.add('a', new Scribe()), coded('NAME_TAKEN'));
	assert.throws(() => world.place('c'), coded('UNKNOWN_PLACE'));
	assert.throws(() => world.link(['a', 0], ['b', 1]), coded('PORT_TAKEN'));
	assert.throws(() => world.link(['a', 1], ['a', 2]), coded('PORT_TAKEN'));
	assert.throws(() => world.link(['a', 1], ['b', -1]), coded('BAD_OPTION'));
	assert.throws(() => world.link(['a', 1], ['b', 1], { name: world.links[0]!.name }), coded('NAME_TAKEN'));
	assert.throws(() => world.add('c', new Scribe(), { batch: 0 }), coded('BAD_OPTION'));
	assert.throws(() => world.at(NaN, () => {}), coded('BAD_OPTION'));
	assert.throws(() => new World({ seed: 0.5 }), coded('BAD_OPTION'));
	assert.throws(() => world.save(), coded('NOT_SAVEABLE'));
	const sleepless = new Scribe();
	sleepless.wakeAt = NaN;
	world.add('d', sleepless);
	assert.equal(world.failures.map(({ error }) => (error as WorldError).code), ['BAD_WAKE']);
});

test.run();
