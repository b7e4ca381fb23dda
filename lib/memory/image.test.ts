import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { Image, differences, pool, record } from './index.ts';
import type { Pool, RecordType } from './index.ts';

const shape = { snd: { una: 'i32', nxt: 'i32' }, due: 'f64', state: 'u8', port: 'u16', addr: 'bytes 16' } as const;
const Thing: RecordType<typeof shape> = record(shape);
const make = (): Image => new Image({ pools: [pool('thing', Thing, 200), pool('other', Thing, 3)], pages: 4, chunk: 1024, scratch: 256 });

test('a field keeps what was written, and touches no other', () => {
	const image = make();
	const things = image.pool('thing');
	const a = new Thing(image), b = new Thing(image);
	a.go(image.alloc(things));
	b.go(image.alloc(things));
	a.snd.una = -1; a.snd.nxt = 7; a.due = 1e15; a.state = 255; a.port = 65535;
	image.u8[a.addr + 15] = 9;
	assert.equal([a.snd.una, a.snd.nxt, a.due, a.state, a.port], [-1, 7, 1e15, 255, 65535]);
	assert.equal([b.snd.una, b.snd.nxt, b.due, b.state, b.port], [0, 0, 0, 0, 0]);
	assert.is(image.u8[b.addr + 15], 0);
});

test('doubles are aligned and no record is larger than its fields need', () => {
	const { fields, size } = Thing.placement;
	assert.is(fields.find(({ path }) => path === 'due')!.offset % 8, 0);
	assert.is(size, 40);
});

test('a quota ends in 0, not in growth', () => {
	const image = make();
	const others = image.pool('other');
	assert.ok(image.alloc(others) && image.alloc(others) && image.alloc(others));
	assert.is(image.alloc(others), 0);
	for (let i = 0; i < 4; i++) assert.ok(image.allocPage());
	assert.is(image.allocPage(), 0);
});

test('a handle goes stale when its record is freed, also when the place is used again', () => {
	const image = make();
	const things = image.pool('thing');
	const at = image.alloc(things), tag = image.tag(at);
	assert.ok(image.isLive(things, at, tag));
	image.free(things, at);
	assert.not.ok(image.isLive(things, at, tag));
	assert.is(image.alloc(things), at);
	assert.not.ok(image.isLive(things, at, tag));
	assert.not.ok(image.isLive(things, at + 4, image.tag(at)));
	image.free(things, at);
	assert.throws(() => image.free(things, at), /freed twice/);
});

test('records are walked in address order, free ones and other chunks left out', () => {
	const image = make();
	const things = image.pool('thing');
	const all = Array.from({ length: 60 }, (_, i) => { if (i % 10 === 0) image.allocPage(); return image.alloc(things); });
	for (let i = 0; i < 60; i += 3) image.free(things, all[i]!);
	const walked: number[] = [];
	for (let at = image.first(things); at !== 0; at = image.next(things, at)) walked.push(at);
	assert.equal(walked, all.filter((_, i) => i % 3 !== 0));
});

test('a difference is named by record and field, with both values', () => {
	const a = make(), b = make();
	const cursorA = new Thing(a), cursorB = new Thing(b);
	cursorA.go(a.alloc(a.pool('thing')));
	cursorB.go(b.alloc(b.pool('thing')));
	assert.equal(differences(a, b), []);
	cursorA.snd.nxt = 5;
	cursorB.due = 0.5;
	b.u8[cursorB.addr + 3] = 1;
	assert.equal(differences(a, b), [{ where: 'thing#0 snd.nxt', a: 5, b: 0 }, { where: 'thing#0 due', a: 0, b: 0.5 }, { where: 'thing#0 addr[3]', a: 0, b: 1 }].sort((x, y) => order(a, x.where) - order(a, y.where)));
	assert.is.not(a.digest(), b.digest());
});

