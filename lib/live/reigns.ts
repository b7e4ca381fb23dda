import { kinds } from '../trace/index.ts';
import type { JournalRecord } from './journal.ts';

/** The time in which one replica speaks. */
export interface Reign {
	readonly id: number;
	/** since when nobody else can have sent anything, µs */
	readonly from: number;
	/** frames it sent to the clients, in order */
	readonly frames: readonly JournalRecord[];
}

type Journals = ReadonlyMap<number, { readonly records: readonly JournalRecord[]; readonly names: readonly string[] }>;

/** Who spoke, one after the other: each from when the port of the one before was closed, or from its first frame on where that one was dead. */
export function reignsOf(journals: Journals): Reign[] {
	const reigns: Reign[] = [];
	for (const [id, { records, names }] of journals) {
		const frames = records.filter(({ kind, slots }) => kind === kinds.frameSent.code && slots[0] === 0);
		const fence = records.find(({ kind, slots }) => kind === kinds.note.code && names[slots[0]]?.startsWith('closes ') === true);
		if (frames.length > 0) reigns.push({ id, from: fence?.time ?? frames[0]!.time, frames });
	}
	return reigns.sort((a, b) => a.from - b.from);
}

function textOf({ bytes }: JournalRecord): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Frames that were seen while a replica spoke, more often than it sent them. */
export function slipped(reigns: readonly Reign[], seen: readonly JournalRecord[]): number {
	let count = 0;
	for (const [i, { from, frames }] of reigns.entries()) {
		const left = new Map<string, number>();
		for (const frame of frames) left.set(textOf(frame), (left.get(textOf(frame)) ?? 0) + 1);
		for (const frame of seen) {
			if (frame.time < from || frame.time >= (reigns[i + 1]?.from ?? Infinity)) continue;
			const text = textOf(frame), more = left.get(text) ?? 0;
			if (more === 0) count++;
			else left.set(text, more - 1);
		}
	}
	return count;
}

/** How long after `at` the first frame of a reign was seen. */
export function firstAt(reign: Reign | undefined, seen: readonly JournalRecord[], at: number): number[] {
	const [first] = reign?.frames ?? [];
	const found = first === undefined ? undefined : seen.find((frame) => textOf(frame) === textOf(first));
	return found === undefined ? [] : [found.time - at];
}
