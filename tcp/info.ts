import type { Tcp } from './engine.ts';
import { headerBytes, optionBytes } from './headers.ts';
import { hasFinSent } from './output.ts';
import { AFTER_TIMEOUT, FAST_RECOVERY, REDUCING } from './phases.ts';
import { LOST, REPAIRED, RESENT, SACKED } from './run-flags.ts';
import { stateNames } from './states.ts';
import { diff } from './seq.ts';
import { BUFFER, IDLE, WINDOW, waited } from './waits.ts';

/** How a sender regards its path: all is well; ACKs came out of order; ECN has lowered the window; segments are lost; a time-out has struck. */
export type Congestion = 'open' | 'disorder' | 'cwr' | 'recovery' | 'loss';

/**
 * What a connection can tell about itself, as Linux's `TCP_INFO` does. Times are
 * µs, amounts octets; where Linux counts segments that is said. Nothing here
 * changes the connection, and all of it is in the image.
 */
export interface TcpInfo {
	/** RFC 9293 §3.3.2, in its spelling */
	readonly state: string;
	readonly congestion: Congestion;

	/** what was agreed on: RFC 7323 §3, RFC 2018 §2, RFC 7323 §2, RFC 3168 §6.1.1 */
	readonly timestamps: boolean;
	readonly sack: boolean;
	readonly scaling: boolean;
	readonly ecn: boolean;
	/** whether a packet of the peer's came marked or able to be (RFC 3168 §5); whether text went with a SYN and was taken (RFC 7413) */
	readonly ecnSeen: boolean;
	readonly synData: boolean;
	/** shifts of the windows the peer sends, and of ours; 0 where there is no scaling */
	readonly sndScale: number;
	readonly rcvScale: number;

	/** largest text of our segments, largest of the peer's so far, and what we announced (RFC 9293 §3.7.1) */
	readonly sndMss: number;
	readonly rcvMss: number;
	readonly advMss: number;
	/** largest packet the path is believed to carry, bytes (RFC 1191, RFC 8201) */
	readonly pathMtu: number;

	/** time-out, smoothed round trip and its variance (RFC 6298 §2), the shortest one of late (RFC 8985 §6.2), and how long an ACK is withheld now (RFC 9293 §3.8.6.3) */
	readonly rto: number;
	readonly rtt: number;
	readonly rttVar: number;
	readonly minRtt: number;
	readonly ato: number;
	/** time-outs since something was last acknowledged, how often the time-out is doubled, window probes in a row */
	readonly retransmits: number;
	readonly backoff: number;
	readonly probes: number;

	/** congestion window and slow start threshold (RFC 5681); the threshold is Infinity until there is one */
	readonly sndCwnd: number;
	readonly sndSsthresh: number;
	/** DupThresh, segments (RFC 5681 §3.2) */
	readonly reordering: number;
	/** windows: the peer's, and what of ours is still open */
	readonly sndWnd: number;
	readonly rcvWnd: number;

	/** sent and not acknowledged; of that, SACKed, taken for lost, and sent again without having been given up since; not sent yet */
	readonly unacked: number;
	readonly sacked: number;
	readonly lost: number;
	readonly repeated: number;
	/** the same four counted in segments, as they were sent */
	readonly segments: { readonly unacked: number; readonly sacked: number; readonly lost: number; readonly repeated: number };
	readonly unsent: number;

	/** time since text was last sent, since text last came, since anything last came; since the handshake where none did */
	readonly sinceSent: number;
	readonly sinceText: number;
	readonly sinceHeard: number;

	/** text: sent (repeats too), of that sent again, acknowledged, received in order; known to have arrived, and of that what met congestion (RFC 3168) */
	readonly bytesSent: number;
	readonly bytesRepeated: number;
	readonly bytesAcked: number;
	readonly bytesReceived: number;
	readonly bytesDelivered: number;
	readonly bytesMarked: number;
	/** segments: all, those with text, those sent again, those that came out of order */
	readonly segmentsIn: number;
	readonly segmentsOut: number;
	readonly textIn: number;
	readonly textOut: number;
	readonly totalRetransmits: number;
	readonly early: number;
	/** DSACKs that came (RFC 2883), times that segments were seen to overtake others, and time-outs */
	readonly dsacks: number;
	readonly reorderings: number;
	readonly timeouts: number;
	/** room for text of the peer's in a round trip, as the receive buffer is sized by */
	readonly rcvSpace: number;

	/** how long there was something to send; of that, how long the peer's window was what held it back, and how long the user's small buffer */
	readonly busyTime: number;
	readonly windowLimited: number;
	readonly bufferLimited: number;
}

/** What stands for a threshold that was never set. */
const NEVER_SET = 0x3fff_ffff;
/** A peer that has sent no large segment yet is believed to send ones of this size. */
const LEAST_RECEIVED = 536;

/**
 * What the connection in the record at `at` can tell.
 *
 * @returns null where the record is no live one
 */