function order(_: Image, where: string): number {
	const path = where.split(' ')[1]!.replace(/\[.*/, '');
	return Thing.placement.fields.find((field) => field.path === path)!.offset;
}

/** Runs alloc and free commands; returns what lives, as the pool should see it. */
function play(image: Image, things: Pool, commands: readonly number[], live: number[]): void {
	for (const command of commands) {
		if (command % 4 === 0 && live.length > 0) image.free(things, live.splice(command % live.length, 1)[0]!);
		else if (command % 4 === 1 && image.livePages > 0) { const page = pageOf(image); image.freePage(page); }
		else if (command % 4 === 2) { const page = image.allocPage(); if (page !== 0) image.u8[page + (command % image.chunk)] = 1; }
		else { const at = image.alloc(things); if (at !== 0) { live.push(at); image.i32[(at >> 2) + 2] = command; } }
	}
}
function pageOf(image: Image): number {
	for (let at = image.base; at < image.brk; at += image.chunk) if (image.owner(at) === 1) return at;
	return 0;
}

test('restoring a snapshot and going on is the same as never having stopped', () => {
	fc.assert(fc.property(fc.array(fc.nat(1000), { maxLength: 80 }), fc.array(fc.nat(1000), { maxLength: 80 }), (before, after) => {
		const image = make(), things = image.pool('thing'), live: number[] = [];
		play(image, things, before, live);
		const kept = image.snapshot(), keptLive = [...live];
		play(image, things, after, live);
		const end = image.digest();
		const other = make();
		play(other, other.pool('thing'), after, []);
		other.restore(kept);
		assert.is(other.digest(), digestAt(kept));
		play(other, other.pool('thing'), after, keptLive);
		assert.is(other.digest(), end);
		assert.equal(differences(image, other), []);
	}));
});
function digestAt(snapshot: Uint8Array): string { const image = make(); image.restore(snapshot); return image.digest(); }

test('after everything is freed, records and pages are zero', () => {
	fc.assert(fc.property(fc.array(fc.nat(1000), { maxLength: 100 }), (commands) => {
		const image = make(), things = image.pool('thing'), live: number[] = [];
		play(image, things, commands, live);
		for (const at of live) image.free(things, at);
		while (image.livePages > 0) image.freePage(pageOf(image));
		assert.is(image.live(things), 0);
		for (let at = image.base; at < image.brk; at += 4) if ((image.i32[at >> 2]! & 1) !== 0) assert.unreachable(`something was left at ${at}`);
	}));
});

const wide = { id: 'u16', snd: { nxt: 'i32', lost: 'i32 aside' }, due: 'f64 aside', on: 'u8 aside' } as const;
const Wide: RecordType<typeof wide> = record(wide);
const makeWide = (): Image => new Image({ pools: [pool('wide', Wide, 40)], pages: 1, chunk: 256, scratch: 64 });

test('what is aside reads 0 and takes a 0 without a second record, and has one once it is not 0', () => {
	const image = makeWide(), own = image.pool('wide'), second = image.pool('wideAside');
	const a = new Wide(image), b = new Wide(image);
	a.go(image.alloc(own));
	b.go(image.alloc(own));
	a.snd.nxt = 7;
	a.snd.lost = 0;
	a.due = 0;
	assert.is(image.live(second), 0);
	a.due = 0.5;
	a.snd.lost = -3;
	a.on = 1;
	assert.equal([a.snd.nxt, a.snd.lost, a.due, a.on], [7, -3, 0.5, 1]);
	assert.equal([b.snd.nxt, b.snd.lost, b.due, b.on], [0, 0, 0, 0]);
	assert.is(image.live(second), 1);
	b.go(a.at);
	assert.equal([b.snd.nxt, b.snd.lost, b.due, b.on], [7, -3, 0.5, 1]);
});

test('two cursors on one record share one second record', () => {
	const image = makeWide(), at = image.alloc(image.pool('wide'));
	const a = new Wide(image), b = new Wide(image);
	a.go(at);
	b.go(at);
	a.due = 1;
	b.on = 2;
	assert.equal([a.on, b.due, image.live(image.pool('wideAside'))], [2, 1, 1]);
});

test('a second record goes with the first, and comes back from a snapshot', () => {
	const image = makeWide(), own = image.pool('wide');
	const cursor = new Wide(image);
	cursor.go(image.alloc(own));
	const at = cursor.at;
	cursor.due = 4;
	const kept = image.snapshot();
	image.free(own, at);
	assert.is(image.live(image.pool('wideAside')), 0);
	assert.is(image.alloc(own), at);
	cursor.go(at);
	assert.is(cursor.due, 0);
	image.restore(kept);
	cursor.go(at);
	assert.is(cursor.due, 4);
	const other = makeWide();
	other.restore(kept);
	cursor.due = 5;
	assert.equal(differences(other, image).map(({ where, a, b }) => [where.replace(/#.*? /, ' '), a, b]), [['wideAside due', 4, 5]]);
});

test('the quota of second records is that of the first', () => {
	const image = makeWide(), own = image.pool('wide'), cursor = new Wide(image);
	for (let at = image.alloc(own); at !== 0; at = image.alloc(own)) {
		cursor.go(at);
		cursor.due = at;
	}
	let seen = 0;
	for (let at = image.first(own); at !== 0; at = image.next(own, at)) {
		cursor.go(at);
		if (cursor.due === at) seen++;
	}
	assert.is(seen, 40);
});

test('bytes that are no snapshot are refused', () => {
	assert.throws(() => make().restore(new Uint8Array(3)), /no snapshot/);
	assert.throws(() => make().restore(new Uint8Array(4096)), /no snapshot/);
});

test('the digest sees every word and its place', () => {
	fc.assert(fc.property(fc.nat(250), fc.nat(250), fc.integer(), (i, j, value) => {
		const one = make(), two = make();
		const page = one.allocPage();
		two.allocPage();
		one.i32[(page >> 2) + i] = value;
		two.i32[(page >> 2) + j] = value;
		assert.is(one.digest() === two.digest(), i === j || value === 0);
	}));
});

test.run();
