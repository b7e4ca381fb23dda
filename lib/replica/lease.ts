import type { Luggage } from './luggage.ts';

/**
 * The primary's leave to release outputs: for so long after the time that the
 * backup echoed last. A backup that has echoed is silent for longer than that.
 */
export class Lease {
	/** newest of our times that was echoed; −∞ before the first */
	echo: number = -Infinity;
	/** it has run out, and that was noted; before the first echo there is none */
	expired: boolean = true;
	readonly #length: number;

	/** @param length  µs; 0: there is no lease, and it never runs out */
	constructor(length: number) {
		this.#length = length;
	}

	/** When it runs out, own clock in µs. */
	get end(): number {
		return this.#length === 0 ? Infinity : this.echo + this.#length;
	}

	/** When that has to be noted; `Infinity` once it was. */
	get dueAt(): number {
		return this.expired ? Infinity : this.end;
	}

	/** The backup echoed a time of ours; whether it is news. */
	heard(echo: number, now: number): boolean {
		if (echo <= this.echo) return false;
		this.echo = echo;
		if (now < this.end) this.expired = false;
		return true;
	}

	/** With another backup, the echoes of the last one count for nothing. */
	reset(): void {
		this.echo = -Infinity;
		this.expired = true;
	}

	carry(luggage: Luggage): void {
		this.echo = luggage.number(this.echo);
		this.expired = luggage.flag(this.expired);
	}
}
