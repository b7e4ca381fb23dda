import { ECE, SYN } from '../lib/wire/tcp.ts';
import { timestampNow } from './timestamps.ts';
import { tuneSend } from './autotune.ts';
import { emitResetReply } from './emit.ts';
import type { Tcp } from './engine.ts';
import { NO_ERROR } from './errors.ts';
import { EVENT_ROOM } from './events.ts';
import { FAST_TAKEN, endPassive } from './fast-phases.ts';
import { FREE_ON_END } from './hold.ts';
import { destroy, enterFinWait2, enterTimeWait, freeSendQueue } from './lifecycle.ts';
import { dropMarks } from './marks.ts';
import { hasFinSent, waitToProbe, widenProbe } from './output.ts';
import { freeUpTo } from './pages.ts';
import { judgeProbeOfPath } from './path-probe.ts';
import { onDsack, onDuplicateAck, onNewAck } from './recovery.ts';
import { answerBare } from './reset.ts';
import { endBackOff, takeSample } from './rtt.ts';
import { SACKED } from './run-flags.ts';
import { acknowledgeRuns, markLost } from './runs.ts';
import { highestSacked, inFlight } from './scoreboard.ts';
import { PERSIST, REORDER, RETRANSMIT } from './timer-kinds.ts';
import { takeSacks } from './sacks-taken.ts';
import { countFromHead, judgeProbe, startRetransmission, stopRetransmission } from './tail-probe.ts';
import { diff, gt, leq, lt } from './seq.ts';
import { fitSegments } from './small-window.ts';
import { CLOSING, FIN_WAIT_1, LAST_ACK } from './states.ts';
import { WANT_SEND } from './wants.ts';

/**
 * The fifth check of a segment that arrived in a synchronized state: whether
 * its ACK can be one of ours (RFC 9293 §3.10.7.4, RFC 5961 §5.2).
 *
 * @returns false where the segment is to be dropped
 */
export function checkAck(t: Tcp): boolean {
	const { seg, tcb, counters } = t;
	const { snd } = tcb;
	if (gt(seg.ack, snd.nxt)) {
		counters.ackTooNew++;
		answerBare(t);
		return false;
	}
	if (lt(seg.ack, (snd.una - snd.max) | 0)) {
		counters.ackTooOld++;
		answerBare(t);
		return false;
	}
	return true;
}

/**
 * Takes the ACK of a segment that passed `checkAck`.
 *
 * @returns false where the connection is gone
 */
export function takeAck(t: Tcp): boolean {
	const { seg, tcb } = t;
	const { snd } = tcb;
	t.acked.begin(highestSacked(t));
	const sacked = tcb.sack.on !== 0 && seg.sackCount > 0 ? takeSacks(t) : 0;
	t.acked.fresh = sacked;
	if (tcb.tlp.on !== 0) judgeProbe(t, t.acked.dsack);
	if (gt(seg.ack, snd.una)) return takeNewAck(t, sacked);
	if (seg.ack === snd.una && snd.nxt !== snd.una && !isDrawnByRepeat(t)) {
		// With SACK an ACK that brings no news tells of no segment that has arrived.
		const repeats = tcb.sack.on === 0 && seg.isPlainAck && seg.wnd << scaleOf(t) === snd.wnd;
		if (sacked > 0) {
			noteDelivered(t, sacked);
			takeSackRoundTrip(t);
		}
		if (repeats || sacked > 0) onDuplicateAck(t, sacked);
		else if (t.acked.dsack) onDsack(t);
	} else if (t.acked.dsack) onDsack(t);
	if (seg.ack === snd.una) takeWindow(t);
	return true;
}

/** Octets are known to have arrived; where the peer echoes congestion, they have met it. */
function noteDelivered({ seg, tcb }: Tcp, octets: number): void {
	tcb.info.delivered += octets;
	if (tcb.ecn.on !== 0 && seg.has(ECE)) tcb.info.marked += octets;
}

/** After a takeover the frames sent again draw ACKs that tell of no loss. */
function isDrawnByRepeat(t: Tcp): boolean {
	const { live } = t.tcb;
	return live.on !== 0 && leq(t.seg.ack, live.nxt);
}

function scaleOf(t: Tcp): number {
	const { tcb, seg } = t;
	return tcb.rcv.scaling !== 0 && !seg.has(SYN) ? tcb.snd.scale : 0;
}

