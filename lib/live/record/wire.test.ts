import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { countedAs } from './fault.ts';
import type { Fault } from './fault.ts';
import { CLIENT, CLIENT_MIRROR, SERVER, SERVER_MIRROR, Wire } from './wire.ts';

const SYN = 2, ACK = 16, FIN = 1;
const DELAY = 5000;

/** An Ethernet frame with IPv4 and TCP; its last byte of data is a mark. */
function frameOf(flags: number, data: number, mark: number): Uint8Array {
	const frame = new Uint8Array(Math.max(60, 54 + data));
	const view = new DataView(frame.buffer);
	view.setUint16(12, 0x0800);
	view.setUint8(14, 0x45);
	view.setUint16(16, 40 + data);
	view.setUint8(23, 6);
	view.setUint8(46, 0x50);
	view.setUint8(47, flags);
	view.setUint8(0, mark);
	return frame;
}

/** Sends frames 1 ms apart from the client; what came out of each port: the mark of each frame, and when. */
function carried(faults: readonly Fault[], frames: readonly Uint8Array[], vlan: number = 0): { port: number; mark: number; at: number; bytes: Uint8Array }[] {
	const wire = new Wire({ delay: DELAY, faults, vlan });
	const out: { port: number; mark: number; at: number; bytes: Uint8Array }[] = [];
	const drain = (at: number): void => wire.drain({ take: (bytes, from, length, port) => { out.push({ port, mark: bytes[from]!, at, bytes: bytes.slice(from, from + length) }); } });
	frames.forEach((frame, i) => {
		wire.receive(CLIENT, frame, 0, frame.length, i * 1000);
		drain(i * 1000);
	});
	while (wire.wakeAt < Infinity) {
		const now = wire.wakeAt;
		wire.wake(now);
		drain(now);
	}
	return out;
}

function marks(out: ReturnType<typeof carried>, port: number): number[] {
	return out.filter((one) => one.port === port).map(({ mark }) => mark);
}

const five = [1, 2, 3, 4, 5].map((mark) => frameOf(ACK, 100, mark));

test('a frame is under way for as long as it is told, and seen at both ends', () => {
	const out = carried([], five);
	for (const port of [SERVER, CLIENT_MIRROR, SERVER_MIRROR]) assert.equal(marks(out, port), [1, 2, 3, 4, 5]);
	assert.equal(out.filter(({ port }) => port === SERVER).map(({ at }) => at), [5000, 6000, 7000, 8000, 9000]);
});

test('what is dropped is seen where it was sent, and nowhere else', () => {
	const out = carried([{ from: 'client', of: 'data', nth: 3, does: 'drop' }], five);
	assert.equal(marks(out, CLIENT_MIRROR), [1, 2, 3, 4, 5]);
	assert.equal(marks(out, SERVER), [1, 2, 4, 5]);
	assert.equal(marks(out, SERVER_MIRROR), [1, 2, 4, 5]);
});

test('a repeat comes later, what is held back comes behind so many', () => {
	assert.equal(marks(carried([{ from: 'client', of: 'data', nth: 1, does: 'repeat', later: 1500 }], five), SERVER), [1, 2, 1, 3, 4, 5]);
	assert.equal(marks(carried([{ from: 'client', of: 'data', nth: 2, does: 'hold', behind: 2 }], five), SERVER), [1, 3, 4, 2, 5]);
});

test('a fault of the other end, or of another kind of frame, does nothing', () => {
	for (const fault of [{ from: 'server', of: 'data', nth: 1, does: 'drop' }, { from: 'client', of: 'syn', nth: 1, does: 'drop' }, { from: 'client', of: 'data', nth: 6, does: 'drop' }] as const) {
		assert.equal(marks(carried([fault], five), SERVER), [1, 2, 3, 4, 5]);
	}
});

test('frames are counted as what they are', () => {
	assert.equal(countedAs(frameOf(SYN, 0, 0)), ['any', 'syn']);
	assert.equal(countedAs(frameOf(ACK, 0, 0)), ['any']);
	assert.equal(countedAs(frameOf(FIN | ACK, 1, 0)), ['any', 'data', 'fin']);
	assert.equal(countedAs(new Uint8Array(10)), ['any']);
});

test('a tag is on the wire alone', () => {
	const out = carried([], [five[0]!], 42);
	const at = (port: number): Uint8Array => out.find((one) => one.port === port)!.bytes;
	assert.equal(at(SERVER), five[0]);
	assert.equal([...at(SERVER_MIRROR).subarray(12, 18)], [0x81, 0, 0, 42, 8, 0]);
	assert.equal(at(CLIENT_MIRROR), at(SERVER_MIRROR));
});

test('no frame is counted wrongly for being damaged', () => {
	fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => { assert.ok(countedAs(bytes).includes('any')); }));
});

test('without faults, everything arrives once and in order', () => {
	fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }), (sent) => {
		assert.equal(marks(carried([], sent.map((mark) => frameOf(ACK, 1, mark))), SERVER), sent);
	}));
});

test.run();
