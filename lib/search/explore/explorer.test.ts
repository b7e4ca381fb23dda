import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RST } from '../../wire/tcp.ts';
import { readPacket } from '../../study/packet.ts';
import { tappedFrames } from '../../trace/index.ts';
import { Explorer, Replay, Violation, explorables } from './index.ts';
import type { Explorable, Explored, FaultKind, System, Watch } from './index.ts';

function world(name: string): Explorable { return explorables.find((one) => one.name === name)!; }

function explore(system: System, faults: readonly FaultKind[], frames: number, crashes: number = 0, cuts: number = 0): Explored {
	return new Explorer(system, { faults, most: { frames, crashes, cuts } }).run();
}

test('without faults there is one way, and it ends', () => {
	const found = explore(world('handshake').build(), [], 0);
	assert.equal([found.situations, found.ends, found.complete, found.violation], [found.depth + 1, 1, true, null]);
	assert.ok(found.changes.includes('FIN-WAIT-1 → TIME-WAIT') && found.changes.includes('TIME-WAIT → CLOSED'), found.changes.join());
});

test('every kind of fault leads to situations that none leads to without it', () => {
	for (const kind of ['drop', 'dup', 'delay'] as const) {
		assert.ok(explore(world('both-close').build(), [kind], 1).distinct > explore(world('both-close').build(), [kind], 0).distinct, kind);
	}
	// Where no two frames are on one lane there is nothing to overtake.
	assert.ok(explore(world('slow-reader').build(), ['reorder'], 1).distinct > explore(world('slow-reader').build(), [], 0).distinct);
	for (const [name, kind] of [['duplicate-output', 'crash'], ['split-brain', 'cut']] as const) {
		const { build } = world(name);
		assert.ok(explore(build(), [kind], 0, 1, 1).distinct > explore(build(), [], 0).distinct, kind);
	}
});

test('two hosts: everything holds whatever happens to one frame', () => {
	for (const { name, build } of explorables.filter(({ most }) => most.crashes + most.cuts === 0 && most.frames > 1)) {
		const found = explore(build(), ['drop', 'dup', 'delay', 'reorder'], 1);
		assert.is(found.violation?.text ?? '', '', name);
		assert.ok(found.complete, name);
	}
});

test('the pair: everything holds whichever machine dies behind whichever output', () => {
	for (const { name, build, most } of explorables.filter(({ most: { crashes, cuts } }) => crashes + cuts > 0)) {
		const found = explore(build(), ['crash', 'cut'], 0, most.crashes, most.cuts);
		assert.is(found.violation?.text ?? '', '', name);
		assert.ok(found.complete, name);
	}
});

test('bounds are kept, and told', () => {
	const { build } = world('handshake');
	const bounded = new Explorer(build(), { faults: ['drop'], most: { frames: 1, crashes: 0, cuts: 0 }, depth: 3 }).run();
	assert.equal([bounded.depth, bounded.complete], [3, false]);
	assert.not(new Explorer(build(), { faults: ['drop'], most: { frames: 1, crashes: 0, cuts: 0 }, situations: 20 }).run().complete);
});

/** A world in which something that happens is forbidden. */
function forbidding(name: string, watch: Partial<Watch<unknown>>): System {
	const system = world(name).build();
	return { ...system, watch: { ...system.watch, until: () => 300_000, initial: null, event: () => null, crashed: () => null, sent: () => null, keyOf: () => '', ended: () => {}, ...watch } };
}

test('finds a shortest way to what must not be, and walks it again with a trace', () => {
	const sent = (_state: unknown, place: string, _port: number, bytes: Uint8Array): null => {
		if (place === 'client' && ((readPacket(bytes).segment?.flags ?? 0) & RST) !== 0) throw new Violation('reset-allowed', 'a RST');
		return null;
	};
	const { violation } = explore(forbidding('duplicate-output', { sent }), ['crash'], 0, 1);
	assert.is(violation, null, 'the client has no reason for a RST');
	const found = explore(forbidding('client-aborted', { sent }), ['drop'], 1).violation!;
	assert.is(found.invariant, 'reset-allowed');
	const system = world('client-aborted').build();
	new Replay(system).walk(found.path);
	const frames = [...tappedFrames(system.world.trace!)];
	assert.ok(((readPacket(frames.at(-1)!.bytes).segment?.flags ?? 0) & RST) !== 0);
	// Nothing shorter: the request, its way through log and back, the reply, and the RST.
	assert.ok(found.path.every(({ kind }) => kind !== 'drop'), JSON.stringify(found.path));
});

test('walking a way leads where exploring did: late frames, copies, overtaking, deaths', () => {
	for (const [name, faults, crashes, until] of [['handshake', ['drop', 'dup', 'delay', 'reorder'], 0, Infinity], ['duplicate-output', ['dup', 'delay', 'crash'], 1, 300_000]] as const) {
		let seen = 0;
		// The n-th history that ends is taken for a violation.
		for (const wanted of [3, 17, 40]) {
			seen = 0;
			let facts = '';
			const ended = (_state: unknown, told: ReadonlyMap<string, { readonly text: string }>): void => {
				if (++seen < wanted) return;
				facts = JSON.stringify([...told].map(([place, { text }]) => [place, text]));
				throw new Violation('all-is-settled', 'an end');
			};
			const { violation } = explore(forbidding(name, { ended, until: () => until }), faults, 1, crashes);
			const system = world(name).build();
			new Replay(system).walk(violation!.path);
			const walked = system.world.places.map((place) => [place.name, place.standing === 'dead' || !system.hosts.has(place.name) ? '' : system.describe(place.name)]);
			assert.is(JSON.stringify(walked), facts, `${name} ${wanted}: ${JSON.stringify(violation!.path)}`);
			assert.equal(system.world.failures, []);
		}
	}
});

test.run();
