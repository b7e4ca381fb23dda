import type { Luggage } from './luggage.ts';

/** A farewell can be lost: it is said this often. */
const FAREWELLS = 3;

/**
 * An end in order: one last entry, and when it is acknowledged and every output
 * has left, farewells that free the backup at once.
 */
export class Ending {
	/** the control entry that is to be the last; 0 where no end is wanted */
	wanted: number = 0;
	/** index of that entry; `Infinity` before it is logged */
	index: number = Infinity;
	/** when the next farewell is due, own clock in µs */
	dueAt: number = Infinity;
	/** farewells said */
	said: number = 0;

	/** Whether every farewell was said, and the last has had its time. */
	isOver(now: number): boolean {
		return this.said === FAREWELLS && now >= this.dueAt;
	}

	/** Whether a farewell is due. */
	isDue(now: number): boolean {
		return this.said === 0 || (this.said < FAREWELLS && now >= this.dueAt);
	}

	/** A farewell was said. */
	farewell(now: number, every: number): void {
		this.said++;
		this.dueAt = now + every;
	}

	carry(luggage: Luggage): void {
		this.wanted = luggage.number(this.wanted);
		this.index = luggage.number(this.index);
		this.dueAt = luggage.number(this.dueAt);
		this.said = luggage.number(this.said);
	}
}
