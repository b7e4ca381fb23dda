import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { Trace } from '../trace/index.ts';
import type { LaneOptions } from './lane.ts';
import { Switch } from './switch.ts';
import { Toy } from './toy.ts';
import { World } from './world.ts';

/** How a link of an arbitrary world behaves: rarely well. */
const lanes: fc.Arbitrary<LaneOptions> = fc.record({
	bandwidth: fc.constantFrom(Infinity, 1e9, 1e7, 3e6),
	delay: fc.nat({ max: 300 }),
	jitter: fc.nat({ max: 200 }),
	queue: fc.constantFrom(0, 2, 10),
	loss: fc.constantFrom(0, 0.1, 0.4),
	duplication: fc.constantFrom(0, 0.1, 0.4),
	duplicateBy: fc.nat({ max: 300 }),
	reordering: fc.constantFrom(0, 0.3),
	reorderBy: fc.integer({ min: 1, max: 900 }),
	corruption: fc.constantFrom(0, 0.2),
}, { requiredKeys: [] });

/** What is done to an arbitrary world while it runs. */
const deeds = fc.array(fc.record({
	time: fc.nat({ max: 4000 }),
	deed: fc.constantFrom('crash', 'stop', 'cont', 'start', 'cut', 'mend', 'port', 'faults', 'script'),
	whom: fc.nat({ max: 2 }),
}), { maxLength: 12 });

const plans = fc.record({
	seed: fc.maxSafeInteger(),
	links: fc.tuple(lanes, lanes, lanes),
	deeds,
	balls: fc.integer({ min: 1, max: 8 }),
	bounces: fc.integer({ min: 0, max: 12 }),
	batch: fc.constantFrom(1, 4),
	drift: fc.constantFrom(0, 777, -40),
	hook: fc.nat({ max: 200 }),
});

type Plan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

/** Three toys on a switch, calling one another and everyone. */
function build(plan: Plan, traced: boolean = true): { world: World; trace: Trace | null } {
	const { seed, links, balls, bounces, batch, drift } = plan;
	const trace = traced ? new Trace(seed) : null;
	const world = new World({ seed, trace });
	const sw = new Switch({ ports: 3, ageing: 2000, trace });
	world.add('switch', sw);
	links.forEach((options, i) => {
		const peer = [2, 3, 255][i]!;
		world.add(`toy${i}`, new Toy({ id: i + 1, peer, balls, bounces, period: 700, length: 20 + i * 90 }), { batch, drift: drift * i, offset: i * 1e6 });
		world.link([`toy${i}`, 0], ['switch', i], { ...options, forth: { loss: 0.05 } });
	});
	for (const { time, deed, whom } of plan.deeds) world.at(time, (w) => perform(w, deed, whom, sw));
	world.beforeStep(plan.hook, (w) => w.stop('toy0'));
	return { world, trace };
}

function perform(world: World, deed: string, whom: number, sw: Switch): void {
	const name = `toy${whom}`;
	const link = world.links[whom]!;
	if (deed === 'crash') world.crash(name);
	else if (deed === 'stop') world.stop(name);
	else if (deed === 'cont') world.cont(name);
	else if (deed === 'start' && world.place(name).standing === 'dead') world.start(name, new Toy({ id: whom + 1, peer: 255, balls: 2 }));
	else if (deed === 'cut') world.cut(link);
	else if (deed === 'mend') world.mend(link);
	else if (deed === 'port') sw.setPort(whom, !sw.isUp(whom));
	else if (deed === 'faults') link.set({ loss: 0.2, jitter: 50, duplication: 0.2 });
	else if (deed === 'script') link.script('switch', { act: 'delay', nth: 2, times: 3, by: 500 });
}

const BOUND = { maxSteps: 3000 };

/** The trace's digest, and what every machine has seen. */
function outcome({ world, trace }: { world: World; trace: Trace | null }): string {
	const toys = world.places.map(({ node }) => (node instanceof Toy ? `${node.received}/${node.seen}` : ''));
	return [trace?.digest(), world.steps, world.now, ...toys].join(' ');
}

test('the same seed gives the same digest, twice', () => {
	fc.assert(fc.property(plans, (plan) => {
		const [one, two] = [build(plan), build(plan)];
		assert.equal(one.world.run(BOUND), two.world.run(BOUND));
		assert.is(outcome(one), outcome(two));
		assert.equal(one.world.failures, []);
	}));
});

test('another seed gives another run where there are faults', () => {
	const plan: Plan = { seed: 1, links: [{ loss: 0.3 }, { jitter: 99 }, {}], deeds: [], balls: 5, bounces: 9, batch: 1, drift: 0, hook: 0 };
	const seen = new Set([1, 2, 3, 2 ** 40].map((seed) => {
		const built = build({ ...plan, seed }, false);
		built.world.run(BOUND);
		return outcome(built);
	}));
	assert.is(seen.size, 4);
});

test('tracing changes nothing', () => {
	fc.assert(fc.property(plans, (plan) => {
		const [on, off] = [build(plan), build(plan, false)];
		on.world.run(BOUND);
		off.world.run(BOUND);
		assert.is(outcome({ world: on.world, trace: null }), outcome(off));
	}));
});

