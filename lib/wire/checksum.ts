import type { Views } from '../memory/index.ts';

/** Folds a sum of 16-bit words to 16 bits (RFC 1071 §2). */
export function fold(total: number): number {
	let folded = (total & 0xffff) + (total >>> 16);
	folded = (folded & 0xffff) + (folded >>> 16);
	return folded;
}

/** Octets from which on a call out of JavaScript pays. */
const WORTH_A_CALL = 64;

/** The sum over memory that begins at an odd address, byte by byte. */
function sumOdd(u8: Uint8Array, at: number, length: number): number {
	let total = 0;
	const even = length & ~1;
	for (let i = 0; i < even; i += 2) total += (u8[at + i]! << 8) | u8[at + i + 1]!;
	if (even !== length) total += u8[at + even]! << 8;
	return fold(total);
}

/**
 * The ones' complement sum of big-endian 16-bit words (RFC 1071), not inverted;
 * an odd last byte counts as if a zero followed. Words are added in the
 * machine's own order, two at a time, and the result is swapped once at the
 * end, which the sum allows (RFC 1071 §2 (B)).
 *
 * @param at      address of the first byte
 * @param length  bytes, at most 128 KiB
 */
export function sum(views: Views, at: number, length: number): number {
	if (length >= WORTH_A_CALL && views.nativeSum) {
		const native = views.nativeSum(at, length);
		return ((native & 0xff) << 8) | (native >>> 8);
	}
	if ((at & 1) !== 0) return sumOdd(views.u8, at, length);
	let low = 0, high = 0, left = length;
	if ((at & 2) !== 0 && left >= 2) {
		low = views.u16[at >> 1]!;
		at += 2;
		left -= 2;
	}
	const i32 = views.i32;
	let i = at >> 2;
	const unrolled = i + ((left >> 2) & ~3);
	for (; i < unrolled; i += 4) {
		const a = i32[i]!, b = i32[i + 1]!, c = i32[i + 2]!, d = i32[i + 3]!;
		low += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
		high += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
	}
	const whole = (at >> 2) + (left >> 2);
	for (; i < whole; i++) {
		low += i32[i]! & 0xffff;
		high += i32[i]! >>> 16;
	}
	let tail = at + (left & ~3);
	if ((left & 2) !== 0) { low += views.u16[tail >> 1]!; tail += 2; }
	if ((left & 1) !== 0) low += views.u8[tail]!;
	const native = fold(fold(low) + fold(high));
	return ((native & 0xff) << 8) | (native >>> 8);
}
