import fc from 'fast-check';
import { CaptureAnalysis, CaptureError, readCapture } from '../capture/index.ts';
import type { CapturedPacket } from '../capture/index.ts';
import { CaptureReader } from '../capture/capture-reader.ts';
import { Replay, ReplayError } from '../capture/replay/index.ts';
import { Counter } from '../service/counter.ts';
import { TcpClient } from '../service/client-tcp.ts';
import { Run, captureOf } from '../study/index.ts';
import { Stage } from '../study/stage.ts';
import { cover } from './coverage.ts';
import type { Property } from './property.ts';

/** A capture that has been damaged: which, and how. */
export interface Damage {
	readonly pick: number;
	/** octets set to a value, by their place in the file as a fraction of 2¹⁶, or from its front */
	readonly edits: readonly (readonly [place: number, value: number, front: boolean])[];
	/** a piece taken out, or put in once more: where from (a fraction of 2¹⁶) and how long */
	readonly piece: readonly [from: number, length: number, doubled: boolean] | null;
	/** octets cut off at the end, as a fraction of 2¹⁶ */
	readonly cut: number;
	/** the bytes come in chunks of this size */
	readonly chunk: number;
}

const fraction: fc.Arbitrary<number> = fc.nat(0xffff);

/** Damage of all kinds. */
export const damages: fc.Arbitrary<Damage> = fc.record({
	pick: fc.nat(1000),
	edits: fc.array(fc.tuple(fraction, fc.oneof(fc.constantFrom(0, 1, 2, 4, 17, 127, 128, 255), fc.nat(255)), fc.boolean()), { maxLength: 8 }),
	piece: fc.option(fc.tuple(fraction, fc.oneof(fc.nat(20), fc.nat(2000)), fc.boolean()), { nil: null }),
	cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fraction }),
	chunk: fc.constantFrom(1 << 20, 1 << 20, 4096, 97, 16),
});

/** Octets of a file's front that edits fall into more often than elsewhere: headers. */
const FRONT = 200;
/** Packets that are looked at: what was damaged may seem very long. */
const MOST = 20_000;

/** The damaged bytes. */
export function damaged(original: Uint8Array, { edits, piece, cut }: Damage): Uint8Array {
	const at = (place: number, size: number): number => Math.floor((place * size) / 0x1_0000);
	let bytes = original.slice(0, original.length - at(cut, original.length));
	for (const [place, value, front] of edits) bytes[at(place, front ? Math.min(FRONT, bytes.length) : bytes.length)] = value;
	if (piece !== null) {
		const [from, length, doubled] = piece;
		const start = at(from, bytes.length), end = Math.min(bytes.length, start + length);
		const parts = doubled ? [bytes.subarray(0, end), bytes.subarray(start)] : [bytes.subarray(0, start), bytes.subarray(end)];
		const joined = new Uint8Array(parts[0]!.length + parts[1]!.length);
		joined.set(parts[0]!);
		joined.set(parts[1]!, parts[0]!.length);
		bytes = joined;
	}
	return bytes;
}

function sameFront(found: readonly CapturedPacket[], original: readonly CapturedPacket[], intact: number): void {
	for (let i = 0; i < intact; i++) {
		const a = found[i], b = original[i]!;
		if (a === undefined || a.bytes.length !== b.bytes.length || a.bytes.some((byte, j) => byte !== b.bytes[j])) throw new Error(`packet ${i + 1} lies before the damage, and is lost or changed`);
	}
}

/** What was good before the damage is read; what is wrong has a typed error. */
function readWhole(bytes: Uint8Array, original: Uint8Array): void {
	const { packets, error } = readCapture(bytes);
	if (error !== undefined && (!(error instanceof CaptureError) || error.code === undefined)) throw new Error(`damage is told by ${String(error)}`);
	cover(error?.code ?? 'no error');
	let same = 0;
	while (same < bytes.length && same < original.length && bytes[same] === original[same]) same++;
	const { packets: all } = readCapture(original);
	// What a cut file still holds whole.
	const { packets: held } = readCapture(original.slice(0, same));
	sameFront(packets, all, held.length);
}

function analyse(bytes: Uint8Array, chunk: number): void {
	const analysis = new CaptureAnalysis();
	let last = 0, seen = 0;
	const read = (): void => {
		while (analysis.next()) {
			if (analysis.frame <= last) throw new Error(`frame ${analysis.frame} follows frame ${last}`);
			last = analysis.frame;
			if (++seen > MOST) throw new Error(`more than ${MOST} frames of ${bytes.length} bytes`);
		}
	};
	for (let at = 0; at < bytes.length; at += chunk) {
		analysis.push(bytes.subarray(at, at + chunk));
		read();
	}
	analysis.end();
	read();
	JSON.stringify(analysis.streams());
}

function replay(bytes: Uint8Array, side: 'client' | 'server'): void {
	const reader = new CaptureReader();
	const player = new Replay({ side });
	try {
		reader.push(bytes);
		while (reader.next()) player.take(reader.record);
		reader.end();
		for (const stream of player.streams().slice(0, 4)) player.play(stream);
	} catch (error) {
		if (!(error instanceof ReplayError)) throw error;
		cover(error.code);
	}
}

/** A capture of our own: a client asks the pair, whose primary dies. */
function ownCapture(): Uint8Array {
	const stage = new Stage({ seed: 1, service: () => new Counter() });
	stage.client(new TcpClient({ requests: [10_000, 20_000], end: 'close' }));
	stage.crash(15_000);
	stage.run(2_000_000);
	return captureOf(new Run(stage));
}

/**
 * Captures that were damaged: reader, analysis and replay.
 *
 * @param more  gives further captures, which are read without an error; asked once, when the first is needed
 */
export function capturesOf(more: () => readonly Uint8Array[] = () => []): Property<Damage> {
	let originals: readonly Uint8Array[] = [];
	const pick = (damage: Damage): Uint8Array => {
		if (originals.length === 0) originals = [ownCapture(), ...more()];
		return originals[damage.pick % originals.length]!;
	};
	return {
		name: 'captures',
		text: 'whatever befalls a capture, what was good before the damage is read, and reader, analysis and replay end with a typed error or none',
		runs: 40,
		arbitrary: damages,
		check(damage) {
			const original = pick(damage);
			const bytes = damaged(original, damage);
			readWhole(bytes, original);
			analyse(bytes, damage.chunk);
			replay(bytes, (damage.pick & 1) === 0 ? 'server' : 'client');
		},
		exhibit: (damage) => ({ run: null, capture: damaged(pick(damage), damage), script: null }),
	};
}
