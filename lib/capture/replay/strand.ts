import { Ranges } from './ranges.ts';

/** In place of a slab's number: the bytes are not known, and zeros stand for them. */
export const UNKNOWN = -1;
/** What stands further beyond the rest than any window is wide has nothing to do with it. */
const FARTHEST = 0x100_0000;

/** A range that came before its turn. */
interface Early {
	readonly from: number;
	readonly to: number;
	readonly slab: number;
	readonly at: number;
}

/**
 * The bytes one side of a connection sent, put in order as a receiver puts
 * them. Of bytes that come twice and are not the same each time, which RFC 9293
 * leaves open, those in order count, as on our stack and on Linux;
 * before their turn the first. Places count from 0 at the first byte of data.
 * The capture is gone through twice: `note…` learns what there is, `take…` puts
 * it in order, piece by piece. What was acknowledged but never captured becomes
 * zeros.
 */
export class Strand {
	/** pieces: bytes [from, to) lie at `at` of a slab, and had their turn with segment `when` of the stream */
	readonly from: number[] = [];
	readonly to: number[] = [];
	readonly slab: number[] = [];
	readonly at: number[] = [];
	readonly when: number[] = [];
	/** behind the last byte in order */
	end: number = 0;
	/** whether a FIN follows the last byte, and with which segment it had its turn */
	hasFin: boolean = false;
	finWhen: number = -1;
	/** bytes that were acknowledged and not captured */
	filled: number = 0;
	/** whether a FIN was acknowledged that was not captured */
	isFinImplied: boolean = false;
	/** segments all of whose data was there already, and ones that were so in part */
	repeated: number = 0;
	overlapping: number = 0;
	/** the highest ACK that can be believed: one more than `end` where the FIN was acknowledged */
	acked: number = 0;
	#ackedBefore: number = 0;
	readonly #known: Ranges = new Ranges();
	/** where FINs stand: all there are, and those that had come by now */
	readonly #fins: number[] = [];
	readonly #finsSeen: number[] = [];
	/** what is never captured and yet acknowledged */
	readonly #gaps: Ranges = new Ranges();
	#gap: number = 0;
	#early: Early[] = [];

