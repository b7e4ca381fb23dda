import { ACK, FIN, RST, SYN } from '../lib/wire/tcp.ts';
import { initialCwnd } from './congestion.ts';
import { readCookie, sendCookie } from './cookies.ts';
import { takeEcnOffer } from './ecn.ts';
import { emitResetReply } from './emit.ts';
import type { Tcp } from './engine.ts';
import { handOverEarly, judgeFastOpen, takeTextOfSyn } from './fast-open.ts';
import { FAST_TAKEN } from './fast-phases.ts';
import { HEADERS_4, HEADERS_6, V4_MAPPED, isIpv4, optionBytes } from './headers.ts';
import { HELD_BY_LISTENER } from './hold.ts';
import { initialSequenceNumber, timestampOffset } from './isn.ts';
import { emitSyn } from './output.ts';
import { beginSearch } from './path-probe.ts';
import { appendRun } from './runs.ts';
import { lt } from './seq.ts';
import { fitSegments } from './small-window.ts';
import { LISTEN, SYN_RECEIVED } from './states.ts';
import { NO_OPTIONS } from './user-options.ts';
import { inheritUserTimeout, takeUserTimeout } from './user-timeout.ts';

function isAny(i32: Int32Array, at: number): boolean {
	const w = at >> 2;
	return i32[w] === 0 && i32[w + 1] === 0 && (i32[w + 2] === 0 || i32[w + 2] === V4_MAPPED) && i32[w + 3] === 0;
}

function sameAddress(i32: Int32Array, a: number, b: number): boolean {
	for (let i = 0; i < 4; i++) if (i32[(a >> 2) + i] !== i32[(b >> 2) + i]) return false;
	return true;
}

/** Moves the other cursor to the LISTEN the segment at hand is for; one bound to its address goes before one that is not. */
export function findListener(t: Tcp): boolean {
	const { seg, other, image } = t;
	let any = 0;
	for (const at of t.listeners) {
		other.go(at);
		if (other.local.port !== seg.dstPort) continue;
		if (sameAddress(image.i32, other.local.addr, seg.dstAt)) return true;
		if (any === 0 && isAny(image.i32, other.local.addr)) any = at;
	}
	if (any !== 0) other.go(any);
	return any !== 0;
}

/**
 * §3.10.7.2: LISTEN. The other cursor stands on the listener.
 *
 * @param least  SND.NXT of the incarnation that this one follows; null where there was none
 * @returns whether the segment has made a connection in SYN-RECEIVED that it is itself still to be taken by
 */
export function listenArrives(t: Tcp, least: number | null = null): boolean {
	const { seg, counters, other, profile } = t;
	if (seg.has(RST)) {
		counters.listenReset++;
		return false;
	}
	if (seg.has(ACK)) {
		const mss = profile.synCookies && !seg.has(SYN) ? readCookie(t) : 0;
		if (mss !== 0 && other.listen.waiting < other.listen.backlog) return openByCookie(t, mss);
		counters.noListener++;
		if (seg.has(SYN) && profile.listenIgnoresSynAck) return false;
		emitResetReply(t);
		return false;
	}
	if (!seg.has(SYN)) {
		counters.listenNoSyn++;
		return false;
	}
	if (profile.dropsSynFin && seg.has(FIN)) {
		counters.synFin++;
		return false;
	}
	if (other.listen.pending + other.listen.waiting < other.listen.backlog) openPassive(t, least);
	else if (profile.synCookies && other.listen.waiting < other.listen.backlog) sendCookie(t);
	else counters.listenFull++;
	return false;
}

/** Makes the record of a connection a listener is asked for; false where there is none left. */
function makePassive(t: Tcp, least: number | null): boolean {
	const { seg, tcb, other, image, counters } = t;
	const at = image.alloc(t.tcbs);
	if (at === 0) {
		counters.noConnectionRecord++;
		return false;
	}
	tcb.go(at);
	tcb.passive = 1;
	tcb.held = HELD_BY_LISTENER;
	tcb.options = other.options;
	takeLimits(t);
	tcb.link.listener = other.at;
	tcb.sendq.quota = other.sendq.quota;
	tcb.recvq.quota = other.recvq.quota;
	tcb.sendq.most = other.sendq.most;
	tcb.recvq.most = other.recvq.most;
	tcb.local.port = seg.dstPort;
	tcb.remote.port = seg.srcPort;
	image.copy(tcb.local.addr, seg.dstAt, 16);
	image.copy(tcb.remote.addr, seg.srcAt, 16);
	other.listen.pending++;
	t.demux.add(at);
	beginConnection(t, least);
	return true;
}

function openPassive(t: Tcp, least: number | null): void {
	if (!makePassive(t, least)) return;
	takeOffer(t);
	t.tcb.state = SYN_RECEIVED;
	judgeFastOpen(t);
	if (t.tcb.fast === FAST_TAKEN) takeTextOfSyn(t);
	emitSyn(t);
	handOverEarly(t);
}

/** What the listener's user wants of its connections. */
function takeLimits(t: Tcp): void {
	const own = t.tcb.limit, { limit } = t.other;
	own.silence = limit.silence;
	own.idle = limit.idle;
	own.interval = limit.interval;
	own.probes = limit.probes;
	own.mss = limit.mss;
	own.syns = limit.syns;
	own.finWait2 = limit.finWait2;
	t.tcb.defer.timeouts = t.other.defer.timeouts;
	inheritUserTimeout(t);
}

