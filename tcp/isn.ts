import type { Image } from '../lib/memory/index.ts';
import type { Tcp } from './engine.ts';

function rotl(x: number, n: number): number { return (x << n) | (x >>> (32 - n)); }

/**
 * HalfSipHash-2-4 over whole words with a 64-bit key: the keyed function that
 * RFC 6528 §3 asks for, in int32 arithmetic.
 *
 * @param keyAt  address of 8 bytes of key
 * @param words  what is hashed
 */
export function keyedHash(image: Image, keyAt: number, words: readonly number[]): number {
	const k0 = image.i32[keyAt >> 2]!, k1 = image.i32[(keyAt >> 2) + 1]!;
	let v0 = k0, v1 = k1, v2 = 0x6c79_6765 ^ k0, v3 = 0x7465_6462 ^ k1;
	const round = (): void => {
		v0 = (v0 + v1) | 0; v1 = rotl(v1, 5) ^ v0; v0 = rotl(v0, 16);
		v2 = (v2 + v3) | 0; v3 = rotl(v3, 8) ^ v2;
		v0 = (v0 + v3) | 0; v3 = rotl(v3, 7) ^ v0;
		v2 = (v2 + v1) | 0; v1 = rotl(v1, 13) ^ v2; v2 = rotl(v2, 16);
	};
	for (const word of words) {
		v3 ^= word;
		round(); round();
		v0 ^= word;
	}
	const length = words.length << 26;
	v3 ^= length;
	round(); round();
	v0 ^= length;
	v2 ^= 0xff;
	round(); round(); round(); round();
	return v1 ^ v3;
}

function connectionWords(t: Tcp): number[] {
	const { image, tcb } = t;
	const l = tcb.local.addr >> 2, r = tcb.remote.addr >> 2;
	return [...image.i32.subarray(l, l + 4), ...image.i32.subarray(r, r + 4), (tcb.local.port << 16) | tcb.remote.port];
}

/** The clock of initial sequence numbers: one every 4 µs (RFC 9293 §3.4.1). */
function clock(now: number): number { return Math.floor(now / 4) | 0; }

/** ISN = M + F(localip, localport, remoteip, remoteport, secretkey) of the connection at hand (RFC 6528 §3). */
export function initialSequenceNumber(t: Tcp): number {
	return (clock(t.now) + keyedHash(t.image, t.root.key, connectionWords(t))) | 0;
}

/** Offset of the connection's timestamps, by the same function with another key (RFC 7323 §5.4). */
export function timestampOffset(t: Tcp): number {
	return keyedHash(t.image, t.root.key + 8, connectionWords(t));
}

/** Where the search for an ephemeral port begins for this peer (RFC 6056 §3.3.3). */
export function portOffset(t: Tcp): number {
	return keyedHash(t.image, t.root.key + 8, connectionWords(t).slice(0, 8)) >>> 0;
}
