import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { World } from '../sim/index.ts';
import type { LinkOptions } from '../sim/index.ts';
import type { Node, Sink } from '../wire/node.ts';
import { channelCases } from './channel-cases.test.helper.ts';
import type { Carrier } from './channel-cases.test.helper.ts';
import { Deframer, FramingError, putFramed, STREAM_HEAD } from './framing.ts';

/** Sends what it is given, keeps what it gets. */
class End implements Node {
	wakeAt = Infinity;
	got: Uint8Array[] = [];
	readonly #out: Uint8Array[] = [];
	put(bytes: Uint8Array): void { this.#out.push(bytes); }
	receive(_port: number, bytes: Uint8Array, at: number, length: number): void { this.got.push(bytes.slice(at, at + length)); }
	wake(): void {}
	drain(sink: Sink): void { for (const bytes of this.#out.splice(0)) sink.take(bytes, 0, bytes.length, 1); }
	taken(): Uint8Array[] { return this.got.splice(0); }
}

/** A simulated link. */
function linked(options: LinkOptions, reliable: boolean): Carrier {
	const world = new World({ seed: 1 });
	const ends = [new End(), new End()] as const;
	world.add('0', ends[0]);
	world.add('1', ends[1]);
	const link = world.link(['0', 1], ['1', 1], options);
	return {
		longest: 9014, reliable, noticesClosing: false,
		send(end, bytes, at, length) { ends[end].put(bytes.slice(at, at + length)); world.touch(String(end)); },
		async received(end) { world.run(); return ends[end].taken(); },
		close() { world.run({ maxSteps: 30 }); world.cut(link); },
		async closed() { return false; },
		dispose() {},
	};
}

/** A stream in memory that comes in pieces of odd sizes. */
function stream(): Carrier {
	const buffers: Uint8Array[][] = [[], []];
	const frames = [new Deframer(9014), new Deframer(9014)];
	let open = true, piece = 1;
	return {
		longest: 9014, reliable: true, noticesClosing: true,
		send(end, bytes, at, length) {
			if (!open) return;
			const framed = new Uint8Array(length + STREAM_HEAD);
			putFramed(bytes, at, length, framed, 0);
			buffers[1 - end]!.push(framed);
		},
		async received(end) {
			const all = Uint8Array.from(buffers[end]!.splice(0).flatMap((bytes) => [...bytes]));
			// A stream that was cut ends anywhere.
			const whole = open ? all.length : Math.floor(all.length * 0.6);
			const got: Uint8Array[] = [];
			for (let at = 0; at < whole; at += piece) {
				piece = (piece * 7 + 1) % 4001 + 1;
				frames[end]!.push(all, at, Math.min(piece, whole - at), 1, { take: (bytes, from, length) => got.push(bytes.slice(from, from + length)) });
			}
			return got;
		},
		close() { open = false; },
		async closed() { return !open; },
		dispose() {},
	};
}

for (const one of channelCases) {
	test(`a link: ${one.name}`, () => one.run(() => linked({}, true)));
	test(`a bad link: ${one.name}`, () => one.run(() => linked({ loss: 0.3, duplication: 0.3, reordering: 0.3 }, false)));
	test(`a stream: ${one.name}`, () => one.run(stream));
}

test('a stream is cut into its messages, in whatever pieces it comes', () => {
	fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (messages, pieces) => {
		const all = new Uint8Array(messages.reduce((sum, { length }) => sum + length + STREAM_HEAD, 0));
		let end = 0;
		for (const bytes of messages) end += putFramed(bytes, 0, bytes.length, all, end);
		const deframer = new Deframer(60);
		const got: number[][] = [];
		for (let at = 0, i = 0; at < all.length; i++) {
			const length = Math.min(pieces[i % pieces.length]!, all.length - at);
			deframer.push(all, at, length, 1, { take: (bytes, from, n) => got.push([...bytes.subarray(from, from + n)]) });
			at += length;
		}
		assert.equal(got, messages.map((bytes) => [...bytes]));
		assert.is(deframer.partial, 0);
	}), { numRuns: 500 });
});

test('a stream that carries something else is an error, and what was whole before it counts', () => {
	for (const chop of [100, 1]) {
		const good = new Uint8Array(14);
		putFramed(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0, 10, good, 0);
		const bytes = Uint8Array.of(...good, 0xff, 0xff, 0xff, 0xff, 1);
		const deframer = new Deframer(100);
		let whole = 0;
		assert.throws(() => { for (let at = 0; at < bytes.length; at += chop) deframer.push(bytes, at, Math.min(chop, bytes.length - at), 0, { take: () => whole++ }); }, (error: FramingError) => error.code === 'STREAM_DAMAGED');
		assert.is(whole, 1);
	}
});

test.run();
