import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Announcer, announcement } from './announcer.ts';
import { Core } from './core.ts';
import { frameFields } from './frame-fields.ts';
import { turned } from './knobs.ts';
import { likeness, quick } from './pair.test.helper.ts';
import { ToyHost } from './toy.test.helper.ts';

const identity = { mac: Uint8Array.of(2, 0, 0, 0, 0, 9), address: Uint8Array.of(10, 0, 0, 7) };

function field(frame: Uint8Array, name: string): number[] {
	const found = frameFields(frame).find((one) => one.name === name)!;
	return [...frame.subarray(found.at, found.at + found.length)];
}

test('every announcement is a broadcast frame from the address that moves', () => {
	for (const how of ['gratuitous-arp', 'rarp', 'any'] as const) {
		const frame = announcement(how, identity)!;
		assert.equal(field(frame, 'ethernet destination'), [255, 255, 255, 255, 255, 255]);
		assert.equal(field(frame, 'ethernet source'), [...identity.mac]);
	}
	assert.equal(field(announcement('gratuitous-arp', identity)!, 'arp sender'), [10, 0, 0, 7]);
	assert.equal(field(announcement('gratuitous-arp', identity)!, 'arp target'), [10, 0, 0, 7]);
	assert.equal(field(announcement('rarp', identity)!, 'arp operation'), [0, 3]);
	assert.is(announcement('none', identity), null);
});

function core(now: number): Core {
	const config = { id: 1, host: new ToyHost(), identity, likeness, knobs: turned(quick), trace: null, place: 0 };
	return new Core(config, 0, 1, now);
}

test('announces so many times, so far apart', () => {
	const announcer = new Announcer(3, 100);
	assert.is(announcer.at, Infinity);
	announcer.begin(50);
	const times: number[] = [];
	for (let now = 0; now < 1000; now += 10) announcer.drain(core(now), { take: (_bytes, _at, length, port) => { times.push(now); assert.equal([port, length], [0, 42]); } });
	assert.equal(times, [50, 150, 250]);
	const silent = new Announcer(0, 100);
	silent.begin(1);
	assert.is(silent.at, Infinity);
});

test.run();