/** The ACK of a cookie: the connection stands as if its SYN had been remembered, without its options. */
function openByCookie(t: Tcp, mss: number): boolean {
	const { seg, tcb, counters } = t;
	if (!makePassive(t, null)) return false;
	const { snd, rcv } = tcb;
	counters.cookiesTaken++;
	snd.iss = (seg.ack - 1) | 0;
	snd.una = snd.iss;
	snd.nxt = seg.ack;
	snd.up = snd.iss;
	snd.small = snd.iss;
	snd.mss = mss;
	snd.wnd = seg.wnd;
	snd.max = seg.wnd;
	tcb.cc.recover = snd.iss;
	tcb.rtt.from = seg.ack;
	rcv.irs = (seg.seq - 1) | 0;
	rcv.nxt = seg.seq;
	rcv.up = seg.seq;
	rcv.acked = seg.seq;
	rcv.edge = (seg.seq + Math.min(0xffff, tcb.recvq.quota)) | 0;
	initialCwnd(t);
	tcb.state = SYN_RECEIVED;
	return appendRun(t, snd.iss, seg.ack);
}

/** What every connection begins with, once its addresses are known. */
export function beginConnection(t: Tcp, least: number | null = null): void {
	const { tcb, profile, now } = t;
	const { snd, rcv } = tcb;
	snd.iss = initialSequenceNumber(t);
	// One that reopens has to be above all its predecessor used, and the clock may not have come so far (RFC 9293 §3.6.1).
	if (least !== null && lt(snd.iss, least)) snd.iss = least;
	snd.una = snd.iss;
	snd.nxt = snd.iss;
	snd.up = snd.iss;
	snd.small = snd.iss;
	tcb.cc.recover = snd.iss;
	tcb.rack.dsackRound = snd.iss;
	tcb.ts.offset = timestampOffset(t);
	tcb.rtt.rto = profile.rtoInitial;
	tcb.rtt.from = snd.iss;
	tcb.ecn.until = snd.iss;
	rcv.mss = profile.mss - (isIpv4(t.image.i32, tcb.remote.addr) ? 0 : HEADERS_6 - HEADERS_4);
	if (tcb.limit.mss !== 0) rcv.mss = Math.max(MIN_MSS, Math.min(rcv.mss, tcb.limit.mss));
	rcv.scale = scaleFor(t);
	if (tcb.passive === 0) roundWindow(t, rcv.mss);
	snd.mss = profile.mssDefault;
	tcb.heard = now;
}

/** The shift we offer: the profile's, or as much more as the receive buffer needs at its largest (RFC 7323 §2.3). */
function scaleFor(t: Tcp): number {
	const { recvq } = t.tcb;
	const largest = Math.max(recvq.quota, recvq.most);
	let scale = t.profile.scaleFitsBuffer && recvq.most <= recvq.quota ? 0 : t.profile.windowScale;
	while (scale < 14 && 0xffff << scale < largest) scale++;
	return scale;
}

/** Takes sequence number, window and options of the peer's SYN, the segment at hand. */
export function takeOffer(t: Tcp): void {
	const { seg, tcb, profile } = t;
	const { snd, rcv, ts, sack } = tcb;
	const isPlain = (tcb.options & NO_OPTIONS) !== 0;
	rcv.irs = seg.seq;
	rcv.nxt = (seg.seq + 1) | 0;
	rcv.edge = rcv.nxt;
	rcv.up = rcv.nxt;
	rcv.acked = rcv.nxt;
	// The window of a SYN is never scaled (RFC 7323 §2.2).
	snd.wnd = seg.wnd;
	snd.max = seg.wnd;
	snd.wl1 = seg.seq;
	snd.wl2 = snd.una;
	rcv.scaling = seg.scale >= 0 && profile.windowScaling && !isPlain ? 1 : 0;
	snd.scale = rcv.scaling !== 0 ? seg.scale : 0;
	ts.on = seg.hasTs && profile.timestamps && !isPlain ? 1 : 0;
	ts.recent = seg.hasTs ? seg.tsVal : 0;
	ts.recentAt = t.now;
	sack.on = seg.sackPermitted && profile.sack && !isPlain ? 1 : 0;
	takeEcnOffer(t);
	if (seg.userTimeout !== 0) takeUserTimeout(t);
	// Options in every segment are paid for by the text (RFC 6691 §2, RFC 9293 §3.7.1).
	const offered = seg.mss !== 0 ? seg.mss : profile.mssDefault;
	const mss = Math.max(MIN_MSS, Math.min(offered, rcv.mss));
	snd.mss = mss - optionBytes(t);
	if (profile.wholeSegments === 'up') {
		tcb.sendq.quota = Math.ceil(tcb.sendq.quota / mss) * mss;
		tcb.recvq.quota = Math.ceil(tcb.recvq.quota / mss) * mss;
	} else if (tcb.passive !== 0) roundWindow(t, rcv.mss - optionBytes(t));
	if (profile.pathProbes === 'always') beginSearch(t, mss);
	initialCwnd(t);
	if (profile.halvesWindow) fitSegments(t);
}

/** Where the profile wants it, the window is to be a whole number of segments of this size. */
function roundWindow(t: Tcp, mss: number): void {
	const { recvq } = t.tcb;
	if (t.profile.wholeSegments === 'down' && recvq.quota > mss) recvq.quota -= recvq.quota % mss;
}

/** A peer that announces less is not believed: its segments would be all header. */
const MIN_MSS = 64;

/** Makes the record at hand a LISTEN on a port. */
export function beginListen(t: Tcp, backlog: number): void {
	const { tcb } = t;
	tcb.state = LISTEN;
	tcb.listen.backlog = backlog;
	t.listeners.push(tcb.at);
}
