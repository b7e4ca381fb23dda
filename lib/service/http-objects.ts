import { pool, record } from '../memory/index.ts';
import type { Cursor, Image, Pool, PoolSpec, RecordType } from '../memory/index.ts';
import { Cells } from './kv-cells.ts';
import { latin1 } from './kv-keys.ts';

const shape = {
	/** bytes */
	length: 'f64',
	/** first and last cell of what it holds */
	first: 'i32',
	last: 'i32',
	name: 'i32',
	nameLength: 'i32',
	/** responses and requests that read or write it now */
	users: 'i32',
	/** whether it can be found by its name: it is whole, and not replaced or deleted */
	shown: 'u8',
} as const;
const ObjectRecord: RecordType<typeof shape> = record(shape);

/**
 * Objects by name, in the image. An object never changes once it can be found:
 * one that is replaced or deleted lives on while a response still reads it.
 */
export class Objects {
	readonly cells: Cells;
	/** the object looked at */
	readonly object: Cursor<typeof shape>;
	readonly #image: Image;
	readonly #pool: Pool;
	readonly #index: Map<string, number> = new Map();

	/** @param cells  cells of 248 bytes for what they hold and for their names */
	static pools(objects: number, cells: number): PoolSpec[] {
		return [pool('object', ObjectRecord, objects), Cells.pool(cells)];
	}

	constructor(image: Image) {
		this.#image = image;
		this.#pool = image.pool('object');
		this.cells = new Cells(image);
		this.object = new ObjectRecord(image);
		for (let at = image.first(this.#pool); at !== 0; at = image.next(this.#pool, at)) {
			this.object.go(at);
			if (this.object.shown === 1) this.#index.set(this.#nameOf(), at);
		}
	}

	#nameOf(): string {
		const bytes = new Uint8Array(this.object.nameLength);
		this.cells.copy(this.object.name, 0, bytes.length, bytes, 0);
		return latin1(bytes, 0, bytes.length);
	}

	/** The object of a name, which is then looked at; 0 where there is none. */
	find(name: string): number {
		const at = this.#index.get(name) ?? 0;
		if (at !== 0) this.object.go(at);
		return at;
	}

	/** Begins an object that nobody can find yet; 0 where there is no room for one of `length` bytes. */
	begin(name: string, length: number): number {
		const { object, cells } = this;
		if (!cells.fits(Cells.needed(name.length) + Cells.needed(length))) return 0;
		const at = this.#image.alloc(this.#pool);
		if (at === 0) return 0;
		object.go(at);
		const bytes = Uint8Array.from(name, (letter) => letter.charCodeAt(0));
		object.name = cells.put(bytes, 0, bytes.length);
		object.nameLength = bytes.length;
		object.users = 1;
		return at;
	}

	/** Puts bytes behind what an object holds; false where there is no room. */
	write(at: number, bytes: Uint8Array, from: number, length: number): boolean {
		const { object, cells } = this;
		object.go(at);
		if (!cells.fits(Cells.neededMore(object.length, length))) return false;
		if (length === 0) return true;
		if (object.first === 0) {
			object.first = cells.put(bytes, from, length);
			object.last = cells.seek(object.first, length - 1);
		} else object.last = cells.extend(object.last, object.length, bytes, from, length);
		object.length += length;
		return true;
	}

	/** It is whole: its name means it from now on. Whether the name meant another before. */
	show(at: number): boolean {
		const { object } = this;
		object.go(at);
		const name = this.#nameOf();
		const replaced = this.hide(name);
		object.go(at);
		object.shown = 1;
		this.#index.set(name, at);
		this.release(at);
		return replaced;
	}

	/** A name means nothing any more; whether it meant something. */
	hide(name: string): boolean {
		const at = this.find(name);
		if (at === 0) return false;
		this.object.shown = 0;
		this.#index.delete(name);
		this.#freeIfForgotten(at);
		return true;
	}

	/** Somebody reads it from now on. */
	use(at: number): void {
		this.object.go(at);
		this.object.users++;
	}

	/** Somebody is done with it. */
	release(at: number): void {
		this.object.go(at);
		this.object.users--;
		this.#freeIfForgotten(at);
	}

	#freeIfForgotten(at: number): void {
		const { object, cells } = this;
		object.go(at);
		if (object.users > 0 || object.shown === 1) return;
		cells.free(object.first);
		cells.free(object.name);
		this.#image.free(this.#pool, at);
	}
}
