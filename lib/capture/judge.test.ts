import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { ACK, FIN, LINKTYPE_RAW, RST, SYN, SYN_ACK, analysisOf, analysisOfSegments, flagsOf, ipv4Bytes, packetsOf, pcapOf } from './traffic.test.helper.ts';
import type { Packet, Sent } from './traffic.test.helper.ts';
import { hasTshark40, tsharkRows } from './tshark.test.helper.ts';

const handshake: readonly Sent[] = [
	{ from: 'c', flags: SYN, seq: 100 }, { from: 's', flags: SYN_ACK, seq: 500, ack: 101 }, { from: 'c', flags: ACK, seq: 101, ack: 501 },
];
/** A segment of the client, of the server. */
const c = (seq: number, ack: number, data: number = 0, more: Partial<Sent> = {}): Sent => ({ from: 'c', flags: ACK, seq, ack, data, ...more });
const s = (seq: number, ack: number, data: number = 0, more: Partial<Sent> = {}): Sent => ({ from: 's', flags: ACK, seq, ack, data, ...more });

/** What is expected of the segments behind a handshake; '' for no flag. */
const cases: readonly [name: string, segments: readonly Sent[], flags: readonly string[]][] = [
	['plain data and its ACK', [c(101, 501, 10), s(501, 111)], ['', '']],
	['retransmission', [c(101, 501, 10), c(101, 501, 10, { after: 300_000 })], ['', 'retransmission']],
	['spurious retransmission', [c(101, 501, 10), s(501, 111), c(101, 501, 10)], ['', '', 'retransmission spurious_retransmission']],
	['fast retransmission', [c(101, 501, 10), c(121, 501, 10), s(501, 101), s(501, 101), s(501, 101), c(101, 501, 10, { after: 5000 })], ['', 'lost_segment', 'duplicate_ack', 'duplicate_ack', 'duplicate_ack', 'retransmission fast_retransmission']],
	['out of order', [c(111, 501, 10), c(101, 501, 10, { after: 1000 })], ['lost_segment', 'out_of_order']],
	['lost segment', [c(121, 501, 10)], ['lost_segment']],
	['ACK of a lost segment', [s(501, 200)], ['ack_lost_segment']],
	['duplicate ACK', [s(501, 101), s(501, 101)], ['duplicate_ack', 'duplicate_ack']],
	['window update', [s(501, 101, 0, { window: 2000 })], ['window_update']],
	['zero window', [s(501, 101, 0, { window: 0 })], ['zero_window']],
	['zero window probe and its ACK', [s(501, 101, 0, { window: 0 }), c(101, 501, 1), s(501, 101, 0, { window: 0 })], ['zero_window', 'zero_window_probe', 'zero_window zero_window_probe_ack']],
	['window full', [s(501, 101, 0, { window: 10 }), c(101, 501, 10)], ['window_update', 'window_full']],
	['keep-alive and its ACK', [c(100, 501, 0), s(501, 101)], ['keep_alive', 'keep_alive_ack']],
	['keep-alive with a byte', [c(100, 501, 1), s(501, 101)], ['keep_alive', 'keep_alive_ack']],
	['the same SYN again', [{ from: 'c', flags: SYN, seq: 100 }], ['retransmission']],
	['another SYN', [{ from: 'c', flags: SYN, seq: 900 }], ['reused_ports']],
	['another SYN-ACK', [{ from: 's', flags: SYN_ACK, seq: 901, ack: 101 }], ['lost_segment reused_ports']],
	['a FIN again', [c(101, 501, 0, { flags: ACK | FIN }), c(101, 501, 0, { flags: ACK | FIN, after: 300_000 })], ['', 'retransmission']],
	['a RST above what was sent is no gap', [c(300, 501, 0, { flags: RST })], ['']],
];

for (const [name, segments, flags] of cases) {
	test(name, () => {
		assert.equal(flagsOf([...handshake, ...segments]).slice(3), flags);
	});
}

test('sequence numbers wrap', () => {
	const near = 0xffff_fff6;
	assert.equal(flagsOf([c(near, 1, 10), c(0, 1, 10), c(near, 1, 10, { after: 300_000 })]), ['', '', 'retransmission']);
});

test('a new SYN opens a new stream, and later segments are of that one', () => {
	const { rows } = analysisOfSegments([...handshake, { from: 'c', flags: SYN, seq: 900 }, { from: 's', flags: SYN_ACK, seq: 700, ack: 901 }, c(901, 701, 5), { ...c(101, 501, 5), clientPort: 40_001 }]);
	assert.equal(rows.map(([, stream]) => stream), [0, 0, 0, 1, 1, 1, 2]);
});

