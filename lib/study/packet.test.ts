import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { gratuitousArp, rarpAnnouncement } from '../wire/arp.ts';
import { readLetter } from './letter-view.ts';
import { readPacket, textOf } from './packet.ts';
import { Numbering, seqDiff } from './sequence.ts';
import { study } from './perform.ts';
import { scenarios } from '../../scenarios/index.ts';

const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);

/** Moves a sequence number close to 2³². */
function shift(number: number): number {
	return (number + 0xf000_0000) >>> 0;
}

test('any bytes can be read, as far as they go', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
		assert.is(readPacket(bytes).bytes, bytes);
	}));
	const types = fc.constantFrom([0x08, 0x00], [0x08, 0x06], [0x80, 0x35], [0x88, 0xb5], [0x88, 0xb6]);
	fc.assert(fc.property(types, fc.uint8Array({ maxLength: 120 }), (type, rest) => {
		const frame = Uint8Array.of(...mac, ...mac, ...type, 0x45, ...rest);
		assert.is.not(readPacket(frame).kind, '');
	}));
});

test('announcements are known for what they are', () => {
	const arp = readPacket(gratuitousArp(mac, Uint8Array.of(10, 0, 0, 1)));
	assert.is(arp.kind, 'arp');
	assert.is(arp.operation, 'announcement');
	assert.is(arp.source, '10.0.0.1');
	assert.is(readPacket(rarpAnnouncement(mac)).operation, 'announcement');
});

test('text is shown without what cannot be shown', () => {
	assert.is(textOf(Uint8Array.of(0x31, 0x31, 0x0a)), '11');
	assert.is(textOf(Uint8Array.of(0x00, 0x41, 0x0a, 0x42)), '.A.B');
});

test('sequence numbers are counted from the SYN, also across 2³²', () => {
	assert.is(seqDiff(5, 0xffff_fffb), 10);
	const [run] = study(scenarios[0]!).arms.map((arm) => arm.run);
	const numbering = new Numbering();
	const base = run!.on('client').filter(({ segment }) => segment !== null);
	for (const packet of base) {
		const { source, destination, segment } = packet;
		const moved = numbering.of({ ...packet, source, destination, segment: { ...segment!, seq: shift(segment!.seq), ack: shift(segment!.ack), sack: segment!.sack.map(([left, right]) => [shift(left), shift(right)]) } });
		// The first SYN has nothing to acknowledge.
		if (packet !== base[0]) assert.equal(moved, packet.relative);
	}
	assert.is(base.find(({ text }) => text === '11')!.relative!.seq, 1);
});

test('messages of the log channel say what they carry', () => {
	const [run] = study(scenarios[0]!).arms.map((arm) => arm.run);
	const letters = run!.on('log').map(({ bytes }) => readLetter(bytes));
	assert.ok(letters.some(({ kind, contents }) => kind === 'entries' && contents.includes('"inc"')));
	assert.ok(letters.some(({ kind, contents }) => kind === 'entries' && contents.includes('entropy')));
	assert.ok(letters.some(({ kind, last }) => kind === 'acknowledgement' && last > 0));
	assert.ok(letters.every(({ kind }) => kind !== 'other'));
});

test.run();
