import type { Tap, TraceLink } from './link.ts';

/** What was emitted and declared between two marks. */
export interface Said {
	readonly floats: Float64Array;
	readonly ints: Int32Array;
	readonly store: Uint8Array;
	readonly names: readonly string[];
	readonly places: readonly string[];
	readonly links: readonly TraceLink[];
	readonly taps: readonly Tap[];
}

/**
 * How far a trace had come: what `rewind` goes to. Marks are a tree: each
 * knows the one it was told behind, and what was said since.
 */
export interface TraceMark {
	readonly events: number;
	readonly bytes: number;
	readonly names: number;
	readonly places: number;
	readonly links: number;
	readonly taps: number;
	readonly time: number;
	readonly step: number;
	/** the mark before it; null for one behind nothing */
	readonly parent: TraceMark | null;
	/** marks before it */
	readonly depth: number;
	readonly said: Said;
}

/** The newest mark that both came from; null where there is none. */
export function commonMark(a: TraceMark | null, b: TraceMark | null): TraceMark | null {
	let [one, other] = [a, b];
	while (one !== other) {
		if (one === null || other === null) return null;
		if (one.depth >= other.depth) one = one.parent;
		else other = other.parent;
	}
	return one;
}

/** The marks from behind one to another, oldest first. */
export function marksBetween(from: TraceMark | null, to: TraceMark): TraceMark[] {
	const marks: TraceMark[] = [];
	for (let mark: TraceMark | null = to; mark !== null && mark !== from; mark = mark.parent) marks.push(mark);
	return marks.reverse();
}
