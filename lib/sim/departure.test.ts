import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Node, Sink } from '../wire/node.ts';
import { World } from './world.ts';

/** Sends what it is told to, at the times it is told; a departure of 0 is at once. */
class Sender implements Node {
	wakeAt = Infinity;
	out: (readonly [text: string, departure: number])[] = [];

	receive(): void { /* nobody answers */ }
	wake(): void { this.wakeAt = Infinity; }

	drain(sink: Sink): void {
		for (const [text, departure] of this.out.splice(0)) {
			const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
			if (departure === 0) sink.take(bytes, 0, bytes.length, 0);
			else sink.takeAt!(bytes, 0, bytes.length, 0, departure);
		}
	}

	save(): unknown { return [...this.out]; }
	restore(state: unknown): void { this.out = [...state as typeof this.out]; }
}

class Listener implements Node {
	readonly wakeAt: number = Infinity;
	heard: string[] = [];

	receive(_: number, bytes: Uint8Array, at: number, length: number, now: number): void {
		this.heard.push(`${now} ${String.fromCharCode(...bytes.subarray(at, at + length))}`);
	}

	wake(): void { /* nothing is due */ }
	drain(): void { /* nothing to say */ }
	save(): unknown { return [...this.heard]; }
	restore(state: unknown): void { this.heard = [...state as string[]]; }
}

function stage(offset: number = 0): { world: World; sender: Sender; listener: Listener } {
	const world = new World({ seed: 1 }), sender = new Sender(), listener = new Listener();
	world.add('sender', sender, { offset });
	world.add('listener', listener);
	world.link(['sender', 0], ['listener', 0], { bandwidth: Infinity, delay: 100 });
	return { world, sender, listener };
}

test('a frame leaves at its departure; one without goes first, and equal ones keep their order', () => {
	const { world, sender, listener } = stage();
	sender.out = [['late', 5000], ['later', 9000], ['now', 0], ['too', 5000], ['past', 1]];
	world.touch('sender');
	world.run();
	assert.equal(listener.heard, ['100 now', '101 past', '5100 late', '5100 too', '9100 later']);
});

test('a departure is a time of the machine\'s own clock', () => {
	const { world, sender, listener } = stage(1_000_000);
	sender.out = [['x', 1_000_700]];
	world.touch('sender');
	world.run();
	assert.equal(listener.heard, ['800 x']);
});

test('what has not left dies with its machine', () => {
	const { world, sender, listener } = stage();
	sender.out = [['early', 1000], ['late', 5000]];
	world.touch('sender');
	world.at(3000, () => world.crash('sender'));
	world.run();
	assert.equal(listener.heard, ['1100 early']);
});

test('what has not left is saved with its world', () => {
	const { world, sender, listener } = stage();
	sender.out = [['late', 5000], ['now', 0], ['early', 1000]];
	world.touch('sender');
	world.run({ until: 500 });
	const saved = world.save();
	world.run();
	const heard = [...listener.heard];
	world.restore(saved);
	assert.equal(listener.heard, ['100 now']);
	world.run();
	assert.equal(listener.heard, heard);
});

test.run();
