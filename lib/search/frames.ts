import fc from 'fast-check';
import { Host } from '../host/index.ts';
import { Echo } from '../service/echo.ts';
import { checksumOf } from '../wire/pseudo-header.ts';
import { sum } from '../wire/checksum.ts';
import { PROTOCOL_TCP } from '../wire/tcp.ts';
import type { Views } from '../memory/index.ts';
import { runOf } from './exhibit.ts';
import type { Crossing } from './exhibit.ts';
import type { Property } from './property.ts';
import { Talker } from './talker.ts';
import { checkTcp } from './tcp-invariants.ts';

/** Something that happens to a host: foreign bytes, a real frame bent a little, or time passing. */
type Move =
	| { readonly kind: 'bytes'; readonly bytes: Uint8Array }
	| { readonly kind: 'bent'; readonly pick: number; readonly edits: readonly (readonly [number, number])[]; readonly cut: number; readonly mend: boolean }
	| { readonly kind: 'wait'; readonly us: number };

const PORT = 5000;

const moves: fc.Arbitrary<Move> = fc.oneof(
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 120, size: 'max' }).map((bytes): Move => ({ kind: 'bytes', bytes })) },
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('bent' as const),
			pick: fc.nat(1000),
			edits: fc.array(fc.tuple(fc.oneof(fc.nat(80), fc.integer({ min: 36, max: 60 })), fc.oneof(fc.constantFrom(0, 1, 2, 4, 16, 17, 255), fc.nat(255))), { maxLength: 4 }),
			cut: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(80) }),
			mend: fc.boolean(),
		}),
	},
	{ weight: 1, arbitrary: fc.constantFrom(1, 1000, 200_000, 3_000_000).map((us): Move => ({ kind: 'wait', us })) },
);

function host(last: number, talks: boolean): Host {
	return new Host({
		mac: `02:00:00:00:00:0${last}`,
		addresses: [`10.0.0.${last}/24`],
		application: talks ? new Talker({ octets: 6000, piece: 700, awaits: 6000, pause: 0, peer: '10.0.0.2' }) : new Echo(PORT),
		chunk: 1024,
		pages: 64,
		tcp: { connections: 8 },
	});
}

const buffer = new ArrayBuffer(4096);
const views: Views = { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };

/** Makes the checksums of an IPv4 TCP frame right, so that what was bent reaches TCP. */
function mend(frame: Uint8Array): void {
	if (frame.length < 54 || frame.length > 2000 || frame[12] !== 8 || frame[13] !== 0 || frame[14] !== 0x45) return;
	const { u8 } = views;
	const put = (at: number, value: number): void => { frame[at] = value >> 8; frame[at + 1] = value & 255; };
	put(24, 0);
	u8.set(frame, 2);
	put(24, ~sum(views, 16, 20) & 0xffff);
	if (frame[23] !== PROTOCOL_TCP) return;
	const total = Math.min((frame[16]! << 8) | frame[17]!, frame.length - 14);
	put(50, 0);
	u8.set(frame, 2);
	for (const [at, from] of [[2048, 28], [2064, 32]] as const) {
		u8.fill(0, at, at + 10);
		u8.fill(255, at + 10, at + 12);
		u8.copyWithin(at + 12, from, from + 4);
	}
	put(50, checksumOf(views, 2048, 2064, PROTOCOL_TCP, 36, Math.max(0, total - 20)));
}

/** A conversation between two real hosts, whose frames are remembered. */
class Wire {
	readonly a: Host = host(1, true);
	readonly b: Host = host(2, false);
	readonly seen: Uint8Array[] = [];
	/** everything that was handed over */
	readonly crossings: Crossing[] = [];
	now = 1;

	start(): void {
		this.a.wake(this.now);
		this.b.wake(this.now);
		this.pump();
	}

	/** Carries frames until both are silent. */
	pump(): void {
		for (let round = 0; round < 400; round++) {
			const toA: Uint8Array[] = [], toB: Uint8Array[] = [];
			this.a.drain({ take: (bytes, at, length) => { toB.push(bytes.slice(at, at + length)); } });
			this.b.drain({ take: (bytes, at, length) => { toA.push(bytes.slice(at, at + length)); } });
			if (toA.length + toB.length === 0) return;
			for (const frame of [...toA, ...toB]) if (this.seen.length < 200) this.seen.push(frame);
			for (const frame of toB) this.#hand('a', 'b', frame);
			for (const frame of toA) this.#hand('b', 'a', frame);
			this.now += 10;
		}
		throw new Error('two hosts answer each other for ever');
	}

	#hand(from: string, to: 'a' | 'b', bytes: Uint8Array): void {
		this.crossings.push({ at: this.now, from, to, bytes });
		this[to].receive(0, bytes, 0, bytes.length, this.now);
	}

	play(move: Move): void {
		if (move.kind === 'wait') {
			this.now += move.us;
			this.a.wake(this.now);
			this.b.wake(this.now);
		} else {
			const frame = move.kind === 'bytes' ? move.bytes : bend(this.seen, move);
			this.#hand('stranger', 'b', frame);
			this.#hand('stranger', 'a', frame);
		}
		this.pump();
		checkTcp(this.a);
		checkTcp(this.b);
	}
}

function bend(seen: readonly Uint8Array[], move: Move & { kind: 'bent' }): Uint8Array {
	const original = seen[move.pick % seen.length]!;
	const frame = original.slice(0, Math.max(0, original.length - move.cut));
	for (const [at, value] of move.edits) if (at < frame.length) frame[at] = value;
	if (move.mend) mend(frame);
	return frame;
}

/** Any bytes into a host, and real frames bent in any way. */
export const frames: Property<readonly Move[]> = {
	name: 'frames',
	text: 'any bytes into a host never throw, hang or leak, and break no invariant of RFC 9293',
	runs: 200,
	arbitrary: fc.array(moves, { minLength: 1, maxLength: 40, size: 'max' }),
	check(list) {
		const wire = new Wire();
		wire.start();
		for (const move of list) wire.play(move);
	},
	exhibit(list) {
		const wire = new Wire();
		try {
			wire.start();
			for (const move of list) wire.play(move);
		} catch {
			// It ends where it breaks.
		}
		return { run: runOf(['a', 'b', 'stranger'], wire.crossings), capture: null, script: null };
	},
};
