import type { Views } from '../memory/index.ts';
import { fold, sum } from './checksum.ts';

/**
 * The sum of the pseudo header (RFC 9293 §3.1, RFC 768, RFC 8200 §8.1), to be
 * folded with that of the message. One rule serves both families: the
 * `::ffff` before a v4-mapped address adds 0xffff, which is zero in ones'
 * complement.
 *
 * @param srcAt   16-byte address
 * @param dstAt   16-byte address
 * @param length  bytes of the message
 */
export function pseudoSum(views: Views, srcAt: number, dstAt: number, protocol: number, length: number): number {
	if (((srcAt | dstAt) & 3) !== 0) return fold(sum(views, srcAt, 16) + sum(views, dstAt, 16) + protocol + length);
	const { i32 } = views;
	const s = srcAt >> 2, d = dstAt >> 2;
	let total = 0;
	for (let i = 0; i < 4; i++) {
		const a = i32[s + i]!, b = i32[d + i]!;
		total += (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16);
	}
	const native = fold(total);
	return fold((((native & 0xff) << 8) | (native >>> 8)) + protocol + length);
}

/** The checksum field's value for a message whose field is 0 (RFC 1071 §1). */
export function checksumOf(views: Views, srcAt: number, dstAt: number, protocol: number, at: number, length: number): number {
	return fold(pseudoSum(views, srcAt, dstAt, protocol, length) + sum(views, at, length)) ^ 0xffff;
}

/** Whether a message's checksum holds. */
export function checksumHolds(views: Views, srcAt: number, dstAt: number, protocol: number, at: number, length: number): boolean {
	return fold(pseudoSum(views, srcAt, dstAt, protocol, length) + sum(views, at, length)) === 0xffff;
}
