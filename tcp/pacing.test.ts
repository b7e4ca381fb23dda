import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../lib/host/index.ts';
import { restore } from '../lib/search/restore.ts';
import { profiles, transfer as conversing } from '../lib/search/transfer.ts';
import type { Conversation } from '../lib/search/transfer.ts';
import type { Service } from '../lib/service/service.ts';
import { World } from '../lib/sim/index.ts';
import { Drinker, Pourer } from '../lib/study/throughput/bulk.ts';
import { Trace } from '../lib/trace/index.ts';
import type { Sink } from '../lib/wire/node.ts';
import { linux, read32 } from './index.ts';
import type { Profile } from './index.ts';

const paced: Profile = profiles['paced']!;
const DELAY = 20_000;

interface Left { readonly seq: number; readonly ack: number; readonly text: number; readonly tsVal: number; readonly made: number; readonly departure: number }

/** Hands on what it takes, and writes down what a segment says and when it is to leave. */
function tap(to: Sink, left: Left[], now: () => number): Sink {
	const note = (bytes: Uint8Array, at: number, length: number, departure: number): void => {
		if (bytes[at + 12] !== 8 || bytes[at + 23] !== 6) return;
		const tcp = at + 34, header = bytes[tcp + 12]! >> 2;
		if (header !== 32) return;
		left.push({ seq: read32(bytes, tcp + 4), ack: read32(bytes, tcp + 8), text: length - 34 - header, tsVal: read32(bytes, tcp + 24), made: now(), departure });
	};
	return {
		take: (bytes, at, length, port) => { note(bytes, at, length, now()); to.take(bytes, at, length, port); },
		takeAt: (bytes, at, length, port, departure) => { note(bytes, at, length, departure); to.takeAt!(bytes, at, length, port, departure); },
	};
}

/** A transfer of some time; what its sender has sent. */
function transfer(profile: Profile, until: number): { left: Left[]; from: Host; world: World } {
	const host = (i: number, application: Service): Host => new Host({ mac: `02:00:00:00:00:0${i}`, addresses: [`10.0.0.${i}/24`], application, profile });
	const from = host(1, new Pourer('10.0.0.2', 1)), to = host(2, new Drinker());
	const left: Left[] = [];
	const drain = from.drain.bind(from);
	from.drain = (sink) => drain(tap(sink, left, () => from.now));
	const world = new World({ seed: 1, trace: new Trace(1) });
	world.add('from', from);
	world.add('to', to);
	world.link(['from', 0], ['to', 0], { bandwidth: 100e6, delay: DELAY });
	world.run({ until });
	for (const { error } of world.failures) throw error;
	return { left, from, world };
}

const text = (left: readonly Left[]): Left[] => left.filter((one) => one.text > 0);

test('off by default: everything leaves as it is made', () => {
	for (const one of transfer(linux, 1e6).left) assert.is(one.departure, one.made);
});

test('a window leaves over a round trip: no more than a little of it at one time, in order', () => {
	const { left } = transfer(paced, 2e6);
	const all = text(left);
	const late = all.filter((one) => one.made > 1e6);
	assert.ok(late.length > 500);
	const together = new Map<number, number>();
	for (const { departure, text: octets } of late) together.set(departure, (together.get(departure) ?? 0) + octets);
	// 100 Mbit/s bring 12,500 octets in a millisecond, and 20 % more may leave.
	assert.ok(Math.max(...together.values()) <= 1.2 * 12_500 + 3 * 1448);
	for (let i = 1; i < all.length; i++) assert.ok(all[i]!.departure >= all[i - 1]!.departure);
	assert.ok(all.some(({ made, departure }) => departure > made));
});

test('RFC 6928: the first window leaves at once', () => {
	const all = text(transfer(paced, 1e6).left).slice(0, 10);
	assert.ok(all.every(({ made, departure }) => departure === made));
});

test('RFC 7323 §3.2: a timestamp is that of the departure, so that an echo measures the path', () => {
	const { left, from } = transfer(paced, 2e6);
	const [first] = left;
	const offset = first!.tsVal - Math.floor(first!.departure / 1000);
	for (const { tsVal, departure } of left) assert.is(tsVal - Math.floor(departure / 1000), offset);
	const { tcp, image } = from;
	tcp.tcb.go(image.first(tcp.tcbs));
	const { minRtt } = tcp.tcb.rack;
	assert.ok(minRtt >= 2 * DELAY && minRtt < 2 * DELAY + 2000);
	assert.is(tcp.counters.retransmits, 0);
});

test('where nobody keeps departure times none is asked for', () => {
	const host = new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], profile: paced });
	host.drain({ take: () => { assert.is(host.tcp.paces, false); } });
	assert.is(host.tcp.paces, false);
});

test('it is in the image: a snapshot in the middle goes on to the same bytes at the same times', () => {
	const about: Conversation = { seed: 4, up: 30_000, down: 30_000, piece: 5000, pause: 0, aborts: false, profile: 'paced', link: { delay: 5000, bandwidth: 2e6, loss: 0.01 } };
	for (const at of [[40, 61], [100, 101, 155], [77, 90, 200]]) restore.check({ about, at });
});

test('pitfall: an ACK that overtakes paced text makes the window look shrunk (RFC 9293 §3.8.6)', () => {
	const about: Omit<Conversation, 'seed' | 'link'> = { up: 14_481, down: 14_481, piece: 1, pause: 0, aborts: false, profile: 'paced' };
	const link = { loss: 0, duplication: 0, reordering: 0, corruption: 0, delay: 5000, bandwidth: 1e9, queue: 5 };
	conversing.check({ ...about, seed: 0, link });
	// An ACK that is drawn as a segment arrives, while text sent again still waits for its time.
	conversing.check({ ...about, seed: 499_771_964, up: 18_824, link: { ...link, reordering: 0.3, reorderBy: 50_000 } });
});

test.run();