test('every frame sent arrives, is lost for a named reason, or is still on its way', () => {
	fc.assert(fc.property(plans, fc.nat({ max: 400 }), (plan, steps) => {
		const { world, trace } = build(plan);
		world.run({ maxSteps: steps });
		for (const link of world.links) {
			let flying = 0;
			for (const { counters } of [link.forth, link.back]) {
				const { sent, copies, arrived, lost } = counters;
				flying += sent + copies - arrived - Object.values(lost).reduce((sum, count) => sum + count, 0);
			}
			assert.is(flying, world.inFlight(link));
		}
		// The trace tells the same.
		const sent = [...trace!.of('frameSent')];
		const arrived = [...trace!.of('frameArrived')];
		const lost = [...trace!.of('frameLost')];
		const copies = world.links.reduce((sum, { forth, back }) => sum + forth.counters.copies + back.counters.copies, 0);
		assert.is(sent.length + copies, arrived.length + lost.length + world.inFlight());
		for (const { cause, reason, link } of [...arrived.map((event) => ({ ...event, reason: 'none' })), ...lost]) {
			assert.ok(reason !== '');
			const from = trace!.event(cause);
			assert.ok(from.kind === 'frameSent' && from.link === link);
		}
		assert.equal(sent.map(({ link, place, nth }) => `${link} ${place} ${nth}`).length, new Set(sent.map(({ link, place, nth }) => `${link} ${place} ${nth}`)).size);
	}));
});

test('steps and times in the trace never go back', () => {
	fc.assert(fc.property(plans, (plan) => {
		const { world, trace } = build(plan);
		world.run(BOUND);
		let [time, step] = [0, 0];
		for (const event of trace!) {
			assert.ok(event.time >= time && event.step >= step);
			[time, step] = [event.time, event.step];
		}
		assert.ok(step <= world.steps);
	}));
});

test('saving at any step changes nothing, and going back and on is as if one had never stopped', () => {
	fc.assert(fc.property(plans, fc.nat({ max: 200 }), fc.nat({ max: 200 }), (plan, first, more) => {
		const straight = build(plan);
		straight.world.run(BOUND);
		const wanted = outcome(straight);

		const built = build(plan);
		const { world } = built;
		world.run({ maxSteps: first });
		const saved = world.save();
		const there = outcome(built);
		world.run({ maxSteps: more });
		const later = world.save();
		const further = outcome(built);
		for (const [state, expected] of [[saved, there], [later, further], [saved, there]] as const) {
			world.restore(state);
			assert.is(outcome(built), expected);
			world.run({ maxSteps: BOUND.maxSteps - world.steps });
			assert.is(outcome(built), wanted);
		}
	}));
});

test('a fork may do something else, and leaves no trace in what it forked from', () => {
	fc.assert(fc.property(plans, fc.nat({ max: 100 }), fc.nat({ max: 2 }), (plan, first, whom) => {
		const straight = build(plan);
		straight.world.run(BOUND);

		const built = build(plan);
		const { world } = built;
		world.run({ maxSteps: first });
		const saved = world.save();
		world.beforeStep(world.steps + 2, (w) => w.crash(`toy${whom}`));
		world.at(world.now + 50, (w) => w.note('something else'));
		const join = (): unknown => world.add('late', new Toy({ id: 9, peer: 1, balls: 3 })) && world.link(['late', 0], ['toy0', 5], { loss: 0.5 });
		join();
		world.links[whom]!.set({ loss: 0.9, delay: 1 });
		world.links[whom]!.script('switch', { act: 'lose', times: 9 });
		world.run({ maxSteps: 200 });
		world.restore(saved);
		world.run({ maxSteps: BOUND.maxSteps - world.steps });
		assert.is(outcome(built), outcome(straight));
		assert.is(world.places.length, 4);
		join();
		assert.is(world.links.length, 4);
	}));
});

test('one may go forward to a state from an earlier one, and from another branch', () => {
	fc.assert(fc.property(plans, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat({ max: 2 }), (plan, first, more, whom) => {
		const built = build(plan);
		const { world } = built;
		world.run({ maxSteps: first });
		const early = world.save(), there = outcome(built);
		world.run({ maxSteps: more });
		const late = world.save(), further = outcome(built);
		world.restore(early);
		world.restore(late);
		assert.is(outcome(built), further);
		world.restore(early);
		assert.is(outcome(built), there);
		world.crash(`toy${whom}`);
		world.note('another branch');
		world.run({ maxSteps: more });
		const aside = world.save(), elsewhere = outcome(built);
		world.restore(late);
		assert.is(outcome(built), further);
		world.restore(aside);
		assert.is(outcome(built), elsewhere);
	}));
});

test('a crash point changes nothing before it', () => {
	fc.assert(fc.property(plans, fc.integer({ min: 1, max: 60 }), (plan, step) => {
		const straight = build(plan);
		straight.world.run({ maxSteps: step - 1 });
		const crashed = build(plan);
		crashed.world.beforeStep(step, (w) => w.crash('toy1'));
		crashed.world.run({ maxSteps: step - 1 });
		assert.is(outcome(crashed), outcome(straight));
		const before = straight.world.steps;
		crashed.world.run(BOUND);
		const reached = before === step - 1 && straight.world.step();
		if (!reached) return;
		assert.is(crashed.world.place('toy1').standing === 'dead' || plan.deeds.some(({ deed }) => deed === 'start'), true);
		assert.ok([...crashed.trace!.of('crashed')].every((event) => event.step >= step - 1 || plan.deeds.some(({ deed }) => deed === 'crash')));
	}));
});

test.run();