function takeNewAck(t: Tcp, sacked: number): boolean {
	const { seg, tcb, acked } = t;
	const { snd, sendq } = tcb;
	const flight = inFlight(t);
	const finWasSent = hasFinSent(t);
	const hadSyn = snd.una === snd.iss;
	const before = snd.una;
	acknowledgeRuns(t, seg.ack);
	const { octets } = acked;
	const delivered = octets - acked.sacked + sacked;
	const finAcked = finWasSent && seg.ack === snd.nxt;
	// What the numbers of a SYN and a FIN stand for is no text.
	noteDelivered(t, delivered - (hadSyn ? 1 : 0) - (finAcked ? 1 : 0));
	t.lower.reached?.(tcb);
	snd.una = seg.ack;
	if (hadSyn && tcb.fast === FAST_TAKEN) endPassive(t);
	takeRoundTrip(t, before);
	if (lt(snd.up, snd.una)) snd.up = snd.una;
	dropAcked(t, octets - (hadSyn ? 1 : 0) - (finAcked ? 1 : 0));
	if (tcb.plp.size !== 0) judgeProbeOfPath(t);
	endBackOff(t);
	tcb.probe.count = 0;
	tcb.silent = t.now;
	const isOther = tcb.timer.kind !== RETRANSMIT;
	tcb.timer.kind = RETRANSMIT;
	if (tcb.live.on !== 0 && gt(snd.una, tcb.live.nxt)) tcb.live.on = 0;
	onNewAck(t, octets, delivered, flight, before);
	if (tcb.timer.kind !== REORDER) restartTimer(t, isOther);
	if (tcb.runs.sacked > 0 && t.profile.renegingDelay !== 0) suspectReneging(t);
	takeWindow(t);
	t.wants(WANT_SEND);
	if (sendq.quota < sendq.most) tuneSend(t);
	if (sendq.length < sendq.quota) t.tell(EVENT_ROOM);
	return finAcked ? onFinAcked(t) : true;
}

/**
 * A round trip from what was never sent twice (Karn), from what was SACKed, else
 * from the echoed timestamp (RFC 7323 §4.1).
 *
 * @param before  SND.UNA before this ACK
 */
function takeRoundTrip(t: Tcp, before: number): void {
	const { acked, seg, tcb } = t;
	if (lt(before, tcb.rtt.from)) return;
	const takesAll = t.profile.roundTrips === 'all';
	// The first that was sent is the one the time-out has to wait for.
	if (acked.clean && acked.firstAt !== 0) takeSample(t, t.now - (takesAll ? acked.firstAt : acked.sentAt), t.now - acked.sentAt);
	else if (takesAll && acked.sackFirstAt !== 0) takeSackSample(t);
	else if (tcb.ts.on !== 0 && seg.hasTs && seg.tsEcr !== 0) {
		const elapsed = diff(timestampNow(t), seg.tsEcr);
		if (elapsed >= 0 && elapsed < 60_000) takeSample(t, elapsed * 1000, elapsed * 1000);
	}
}

function takeSackSample(t: Tcp): void {
	takeSample(t, t.now - t.acked.sackFirstAt, t.now - t.acked.sackLastAt);
}

/** An ACK that only SACKs: with some profiles a sample, too; and where it tells of what was sent before the oldest was sent again, the time-out is put off. */
function takeSackRoundTrip(t: Tcp): void {
	const { acked, tcb, run } = t;
	if (t.profile.roundTrips !== 'all' || acked.sackFirstAt === 0) return;
	takeSackSample(t);
	run.go(tcb.runs.first);
	if (run.sentAt > acked.sackFirstAt && tcb.timer.kind !== REORDER) restartTimer(t, false);
}

/** Frees the octets of the send queue that the peer has. */
function dropAcked(t: Tcp, octets: number): void {
	const { sendq } = t.tcb;
	if (octets <= 0) return;
	if (octets === sendq.length) {
		freeSendQueue(t);
		return;
	}
	if (t.tcb.marks.first !== 0) dropMarks(t, t.seg.ack);
	sendq.length -= octets;
	sendq.head = freeUpTo(t.image, sendq.head, sendq.from + octets);
	sendq.from = (sendq.from + octets) & (t.image.chunk - 1);
}

/** The oldest that is out was SACKed, and the ACK ends before it: if the peer has it still it says so soon. */
function suspectReneging(t: Tcp): void {
	const { tcb, run } = t;
	run.go(tcb.runs.first);
	if ((run.flags & SACKED) === 0) return;
	tcb.timer.rto = Math.min(tcb.timer.rto, t.now + Math.max(tcb.rtt.srtt >> 4, t.profile.renegingDelay));
	tcb.timer.rexmt = tcb.timer.rto;
	tcb.timer.kind = RETRANSMIT;
	t.arm();
}

