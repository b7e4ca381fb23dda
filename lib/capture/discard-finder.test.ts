import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Discard } from './discard-finder.ts';
import { ACK, FIN, SYN, SYN_ACK, analysisOfSegments } from './traffic.test.helper.ts';
import type { Sent } from './traffic.test.helper.ts';

const c = (seq: number, ack: number, data: number = 0, more: Partial<Sent> = {}): Sent => ({ from: 'c', flags: ACK, seq, ack, data, ...more });
const s = (seq: number, ack: number, data: number = 0, more: Partial<Sent> = {}): Sent => ({ from: 's', flags: ACK, seq, ack, data, ...more });

function discardsOf(segments: readonly Sent[]): readonly Discard[] {
	return [...analysisOfSegments(segments).analysis.streams()].flatMap(({ discarded }) => discarded);
}

/** A SACK option of these edges, behind two NOPs. */
function sack(...edges: number[]): number[] {
	return [1, 1, 5, 2 + edges.length * 4, ...edges.flatMap((edge) => [edge >>> 24, (edge >> 16) & 255, (edge >> 8) & 255, edge & 255])];
}

function stamp(value: number): number[] { return [1, 1, 8, 10, 0, 0, value >> 8, value & 255, 0, 0, 0, 0]; }

test('what was acknowledged is dropped, and the duplicate ACK says so', () => {
	assert.equal(discardsOf([s(1, 1, 10), c(1, 11), s(1, 1, 10), c(1, 11)]), [{ frame: 3, reason: 'below_rcv_nxt', bytes: 10, confirmed_by: 4 }]);
});

test('a DSACK says it too, with the range', () => {
	assert.equal(discardsOf([s(1, 1, 10), c(1, 11), s(1, 1, 10), c(1, 11, 0, { options: sack(1, 11) })]), [{ frame: 3, reason: 'below_rcv_nxt', bytes: 10, confirmed_by: 4 }]);
});

test('a DSACK tells of a discard that could not be foreseen', () => {
	assert.equal(discardsOf([s(1, 1, 10), s(1, 1, 10), c(1, 11), c(1, 11, 0, { options: sack(1, 11) })]), [{ frame: 2, reason: 'dsack', bytes: 10, confirmed_by: 4 }]);
});

test('of a segment across RCV.NXT the first bytes are cut off', () => {
	assert.equal(discardsOf([s(1, 1, 10), c(1, 11), s(6, 1, 10)]), [{ frame: 3, reason: 'partly_below_rcv_nxt', bytes: 5 }]);
});

test('what SACK reported need not come again', () => {
	assert.equal(discardsOf([s(1, 1, 10), s(21, 1, 10), c(1, 11, 0, { options: sack(21, 31) }), s(21, 1, 10)]), [{ frame: 4, reason: 'sacked', bytes: 10 }]);
	assert.equal(discardsOf([s(1, 1, 10), s(21, 1, 10), c(1, 11, 0, { options: sack(21, 31) }), s(11, 1, 10)]), []);
});

test('an old timestamp on new data is refused (PAWS)', () => {
	const segments = [s(1, 1, 10, { options: stamp(500) }), c(1, 11), s(11, 1, 10, { options: stamp(499) })];
	assert.equal(discardsOf(segments), [{ frame: 3, reason: 'paws', bytes: 10 }]);
	assert.equal(discardsOf([...segments.slice(0, 2), s(11, 1, 10, { options: stamp(500) })]), []);
});

test('SYN and FIN count for a byte each; a first transmission is never a discard', () => {
	const syn: Sent = { from: 'c', flags: SYN, seq: 9 };
	const synAck: Sent = { from: 's', flags: SYN_ACK, seq: 50, ack: 10 };
	assert.equal(discardsOf([syn, synAck, c(10, 51), synAck]), [{ frame: 4, reason: 'below_rcv_nxt', bytes: 1 }]);
	const fin = c(10, 51, 0, { flags: ACK | FIN });
	assert.equal(discardsOf([syn, synAck, fin, s(51, 11), fin]).map(({ frame, bytes }) => [frame, bytes]), [[5, 1]]);
});

test('keep-alives are left alone', () => {
	assert.equal(discardsOf([s(1, 1, 10), c(1, 11), s(10, 1, 1), c(1, 11)]), []);
});

test('numbers that wrap', () => {
	assert.equal(discardsOf([s(0xffff_fffb, 1, 10), c(1, 5), s(0xffff_fffb, 1, 10)]).map(({ reason }) => reason), ['below_rcv_nxt']);
});

test.run();