function scaled(shift: number): number[] { return [3, 3, shift, 1]; }

function opened(client: number[], server: number[]): Sent[] {
	return [{ from: 'c', flags: SYN, seq: 100, options: client }, { from: 's', flags: SYN_ACK, seq: 500, ack: 101, window: 10, options: server }, c(101, 501)];
}

/** Flags of the last segment. */
function fills(segments: readonly Sent[]): string { return flagsOf(segments).at(-1) ?? ''; }

test('the window is scaled where both SYNs offer it, and never in a SYN', () => {
	assert.is(fills([...opened(scaled(2), scaled(2)), c(101, 501, 10)]), 'window_full');
	assert.is(fills([...opened(scaled(2), scaled(2)), s(501, 101, 0, { window: 10 }), c(101, 501, 40)]), 'window_full');
	assert.is(fills([...opened([], scaled(2)), s(501, 101, 0, { window: 10 }), c(101, 501, 10)]), 'window_full');
	assert.is(fills([...opened(scaled(2), []), s(501, 101, 0, { window: 10 }), c(101, 501, 40)]), '');
});

test('a SYN-ACK that an ICMP error quotes says whether the window is scaled, too', () => {
	const [syn, synAck, ...rest] = packetsOf([...opened(scaled(2), []), s(501, 101, 0, { window: 10 }), c(101, 501, 10)]);
	const quotation = { time: synAck!.time, bytes: ipv4Bytes('c', 1, Buffer.concat([Buffer.from([3, 1, 0, 0, 0, 0, 0, 0]), synAck!.bytes])) };
	const last = (packets: Packet[]): unknown[] => analysisOf(pcapOf(LINKTYPE_RAW, packets)).rows.at(-1)!.slice(2);
	assert.equal(last([syn!, quotation, ...rest]), ['window_full']);
	assert.equal(last([syn!, ...rest]), []);
});

test('any ACK with a whole fixed header ends the time of unscaled windows, be it damaged or quoted', () => {
	const packets = packetsOf([...opened(scaled(2), scaled(2)), s(501, 101, 0, { window: 10 }), c(101, 501, 10)]);
	const last = (ack: Uint8Array): unknown[] => analysisOf(pcapOf(LINKTYPE_RAW, packets.map((packet, i) => (i === 3 ? { time: packet.time, bytes: ack } : packet)))).rows.at(-1)!.slice(2);
	const { bytes } = packets[3]!;
	const withHeader = (words: number): Buffer => Buffer.from(bytes.map((byte, i) => (i === 32 ? words << 4 : byte)));
	assert.equal(last(withHeader(5)), []);
	assert.equal(last(withHeader(15)), []);
	assert.equal(last(withHeader(4)), ['window_full']);
	assert.equal(last(ipv4Bytes('c', 1, Buffer.concat([Buffer.from([3, 1, 0, 0, 0, 0, 0, 0]), bytes]))), []);
});

test('times are exact however long the capture is', () => {
	const years = 20 * 365 * 86_400 * 1e6;
	const far: Sent = { from: 'c', flags: ACK, seq: 1, ack: 1, clientPort: 9 };
	const late: Sent[] = [
		{ from: 'c', flags: SYN, seq: 100, after: years }, { from: 's', flags: SYN_ACK, seq: 500, ack: 101, after: 1 }, { ...c(101, 501), after: 1 },
		{ ...c(201, 501, 100), after: 5 }, { ...c(101, 501, 50), after: 1 }, { ...c(101, 501, 50), after: 1 },
	];
	const flags = flagsOf([far, ...late]).slice(4);
	assert.equal(flags, ['lost_segment', 'out_of_order', 'retransmission']);
});

test('a SYN whose options were cut leaves scaling open, and one whose header is too short times nothing', () => {
	const syn = (from: 'c' | 's', flags: number, seq: number, ack: number): Sent => ({ from, flags, seq, ack, options: [2, 4, 5, 180] });
	const packets = packetsOf([syn('c', SYN, 100, 0), syn('s', SYN_ACK, 500, 101), c(101, 501), s(501, 101, 0, { window: 10 }), c(101, 501, 10)]);
	const cut = packets.map(({ time, bytes }, i) => (i < 2 ? { time, bytes: bytes.subarray(0, 42), original: bytes.length } : { time, bytes }));
	assert.equal(analysisOf(pcapOf(LINKTYPE_RAW, packets)).rows.at(-1), [5, 0, 'window_full']);
	assert.equal(analysisOf(pcapOf(LINKTYPE_RAW, cut)).rows.at(-1), [5, 0]);
	const short = packets.map(({ time, bytes }, i) => {
		const changed = Buffer.from(bytes);
		if (i === 0) changed[32] = 0x10;
		return { time, bytes: changed };
	});
	assert.equal([...analysisOf(pcapOf(LINKTYPE_RAW, short)).analysis.streams()].map((stream) => stream.initial_rtt_us), [null]);
});

