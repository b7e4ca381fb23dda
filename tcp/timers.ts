import { part } from '../lib/memory/index.ts';
import type { Image, Pool } from '../lib/memory/index.ts';
import { Tcb } from './tcb.ts';

const Deadlines = part(Tcb, 'timer');
type Deadlines = InstanceType<typeof Deadlines>;

/** The earliest deadline of the connection a cursor stands on, µs; `Infinity` where no timer is armed. */
export function earliestDeadline(tcb: Pick<Tcb, 'timer'>): number {
	const { timer } = tcb;
	let due = Infinity;
	if (timer.rexmt !== 0) due = timer.rexmt;
	if (timer.delack !== 0 && timer.delack < due) due = timer.delack;
	if (timer.keep !== 0 && timer.keep < due) due = timer.keep;
	if (timer.wait !== 0 && timer.wait < due) due = timer.wait;
	return due;
}

/**
 * Which connection is due next: a binary heap ordered by (deadline, record
 * address), a total order, so that a heap rebuilt after a restore fires in the
 * same order. It is an index, not state. A deadline that moved later leaves its
 * old key in the heap, which is corrected when it comes to the top: most
 * retransmission timers are moved many times and never fire.
 */
export class Timers {
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #tcb: Deadlines;
	#due = new Float64Array(64);
	#at = new Int32Array(64);
	#size = 0;
	/** position in the heap + 1 by slot of the record; 0: not in it */
	#place = new Int32Array(64);

	constructor(image: Image, pool: Pool) {
		this.#image = image;
		this.#pool = pool;
		this.#tcb = new Deadlines(image);
	}

	#slot(at: number): number {
		const { base, chunk, chunkShift } = this.#image;
		const slot = ((at - base) >> chunkShift) * this.#pool.perChunk + (((at & (chunk - 1)) / this.#pool.size) | 0);
		if (slot >= this.#place.length) {
			const wider = new Int32Array(Math.max(slot + 1, this.#place.length * 2));
			wider.set(this.#place);
			this.#place = wider;
		}
		return slot;
	}

	/** Takes note that a connection has a deadline at `due`; where it had an earlier one, that is left to be found stale. */
	arm(at: number, due: number): void {
		const slot = this.#slot(at);
		const place = this.#place[slot]!;
		if (place !== 0) {
			if (this.#due[place - 1]! <= due) return;
			this.#due[place - 1] = due;
			this.#up(place - 1);
			return;
		}
		if (this.#size === this.#due.length) this.#widen();
		this.#due[this.#size] = due;
		this.#at[this.#size] = at;
		this.#place[slot] = this.#size + 1;
		this.#up(this.#size++);
	}

	#widen(): void {
		const due = new Float64Array(this.#due.length * 2), at = new Int32Array(this.#at.length * 2);
		due.set(this.#due);
		at.set(this.#at);
		this.#due = due;
		this.#at = at;
	}

	/** Forgets a connection that is freed. */
	disarm(at: number): void {
		const place = this.#place[this.#slot(at)]!;
		if (place !== 0) this.#removeAt(place - 1);
	}

	#removeAt(i: number): void {
		this.#place[this.#slot(this.#at[i]!)] = 0;
		const last = --this.#size;
		if (i === last) return;
		this.#move(last, i);
		this.#up(i);
		this.#down(this.#place[this.#slot(this.#at[i]!)]! - 1);
	}

	#move(from: number, to: number): void {
		this.#due[to] = this.#due[from]!;
		this.#at[to] = this.#at[from]!;
		this.#place[this.#slot(this.#at[to]!)] = to + 1;
	}

	#before(dueA: number, atA: number, i: number): boolean {
		const due = this.#due[i]!;
		return dueA < due || (dueA === due && atA < this.#at[i]!);
	}

	#up(start: number): void {
		const due = this.#due[start]!, at = this.#at[start]!;
		let i = start;
		while (i > 0) {
			const parent = (i - 1) >> 1;
			if (!this.#before(due, at, parent)) break;
			this.#move(parent, i);
			i = parent;
		}
		this.#put(i, due, at);
	}

	#down(start: number): void {
		const due = this.#due[start]!, at = this.#at[start]!;
		let i = start;
		for (let child = 2 * i + 1; child < this.#size; child = 2 * i + 1) {
			if (child + 1 < this.#size && this.#before(this.#due[child + 1]!, this.#at[child + 1]!, child)) child++;
			if (this.#before(due, at, child)) break;
			this.#move(child, i);
			i = child;
		}
		this.#put(i, due, at);
	}

	#put(i: number, due: number, at: number): void {
		this.#due[i] = due;
		this.#at[i] = at;
		this.#place[this.#slot(at)] = i + 1;
	}

	/** The earliest deadline there is, µs; exact, `Infinity` where nothing is armed. */
	next(): number {
		while (this.#size > 0) {
			this.#tcb.go(this.#at[0]!);
			const due = earliestDeadline(this.#tcb);
			if (due === this.#due[0]) return due;
			if (due === Infinity) this.#removeAt(0);
			else {
				this.#due[0] = due;
				this.#down(0);
			}
		}
		return Infinity;
	}

	/** The connection `next()` belongs to; valid right after that call. */
	top(): number { return this.#at[0]!; }

	/** Builds the heap anew from the records. */
	rebuild(): void {
		this.#size = 0;
		this.#place.fill(0);
		for (let at = this.#image.first(this.#pool); at !== 0; at = this.#image.next(this.#pool, at)) {
			this.#tcb.go(at);
			const due = earliestDeadline(this.#tcb);
			if (due !== Infinity) this.arm(at, due);
		}
	}
}
