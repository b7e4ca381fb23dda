// Two lanes of multiply-and-rotate over words with different odd constants; the
// second reads a sum of the first, so that exchanged words are seen by both.
const K0 = 0x9e37_79b1 | 0, K1 = 0x85eb_ca6b | 0, K2 = 0xc2b2_ae35 | 0;

function finish(h: number): number {
	let x = h ^ (h >>> 16);
	x = Math.imul(x, K1);
	x ^= x >>> 13;
	x = Math.imul(x, K2);
	return (x ^ (x >>> 16)) >>> 0;
}

/**
 * A fast digest of the first `words` words, 16 hex digits. It tells states
 * apart; it does not withstand someone who wants two to look alike.
 */
export function digestOf(i32: Int32Array, words: number): string {
	let a = words | 0, b = K2;
	for (let i = 0; i < words; i++) {
		const w = i32[i]!;
		a = Math.imul(a ^ w, K0);
		a = (a << 13) | (a >>> 19);
		b = (Math.imul(b + w, K1) ^ a) | 0;
	}
	return finish(a).toString(16).padStart(8, '0') + finish(b ^ a).toString(16).padStart(8, '0');
}
