const MASK = 0xffff_ffff_ffff_ffffn;

function rotl(x: bigint, n: bigint): bigint { return ((x << n) | (x >> (64n - n))) & MASK; }

/** SipHash-2-4 of whole words of 64 bits. */
function sipHash(k0: bigint, k1: bigint, words: readonly bigint[]): bigint {
	let v0 = k0 ^ 0x736f_6d65_7073_6575n, v1 = k1 ^ 0x646f_7261_6e64_6f6dn, v2 = k0 ^ 0x6c79_6765_6e65_7261n, v3 = k1 ^ 0x7465_6462_7974_6573n;
	const round = (): void => {
		v0 = (v0 + v1) & MASK; v1 = rotl(v1, 13n) ^ v0; v0 = rotl(v0, 32n);
		v2 = (v2 + v3) & MASK; v3 = rotl(v3, 16n) ^ v2;
		v0 = (v0 + v3) & MASK; v3 = rotl(v3, 21n) ^ v0;
		v2 = (v2 + v1) & MASK; v1 = rotl(v1, 17n) ^ v2; v2 = rotl(v2, 32n);
	};
	for (const word of [...words, BigInt(words.length * 8) << 56n]) {
		v3 ^= word;
		round(); round();
		v0 ^= word;
	}
	v2 ^= 0xffn;
	round(); round(); round(); round();
	return v0 ^ v1 ^ v2 ^ v3;
}

function word64(bytes: Uint8Array): bigint {
	return bytes.reduceRight((word, byte) => (word << 8n) | BigInt(byte), 0n);
}

/** Key of the cookies as a setting writes it: four words in hex. null where it is none. */
export function parseKey(text: string): readonly [bigint, bigint] | null {
	if (!/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{8}){3}$/.test(text)) return null;
	const [a, b, c, d] = text.split('-').map((word) => BigInt(`0x${word}`)) as [bigint, bigint, bigint, bigint];
	return [a | (b << 32n), c | (d << 32n)];
}

/**
 * The Fast Open cookie that Linux gives a client, as hex digits: scripts have it
 * written in them.
 *
 * @param client  address of 16 bytes, IPv4 mapped
 */
export function linuxCookie([k0, k1]: readonly [bigint, bigint], family: 4 | 6, client: Uint8Array, server: Uint8Array): string {
	const from = family === 4 ? 12 : 0;
	const addresses = Uint8Array.from([...client.subarray(from), ...server.subarray(from)]);
	const words: bigint[] = [];
	for (let at = 0; at < addresses.length; at += 8) words.push(word64(addresses.subarray(at, at + 8)));
	const hash = sipHash(k0, k1, words);
	let digits = '';
	for (let i = 0n; i < 8n; i++) digits += Number((hash >> (i * 8n)) & 0xffn).toString(16).padStart(2, '0');
	return digits;
}
