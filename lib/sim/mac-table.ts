/** Columns of an entry. */
const MAC = 0;
const PORT = 1;
const SEEN = 2;
const WIDTH = 3;

/** One entry, as `entries` shows it. */
export interface MacEntry {
	/** 48 bits */
	readonly mac: number;
	readonly port: number;
	/** when a frame from it was seen last, µs */
	readonly seen: number;
}

/** The forwarding table of a switch: a flat array of fixed size, in the order of learning. */
export class MacTable {
	/** µs after which an entry that was not seen is no longer believed */
	readonly ageing: number;
	readonly #table: Float64Array;
	#used = 0;

	constructor(size: number, ageing: number) {
		this.ageing = ageing;
		this.#table = new Float64Array(size * WIDTH);
	}

	/** Entries in use, aged ones too until they are met. */
	get size(): number {
		return this.#used;
	}

	/** Whether nothing more can be learnt. */
	get full(): boolean {
		return this.#used * WIDTH === this.#table.length;
	}

	/** The index of an address, or −1. */
	find(mac: number): number {
		for (let i = 0, end = this.#used * WIDTH; i < end; i += WIDTH) if (this.#table[i] === mac) return i / WIDTH;
		return -1;
	}

	/** The entry at an index. */
	entry(index: number): MacEntry {
		return { mac: this.macOf(index), port: this.portOf(index), seen: this.#table[index * WIDTH + SEEN]! };
	}

	macOf(index: number): number {
		return this.#table[index * WIDTH + MAC]!;
	}

	portOf(index: number): number {
		return this.#table[index * WIDTH + PORT]!;
	}

	/** Whether an entry is too old to be believed at `now`. */
	aged(index: number, now: number): boolean {
		return now - this.#table[index * WIDTH + SEEN]! >= this.ageing;
	}

	/** Notes that a known address was seen at `port`. */
	refresh(index: number, port: number, now: number): void {
		this.#table[index * WIDTH + PORT] = port;
		this.#table[index * WIDTH + SEEN] = now;
	}

	/** Adds an address that is not in the table; the table must not be full. */
	add(mac: number, port: number, now: number): void {
		const at = this.#used++ * WIDTH;
		this.#table[at + MAC] = mac;
		this.#table[at + PORT] = port;
		this.#table[at + SEEN] = now;
	}

	/** Drops an entry; those behind it move up. */
	remove(index: number): void {
		this.#table.copyWithin(index * WIDTH, (index + 1) * WIDTH, this.#used * WIDTH);
		this.#used--;
	}

	save(): Float64Array {
		return this.#table.slice(0, this.#used * WIDTH);
	}

	restore(saved: Float64Array): void {
		this.#table.set(saved);
		this.#used = saved.length / WIDTH;
	}
}
