/**
 * How a part's state is saved and restored by one description of it: every
 * field goes through `number` or `flag` and takes what comes back. Saving gives
 * back what it was given, restoring gives back what was saved.
 */
export interface Luggage {
	/** Whether state is being restored, and not saved. */
	readonly restoring: boolean;
	number(value: number): number;
	flag(value: boolean): boolean;
	/** Bytes in place: read when saving, overwritten when restoring. */
	bytes(u8: Uint8Array, at: number, length: number): void;
}

/** Saves: the same state always gives the same bytes. */
export class Packer implements Luggage {
	readonly restoring: boolean = false;
	#u8: Uint8Array = new Uint8Array(1024);
	#view: DataView = new DataView(this.#u8.buffer);
	#end = 0;

	number(value: number): number {
		this.#grow(8);
		this.#view.setFloat64(this.#end, value);
		this.#end += 8;
		return value;
	}

	flag(value: boolean): boolean {
		this.number(value ? 1 : 0);
		return value;
	}

	bytes(u8: Uint8Array, at: number, length: number): void {
		this.#grow(length);
		this.#u8.set(u8.subarray(at, at + length), this.#end);
		this.#end += length;
	}

	/** What was saved so far, a copy. */
	packed(): Uint8Array {
		return this.#u8.slice(0, this.#end);
	}

	#grow(by: number): void {
		if (this.#end + by <= this.#u8.length) return;
		const grown = new Uint8Array(Math.max(this.#end + by, this.#u8.length * 2));
		grown.set(this.#u8.subarray(0, this.#end));
		this.#u8 = grown;
		this.#view = new DataView(grown.buffer);
	}
}

/** Restores from what a `Packer` saved. */
export class Unpacker implements Luggage {
	readonly restoring: boolean = true;
	readonly #u8: Uint8Array;
	readonly #view: DataView;
	#at = 0;

	constructor(packed: Uint8Array) {
		this.#u8 = packed;
		this.#view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
	}

	number(): number {
		this.#at += 8;
		return this.#view.getFloat64(this.#at - 8);
	}

	flag(): boolean {
		return this.number() === 1;
	}

	bytes(u8: Uint8Array, at: number, length: number): void {
		u8.set(this.#u8.subarray(this.#at, this.#at + length), at);
		this.#at += length;
	}
}
