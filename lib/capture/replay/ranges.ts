/** A set of places in a stream of bytes, kept as disjoint ranges [from, to) in order; those that touch are joined. */
export class Ranges {
	readonly #froms: number[] = [];
	readonly #tos: number[] = [];

	get count(): number { return this.#froms.length; }

	from(nth: number): number { return this.#froms[nth]!; }

	to(nth: number): number { return this.#tos[nth]!; }

	/** Behind the last place; 0 where there is none. */
	get end(): number { return this.#tos.at(-1) ?? 0; }

	/** The first range that ends at `place` or behind it. */
	#find(place: number): number {
		let low = 0, high = this.#tos.length;
		// What comes is mostly what follows.
		if (high > 0 && this.#tos[high - 1]! < place) return high;
		while (low < high) {
			const middle = (low + high) >> 1;
			if (this.#tos[middle]! < place) low = middle + 1;
			else high = middle;
		}
		return low;
	}

	/** Adds [from, to). */
	add(from: number, to: number): void {
		if (from >= to) return;
		const first = this.#find(from);
		let behind = first;
		let left = from, right = to;
		for (; behind < this.#froms.length && this.#froms[behind]! <= to; behind++) {
			left = Math.min(left, this.#froms[behind]!);
			right = Math.max(right, this.#tos[behind]!);
		}
		if (behind - first === 1) {
			this.#froms[first] = left;
			this.#tos[first] = right;
		} else {
			this.#froms.splice(first, behind - first, left);
			this.#tos.splice(first, behind - first, right);
		}
	}

	/** Whether any place of [from, to) is in the set. */
	touches(from: number, to: number): boolean {
		if (from >= to) return false;
		const nth = this.#find(from + 1);
		return nth < this.#froms.length && this.#froms[nth]! < to;
	}

	/** Whether all of [from, to) is in the set. */
	covers(from: number, to: number): boolean {
		if (from >= to) return true;
		const nth = this.#find(from + 1);
		return nth < this.#froms.length && this.#froms[nth]! <= from && this.#tos[nth]! >= to;
	}
}
