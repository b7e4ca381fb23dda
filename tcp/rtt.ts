import type { Tcp } from './engine.ts';
import { gt } from './seq.ts';

/** How long a shortest round trip counts, µs. */
const MIN_RTT_LIFE = 300_000_000;

/** K and the gains of RFC 6298 §2.3, as shifts: srtt is kept × 8 and the variance × 4. */
const ALPHA_SHIFT = 3, BETA_SHIFT = 2;

/** RTO = SRTT + max(G, K·RTTVAR), within the profile's bounds (RFC 6298 §2.2–2.5). */
function setRto(t: Tcp): void {
	const { rtt } = t.tcb;
	const { rtoMin, rtoMax, rtoGranularity, rtoSlop } = t.profile;
	const rto = (rtt.srtt >> ALPHA_SHIFT) + Math.max(rtoGranularity, rtt.var);
	rtt.rto = Math.min(rtoMax, Math.max(rtoMin, rto) + rtoSlop);
}

/**
 * Takes a round-trip sample (RFC 6298 §2).
 *
 * @param sample  µs
 * @param latest  that of the latest segment told of, µs
 */
export function takeSample(t: Tcp, sample: number, latest: number): void {
	const { rtt } = t.tcb;
	const r = Math.max(1, Math.min(sample, 60_000_000));
	if (t.profile.roundTrips === 'all') peakVariance(t, r);
	else if (rtt.has === 0) {
		rtt.srtt = r << ALPHA_SHIFT;
		rtt.var = r << (BETA_SHIFT - 1);
	} else {
		const error = r - (rtt.srtt >> ALPHA_SHIFT);
		rtt.var += Math.abs(error) - (rtt.var >> BETA_SHIFT);
		rtt.srtt += error;
	}
	rtt.has = 1;
	rtt.backoff = 0;
	setRto(t);
	noteShortest(t, Math.max(1, latest));
	// One sample a round trip (RFC 6298 §3): the next from what is sent after this.
	if (t.profile.roundTrips === 'one') rtt.from = t.tcb.snd.nxt;
}

/**
 * The variance where every ACK gives a sample: a mean over so many of them would
 * forget the spread within a round trip, so it is the largest one of the round
 * that counts; it falls by a quarter a round. Round trips that get shorter move
 * the mean but little.
 */
function peakVariance(t: Tcp, r: number): void {
	const { rtt, snd } = t.tcb;
	const least = t.profile.rtoGranularity;
	if (rtt.has === 0) {
		rtt.srtt = r << ALPHA_SHIFT;
		rtt.mean = r << (BETA_SHIFT - 1);
		rtt.var = Math.max(rtt.mean, least);
		rtt.peak = rtt.var;
		rtt.round = snd.nxt;
		return;
	}
	const error = r - (rtt.srtt >> ALPHA_SHIFT);
	rtt.srtt += error;
	const change = Math.abs(error) - (rtt.mean >> BETA_SHIFT);
	rtt.mean += error < 0 && change > 0 ? change >> ALPHA_SHIFT : change;
	if (rtt.mean > rtt.peak) {
		rtt.peak = rtt.mean;
		if (rtt.peak > rtt.var) rtt.var = rtt.peak;
	}
	if (!gt(snd.una, rtt.round)) return;
	if (rtt.peak < rtt.var) rtt.var -= (rtt.var - rtt.peak) >> 2;
	rtt.round = snd.nxt;
	rtt.peak = least;
}

/** The shortest round trip of late (RFC 8985 §6.2, step 1): an old one is forgotten after some minutes. */
function noteShortest(t: Tcp, r: number): void {
	const { rack } = t.tcb;
	if (rack.minRtt !== 0 && r > rack.minRtt && t.now - rack.minAt < MIN_RTT_LIFE) return;
	rack.minRtt = r;
	rack.minAt = t.now;
}

/** The time-out has struck: RTO doubles (RFC 6298 §5.5). */
export function backOff(t: Tcp): void {
	const { rtt } = t.tcb;
	const { rtoMax, rtoSlop } = t.profile;
	// The slop is added to what is doubled, not doubled itself; the first time-out of all has none.
	const slop = rtt.has !== 0 || rtt.backoff > 0 ? rtoSlop : 0;
	if (rtt.backoff < 255) rtt.backoff++;
	rtt.rto = Math.min(rtoMax, (rtt.rto - slop) * 2 + rtoSlop);
}

/** New data was acknowledged: the doublings are taken back, the estimate itself is kept. Where only a sample does so, this does nothing. */
export function endBackOff(t: Tcp): void {
	const { rtt } = t.tcb;
	rtt.strikes = 0;
	if (rtt.backoff === 0 || t.profile.roundTrips === 'all') return;
	rtt.backoff = 0;
	if (rtt.has !== 0) setRto(t);
	else rtt.rto = t.profile.rtoInitial;
}

/** A SYN had to be sent again: 3 s to begin with (RFC 6298 §5.7). */
export function distrustHandshake(t: Tcp): void {
	t.tcb.rtt.has = 0;
	t.tcb.rtt.backoff = 0;
	t.tcb.rtt.strikes = 0;
	t.tcb.rtt.rto = Math.max(t.profile.rtoInitial, 3_000_000);
}
