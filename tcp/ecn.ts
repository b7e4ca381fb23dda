import { ACK, CWR, ECE, RST, SYN } from '../lib/wire/tcp.ts';
import type { Tcp } from './engine.ts';
import { beginToReduce } from './recovery.ts';
import { gt } from './seq.ts';
import { SYN_SENT } from './states.ts';
import { WANT_ACK } from './wants.ts';

/** ECN field of an IP header (RFC 3168 §5). */
export const NOT_ECT = 0;
export const ECT_0 = 2;
export const CE = 3;

/** The peer's SYN asks for ECN (RFC 3168 §6.1.1): agreed to where the profile does. */
export function takeEcnOffer(t: Tcp): void {
	const { seg, tcb, profile } = t;
	if (seg.has(ACK)) tcb.ecn.on = tcb.ecn.asked !== 0 && (seg.flags & (ECE | CWR)) === ECE ? 1 : 0;
	else tcb.ecn.on = profile.ecn !== 'off' && seg.has(ECE | CWR) ? 1 : 0;
}

/**
 * The flags of ECN for a segment about to be sent, and in `t.ect` how its
 * packet is marked. Text sent for the first time is ECN-capable; what is sent
 * again, bare ACKs and probes are not (RFC 3168 §6.1.4–6.1.6).
 */
export function ecnFlags(t: Tcp, flags: number, seq: number, length: number): number {
	const { tcb, profile } = t;
	const { ecn } = tcb;
	t.ect = NOT_ECT;
	if ((flags & SYN) !== 0) return handshakeFlags(t, flags);
	if (ecn.on === 0 || (flags & RST) !== 0) return 0;
	let marks = ecn.echo !== 0 ? ECE : 0;
	if (length > 0 && seq === tcb.snd.nxt && profile.ecn !== 'off') {
		t.ect = ECT_0;
		if (ecn.reduced !== 0) {
			ecn.reduced = 0;
			marks |= CWR;
		}
	}
	return marks;
}

function handshakeFlags(t: Tcp, flags: number): number {
	const { tcb, profile } = t;
	if ((flags & ACK) !== 0) return tcb.ecn.on !== 0 ? ECE : 0;
	// A SYN that was not answered is sent again without, since something on the way may drop it (RFC 3168 §6.1.1.1).
	const asks = profile.ecn === 'request' && tcb.state === SYN_SENT && tcb.rtt.backoff < profile.ecnRetries;
	tcb.ecn.asked = asks ? 1 : 0;
	return asks ? ECE | CWR : 0;
}

/**
 * What the segment at hand says of congestion: its packet's mark is echoed
 * until the peer says CWR (RFC 3168 §6.1.3), its ECE lowers our window, once a
 * round trip (§6.1.2).
 */
export function takeCongestion(t: Tcp): void {
	const { seg, tcb } = t;
	const { ecn, snd } = tcb;
	if (seg.has(CWR)) ecn.echo = 0;
	if (seg.ecn === CE && seg.textLength > 0) {
		if (ecn.echo === 0) t.wants(WANT_ACK);
		ecn.echo = 1;
	}
	if (!seg.has(ECE | ACK) || !gt(seg.ack, ecn.until) || snd.una === snd.nxt) return;
	ecn.until = snd.nxt;
	ecn.reduced = 1;
	t.counters.ecnReductions++;
	beginToReduce(t);
}
