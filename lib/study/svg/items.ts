import { LadderRows } from '../ladder-rows.ts';
import type { ArrowRow, GapRow, NoteRow } from '../ladder-rows.ts';
import { Narrator } from '../narrate.ts';
import type { Run, Scene } from '../run.ts';

/** An arrow with the time at which it ends. */
export interface ArrowItem {
	readonly kind: 'arrow';
	readonly row: ArrowRow;
	/** µs; when it arrived, or was lost on its way */
	readonly ends: number;
	/** whether it was lost only where it was to arrive: at a machine that was dead or did not listen */
	readonly reached: boolean;
}

export interface NoteItem {
	readonly kind: 'note';
	readonly row: NoteRow;
}

export interface GapItem {
	readonly kind: 'gap';
	readonly row: GapRow;
}

export type Item = ArrowItem | NoteItem | GapItem;

/** Finds out where each arrow of a ladder ends. */
class Flights {
	readonly #run: Run<Scene>;
	readonly #narrator: Narrator;

	constructor(run: Run<Scene>) {
		this.#run = run;
		this.#narrator = new Narrator(run);
	}

	item(row: ArrowRow): ArrowItem {
		const { trace, packets } = this.#run;
		const packet = packets[row.number - 1];
		const journey = packet === undefined ? undefined : this.#narrator.journey(packet);
		const arrived = journey?.arrived.find((event) => trace.places[trace.placeOf(event)] === row.to);
		if (arrived !== undefined) return { kind: 'arrow', row, ends: trace.timeOf(arrived), reached: true };
		const lost = journey?.lost.at(-1);
		// A frame that dies at its sending dies at once: it is drawn as if it had been on its way a while.
		if (lost === undefined) return { kind: 'arrow', row, ends: row.time, reached: false };
		return { kind: 'arrow', row, ends: trace.timeOf(lost), reached: trace.timeOf(lost) > row.time };
	}
}

/** What a ladder shows, in the order of time: the rows of the one for terminals, with the ends of their arrows. */
export function itemsOf(run: Run<Scene>): { readonly places: readonly string[]; readonly items: readonly Item[] } {
	const rows = new LadderRows(run);
	const flights = new Flights(run);
	const items = rows.rows().map((row): Item => {
		switch (row.kind) {
			case 'arrow': return flights.item(row);
			case 'note': return { kind: 'note', row };
			case 'gap': return { kind: 'gap', row };
		}
	});
	return { places: rows.places, items };
}
