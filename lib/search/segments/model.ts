import { ACK, FIN, RST, SYN } from '../../wire/tcp.ts';
import { CLOSED, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from '../../../tcp/states.ts';

// A small model of RFC 9293 §3.10.7 with RFC 5961: not what a TCP does, but
// what it may do when one segment arrives. Numbers are int32.

/** What the model has to know of a connection; names are the RFC's. CLOSED where there is none, LISTEN where only a listener is. */
export interface View {
	readonly state: number;
	readonly una: number;
	readonly nxt: number;
	readonly iss: number;
	/** right edge of the peer's window, and the largest that window ever was */
	readonly allowed: number;
	readonly maxWindow: number;
	readonly rcvNxt: number;
	readonly irs: number;
	/** right edge of the window announced to the peer */
	readonly edge: number;
	/** whether a LISTEN made it */
	readonly passive: boolean;
	/** whether our FIN is below SND.NXT */
	readonly finSent: boolean;
	/** whether text or a FIN is held out of order */
	readonly holds: boolean;
	/** whether a LISTEN is there for the port */
	readonly listens: boolean;
	/** whether the user is gone: text that comes then is answered with a RST */
	readonly forsaken: boolean;
	/** TS.Recent; null where timestamps are not in use */
	readonly tsRecent: number | null;
}

/** A segment that arrives. */
export interface Arrival {
	readonly flags: number;
	readonly seq: number;
	readonly ack: number;
	/** octets of text */
	readonly text: number;
	/** the window it announces, in octets */
	readonly window: number;
	/** TSval; null without the option */
	readonly tsVal: number | null;
}

/** Choices the RFCs leave open. */
export interface Habits {
	readonly timeWaitIgnoresReset: boolean;
	/** a SYN may open a connection in TIME-WAIT anew */
	readonly timeWaitReopens: boolean;
	/** text beyond the announced window is taken where there is room; an old segment's ACK counts */
	readonly isLiberal: boolean;
	/** a <SYN,ACK> to a LISTEN draws nothing; a SYN with a FIN is dropped */
	readonly listenIgnoresSynAck: boolean;
	readonly dropsSynFin: boolean;
	/** a RST is believed where a peer stands that has not heard our last ACKs */
	readonly takesNearResets: boolean;
	/** text that nobody will read draws the RST of a connection that is not there */
	readonly forgetsUnread: boolean;
	/** the ACK of a FIN may be withheld as that of text may, while the user has not closed */
	readonly withholdsFin: boolean;
	/** what has neither SYN, RST nor ACK draws nothing, wherever it stands */
	readonly ignoresMute: boolean;
	/** text across the right edge may be refused whole */
	readonly refusesAcrossEdge: boolean;
	/** a RST of ABORT has the number where a window ends that was taken back, not SND.NXT */
	readonly resetsInWindow: boolean;
}

export type Duty = 'must' | 'may' | 'no';

/** What is allowed. */
export interface Allowed {
	/** name of the rule, for people */
	readonly rule: string;
	/** an ACK, or any segment that bears one; a SYN, with or without one */
	readonly ack: Duty;
	readonly syn: Duty;
	/** a RST with these numbers; acknowledging where `ack` is given */
	readonly reset: Duty;
	readonly resetSeq: number;
	/** octets its number may lie above that */
	readonly resetOver: number;
	readonly resetAck: number | null;
	readonly states: readonly number[];
	/** what SND.UNA may be, and from what to what RCV.NXT */
	readonly una: readonly number[];
	readonly rcv: readonly (readonly [number, number])[];
}

export function lt(a: number, b: number): boolean { return ((a - b) | 0) < 0; }
export function leq(a: number, b: number): boolean { return ((a - b) | 0) <= 0; }
function later(a: number, b: number): number { return lt(a, b) ? b : a; }
function earlier(a: number, b: number): number { return lt(a, b) ? a : b; }

/** Octets of sequence space a segment takes up. */
export function lengthOf({ flags, text }: Arrival): number {
	return text + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
}

function has(seg: Arrival, flag: number): boolean { return (seg.flags & flag) !== 0; }

function same(view: View, rule: string, more: Partial<Allowed> = {}): Allowed {
	return { rule, ack: 'no', syn: 'no', reset: 'no', resetSeq: 0, resetOver: 0, resetAck: null, states: [view.state], una: [view.una], rcv: [[view.rcvNxt, view.rcvNxt]], ...more };
}

/** <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> (§3.5.2). */
function resetFor(seg: Arrival): Partial<Allowed> {
	return has(seg, ACK) ? { reset: 'must', resetSeq: seg.ack } : { reset: 'must', resetSeq: 0, resetAck: (seg.seq + lengthOf(seg)) | 0 };
}

/** What a TCP may do when a segment arrives (RFC 9293 §3.10.7). */
export function allowedFor(view: View, seg: Arrival, habits: Habits): Allowed {
	switch (view.state) {
		case CLOSED: return has(seg, RST) ? same(view, '§3.10.7.1: a RST is discarded') : same(view, '§3.10.7.1: CLOSED answers with a RST', resetFor(seg));
		case LISTEN: return listen(view, seg, habits);
		case SYN_SENT: return synSent(view, seg, habits);
		case TIME_WAIT: return timeWait(view, seg, habits);
		default: return synchronized(view, seg, habits);
	}
}

function listen(view: View, seg: Arrival, habits: Habits): Allowed {
	if (has(seg, RST)) return same(view, '§3.10.7.2: a RST is ignored');
	if (has(seg, ACK)) return same(view, '§3.10.7.2: an ACK draws a RST', has(seg, SYN) && habits.listenIgnoresSynAck ? {} : resetFor(seg));
	if (!has(seg, SYN)) return same(view, '§3.10.7.2: what is no SYN is dropped');
	if (habits.dropsSynFin && has(seg, FIN)) return same(view, 'a SYN with a FIN is dropped');
	return same(view, '§3.10.7.2: a SYN is answered', { syn: 'must', states: [SYN_RECEIVED], una: [], rcv: [[(seg.seq + 1) | 0, (seg.seq + 1) | 0]] });
}

function synSent(view: View, seg: Arrival, habits: Habits): Allowed {
	const isBad = has(seg, ACK) && (leq(seg.ack, view.iss) || lt(view.nxt, seg.ack));
	if (isBad) return has(seg, RST) ? same(view, '§3.10.7.3: a RST with an ACK of nothing is dropped') : same(view, '§3.10.7.3: an ACK of nothing draws a RST', resetFor(seg));
	if (has(seg, RST)) return has(seg, ACK) ? same(view, '§3.10.7.3: a RST with the ACK of our SYN refuses', { states: [CLOSED], una: [] }) : same(view, '§3.10.7.3: a RST without an ACK is dropped');
	if (!has(seg, SYN)) return same(view, '§3.10.7.3: what is neither SYN nor RST is dropped');
	if (habits.dropsSynFin && has(seg, FIN)) return same(view, 'a SYN with a FIN is dropped');
	const first = (seg.seq + 1) | 0, most = (first + seg.text + 1) | 0;
	if (!has(seg, ACK)) return same(view, '§3.10.7.3: a SYN opens from both sides', { ack: 'may', syn: 'must', states: [SYN_RECEIVED], rcv: [[first, first]] });
	const states = has(seg, FIN) ? [ESTABLISHED, CLOSE_WAIT] : [ESTABLISHED];
	return same(view, '§3.10.7.3: <SYN,ACK> opens', { ack: 'must', states, una: [seg.ack], rcv: [[first, most]] });
}

/** Where a segment stands to the window (§3.10.7.4, first check). */
function acceptability(view: View, seg: Arrival, habits: Habits): 'yes' | 'no' | 'either' {
	const { rcvNxt, edge } = view;
	const length = lengthOf(seg), end = (seg.seq + length) | 0;
	const window = (edge - rcvNxt) | 0;
	if (length === 0) {
		if (window === 0) return seg.seq === rcvNxt ? 'yes' : 'no';
		if (leq(rcvNxt, seg.seq) && lt(seg.seq, edge)) return 'yes';
		// A peer that has filled the window stands at its edge; a RST there is outside all the same (RFC 5961 §3.2).
		return seg.seq === edge && !has(seg, RST) ? 'either' : habits.isLiberal && leq(edge, seg.seq) ? 'either' : 'no';
	}
	if (window === 0) return seg.seq === rcvNxt ? 'either' : habits.isLiberal && lt(rcvNxt, end) ? 'either' : 'no';
	if (lt(seg.seq, edge) && lt(rcvNxt, end)) return habits.refusesAcrossEdge && lt(edge, (seg.seq + seg.text) | 0) ? 'either' : 'yes';
	return habits.isLiberal && lt(rcvNxt, end) ? 'either' : 'no';
}

function synchronized(view: View, seg: Arrival, habits: Habits): Allowed {
	if (view.state === SYN_RECEIVED && has(seg, SYN) && seg.seq === view.irs && !has(seg, RST)) return crossed(view, seg, habits);
	if (isOld(view, seg)) return same(view, 'RFC 7323 §5.3: what is older than TS.Recent is dropped, and acknowledged', { ack: 'may' });
	const verdict = acceptability(view, seg, habits);
	if (verdict === 'yes') return acceptable(view, seg, habits);
	const refused = habits.takesNearResets && has(seg, RST) ? either(believed(view), unacceptable(view, seg, habits)) : unacceptable(view, seg, habits);
	if (verdict === 'no' && isSalvaged(view, seg, habits)) return either(refused, acceptable(view, { ...seg, seq: view.rcvNxt, text: 0, flags: ACK }, habits));
	return verdict === 'no' ? refused : either(acceptable(view, seg, habits), refused);
}

function isOld({ tsRecent }: View, seg: Arrival): boolean {
	return tsRecent !== null && seg.tsVal !== null && lt(seg.tsVal, tsRecent) && !has(seg, RST);
}

/** Where the RFC leaves a choice, both are allowed. */
function either(a: Allowed, b: Allowed): Allowed {
	const join = (x: Duty, y: Duty): Duty => (x === y ? x : 'may');
	const resets = a.reset !== 'no' ? a : b;
	return {
		rule: `${a.rule}; or ${b.rule}`, ack: join(a.ack, b.ack), syn: join(a.syn, b.syn), reset: join(a.reset, b.reset), resetSeq: resets.resetSeq, resetOver: resets.resetOver, resetAck: resets.resetAck,
		states: [...a.states, ...b.states], una: [...a.una, ...b.una], rcv: [...a.rcv, ...b.rcv],
	};
}

/** Whether a segment lies wholly below the window, and its ACK counts still. */
function isSalvaged(view: View, seg: Arrival, habits: Habits): boolean {
	return habits.isLiberal && (seg.flags & (ACK | RST | SYN)) === ACK && leq((seg.seq + lengthOf(seg)) | 0, view.rcvNxt);
}

function unacceptable(view: View, seg: Arrival, habits: Habits): Allowed {
	if (has(seg, RST)) return same(view, 'RFC 5961 §3.2: a RST outside the window is dropped');
	if (habits.ignoresMute && !has(seg, SYN | ACK)) return same(view, 'what no connected peer would say draws nothing');
	// What nothing would ever repeat may be answered seldom (RFC 5961 §7).
	const ack: Duty = seg.text > 0 && !has(seg, SYN) ? 'must' : 'may';
	return same(view, '§3.10.7.4, first: what is outside the window draws an ACK', { ack });
}

/** The SYN of SYN-RECEIVED again: ours is said again, or what else is in the segment counts (§3.5, figure 8). */
function crossed(view: View, seg: Arrival, habits: Habits): Allowed {
	const again = same(view, '§3.10.7.4: the SYN again draws our SYN, or an ACK', { ack: 'may', syn: 'may' });
	if (!has(seg, ACK)) return again;
	const inner: Arrival = { ...seg, flags: seg.flags & ~SYN, seq: view.rcvNxt };
	return either(again, either(acceptable(view, inner, habits), acceptable(view, { ...inner, text: 0, flags: inner.flags & ~FIN }, habits)));
}

function believed(view: View): Allowed { return same(view, 'a RST near RCV.NXT resets', { states: [CLOSED] }); }

function acceptable(view: View, seg: Arrival, habits: Habits): Allowed {
	if (has(seg, RST)) {
		if (seg.seq === view.rcvNxt) return same(view, 'RFC 5961 §3.2: a RST at RCV.NXT resets', { states: [CLOSED], una: [] });
		const challenged = same(view, 'RFC 5961 §3.2: a RST elsewhere in the window is challenged', { ack: 'may' });
		return habits.takesNearResets && view.holds ? either(believed(view), challenged) : challenged;
	}
	if (has(seg, SYN)) {
		if (view.state === SYN_RECEIVED && view.passive) return same(view, '§3.10.7.4, fourth: back to LISTEN', { ack: 'may', states: [CLOSED, SYN_RECEIVED], una: [view.una] });
		return same(view, 'RFC 5961 §4.2: a SYN in the window is challenged', { ack: 'may' });
	}
	if (!has(seg, ACK)) return same(view, '§3.10.7.4, fifth: what has no ACK is dropped');
	return acknowledged(view, seg, habits);
}

/** What the ACK alone makes of the state. */
function afterAck(view: View, seg: Arrival): number[] {
	const finAcked = view.finSent && seg.ack === view.nxt;
	switch (view.state) {
		// The user may have closed before the handshake was done.
		case SYN_RECEIVED: return [ESTABLISHED];
		case FIN_WAIT_1: return [finAcked ? FIN_WAIT_2 : FIN_WAIT_1];
		case CLOSING: return [finAcked ? TIME_WAIT : CLOSING];
		case LAST_ACK: return [finAcked ? CLOSED : LAST_ACK];
		default: return [view.state];
	}
}

function acknowledged(view: View, seg: Arrival, habits: Habits): Allowed {
	const isNew = lt(view.una, seg.ack) && leq(seg.ack, view.nxt);
	if (view.state === SYN_RECEIVED && !isNew) return same(view, '§3.10.7.4, fifth: an ACK of nothing in SYN-RECEIVED draws a RST', resetFor(seg));
	if (lt(view.nxt, seg.ack)) return same(view, '§3.10.7.4, fifth: an ACK of what was not sent draws an ACK', { ack: 'may' });
	// RFC 5961 §5.2 asks for the check against the largest window, RFC 9293 allows it.
	if (lt(seg.ack, (view.una - view.maxWindow) | 0)) return same(view, 'RFC 5961 §5.2: an ACK too old is challenged', { ack: 'may' });
	const states = isNew ? afterAck(view, seg) : [view.state];
	return text(view, seg, states, isNew ? seg.ack : view.una, habits);
}

/** Seventh and eighth: text and FIN. */
function text(view: View, seg: Arrival, states: readonly number[], una: number, habits: Habits): Allowed {
	const rest = { states, una: [una] };
	const takes = states.some((state) => state === ESTABLISHED || state === FIN_WAIT_1 || state === FIN_WAIT_2);
	const quiet = same(view, '§3.10.7.4, fifth: an ACK is taken', { ack: 'may', ...rest });
	if (!takes || (seg.text === 0 && !has(seg, FIN) && !view.holds)) return quiet;
	const end = (seg.seq + seg.text) | 0;
	const limit = habits.isLiberal ? later(end, view.edge) : view.edge;
	const right = earlier(end, limit);
	// The window it opens may have been counted as sent into.
	if (seg.text > 0 && view.forsaken && lt(view.rcvNxt, end)) return same(view, '§3.10.7.4, seventh: nobody will read it, and the peer is told so', { ack: 'may', reset: 'may', resetSeq: habits.forgetsUnread ? seg.ack : view.nxt, resetOver: habits.forgetsUnread ? 0 : Math.max(0, (una + seg.window - view.nxt) | 0), states: [CLOSED, ...states.flatMap((state) => [state, closed(state)])], una: [una], rcv: [[view.rcvNxt, (limit + 1) | 0]] });
	const isInOrder = leq(seg.seq, view.rcvNxt);
	const least = isInOrder ? later(view.rcvNxt, right) : view.rcvNxt;
	const most = view.holds ? later((limit + 1) | 0, (right + 1) | 0) : later(view.rcvNxt, (right + (has(seg, FIN) ? 1 : 0)) | 0);
	const isEnd = has(seg, FIN) && isInOrder && leq(end, limit) && leq(view.rcvNxt, end);
	// A peer that has sent text beyond its FIN contradicts itself.
	const finNow = isEnd && !view.holds;
	const after = finNow ? states.map(closed) : view.holds ? [...states, ...states.map(closed)] : states;
	// What came with a SYN that crossed ours is in order only now.
	const wasOpening = view.holds && view.una === view.iss;
	const isFinDue = finNow && !(habits.withholdsFin && states.includes(ESTABLISHED));
	const duty: Duty = isFinDue || (seg.text > 0 && !isInOrder && !wasOpening) ? 'must' : 'may';
	return same(view, '§3.10.7.4, seventh: text and FIN are taken in order', {
		ack: duty, una: [una], states: after, rcv: [[finNow ? (least + 1) | 0 : least, isInOrder || view.holds ? most : view.rcvNxt]],
	});
}

/** What the peer's FIN makes of a state. */
function closed(state: number): number {
	switch (state) {
		case ESTABLISHED: return CLOSE_WAIT;
		case FIN_WAIT_1: return CLOSING;
		case FIN_WAIT_2: return TIME_WAIT;
		default: return state;
	}
}

function timeWait(view: View, seg: Arrival, habits: Habits): Allowed {
	if (has(seg, RST)) {
		if (habits.timeWaitIgnoresReset) return same(view, 'RFC 1337: a RST does not end TIME-WAIT');
		const isIn = acceptability(view, seg, habits) !== 'no';
		return same(view, '§3.10.7.4, second: a RST at RCV.NXT ends TIME-WAIT', isIn ? { ack: 'may', states: seg.seq === view.rcvNxt ? [CLOSED] : [TIME_WAIT], una: [] } : {});
	}
	if (has(seg, SYN)) {
		const opens = habits.timeWaitReopens && view.listens && !has(seg, ACK) && (lt(view.rcvNxt, seg.seq) || (view.tsRecent !== null && seg.tsVal !== null));
		const challenge = same(view, 'RFC 5961 §4.2: a SYN in TIME-WAIT is challenged', { ack: 'may' });
		return opens ? either(challenge, { ...listen(view, seg, habits), rule: 'RFC 6191 §2: a newer SYN opens the connection anew' }) : challenge;
	}
	if (!has(seg, ACK)) return same(view, '§3.10.7.4, fifth: what has no ACK is dropped');
	return same(view, '§3.10.7.4: TIME-WAIT acknowledges what it gets', { ack: 'may' });
}
