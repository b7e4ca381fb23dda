import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as fc from 'fast-check';
import { ACK, LINKTYPE_RAW, SYN, SYN_ACK, analysisOf, flagsOf, packetsOf, pcapOf } from './traffic.test.helper.ts';
import type { Sent } from './traffic.test.helper.ts';
import { hasTshark40, tsharkRows } from './tshark.test.helper.ts';

const CAPABLE = 0;
const JOIN = 1;
const DSS = 2;
const REMOVE_ADDR = 4;
const PRIORITY = 5;
/** Of a key 3, 0, 0, 0, 0, 0, 0, 0: what SHA-1 makes of it (RFC 8684 §3.2). */
const TOKEN_OF_3 = [0xef, 0x48, 0x62, 0xc8];

/** An option of Multipath TCP, of that many bytes. */
function multipath(subtype: number, length: number, flags: number, ...rest: number[]): number[] {
	return [30, length, subtype << 4, flags, ...rest, ...Array<number>(36).fill(0)].slice(0, length);
}

/** The same ACK again, with an option or without. */
const again = (options: readonly number[] = [], more: Partial<Sent> = {}): Sent => ({ from: 'c', flags: ACK, seq: 1, ack: 1, options, ...more });
const duplicates = (...segments: Sent[]): boolean[] => flagsOf(segments).map((flags) => flags === 'duplicate_ack');

test('an ACK is no duplicate right after its session carried a new kind of option', () => {
	const remove = again(multipath(REMOVE_ADDR, 4, 1)), priority = again(multipath(PRIORITY, 4, 1));
	assert.equal(duplicates(again(), remove, again(), again(), remove, again()), [false, true, false, true, true, true]);
	assert.equal(duplicates(again(), remove, again(), again(), priority, again(), again()), [false, true, false, true, true, false, true]);
	// The other side says it for both.
	const server = { from: 's' } as const;
	assert.equal(duplicates(again(), again([], server), again(multipath(REMOVE_ADDR, 4, 1), server), again(), again()), [false, false, true, false, true]);
});

test('what one subflow carried is news to another of its session', () => {
	const other = { clientPort: 7 };
	const opening: Sent[] = [{ from: 'c', flags: SYN, seq: 0, options: multipath(CAPABLE, 12, 1, 3) }];
	const joining: Sent[] = [{ from: 's', flags: SYN, seq: 0, options: multipath(JOIN, 12, 0, ...TOKEN_OF_3), ...other }];
	const later = [again([], other), again([], other), again(multipath(REMOVE_ADDR, 4, 1)), again([], other), again([], other)];
	assert.equal(duplicates(...opening, ...joining, ...later).slice(-5), [false, true, false, false, true]);
	// Without the join they have nothing to do with one another.
	assert.equal(duplicates(...opening, ...later).slice(-5), [false, true, false, true, true]);
});

const options = fc.oneof(
	{ weight: 3, arbitrary: fc.constant<number[]>([]) },
	{ weight: 3, arbitrary: fc.record({ subtype: fc.integer({ min: 0, max: 9 }), length: fc.constantFrom(3, 4, 8, 12, 16, 20, 24), flags: fc.constantFrom(0, 1, 5), key: fc.constantFrom(1, 2, 3, 4) })
		.map(({ subtype, length, flags, key }) => multipath(subtype, length, flags, key, 0, 0, 0, 0, 0, 0, 0, key === 1 ? 2 : 1)) },
	{ weight: 1, arbitrary: fc.constant(multipath(JOIN, 12, 0, ...TOKEN_OF_3)) },
	{ weight: 1, arbitrary: fc.constant(multipath(DSS, 8, 1)) },
);
const traffic = fc.array(fc.record({
	from: fc.constantFrom('c' as const, 's' as const), options,
	flags: fc.oneof({ weight: 15, arbitrary: fc.constant(ACK) }, { weight: 1, arbitrary: fc.constantFrom(SYN, SYN_ACK) }),
	clientPort: fc.constantFrom(1, 2, 3), seq: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(2, 9) }),
}), { minLength: 5, maxLength: 60, size: 'max' });

test('tshark 4.0 says the same of random options of Multipath TCP', () => {
	if (!hasTshark40()) return;
	// Keys are of a whole capture, so each run has one.
	for (const choices of fc.sample(traffic, { numRuns: 12, seed: 1 })) {
		const capture = pcapOf(LINKTYPE_RAW, packetsOf(choices.map((choice) => ({ ...choice, ack: 1 }))));
		assert.equal(analysisOf(capture).rows, tsharkRows(capture));
	}
});

test.run();