test('a cut list of options is read as far as tshark reads it', () => {
	const again = (options: readonly number[], captured: number): string[] => {
		const [first, repeat] = packetsOf([c(101, 501, 10, { options }), c(101, 501, 10, { options, after: 300_000 })]);
		const packet = { time: repeat!.time, bytes: repeat!.bytes.subarray(0, 40 + captured), original: repeat!.bytes.length };
		return analysisOf(pcapOf(LINKTYPE_RAW, [first!, packet])).rows[1]!.slice(2).map(String);
	};
	const stamps = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];
	assert.equal(again(stamps, 12), ['retransmission']);
	assert.equal(again(stamps, 11), []);
	// A wrong length ends the list, and nothing more is missed.
	assert.equal(again([8, 200, 1, 1], 2), ['retransmission']);
	assert.equal(again([8, 1, 1, 1], 2), ['retransmission']);
	assert.equal(again([8, 200, 1, 1], 1), []);
	assert.equal(again([0, 0, 0, 0], 2), []);
	assert.equal(again([5, 8, 1, 2, 3, 4, 5, 6], 8), []);
});

/** Random traffic that runs into every rule. */
const traffic = fc.array(fc.record({
	from: fc.constantFrom('c' as const, 's' as const),
	flags: fc.oneof({ weight: 30, arbitrary: fc.constant(ACK) }, { weight: 1, arbitrary: fc.constantFrom(SYN, SYN_ACK, RST, RST | ACK, FIN | ACK, 0) }),
	step: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.constantFrom(-1, -10, -100, 1, 10, 100) }, { weight: 1, arbitrary: fc.constantFrom(0x8000_0000, 0x7fff_ffff, -0x7fff_ffff) }),
	length: fc.constantFrom(0, 0, 0, 1, 1, 10, 100),
	ackStep: fc.oneof({ weight: 10, arbitrary: fc.constantFrom('last', 'next') }, { weight: 1, arbitrary: fc.constantFrom(-10, 10, 1) }),
	window: fc.constantFrom(-1, -1, -1, -1, 0, 1, 10, 100, 1000),
	scale: fc.constantFrom(-1, 0, 2, 7),
	after: fc.constantFrom(0, 500, 2000, 4000, 19_000, 21_000, 100_000, 5_000_000),
}), { minLength: 1, maxLength: 60, size: 'max' });

/** Turns choices into segments that mostly follow on one another. */
function segmentsOf(choices: typeof traffic extends fc.Arbitrary<infer T> ? T : never, clientPort: number): Sent[] {
	const next = [0xffff_ff00, 0];
	const last = [0, 0];
	const window = [1000, 1000];
	return choices.map(({ from, flags, step, length, ackStep, window: wanted, scale, after }) => {
		const [f, r] = from === 'c' ? [0, 1] : [1, 0];
		const seq = ((next[f] ?? 0) + step) >>> 0;
		const ack = (ackStep === 'last' ? last[f] ?? 0 : (next[r] ?? 0) + (ackStep === 'next' ? 0 : Number(ackStep))) >>> 0;
		if (wanted >= 0) window[f] = wanted;
		if (step === 0) next[f] = (seq + length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
		last[f] = ack;
		const options = (flags & SYN) !== 0 && scale >= 0 ? [3, 3, scale, 1] : [];
		return { from, flags, seq, ack, window: window[f] ?? 0, data: length, options, after, clientPort };
	});
}

test('tshark 4.0 says the same of random traffic', () => {
	if (!hasTshark40()) return;
	const runs = fc.sample(traffic, { numRuns: 300, seed: 1 });
	const capture = pcapOf(LINKTYPE_RAW, runs.flatMap((choices, i) => packetsOf(segmentsOf(choices, 10_000 + i))));
	const theirs = tsharkRows(capture);
	assert.ok(theirs.length > 5000);
	assert.equal(analysisOf(capture).rows, theirs);
});

test.run();