export function tcpInfo(t: Tcp, at: number): TcpInfo | null {
	if (!t.image.isLive(t.tcbs, at, t.image.tag(at))) return null;
	const { tcb, now } = t;
	tcb.go(at);
	const { snd, rcv, cc, rtt, runs, info, waits } = tcb;
	const unacked = diff(snd.nxt, snd.una), out = countRuns(t), spent = waits.kind === IDLE ? 0 : waited(t);
	const since = (then: number): number => Math.max(0, now - Math.max(then, info.openedAt));
	return {
		state: stateNames[tcb.state] ?? 'CLOSED',
		congestion: congestionOf(t),
		timestamps: tcb.ts.on !== 0, sack: tcb.sack.on !== 0, scaling: rcv.scaling !== 0, ecn: tcb.ecn.on !== 0,
		ecnSeen: tcb.ecn.on !== 0 && info.ecnSeen !== 0, synData: info.synData !== 0,
		sndScale: rcv.scaling !== 0 ? snd.scale : 0, rcvScale: rcv.scaling !== 0 ? rcv.scale : 0,
		sndMss: snd.mss, rcvMss: Math.max(rcv.largest, Math.min(rcv.mss, LEAST_RECEIVED)), advMss: rcv.mss,
		pathMtu: snd.mss + headerBytes(t) + optionBytes(t),
		rto: rtt.rto, rtt: rtt.srtt >> 3, rttVar: rtt.var >> 2, minRtt: tcb.rack.minRtt, ato: rcv.delay !== 0 ? rcv.delay : t.profile.delayedAck,
		retransmits: rtt.strikes, backoff: rtt.backoff, probes: tcb.probe.count,
		sndCwnd: cc.cwnd, sndSsthresh: cc.ssthresh >= NEVER_SET ? Infinity : cc.ssthresh, reordering: cc.reordering,
		sndWnd: snd.wnd, rcvWnd: Math.max(0, diff(rcv.edge, rcv.nxt)),
		unacked, sacked: tcb.sack.on !== 0 ? runs.sacked : Math.min(unacked, tcb.cc.dupacks * tcb.snd.mss), lost: out.lost, repeated: out.repeated, segments: out.segments, unsent: Math.max(0, tcb.sendq.length - unacked),
		sinceSent: since(info.textAt), sinceText: since(tcb.heardText), sinceHeard: since(tcb.heard),
		bytesSent: info.octetsOut, bytesRepeated: Math.max(0, info.octetsOut - info.sent), bytesAcked: Math.max(0, info.sent - Math.min(unacked, tcb.sendq.length)),
		bytesReceived: info.received, bytesDelivered: info.delivered, bytesMarked: info.marked,
		segmentsIn: info.segmentsIn, segmentsOut: info.segmentsOut, textIn: info.textIn, textOut: info.textOut, totalRetransmits: info.retransmits, early: info.early,
		dsacks: info.dsacks, reorderings: info.reorderings, timeouts: info.timeouts, rcvSpace: tcb.drs.space,
		busyTime: waits.busy + spent, windowLimited: waits.window + (waits.kind === WINDOW ? spent : 0), bufferLimited: waits.buffer + (waits.kind === BUFFER ? spent : 0),
	};
}

function congestionOf({ tcb }: Tcp): Congestion {
	const { cc, runs, ecn, snd } = tcb;
	if (cc.phase === FAST_RECOVERY) return 'recovery';
	if (cc.phase === AFTER_TIMEOUT) return 'loss';
	if (cc.phase === REDUCING || (ecn.on !== 0 && diff(ecn.until, snd.una) > 0)) return 'cwr';
	return runs.sacked > 0 || cc.dupacks > 0 ? 'disorder' : 'open';
}

/** Goes through what is out: octets taken for lost, also where they have been sent again since, and octets sent again and neither acknowledged nor given up since; and all of it in segments. */
function countRuns(t: Tcp): { lost: number; repeated: number; segments: TcpInfo['segments'] } {
	const { tcb, run } = t;
	const fin = hasFinSent(t) ? 1 : 0;
	const segments = { unacked: 0, sacked: 0, lost: 0, repeated: 0 };
	let lost = 0, repeated = 0;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		const octets = diff(run.right, run.left);
		// A FIN goes with the text before it.
		const count = Math.max(1, Math.ceil((octets - (run.next === 0 ? fin : 0)) / Math.max(1, tcb.snd.mss)));
		segments.unacked += count;
		if ((run.flags & SACKED) !== 0) segments.sacked += count;
		if ((run.flags & (LOST | REPAIRED)) !== 0) {
			lost += octets;
			segments.lost += count;
		}
		if ((run.flags & (RESENT | LOST | SACKED)) === RESENT) {
			repeated += octets;
			segments.repeated += count;
		}
	}
	// Without SACK each duplicate ACK stands for a segment.
	if (tcb.sack.on === 0) segments.sacked = Math.min(segments.unacked, tcb.cc.dupacks);
	return { lost, repeated, segments };
}
