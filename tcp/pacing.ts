import type { Tcp } from './engine.ts';

// Pacing: a window's text leaves over a round trip and not at once. Nothing
// waits here: a segment is built when its turn comes, and bears the time at
// which whoever drives the host is to let it go. All that is remembered of its
// sending (round trips, RACK, timestamps) counts from that time.

/** Percent of the window that leaves in a round trip: while it is far below the threshold it is to be able to double. */
const SLOW_START_GAIN = 200, AVOIDANCE_GAIN = 120;
/** What leaves within so many µs leaves together. */
const QUANTUM = 1000;
/** Segments of a first window, which goes out at once (RFC 6928). */
const UNPACED = 10;

/**
 * Says when the text about to be sent is to leave: `t.delay` from now.
 *
 * @param octets  of it, none for a FIN alone
 */
export function schedule(t: Tcp, octets: number): void {
	if (!t.paces) return;
	const { tcb, now } = t;
	const { paced, rtt, cc, snd } = tcb;
	if (rtt.has === 0 || tcb.info.sent < UNPACED * snd.mss) return;
	if (paced.next - paced.at >= QUANTUM) paced.at = Math.floor(paced.next);
	if (paced.at < now) paced.at = now;
	const window = Math.max(cc.cwnd, (snd.nxt - snd.una) | 0);
	const gain = 2 * cc.cwnd < cc.ssthresh ? SLOW_START_GAIN : AVOIDANCE_GAIN;
	paced.next = Math.max(paced.next, paced.at) + (octets * (rtt.srtt / 8) * 100) / (window * gain);
	t.delay = paced.at - now;
}

/**
 * What is not paced itself (ACKs, what is sent again, RST) leaves no sooner than
 * the text that was sent before it: an older ACK that came after a newer one
 * would look as if the window had shrunk (RFC 9293 §3.8.6).
 */
export function keepOrder(t: Tcp): void {
	const { paced } = t.tcb;
	if (paced.at > t.now + t.delay) t.delay = paced.at - t.now;
}
