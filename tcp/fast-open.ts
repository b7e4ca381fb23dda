import { FIN } from '../lib/wire/tcp.ts';
import type { Tcp } from './engine.ts';
import { isCookieRight, recall, remember } from './fast-cookies.ts';
import { FAST_ASKS, FAST_GIVES, FAST_GIVES_EXPERIMENT, FAST_NONE, FAST_SENDS, FAST_TAKEN } from './fast-phases.ts';
import { queueForUser } from './lifecycle.ts';
import { markLost } from './runs.ts';
import { diff } from './seq.ts';
import { ESTABLISHED, SYN_RECEIVED } from './states.ts';
import { takeText } from './text.ts';
import { FAST_OPEN } from './user-options.ts';

// TCP Fast Open (RFC 7413): text comes with the SYN, and its user is given it
// before the handshake is done, where the client shows a cookie that proves
// that it has been here before. What is given up for the saved round trip is in
// §2.1: a SYN that the network duplicates may be executed twice.

/** Connections with text taken and a handshake still to be done, all listeners together (§5.1). */
const MOST_PENDING = 64;
/** An active OPEN that may have text already: the SYN will ask for a cookie, or show one (§4.2.1, §4.2.2). */
export function beginFastOpen(t: Tcp): void {
	const { tcb, cookie } = t;
	if ((tcb.options & FAST_OPEN) === 0) return;
	const isKnown = recall(t) !== null;
	tcb.fast = isKnown || t.profile.fastOpenSendsAll ? FAST_SENDS : FAST_ASKS;
	if (isKnown) cookie.usedAt = t.now;
}

/** The <SYN,ACK> of our Fast Open has come, and may leave the text to be sent again (§4.2.2). */
export function endActive(t: Tcp): void {
	const { tcb } = t;
	if (tcb.fast === FAST_NONE) return;
	if (tcb.fast === FAST_SENDS && diff(tcb.snd.una, tcb.snd.iss) > 1) tcb.info.synData = 1;
	tcb.fast = FAST_NONE;
	remember(t);
	if (tcb.snd.una !== tcb.snd.nxt) markLost(t, tcb.snd.nxt, true);
}

/**
 * A SYN with the option has come to a LISTEN whose user wants Fast Open: decides
 * what becomes of it (§4.2.2). The connection at hand has taken its offer.
 */
export function judgeFastOpen(t: Tcp): void {
	const { tcb, seg, root, counters } = t;
	const takesAll = t.profile.fastOpenTakesAll;
	if ((tcb.options & FAST_OPEN) === 0 || (seg.cookieLength < 0 && !(takesAll && seg.textLength > 0))) return;
	if ((takesAll || seg.cookieLength > 0) && root.fast >= MOST_PENDING) {
		counters.fastOpenFull++;
		return;
	}
	if (takesAll || isCookieRight(t)) {
		tcb.fast = FAST_TAKEN;
		root.fast++;
		counters.fastOpened++;
		return;
	}
	if (seg.cookieLength > 0) counters.fastOpenBadCookie++;
	tcb.fast = seg.isCookieExperiment ? FAST_GIVES_EXPERIMENT : FAST_GIVES;
}

/** Takes the text of the SYN at hand, whose cookie was right, before our <SYN,ACK> acknowledges it. */
export function takeTextOfSyn(t: Tcp): void {
	const { tcb, seg } = t;
	if (seg.textLength === 0) return;
	tcb.info.synData = 1;
	tcb.rcv.edge = (tcb.rcv.nxt + Math.min(0xffff, tcb.recvq.quota)) | 0;
	// The SYN is taken: what follows it has the next number. A FIN so early is left to be repeated.
	seg.seq = tcb.rcv.nxt;
	seg.flags &= ~FIN;
	const { state } = tcb;
	tcb.state = ESTABLISHED;
	takeText(t);
	// The <SYN,ACK> acknowledges it: that says nothing yet of how the peer sends.
	tcb.rcv.delay = 0;
	tcb.rcv.quick = 0;
	tcb.state = state;
}

/** The user is given the connection although its handshake is not done. */
export function handOverEarly(t: Tcp): void {
	if (t.tcb.fast === FAST_TAKEN && t.tcb.state === SYN_RECEIVED) queueForUser(t);
}
