import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { TcpClient } from './client-tcp.ts';
import type { ClientEnd } from './client-tcp.ts';
import { Counter } from './counter.ts';
import { ServiceRig } from './rig.test.helper.ts';

test('a request is made at its time, and not before the one before it was answered', () => {
	const rig = new ServiceRig(new Counter(), new TcpClient({ connectAt: 1000, requests: [5000, 5000, 700_000] }), { delay: 50_000 }).run();
	const wrote = [...rig.trace.of('wrote')], delivered = [...rig.trace.of('delivered')];
	assert.is(wrote.length, 3);
	assert.ok(wrote[0]!.time >= 5000);
	assert.ok(wrote[1]!.time >= delivered[0]!.time);
	assert.is(wrote[2]!.time, 700_000);
});

test('it ends as it was told to', () => {
	const ends: readonly [ClientEnd, string][] = [['close', 'client'], ['abort', 'abort']];
	for (const [end, by] of ends) {
		const rig = new ServiceRig(new Counter(), new TcpClient({ requests: [0], end, endAfter: 1000 })).run();
		assert.equal(rig.told('closed'), [by], end);
	}
	assert.equal(new ServiceRig(new Counter(), new TcpClient({ requests: [0] })).run().told('closed'), []);
});

test('nobody listens: the application is told', () => {
	const rig = new ServiceRig(new Counter({ port: 7001 }), new TcpClient({ requests: [0] })).run();
	assert.equal(rig.told('failed'), ['ECONNREFUSED']);
});

test('over any link the replies come whole, in order and once', () => {
	const chance = fc.double({ min: 0, max: 0.25, noNaN: true });
	fc.assert(fc.property(fc.record({ loss: chance, duplication: chance, reordering: chance }), fc.integer({ min: 1, max: 6 }), (faults, many) => {
		const rig = new ServiceRig(new Counter(), new TcpClient({ requests: Array.from({ length: many }, () => 0) }), faults).run(600_000_000);
		assert.equal(rig.told('failed'), []);
		assert.equal(rig.told('delivered'), Array.from({ length: many }, (_, i) => String(11 + i)));
	}), { numRuns: 40 });
});

test.run();