	/** There is data at [from, to); a FIN may follow. */
	noteData(from: number, to: number, fin: boolean): void {
		if (from > Math.max(this.#known.end, this.acked) + FARTHEST) return;
		if (to > 0) this.#known.add(Math.max(0, from), to);
		if (fin) this.#fins.push(to);
	}

	/** The other side has acknowledged up to there. */
	noteAck(to: number): void {
		if (to <= this.acked || to > Math.max(this.#known.end, this.acked) + FARTHEST) return;
		this.#ackedBefore = this.acked;
		this.acked = to;
	}

	/** Everything was noted. */
	settle(): void {
		const known = this.#known.end;
		let limit = this.acked;
		if (this.acked === known + 1 && (known > 0 || this.#fins.includes(0) || this.#ackedBefore === 0 && this.acked === 1)) limit = known;
		else if (this.acked > known + 1 && this.#ackedBefore === this.acked - 1) limit = this.acked - 1;
		this.isFinImplied = limit < this.acked && !this.#fins.includes(limit);
		let place = 0;
		for (let nth = 0; nth < this.#known.count && place < limit; nth++) {
			this.#gaps.add(place, Math.min(limit, this.#known.from(nth)));
			place = this.#known.to(nth);
		}
		this.#gaps.add(place, limit);
		for (let nth = 0; nth < this.#gaps.count; nth++) this.filled += this.#gaps.to(nth) - this.#gaps.from(nth);
	}

	/** An ACK that cannot be believed. */
	isStray(ack: number): boolean { return ack > this.acked; }

	/**
	 * Segment `when` brings bytes.
	 *
	 * @param captured  how many of them are there, at `at` of a slab
	 */
	takeData(when: number, from: number, length: number, captured: number, slab: number, at: number): void {
		if (from + length > this.#known.end) return;
		if (from + length <= this.end) {
			if (length > 0) this.repeated++;
		} else {
			this.#fill(when, from);
			const whole = from + Math.min(captured, length);
			const fresh = from <= this.end ? this.#append(when, from, whole, from + length, slab, at) : this.#hold(from, whole, slab, at) + this.#hold(whole, from + length, UNKNOWN, 0);
			if (fresh === 0) this.repeated++;
			else if (fresh < length) this.overlapping++;
		}
		this.#pump(when);
	}

	/** Segment `when` of the other side acknowledges up to there. */
	takeAck(when: number, ack: number): void {
		if (ack > this.end && ack <= this.acked) this.#fill(when, ack);
		if (this.isFinImplied && ack === this.acked && this.end === ack - 1 && !this.hasFin) this.#finish(when);
	}

	/** Segment `when` bears a FIN behind that place. */
	takeFin(when: number, at: number): void {
		this.#finsSeen.push(at);
		this.#checkFin(when);
	}

	/** A FIN with data behind it is none: the last place counts. */
	#checkFin(when: number): void {
		if (this.hasFin || this.end < this.#known.end || this.end < this.#gaps.end || !this.#finsSeen.includes(this.end)) return;
		this.#finish(when);
	}

	#finish(when: number): void {
		this.hasFin = true;
		this.finWhen = when;
	}

	/** Keeps what of [from, to) is not there yet; how many bytes those are. */
	#hold(from: number, to: number, slab: number, at: number): number {
		let fresh = 0, left = Math.max(from, this.end);
		const early = this.#early;
		let nth = early.length;
		while (nth > 0 && early[nth - 1]!.to > left) nth--;
		while (left < to) {
			const next = early[nth];
			const until = Math.min(to, next === undefined ? to : next.from);
			if (left < until) {
				early.splice(nth, 0, { from: left, to: until, slab, at: slab === UNKNOWN ? 0 : at + left - from });
				nth++;
				fresh += until - left;
			}
			if (next === undefined) break;
			left = Math.max(until, next.to);
			nth++;
		}
		return fresh;
	}

	/** Moves what now follows in order to its place. */
	#pump(when: number): void {
		const early = this.#early;
		let taken = 0;
		for (let next = early[0]; next !== undefined; next = early[taken]) {
			if (next.from > this.end) {
				// Beyond bytes that never come there is no waiting.
				const until = Math.min(next.from, this.#gapEnd());
				if (until <= this.end) break;
				this.#put(when, this.end, until, UNKNOWN, 0);
			} else {
				this.#put(when, next.from, next.to, next.slab, next.at);
				taken++;
			}
		}
		if (taken > 0) early.splice(0, taken);
		if (this.#finsSeen.length > 0) this.#checkFin(when);
	}

	/** Behind the gap that begins at `end`; 0 where none does. */
	#gapEnd(): number {
		const gaps = this.#gaps;
		while (this.#gap < gaps.count && gaps.to(this.#gap) <= this.end) this.#gap++;
		return this.#gap < gaps.count && gaps.from(this.#gap) <= this.end ? gaps.to(this.#gap) : 0;
	}

	/** What is never captured of the bytes before `limit` has its turn. */
	#fill(when: number, limit: number): void {
		const until = Math.min(limit, this.#gapEnd());
		if (until <= this.end) return;
		this.#put(when, this.end, until, UNKNOWN, 0);
		this.#pump(when);
	}

	/** Takes a segment that begins at or before `end`, known up to `whole`; how many of its bytes were not there yet. */
	#append(when: number, from: number, whole: number, to: number, slab: number, at: number): number {
		const begin = this.end;
		let fresh = to - begin, covered = 0;
		for (const early of this.#early) {
			if (early.from >= to) break;
			fresh -= Math.min(early.to, to) - early.from;
			if (early.to <= to) covered++;
		}
		this.#early.splice(0, covered);
		const cut = this.#early[0];
		if (cut !== undefined && cut.from < to) this.#early[0] = { from: to, to: cut.to, slab: cut.slab, at: cut.slab === UNKNOWN ? 0 : cut.at + to - cut.from };
		if (begin < whole) this.#put(when, begin, whole, slab, at + begin - from);
		if (this.end < to) this.#put(when, this.end, to, UNKNOWN, 0);
		return fresh;
	}

	#put(when: number, from: number, to: number, slab: number, at: number): void {
		this.from.push(from);
		this.to.push(to);
		this.slab.push(slab);
		this.at.push(at);
		this.when.push(when);
		this.end = to;
	}
}
