import type { Image } from '../lib/memory/index.ts';
import type { Tcp } from './engine.ts';

function rotl(x: number, n: number): number { return (x << n) | (x >>> (32 - n)); }

/**
 * HalfSipHash-2-4 over whole words with a 64-bit key: the keyed function that
 * RFC 6528 §3 asks for, in int32 arithmetic.
 *
 * @param keyAt  address of 8 bytes of key
 * @param words  what is hashed, the first `count` of them
 */
export function keyedHash(image: Image, keyAt: number, words: ArrayLike<number>, count: number = words.length): number {
	const k0 = image.i32[keyAt >> 2]!, k1 = image.i32[(keyAt >> 2) + 1]!;
	let v0 = k0, v1 = k1, v2 = 0x6c79_6765 ^ k0, v3 = 0x7465_6462 ^ k1;
	// Behind the words comes their length, then the end.
	for (let i = 0; i <= count + 1; i++) {
		const isEnd = i > count;
		const word = i < count ? words[i]! : isEnd ? 0 : count << 26;
		v3 ^= word;
		if (isEnd) v2 ^= 0xff;
		for (let rounds = isEnd ? 4 : 2; rounds > 0; rounds--) {
			v0 = (v0 + v1) | 0; v1 = rotl(v1, 5) ^ v0; v0 = rotl(v0, 16);
			v2 = (v2 + v3) | 0; v3 = rotl(v3, 8) ^ v2;
			v0 = (v0 + v3) | 0; v3 = rotl(v3, 7) ^ v0;
			v2 = (v2 + v1) | 0; v1 = rotl(v1, 13) ^ v2; v2 = rotl(v2, 16);
		}
		v0 ^= word;
	}
	return v1 ^ v3;
}

/** Words of the two addresses, and with the ports. */
const ADDRESSES = 8, ALL = 9;
/** What names the connection at hand, for the length of a call. */
const names = new Int32Array(ALL);

function connectionWords(t: Tcp): Int32Array {
	const { image, tcb } = t;
	const l = tcb.local.addr >> 2, r = tcb.remote.addr >> 2;
	for (let i = 0; i < 4; i++) {
		names[i] = image.i32[l + i]!;
		names[i + 4] = image.i32[r + i]!;
	}
	names[ADDRESSES] = (tcb.local.port << 16) | tcb.remote.port;
	return names;
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
	return keyedHash(t.image, t.root.key + 8, connectionWords(t), ADDRESSES) >>> 0;
}
