import fc from 'fast-check';
import { ACK, FIN, PSH, RST, SYN, URG } from '../../wire/tcp.ts';

/** A number of the peer's sequence space, by where it lies: that of the window's edges, its ISN, or anywhere. */
export interface Place {
	readonly from: 'next' | 'edge' | 'first' | 'middle' | 'far';
	readonly by: number;
}

/** A number of the subject's sequence space. */
export interface AckPlace {
	readonly from: 'una' | 'nxt' | 'iss' | 'far';
	readonly by: number;
}

/** Something that happens to a TCP under test. */
export type Deed =
	| { readonly kind: 'segment'; readonly flags: number; readonly seq: Place; readonly ack: AckPlace; readonly text: number; readonly window: number; readonly stamp: 'none' | 'same' | 'newer' | 'older' }
	| { readonly kind: 'write' | 'read'; readonly octets: number }
	| { readonly kind: 'shutdown' | 'close' | 'abort' }
	| { readonly kind: 'wait'; readonly us: number };

/** How the connection is opened, and how far it has come when the fuzzing begins. */
export const beginnings = ['closed', 'listen', 'syn-sent', 'syn-received', 'both-open', 'established', 'fin-wait-1', 'fin-wait-2', 'close-wait', 'closing', 'last-ack', 'time-wait'] as const;
export type Beginning = (typeof beginnings)[number];

/** One history of a TCP under test. */
export interface Story {
	readonly beginning: Beginning;
	/** what the peer offers in its SYN */
	readonly options: 'none' | 'mss' | 'sack' | 'stamps';
	/** the peer's initial sequence number */
	readonly irs: number;
	readonly deeds: readonly Deed[];
}

const near: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0, -1, 1, -2, 2, 10, -10, 100, -100);
const flags: fc.Arbitrary<number> = fc.oneof(
	{ weight: 6, arbitrary: fc.constantFrom(ACK, ACK, ACK | PSH, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK) },
	{ weight: 2, arbitrary: fc.constantFrom(0, FIN, SYN | FIN, SYN | RST, SYN | FIN | ACK, ACK | URG, FIN | RST, FIN | ACK | PSH | URG) },
	{ weight: 1, arbitrary: fc.nat(63) },
);
const seq: fc.Arbitrary<Place> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ from: fc.constantFrom('next' as const, 'next' as const, 'edge' as const, 'first' as const, 'middle' as const), by: near }) },
	{ weight: 1, arbitrary: fc.record({ from: fc.constant('far' as const), by: fc.integer() }) },
);
const ack: fc.Arbitrary<AckPlace> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ from: fc.constantFrom('nxt' as const, 'nxt' as const, 'una' as const, 'iss' as const), by: near }) },
	{ weight: 1, arbitrary: fc.record({ from: fc.constant('far' as const), by: fc.integer() }) },
);

/** Segments around every edge of the window, user calls, and time. */
export const deeds: fc.Arbitrary<Deed> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant('segment' as const), flags, seq, ack, text: fc.constantFrom(0, 0, 0, 1, 2, 100, 101, 536), window: fc.constantFrom(0, 1, 100, 536, 5000, 60_000, 60_000),
			stamp: fc.constantFrom('same' as const, 'same' as const, 'newer' as const, 'older' as const, 'none' as const),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('write' as const, 'read' as const), octets: fc.constantFrom(1, 100, 536, 3000) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('shutdown' as const, 'close' as const, 'abort' as const) }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), us: fc.constantFrom(1000, 300_000, 1_500_000, 10_000_000) }) },
);

/** Histories of a TCP under test, from every state. */
export const stories: fc.Arbitrary<Story> = fc.record({
	beginning: fc.constantFrom(...beginnings),
	options: fc.constantFrom('none' as const, 'mss' as const, 'sack' as const, 'stamps' as const),
	// Close to where numbers wrap.
	irs: fc.constantFrom(0, 1000, 0x7fff_fff0, 0x7fff_ffff, -1, -50, 123_456_789),
	deeds: fc.array(deeds, { minLength: 1, maxLength: 12, size: 'max' }),
});
