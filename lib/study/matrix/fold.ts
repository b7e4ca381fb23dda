import type { Coordinates } from './axes.ts';
import type { Cell, Reason, Verdict } from './cell.ts';

/** Crash points of one combination that lead to one history: only when it was seen, and how late, may differ. */
export interface Alike {
	/** crash points; 0: without a crash */
	readonly crashes: readonly number[];
	readonly sample: Cell;
	/** shortest and longest delay, µs; null where an answer is missing */
	readonly delay: readonly [number, number] | null;
}

/** The cells of one combination, told apart by history. */
export interface Combination {
	readonly coordinates: Coordinates;
	readonly cells: readonly Cell[];
	readonly alike: readonly Alike[];
}

function historyOf({ verdict, reason, wire, seen, dropped, counter, equal, error, memory, linearizable, watch }: Cell): string {
	return JSON.stringify([verdict, reason, wire, seen, dropped, counter, equal, error, memory, linearizable, watch === 'ok']);
}

function alikeOf(cells: readonly Cell[]): Alike[] {
	const groups = new Map<string, Cell[]>();
	for (const cell of cells) {
		const key = historyOf(cell);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [cell]);
		else group.push(cell);
	}
	return [...groups.values()].map((group) => {
		const delays = group.flatMap(({ delay }) => (delay === null ? [] : [delay]));
		return { crashes: group.map(({ crash }) => crash), sample: group[0]!, delay: delays.length === 0 ? null : [Math.min(...delays), Math.max(...delays)] };
	});
}

function keyOf({ transport, serials, policy, client, fault }: Coordinates): string {
	return `${transport} ${serials} ${policy} ${client} ${fault}`;
}

/** Gathers cells by combination, in the order they come in. */
export function combined(cells: readonly Cell[]): Combination[] {
	const groups = new Map<string, Cell[]>();
	for (const cell of cells) {
		const key = keyOf(cell);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [cell]);
		else group.push(cell);
	}
	return [...groups.values()].map((group) => {
		const { transport, serials, policy, client, fault } = group[0]!;
		return { coordinates: { transport, serials, policy, client, fault }, cells: group, alike: alikeOf(group) };
	});
}

/** How many cells came out how. */
export type Tally = { readonly [V in Verdict]: number };

export function tally(cells: readonly Cell[]): Tally {
	const counts = { 'right': 0, 'late': 0, 'unanswered': 0, 'wrong': 0, 'n/a': 0 };
	for (const { verdict } of cells) counts[verdict]++;
	return counts;
}

/** The reasons of cells, the most frequent first. */
export function reasonsOf(cells: readonly Cell[]): { readonly reason: Exclude<Reason, ''>; readonly count: number }[] {
	const counts = new Map<Exclude<Reason, ''>, number>();
	for (const { reason } of cells) if (reason !== '') counts.set(reason, (counts.get(reason) ?? 0) + 1);
	return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}
