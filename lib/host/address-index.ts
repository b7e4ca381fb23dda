import type { Image } from '../memory/index.ts';

/**
 * Finds records by the 16-byte address they hold: open addressing, linear
 * probing. It is no state: it is built again from the records of a restored
 * image, and no order that can be observed comes from it.
 */
export class AddressIndex {
	readonly #i32: Int32Array;
	readonly #slots: Int32Array;
	readonly #mask: number;
	readonly #offset: number;

	/**
	 * @param max     most records at once
	 * @param offset  bytes from a record's start to the address in it, a multiple of 4
	 */
	constructor(image: Image, max: number, offset: number) {
		this.#i32 = image.i32;
		const size = 2 ** Math.max(3, 32 - Math.clz32(max * 2 - 1));
		this.#slots = new Int32Array(size);
		this.#mask = size - 1;
		this.#offset = offset;
	}

	clear(): void {
		this.#slots.fill(0);
	}

	#slotOf(addressAt: number): number {
		const i = addressAt >> 2;
		const i32 = this.#i32;
		let h = Math.imul(i32[i]! ^ Math.imul(i32[i + 1]!, 0x2c1b3c6d), 0x297a2d39);
		h = Math.imul(h ^ (h >>> 15) ^ i32[i + 2]!, 0x2c1b3c6d);
		h = Math.imul(h ^ (h >>> 13) ^ i32[i + 3]!, 0x297a2d39);
		// Neighbours differ in their last bytes, which a word has on top: they come down into the slot.
		h = Math.imul(h ^ (h >>> 16), 0x2c1b3c6d);
		return (h ^ (h >>> 15)) & this.#mask;
	}

	/** The record that holds the address lying at `addressAt`, 0 where none does. */
	find(addressAt: number): number {
		const i32 = this.#i32;
		const a = addressAt >> 2;
		for (let slot = this.#slotOf(addressAt); ; slot = (slot + 1) & this.#mask) {
			const at = this.#slots[slot]!;
			if (at === 0) return 0;
			const b = (at + this.#offset) >> 2;
			if (i32[a + 3] === i32[b + 3] && i32[a + 2] === i32[b + 2] && i32[a + 1] === i32[b + 1] && i32[a] === i32[b]) return at;
		}
	}

	/** Most slots one after another that are in use: what a search may have to look at. */
	get longest(): number {
		let longest = 0, run = 0;
		for (const slot of this.#slots) {
			run = slot === 0 ? 0 : run + 1;
			longest = Math.max(longest, run);
		}
		return longest;
	}

	add(record: number): void {
		let slot = this.#slotOf(record + this.#offset);
		while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
		this.#slots[slot] = record;
	}

	/** Takes a record out, while its address still stands in it. */
	remove(record: number): void {
		const slots = this.#slots;
		let hole = this.#slotOf(record + this.#offset);
		while (slots[hole] !== record) {
			if (slots[hole] === 0) return;
			hole = (hole + 1) & this.#mask;
		}
		// What was pushed on by the removed one moves back, so that no search stops early.
		for (let slot = (hole + 1) & this.#mask; slots[slot] !== 0; slot = (slot + 1) & this.#mask) {
			const home = this.#slotOf(slots[slot]! + this.#offset);
			if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
			slots[hole] = slots[slot]!;
			hole = slot;
		}
		slots[hole] = 0;
	}
}
