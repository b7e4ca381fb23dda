import { cwndRoom } from './congestion.ts';
import type { Tcp } from './engine.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY } from './phases.ts';
import { diff, geq } from './seq.ts';

// Some stacks cut text into segments late, below TCP: several leave as one
// burst, and the last of them is pushed. What decides how long a burst is shows
// in where PSH stands, and in what waits for the next ACK to be sent with more.

/** Largest burst, octets; how much later than the last segment a new one counts as no continuation, µs. */
const LARGEST = 65_536, RECENT = 1000;
/** What part of a window is enough to be sent at once. */
const SHARE = 3;

/** Segments of a burst: what the pace of this connection sends in a millisecond, not fewer than the profile says. */
export function burstSize(t: Tcp): number {
	const { cc, snd, rtt, rack } = t.tcb;
	const { mss } = snd;
	let octets = LARGEST;
	if (rtt.srtt !== 0) {
		const percent = cc.cwnd < cc.ssthresh >> 1 ? 200 : 120;
		octets = ((cc.cwnd * percent * 10_000) / (rtt.srtt >> 3)) / 1024;
		// Over a short way bursts do no harm.
		const distance = rack.minRtt >> 9;
		if (distance < 32) octets += LARGEST >> distance;
	}
	return Math.max(t.profile.burst, Math.floor(Math.min(LARGEST, octets) / mss));
}

/** Segments of the next burst, now: as many as the window lets, and no more than half of it. */
export function burstNow(t: Tcp, most: number): number {
	const { cc, snd } = t.tcb;
	const half = Math.max(1, Math.floor(cc.cwnd / snd.mss) >> 1);
	return Math.max(1, Math.min(most, half, Math.floor(cwndRoom(t) / snd.mss)));
}

/**
 * Whether a burst waits for the next ACK to be longer: one has just left, little
 * of the window is free, and the ACK of what is out is near.
 *
 * @param most    segments of a whole burst
 * @param left    octets that may be part of it
 * @param window  octets the peer's window lets go
 * @param isWhole  whether it cannot become more, because others stand behind
 */
export function isDeferred(t: Tcp, most: number, left: number, window: number, isWhole: boolean): boolean {
	const { tcb, run, now } = t;
	const { cc, snd, rtt } = tcb;
	if (!t.profile.defersBursts || left <= snd.mss || now - tcb.sentAt >= RECENT || tcb.runs.first === 0) return false;
	if (cc.phase === FAST_RECOVERY || cc.phase === AFTER_TIMEOUT) return false;
	const limit = Math.min(window, cwndRoom(t));
	if (limit >= most * snd.mss || limit >= Math.floor(Math.min(snd.wnd, cc.cwnd) / SHARE) || limit > left || (isWhole && limit === left)) return false;
	run.go(tcb.runs.first);
	return now - run.sentAt >= rtt.srtt >> 4;
}

/** Where the burst ends that the run at hand begins in, when it was sent first; what is sent again keeps to that. */
export function burstEnd({ run }: Tcp): number {
	if (run.burst === 0) return run.right;
	const into = diff(run.left, run.base) % run.burst;
	const end = (run.left + run.burst - into) | 0;
	return geq(end, run.right) ? run.right : end;
}