/**
 * RFC 6298 §5.2 and §5.3: off when all is acknowledged, else it starts anew.
 *
 * @param isOther  whether the timer ran for something else
 */
function restartTimer(t: Tcp, isOther: boolean): void {
	const { tcb } = t;
	if (tcb.snd.una === tcb.snd.nxt) stopRetransmission(t);
	else startRetransmission(t);
	if (isOther && tcb.timer.kind === RETRANSMIT && tcb.timer.rexmt !== 0) countFromHead(t);
}

/** SND.WND from a segment that is not older than the one it was last taken from (RFC 9293 §3.10.7.4). */
function takeWindow(t: Tcp): void {
	const { seg, tcb } = t;
	const { snd } = tcb;
	if (!(lt(snd.wl1, seg.seq) || (snd.wl1 === seg.seq && leq(snd.wl2, seg.ack)))) return;
	const before = snd.wnd;
	snd.wnd = seg.wnd << scaleOf(t);
	snd.wl1 = seg.seq;
	snd.wl2 = seg.ack;
	if (snd.wnd > snd.max) widenWindow(t);
	tcb.probe.count = 0;
	if (snd.wnd === 0 && tcb.timer.kind === PERSIST && t.profile.probesBelow) waitToProbe(t);
	if (snd.wnd > before) {
		if (tcb.timer.kind === PERSIST) endProbing(t);
		t.wants(WANT_SEND);
	}
}

/** The peer announces more than it ever has. */
function widenWindow(t: Tcp): void {
	const { snd } = t.tcb;
	const before = snd.max;
	snd.max = snd.wnd;
	if (t.profile.halvesWindow && before >> 1 <= snd.mss) fitSegments(t);
}

/** The window is open again: what went out as probes is sent at once as text. */
function endProbing(t: Tcp): void {
	const { tcb } = t;
	if (tcb.snd.wnd === 0) return;
	stopRetransmission(t);
	endBackOff(t);
	if (tcb.snd.una === tcb.snd.nxt) return;
	markLost(t, tcb.snd.nxt, true);
	widenProbe(t);
}

/** Our FIN has been acknowledged (RFC 9293 §3.10.7.4). */
/** Our FIN is acknowledged, and nobody wants to wait for the peer's. */
function refuseWait(t: Tcp): boolean {
	emitResetReply(t);
	destroy(t, NO_ERROR);
	return false;
}

function onFinAcked(t: Tcp): boolean {
	switch (t.tcb.state) {
		case FIN_WAIT_1:
			if (t.tcb.held === FREE_ON_END && t.tcb.limit.finWait2 < 0) return refuseWait(t);
			enterFinWait2(t);
			return true;
		case CLOSING:
			enterTimeWait(t);
			return false;
		case LAST_ACK:
			destroy(t, NO_ERROR);
			return false;
		default:
			return true;
	}
}

/** Takes the window and the ACK of the segment that ends the handshake. */
export function takeFirstWindow(t: Tcp): void {
	const { seg, tcb } = t;
	tcb.snd.wnd = seg.wnd << scaleOf(t);
	tcb.snd.wl1 = seg.seq;
	tcb.snd.wl2 = seg.ack;
	if (t.profile.halvesWindow) {
		// That of the SYN is not counted.
		tcb.snd.max = tcb.snd.wnd;
		fitSegments(t);
	} else if (tcb.snd.wnd > tcb.snd.max) tcb.snd.max = tcb.snd.wnd;
}

/** The ACK of our SYN, on the way to ESTABLISHED from SYN-SENT. */
export function acknowledgeSyn(t: Tcp): void {
	const { seg, tcb, acked } = t;
	acked.begin(tcb.snd.una);
	acknowledgeRuns(t, seg.ack);
	if (acked.clean && acked.sentAt !== 0) takeSample(t, t.now - acked.sentAt, t.now - acked.sentAt);
	else if (t.profile.roundTrips === 'all') takeRoundTrip(t, tcb.snd.una);
	dropAcked(t, acked.octets - 1);
	tcb.snd.una = seg.ack;
	tcb.snd.wl2 = seg.ack;
	tcb.rtt.from = tcb.snd.nxt;
	restartTimer(t, false);
}
