import { ACK, SYN } from '../lib/wire/tcp.ts';
import { emitStateless } from './emit.ts';
import type { Tcp } from './engine.ts';
import { keyedHash } from './isn.ts';

// SYN cookies (RFC 4987 §3.6): where the backlog is full, what a connection
// would remember of its SYN goes out in our initial sequence number and comes
// back in the ACK. Window scale, SACK and timestamps are lost on the way.

/** Segment sizes a cookie can say: three bits. */
const sizes = [64, 536, 1024, 1220, 1300, 1400, 1440, 1460];
/** A cookie's clock ticks once a minute, and one is good for two ticks. */
const MINUTE = 60_000_000;

function tick(t: Tcp): number { return Math.floor(t.now / MINUTE) & 31; }

/** 24 bits that only we can make. */
function mark(t: Tcp, seq: number, when: number, size: number): number {
	const { seg, image, root } = t;
	const a = seg.srcAt >> 2, b = seg.dstAt >> 2;
	const words = [...image.i32.subarray(a, a + 4), ...image.i32.subarray(b, b + 4), (seg.srcPort << 16) | seg.dstPort, seq, (when << 8) | size];
	return keyedHash(image, root.key, words) & 0xff_ffff;
}

/** Answers the SYN at hand without remembering it. */
export function sendCookie(t: Tcp): void {
	const { seg, root, counters, profile } = t;
	const offered = seg.mss !== 0 ? seg.mss : profile.mssDefault;
	let size = 0;
	while (size < sizes.length - 1 && sizes[size + 1]! <= offered) size++;
	const when = tick(t);
	counters.cookiesSent++;
	root.cookiesUntil = t.now + 2 * MINUTE;
	emitStateless(t, SYN | ACK, (when << 27) | (size << 24) | mark(t, seg.seq, when, size), (seg.seq + 1) | 0, Math.min(0xffff, t.other.recvq.quota));
}

/**
 * What the cookie in the ACK at hand says.
 *
 * @returns the segment size of the peer, bytes; 0 where it is no cookie of ours
 */
export function readCookie(t: Tcp): number {
	const { seg, root } = t;
	if (t.now >= root.cookiesUntil) return 0;
	const cookie = (seg.ack - 1) | 0;
	const when = cookie >>> 27, size = (cookie >>> 24) & 7;
	const age = (tick(t) - when) & 31;
	if (age > 1 || (cookie & 0xff_ffff) !== mark(t, (seg.seq - 1) | 0, when, size)) return 0;
	return sizes[size]!;
}
