import { record } from '../lib/memory/index.ts';
import type { Cursor, RecordType } from '../lib/memory/index.ts';
import type { Tcp } from './engine.ts';
import { FAST_ASKS, FAST_GIVES, FAST_GIVES_EXPERIMENT, FAST_SENDS } from './fast-phases.ts';
import { keyedHash } from './isn.ts';
import { SYN_SENT } from './states.ts';

// The cookies of TCP Fast Open (RFC 7413 §4.1): a server knows its own again
// without having kept them; a client remembers one for each of a few servers.

/** Bytes of our cookies (§4.1.1: 4 to 16). */
const COOKIE = 8;
/** Bytes that options may take of a SYN. */
const OPTIONS = 40;

const shape = { usedAt: 'f64', addr: 'bytes 16', cookie: 'bytes 16', mss: 'u16', length: 'u8' } as const;

/** What a client remembers of a server (§4.1.3). */
export type FastOpenCookie = Cursor<typeof shape>;
export const FastOpenCookie: RecordType<typeof shape> = record(shape);

/** One word of the cookie of the client whose address lies there: only that counts (§4.1.2). */
function cookieWord(t: Tcp, clientAt: number, nth: number): number {
	const { image } = t;
	const at = clientAt >> 2;
	return keyedHash(image, t.root.key + 8, [...image.i32.subarray(at, at + 4), nth]);
}

/** Whether the cookie in the SYN at hand is the one we give its sender. */
export function isCookieRight(t: Tcp): boolean {
	const { seg, image } = t;
	if (seg.cookieLength !== COOKIE) return false;
	for (let i = 0; i < COOKIE; i++) if (image.u8[seg.cookieAt + i] !== ((cookieWord(t, t.tcb.remote.addr, i >> 2) >>> ((i & 3) * 8)) & 0xff)) return false;
	return true;
}

/** The cookie we give the client whose address of 16 bytes lies there. */
export function cookieOf(t: Tcp, clientAt: number): Uint8Array {
	return Uint8Array.from({ length: COOKIE }, (_, i) => cookieWord(t, clientAt, i >> 2) >>> ((i & 3) * 8));
}

/** Puts the option into what the SYN or <SYN,ACK> about to be sent offers. */
export function offerFastOpen(t: Tcp): void {
	const { tcb, offer } = t;
	offer.cookieLength = -1;
	offer.isCookieExperiment = tcb.fast === FAST_GIVES_EXPERIMENT;
	// A SYN sent again is an ordinary one: something on the way may drop the option (§4.2.1).
	const isFirst = tcb.state === SYN_SENT && tcb.rtt.backoff === 0;
	if (tcb.fast === FAST_ASKS && isFirst) offer.cookieLength = 0;
	else if (tcb.fast === FAST_SENDS && isFirst && !t.profile.fastOpenSendsAll && recall(t) !== null) {
		const cookie = recall(t)!;
		offer.cookieLength = cookie.length;
		offer.cookie.set(t.image.u8.subarray(cookie.cookie, cookie.cookie + cookie.length));
	} else if (tcb.fast === FAST_GIVES || tcb.fast === FAST_GIVES_EXPERIMENT) {
		offer.cookieLength = COOKIE;
		offer.cookie.set(cookieOf(t, tcb.remote.addr));
	}
}

/** What is known of the peer at hand; null where it never gave a cookie. */
export function recall(t: Tcp): FastOpenCookie | null { return recallOf(t, t.tcb.remote.addr); }

/** How many octets of text a SYN to the server whose address of 16 bytes lies there may bear; −1 where it has given us no cookie (§4.2.2). */
export function roomInSyn(t: Tcp, serverAt: number): number {
	const known = recallOf(t, serverAt);
	if (known === null && !t.profile.fastOpenSendsAll) return -1;
	return Math.max(0, Math.min(known?.mss ?? t.profile.mss, t.profile.mss) - OPTIONS);
}

function recallOf(t: Tcp, serverAt: number): FastOpenCookie | null {
	const { image, cookie } = t;
	const pool = image.pool('fastOpen'), wanted = serverAt >> 2;
	for (let at = image.first(pool); at !== 0; at = image.next(pool, at)) {
		cookie.go(at);
		const own = cookie.addr >> 2;
		if ([0, 1, 2, 3].every((i) => image.i32[own + i] === image.i32[wanted + i])) return cookie;
	}
	return null;
}

/** Remembers the cookie in the <SYN,ACK> at hand; where there is no room, the one used longest ago is forgotten. */
export function remember(t: Tcp): void {
	const { image, tcb, seg, cookie } = t;
	if (seg.cookieLength <= 0) return;
	const pool = image.pool('fastOpen');
	if (recall(t) === null) {
		cookie.go(image.alloc(pool) || oldest(t));
		image.u8.copyWithin(cookie.addr, tcb.remote.addr, tcb.remote.addr + 16);
	}
	image.u8.copyWithin(cookie.cookie, seg.cookieAt, seg.cookieAt + seg.cookieLength);
	cookie.length = seg.cookieLength;
	cookie.mss = seg.mss !== 0 ? seg.mss : t.profile.mssDefault;
	cookie.usedAt = t.now;
}

function oldest(t: Tcp): number {
	const { image, cookie } = t;
	const pool = image.pool('fastOpen');
	let found = image.first(pool), since = Infinity;
	for (let at = found; at !== 0; at = image.next(pool, at)) {
		cookie.go(at);
		if (cookie.usedAt >= since) continue;
		found = at;
		since = cookie.usedAt;
	}
	return found;
}

/** Octets of text that go with the first SYN of the connection at hand. */
export function textOfSyn(t: Tcp): number {
	const { tcb } = t;
	if (tcb.fast !== FAST_SENDS || tcb.state !== SYN_SENT) return 0;
	const known = recall(t);
	if (known === null && !t.profile.fastOpenSendsAll) return 0;
	return Math.max(0, Math.min(tcb.sendq.length, Math.min(known?.mss ?? tcb.rcv.mss, tcb.rcv.mss) - OPTIONS));
}
