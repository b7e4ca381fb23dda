import type { Host } from '../host/index.ts';
import type { Likeness } from '../replica/index.ts';
import { encodeUtf8 } from '../capture/utf8.ts';

/** A short digest of a text, 16 hex digits (FNV-1a, two lanes). */
export function shortDigest(text: string): string {
	let a = 0x811c_9dc5, b = 0x01f3_5d9b;
	for (const byte of encodeUtf8(text)) {
		a = Math.imul(a ^ byte, 0x0100_0193);
		b = Math.imul(b ^ byte ^ (a >>> 16), 0x0100_0193);
	}
	return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0');
}

/** Changed whenever replicas of before and after could part. */
const BUILD = 'dupack 0.1.0';

/** What two replicas of a machine have to have in common. */
export function likenessOf(host: Host, profile: string): Likeness {
	return { build: shortDigest(BUILD), layout: host.image.digest(), profile: shortDigest(profile) };
}
