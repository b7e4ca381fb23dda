import { pipe } from './congestion.ts';
import type { Tcp } from './engine.ts';
import { inFlight } from './scoreboard.ts';

/** A recovery begins (RFC 6937 §3): what was out, or where segments are counted the window, comes down to the threshold. */
export function beginReduction(t: Tcp): void {
	const { prr, snd, cc } = t.tcb;
	prr.delivered = 0;
	prr.sent = 0;
	prr.from = t.profile.window === 'segments' ? cc.cwnd : Math.max(1, (snd.nxt - snd.una) | 0);
}

/**
 * Proportional rate reduction: how much may be sent for each ACK, so that the
 * window comes down to the threshold over one round trip and not at once; below
 * it, slow start's pace at most (RFC 6937 §3.1).
 *
 * @param delivered  octets this ACK says have arrived
 * @param progress   whether it acknowledged new data and told of no new loss
 */
export function reduce(t: Tcp, delivered: number, progress: boolean): void {
	const { prr, cc, snd } = t.tcb;
	const isCounted = t.profile.window === 'segments';
	if (isCounted && delivered <= 0) return;
	prr.delivered += delivered;
	const out = isCounted ? pipe(t) : inFlight(t);
	let allowed: number;
	if (out > cc.ssthresh) {
		const share = (prr.delivered * cc.ssthresh) / prr.from;
		allowed = (isCounted ? Math.ceil(share / snd.mss) * snd.mss : Math.ceil(share)) - prr.sent;
	} else {
		allowed = Math.max(prr.delivered - prr.sent, delivered);
		if (progress) allowed += snd.mss;
		allowed = Math.min(cc.ssthresh - out, allowed);
	}
	// The first retransmission goes out in any case (RFC 6937 §3).
	if (prr.sent === 0) allowed = Math.max(allowed, snd.mss);
	cc.cwnd = Math.max(snd.mss, out + Math.max(0, allowed));
}
