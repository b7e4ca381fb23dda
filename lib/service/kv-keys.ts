import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';
import { Cells } from './kv-cells.ts';

const shape = {
	/** when it expires, µs of the machine's clock; 0: never */
	expires: 'f64',
	/** first cells of key and value */
	key: 'i32',
	value: 'i32',
	keyLength: 'i32',
	valueLength: 'i32',
} as const;
const Entry: RecordType<typeof shape> = record(shape);

/** One code unit a byte: a key as text that tells every key from every other. */
export function latin1(bytes: Uint8Array, at: number, length: number): string {
	let text = '';
	for (let i = at; i < at + length; i++) text += String.fromCharCode(bytes[i]!);
	return text;
}

/**
 * Keys and values in the image. What has expired is not there, whether or not
 * it was swept away; the index is rebuilt from the entries.
 */
export class Keys {
	/** the entry found last */
	readonly entry: Cursor<typeof shape>;
	readonly cells: Cells;
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #index: Map<string, number> = new Map();
	/** entries that can expire */
	#mortal = 0;

	/**
	 * @param most   entries there can be
	 * @param cells  cells of 248 bytes for keys and values
	 */
	static pools(most: number, cells: number): PoolSpec[] {
		return [pool('entry', Entry, most), Cells.pool(cells)];
	}

	constructor(image: Image) {
		this.#image = image;
		this.#pool = image.pool('entry');
		this.entry = new Entry(image);
		this.cells = new Cells(image);
		for (let at = image.first(this.#pool); at !== 0; at = image.next(this.#pool, at)) {
			this.entry.go(at);
			if (this.entry.expires !== 0) this.#mortal++;
			this.#index.set(this.#keyOf(), at);
		}
	}

	/** Entries, those included that have expired and were not swept away. */
	get size(): number { return this.#image.live(this.#pool); }

	#keyOf(): string {
		const bytes = new Uint8Array(this.entry.keyLength);
		this.cells.copy(this.entry.key, 0, bytes.length, bytes, 0);
		return latin1(bytes, 0, bytes.length);
	}

	/** Whether there is a key now; `entry` is then its. */
	find(key: string, now: number): boolean {
		const at = this.#index.get(key);
		if (at === undefined) return false;
		this.entry.go(at);
		if (this.entry.expires === 0 || this.entry.expires > now) return true;
		this.#drop(key, at);
		return false;
	}

	#drop(key: string, at: number): void {
		const { entry, cells } = this;
		entry.go(at);
		if (entry.expires !== 0) this.#mortal--;
		cells.free(entry.key);
		cells.free(entry.value);
		this.#image.free(this.#pool, at);
		this.#index.delete(key);
	}

	/** Removes a key; whether it was there. */
	remove(key: string, now: number): boolean {
		if (!this.find(key, now)) return false;
		this.#drop(key, this.entry.at);
		return true;
	}

	/** Whether a key and a value of these lengths could be new. What they replace is not counted. */
	fits(keys: number, cells: number): boolean {
		return this.size + keys <= this.#pool.spec.max && this.cells.fits(cells);
	}

	/**
	 * Gives a key a value, new or in place of another; `entry` is then its, and
	 * keeps when it expires.
	 *
	 * @returns  false where there is no room: nothing has changed then
	 */
	set(key: string, bytes: Uint8Array, at: number, length: number, now: number): boolean {
		const { cells } = this;
		const isOld = this.find(key, now);
		if (!this.fits(isOld ? 0 : 1, Cells.needed(length) + (isOld ? 0 : Cells.needed(key.length)))) return false;
		const value = cells.put(bytes, at, length);
		if (isOld) cells.free(this.entry.value);
		else this.#create(key);
		this.entry.value = value;
		this.entry.valueLength = length;
		return true;
	}

	#create(key: string): void {
		const { entry } = this;
		const bytes = Uint8Array.from(key, (letter) => letter.charCodeAt(0));
		const first = this.cells.put(bytes, 0, bytes.length);
		entry.go(this.#image.alloc(this.#pool));
		entry.key = first;
		entry.keyLength = bytes.length;
		this.#index.set(key, entry.at);
	}

	/** Puts bytes behind the value of `entry`; false where there is no room. */
	append(bytes: Uint8Array, at: number, length: number): boolean {
		const { entry, cells } = this;
		if (!cells.fits(Cells.neededMore(entry.valueLength, length))) return false;
		entry.value = cells.append(entry.value, entry.valueLength, bytes, at, length);
		entry.valueLength += length;
		return true;
	}

	/** Says when `entry` expires, µs; 0 for never. */
	expire(at: number): void {
		if (this.entry.expires !== 0) this.#mortal--;
		if (at !== 0) this.#mortal++;
		this.entry.expires = at;
	}

	/** Removes everything. */
	clear(): void {
		this.#sweep(Infinity, true);
	}

	/** Removes what has expired. */
	sweep(now: number): void {
		if (this.#mortal > 0) this.#sweep(now, false);
	}

	/** In the order of addresses, which is the same on every replica; that of the index is not. */
	#sweep(now: number, all: boolean): void {
		const image = this.#image;
		for (let at = image.first(this.#pool); at !== 0; at = image.next(this.#pool, at)) {
			this.entry.go(at);
			if (all || (this.entry.expires !== 0 && this.entry.expires <= now)) this.#drop(this.#keyOf(), at);
		}
	}

	/** Whether anything here can expire. */
	get isMortal(): boolean { return this.#mortal > 0; }
}
