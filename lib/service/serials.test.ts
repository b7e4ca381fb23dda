import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Image } from '../memory/index.ts';
import { UdpClient } from './client-udp.ts';
import { Counter } from './counter.ts';
import { ServiceRig } from './rig.test.helper.ts';
import { Sessions, serialIn, sessionPool, splitReply, withSerial } from './serials.ts';

function sessions(most: number): Sessions {
	return new Sessions(new Image({ pools: [sessionPool(most)], pages: 1 }));
}

/** Frames that name the first serial. */
function isReply(bytes: Uint8Array, at: number, length: number): boolean {
	return String.fromCharCode(...bytes.subarray(at, at + length)).includes(' s1') && length < 100;
}

test('a serial is written and read back', () => {
	fc.assert(fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: 1, max: 999_999_999 }), (client, serial) => {
		assert.equal(serialIn(withSerial('inc', { client, serial })), { client, serial });
		assert.equal(splitReply(`11 s${serial}`), { text: '11', serial });
	}));
	assert.is(serialIn('inc'), null);
	assert.equal(splitReply('11'), { text: '11', serial: 0 });
});

test('each request is executed once, whatever the network makes of it', () => {
	const request = fc.record({ client: fc.integer({ min: 1, max: 3 }), serial: fc.integer({ min: 1, max: 6 }) });
	fc.assert(fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
		const memory = sessions(4);
		const executed = new Set<string>();
		const newest = new Map<number, number>();
		for (const one of requests) {
			const key = `${one.client} ${one.serial}`;
			const last = newest.get(one.client) ?? 0;
			const judgement = memory.judge(one);
			assert.is(judgement, one.serial > last ? 'execute' : one.serial === last ? 'repeat' : 'stale');
			if (judgement === 'repeat') assert.is(memory.stored, one.serial * 100 + one.client);
			if (judgement !== 'execute') continue;
			assert.not(executed.has(key));
			executed.add(key);
			newest.set(one.client, one.serial);
			memory.store(one.serial, one.serial * 100 + one.client);
		}
	}));
});

test('a client for which there is no room is told so, and forgets nobody', () => {
	const memory = sessions(1);
	// A pool takes whole chunks: fill what there is.
	let client = 1;
	while (memory.judge({ client, serial: 1 }) !== 'full') {
		memory.store(1, client);
		client++;
	}
	assert.is(memory.judge({ client: 1, serial: 1 }), 'repeat');
	assert.is(memory.stored, 1);
});

test('a client that asks again gets the stored reply, and drops what answers nothing', () => {
	// The reply is lost once, then every one comes twice.
	const rig = new ServiceRig(new Counter(), new UdpClient({ id: 7, requests: [0, 900_000], timeout: 100_000, retries: 5 }));
	const [link] = rig.world.links;
	link!.script('server', { act: 'lose', when: isReply });
	link!.script('server', { act: 'duplicate', when: isReply, nth: 2 });
	rig.run();
	assert.equal(rig.told('delivered'), ['11 s1', '12 s2']);
	assert.equal(rig.told('discarded'), ['11 s1']);
	assert.is(Counter.valueIn(rig.server.image), 12);
});

test('without an answer the client gives up after its last try', () => {
	const rig = new ServiceRig(new Counter(), new UdpClient({ requests: [0], timeout: 50_000, retries: 2 }), { loss: 1 });
	rig.run();
	assert.equal(rig.told('failed'), ['ETIMEDOUT']);
	assert.is(rig.told('wrote').length, 3);
});

test.run();
