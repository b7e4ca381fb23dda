import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Host } from '../../host/index.ts';
import { Echo } from '../../service/echo.ts';
// In a project of its own: from 'dupack/fuzz'.
import { explain, nodeProperty, search } from '../index.ts';
import type { Node, Sink } from '../index.ts';

// An example: somebody else's host behind our interface. This one has nothing
// that listens: it answers every segment as RFC 9293 §3.10.7.1 says.

class Closed implements Node {
	readonly wakeAt: number = Infinity;
	#answers: Uint8Array[] = [];
	readonly #isWrong: string;

	/** @param isWrong  which mistake it makes; '' for none */
	constructor(isWrong: string = '') { this.#isWrong = isWrong; }

	wake(): void { /* it has no timers */ }

	receive(_port: number, bytes: Uint8Array, at: number, length: number): void {
		const frame = Buffer.from(bytes.subarray(at, at + length));
		if (length < 54 || frame.readUInt16BE(12) !== 0x0800 || frame[14] !== 0x45 || frame[23] !== 6 || frame.readUInt16BE(16) > length - 14) return;
		const flags = frame[47]!, header = (frame[46]! >> 4) * 4, text = frame.readUInt16BE(16) - 20 - header;
		if (header < 20 || text < 0 || ((flags & 4) !== 0 && this.#isWrong !== 'answers a RST')) return;
		const answer = Buffer.alloc(54);
		frame.copy(answer, 0, 6, 12);
		frame.copy(answer, 6, 0, 6);
		answer.writeUInt16BE(0x0800, 12);
		answer.set([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6], 14);
		frame.copy(answer, 26, 30, 34);
		frame.copy(answer, 30, 26, 30);
		answer.writeUInt16BE(sum(answer, 14, 34, 0), 24);
		frame.copy(answer, 34, 36, 38);
		frame.copy(answer, 36, 34, 36);
		const isAck = (flags & 16) !== 0;
		if (isAck) frame.copy(answer, 38, this.#isWrong === 'takes SEQ for ACK' ? 38 : 42, this.#isWrong === 'takes SEQ for ACK' ? 42 : 46);
		else answer.writeUInt32BE((frame.readUInt32BE(38) + text + (flags & 1) + ((flags >> 1) & 1)) >>> 0, 42);
		answer[46] = 0x50;
		answer[47] = isAck ? 4 : 20;
		if (this.#isWrong !== 'sums nothing up') answer.writeUInt16BE(sum(answer, 34, 54, 6 + 20 + (answer.readUInt16BE(26) + answer.readUInt16BE(28) + answer.readUInt16BE(30) + answer.readUInt16BE(32))), 50);
		this.#answers.push(answer);
		if (this.#isWrong === 'never rests') for (let i = 0; i < 2000; i++) this.#answers.push(answer);
	}

	drain(sink: Sink): void {
		for (const answer of this.#answers.splice(0)) sink.take(answer, 0, answer.length, 0);
	}
}

function sum(bytes: Buffer, from: number, to: number, start: number): number {
	let total = start;
	for (let at = from; at < to; at += 2) total += bytes.readUInt16BE(at);
	while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
	return ~total & 0xffff;
}

test('a foreign host that does right holds', () => {
	assert.is(explain(search(nodeProperty('closed', () => new Closed()), { seed: 1 })), '');
});

for (const [mistake, why] of [['takes SEQ for ACK', /RST with the number/], ['sums nothing up', /checksum of the segment/], ['never rests', /more than 1000 frames/]] as const) {
	test(`a foreign host that ${mistake} is found out, with a small case`, () => {
		const found = search(nodeProperty('closed', () => new Closed(mistake)), { seed: 1 });
		assert.match(found.why, why);
		assert.ok((found.counterexample.match(/"kind"/g)?.length ?? 9) <= 3, `${found.why}: ${found.counterexample}`);
		assert.ok(found.exhibit!().run!.packets.length > 0);
	});
}

test('our own host is held to the same', () => {
	const make = (): Node => new Host({ mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], application: new Echo(80), pages: 60, chunk: 1024, tcp: { connections: 4 } });
	assert.is(explain(search(nodeProperty('host', make, 300), { seed: 1 })), '');
});

test.run();
