import type { Tcp } from './engine.ts';
import { inFlight } from './runs.ts';

/** A recovery begins (RFC 6937 §3). */
export function beginReduction(t: Tcp): void {
	const { prr, snd } = t.tcb;
	prr.delivered = 0;
	prr.sent = 0;
	prr.from = Math.max(1, (snd.nxt - snd.una) | 0);
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
	prr.delivered += delivered;
	const pipe = inFlight(t);
	let allowed: number;
	if (pipe > cc.ssthresh) allowed = Math.ceil((prr.delivered * cc.ssthresh) / prr.from) - prr.sent;
	else {
		allowed = Math.max(prr.delivered - prr.sent, delivered);
		if (progress) allowed += snd.mss;
		allowed = Math.min(cc.ssthresh - pipe, allowed);
	}
	// The first retransmission goes out in any case (RFC 6937 §3).
	if (prr.sent === 0) allowed = Math.max(allowed, snd.mss);
	cc.cwnd = Math.max(snd.mss, pipe + Math.max(0, allowed));
}
