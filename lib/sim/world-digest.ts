import { LANE, SEQ, TIME, WIDTH, ADDRESS, LENGTH } from './agenda.ts';
import type { Engine } from './engine.ts';
import { WorldError } from './error.ts';
import { OUT_ADDRESS, OUT_LENGTH, OUT_PORT, OUT_WIDTH } from './place.ts';
import type { Place } from './place.ts';

const K0 = 0x9e37_79b1 | 0, K1 = 0x85eb_ca6b | 0, K2 = 0xc2b2_ae35 | 0;
const words: Int32Array = new Int32Array(2);
const number: Float64Array = new Float64Array(words.buffer);

/** A digest over values of any kind, fast and not cryptographic: two lanes of 32 bits. */
export class Hash {
	#a: number = K1;
	#b: number = K2;

	word(w: number): void {
		this.#a = Math.imul(this.#a ^ w, K0);
		this.#a = (this.#a << 13) | (this.#a >>> 19);
		this.#b = (Math.imul(this.#b + w, K1) ^ this.#a) | 0;
	}

	/** −0 and 0 are one number. */
	number(value: number): void {
		number[0] = value + 0;
		this.word(words[0]!);
		this.word(words[1]!);
	}

	/** Bytes with their length. */
	bytes(u8: Uint8Array, at: number = 0, length: number = u8.length): void {
		this.word(length);
		const end = at + length;
		if (((u8.byteOffset + at) & 3) === 0) {
			const whole = new Int32Array(u8.buffer, u8.byteOffset + at, length >> 2);
			for (let i = 0; i < whole.length; i++) this.word(whole[i]!);
			at += whole.length * 4;
		} else for (; at + 3 < end; at += 4) this.word(u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24));
		for (; at < end; at++) this.word(u8[at]!);
	}

	/** Numbers, texts, typed arrays, arrays and plain objects of such; the order of an object's fields counts. */
	value(value: unknown): void {
		if (typeof value === 'number') this.number(value);
		else if (typeof value === 'string') this.#text(value);
		else if (typeof value === 'boolean') this.word(value ? 1 : 2);
		else if (value === null || value === undefined) this.word(3);
		else if (ArrayBuffer.isView(value)) this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
		else if (Array.isArray(value)) {
			this.word(value.length);
			for (const one of value) this.value(one);
		} else for (const [name, one] of Object.entries(value as object)) {
			this.#text(name);
			this.value(one);
		}
	}

	#text(text: string): void {
		this.word(text.length);
		for (let i = 0; i < text.length; i++) this.word(text.charCodeAt(i));
	}

	/** As many bits of it as an integer holds: 53. */
	whole(): number {
		return finish(this.#a) * 0x20_0000 + (finish(this.#b ^ this.#a) >>> 11);
	}

	/** 16 hex digits. */
	hex(): string {
		return hexOf(finish(this.#a)) + hexOf(finish(this.#b ^ this.#a));
	}
}

function finish(h: number): number {
	let x = Math.imul(h ^ (h >>> 16), K1);
	x = Math.imul(x ^ (x >>> 13), K2);
	return (x ^ (x >>> 16)) >>> 0;
}

function hexOf(word: number): string {
	return word.toString(16).padStart(8, '0');
}

function addPlace(hash: Hash, place: Place, bytes: Uint8Array): void {
	const node = place.saveable();
	if (node === null) throw new WorldError('NOT_SAVEABLE', `The machine at '${place.name}' has no save() and restore().`);
	hash.value([place.standing, place.wakeTime, place.outputs, place.held.length]);
	// A dead machine has no future.
	if (place.standing !== 'dead') hash.value(node.save());
	const { outbox, outHead, outTail } = place;
	for (let i = outHead; i < outTail; i += OUT_WIDTH) {
		hash.number(outbox[i + OUT_PORT]!);
		hash.bytes(bytes, outbox[i + OUT_ADDRESS]!, outbox[i + OUT_LENGTH]!);
	}
}

/**
 * A digest of everything that later behaviour depends on, 16 hex digits: time,
 * machines, what is in flight and in which order. Not of how it came to be so:
 * steps, scheduling numbers and what was counted are left out. Planned actions
 * count by their times alone.
 *
 * @throws {WorldError} NOT_SAVEABLE
 */
export function digestOfWorld({ now, places, traffic }: Engine): string {
	const hash = new Hash();
	const { agenda, store, ways, links } = traffic;
	const { rows } = agenda;
	hash.number(now);
	for (const place of places) addPlace(hash, place, store.bytes);
	for (const { up } of links) hash.value(up);
	for (const { lane } of ways) lane.addTo(hash, now);
	const due = [...agenda.inOrder(), ...places.flatMap(({ held }) => held)].sort((a, b) => rows[a * WIDTH + LANE]! - rows[b * WIDTH + LANE]! || rows[a * WIDTH + SEQ]! - rows[b * WIDTH + SEQ]!);
	for (const row of due) {
		const at = row * WIDTH;
		hash.number(rows[at + LANE]!);
		hash.number(rows[at + TIME]!);
		if (rows[at + LANE]! >= 0) hash.bytes(store.bytes, rows[at + ADDRESS]!, rows[at + LENGTH]!);
	}
	return hash.hex();
}
