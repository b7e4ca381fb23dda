import { checksumHolds, checksumOf } from '../lib/wire/pseudo-header.ts';
import { ACK, PROTOCOL_TCP, RST, SYN, TCP_CHECKSUM, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_URGENT, URG } from '../lib/wire/tcp.ts';
import { ecnFlags } from './ecn.ts';
import type { Tcp } from './engine.ts';
import { offerFastOpen } from './fast-cookies.ts';
import { writeSynOptions, writeTimestamps } from './options.ts';
import { keepOrder } from './pacing.ts';
import { copyOut, pageAt } from './pages.ts';
import type { OptionName } from './profile.ts';
import { writeSackBlocks } from './sack.ts';
import { swap32, write16 } from './segment.ts';
import { gt } from './seq.ts';
import { SYN_SENT } from './states.ts';
import { NO_OPTIONS, USER_TIMEOUT } from './user-options.ts';
import { UTO_BYTES, writeUserTimeout } from './user-timeout.ts';
import { timestampAt, timestampNow } from './timestamps.ts';
import { announceWindow, initialWindow } from './window.ts';
import { WANT_ACK } from './wants.ts';

function fillChecksum(t: Tcp, srcAt: number, dstAt: number, at: number, length: number): void {
	t.image.u16[(at + TCP_CHECKSUM) >> 1] = 0;
	write16(t.image.u8, at + TCP_CHECKSUM, checksumOf(t.image, srcAt, dstAt, PROTOCOL_TCP, at, length));
}

/** Whether the checksum of a segment that arrived is right. */
export function isChecksumRight(t: Tcp, srcAt: number, dstAt: number, at: number, length: number): boolean {
	return checksumHolds(t.image, srcAt, dstAt, PROTOCOL_TCP, at, length);
}

function writeHeader(t: Tcp, srcPort: number, dstPort: number, seq: number, ack: number, flags: number, wnd: number): void {
	const { i32 } = t.image;
	// Five words, each turned to network order.
	const w = t.outAt >> 2;
	i32[w] = swap32((srcPort << 16) | dstPort);
	i32[w + 1] = swap32(seq);
	i32[w + 2] = swap32(ack);
	i32[w + 3] = swap32((flags << 16) | wnd);
	i32[w + 4] = 0;
}

/** The order the options of this SYN stand in. */
function synOrder({ offer, profile }: Tcp): readonly OptionName[] {
	if (!offer.timestamps) return profile.synOptionsPlain;
	return offer.sackPermitted ? profile.synOptions : profile.synOptionsNoSack;
}

/**
 * Writes the options of the segment at hand; returns the length of the header.
 * SACK blocks take what room the text leaves: together they are no longer than
 * the peer's MSS (RFC 9293 §3.7.1).
 */
function writeOptions(t: Tcp, flags: number, length: number): number {
	const { tcb, image } = t;
	let at = t.outAt + TCP_HEADER;
	if ((flags & SYN) !== 0) return TCP_HEADER + writeSynOptions(image.u8, at, synOrder(t), t.offer);
	// A RST carries timestamps too where they are in use (RFC 7323 §3.2).
	if (tcb.ts.on !== 0) {
		writeTimestamps(image.u8, at, timestampAt(t, t.now + t.delay), tcb.ts.recent);
		at += 12;
	}
	const tells = tcb.uto.owed !== 0 && (flags & RST) === 0 && length + UTO_BYTES <= tcb.snd.mss;
	if (tells) {
		writeUserTimeout(image.u8, at, tcb.uto.advertised);
		at += UTO_BYTES;
		tcb.uto.owed = 0;
	}
	if (tcb.sack.on !== 0 && (flags & RST) === 0 && (tcb.early.first !== 0 || tcb.sack.dsack !== 0 || (tcb.rcv.finEarly !== 0 && t.profile.sacksFin))) {
		const room = tells ? UTO_BYTES + 4 : 4;
		const most = Math.min(((tcb.ts.on !== 0 ? 28 : 40) - room) >> 3, (tcb.snd.mss - length - room) >> 3);
		if (most > 0) at += writeSackBlocks(t, at, most);
	}
	return at - t.outAt;
}

/** What our SYN offers, or our SYN-ACK agrees to. */
function prepareOffer(t: Tcp): void {
	const { tcb, offer, profile } = t;
	const first = tcb.state === SYN_SENT, none = (tcb.options & NO_OPTIONS) !== 0;
	offer.mss = none ? 0 : tcb.rcv.mss;
	offer.scale = (first ? profile.windowScaling && !none : tcb.rcv.scaling !== 0) ? tcb.rcv.scale : -1;
	offer.sackPermitted = first ? profile.sack && !none : tcb.sack.on !== 0;
	offer.timestamps = first ? profile.timestamps && !none : tcb.ts.on !== 0;
	offer.tsVal = timestampNow(t);
	offer.tsEcr = first ? 0 : tcb.ts.recent;
	offer.userTimeout = (tcb.options & USER_TIMEOUT) !== 0 ? tcb.uto.advertised : 0;
	tcb.uto.owed = 0;
	offerFastOpen(t);
}

/**
 * Builds and sends one segment of the connection at hand.
 *
 * @param seq     SEG.SEQ
 * @param length  octets of text, taken from the send queue
 */
export function emit(t: Tcp, flags: number, seq: number, length: number): void {
	const { tcb, image } = t;
	const isSyn = (flags & SYN) !== 0;
	if (t.paces) keepOrder(t);
	flags |= ecnFlags(t, flags, seq, length);
	if (isSyn) prepareOffer(t);
	const wnd = isSyn ? initialWindow(t) : (flags & RST) !== 0 ? 0 : announceWindow(t);
	const hasAck = (flags & ACK) !== 0;
	writeHeader(t, tcb.local.port, tcb.remote.port, seq, hasAck ? tcb.rcv.nxt : 0, flags, wnd);
	const headerLength = writeOptions(t, flags, length);
	image.u8[t.outAt + TCP_OFFSET] = headerLength << 2;
	// Nothing is urgent once it is acknowledged, whatever number a keep-alive has.
	if (gt(tcb.snd.up, seq) && gt(tcb.snd.up, tcb.snd.una) && (flags & (SYN | RST)) === 0) writeUrgent(t, seq);
	const { info } = tcb;
	info.segmentsOut++;
	if (length > 0) {
		info.textOut++;
		info.octetsOut += length;
		info.textAt = t.now;
		copyText(t, isSyn ? (seq + 1) | 0 : seq, t.outAt + headerLength, length);
	}
	fillChecksum(t, tcb.local.addr, tcb.remote.addr, t.outAt, headerLength + length);
	if (hasAck) noteAckSent(t);
	tcb.sentAt = t.now;
	t.counters.segmentsOut++;
	t.lower.send(tcb.local.addr, tcb.remote.addr, t.outAt, headerLength + length, tcb);
	t.delay = 0;
}

/** Urgent data ends at SND.UP: the pointer counts from this segment's SEQ (RFC 6093 §6, RFC 9293 §3.8.5). */
function writeUrgent(t: Tcp, seq: number): void {
	const { u8 } = t.image;
	u8[t.outAt + TCP_FLAGS]! |= URG;
	write16(u8, t.outAt + TCP_URGENT, Math.min(0xffff, (t.tcb.snd.up - seq) | 0));
}

/** Copies text from the send queue; the place of SND.NXT is remembered, since new text is what is sent mostly. */
function copyText(t: Tcp, seq: number, to: number, length: number): void {
	const { sendq, snd } = t.tcb;
	const offset = sendq.from + textOffset(t, seq);
	const { chunk } = t.image;
	if (seq !== snd.nxt) {
		copyOut(t.image, sendq.head, offset, to, length);
		return;
	}
	const page = sendq.page !== 0 ? sendq.page : pageAt(t.image, sendq.head, offset);
	const within = offset & (chunk - 1);
	const last = copyOut(t.image, page, within, to, length);
	sendq.page = ((within + length) & (chunk - 1)) === 0 ? t.image.nextPage(last) : last;
}

/** How far the octet with number `seq` lies behind the first queued one: a SYN has a number but is not queued. */
export function textOffset(t: Tcp, seq: number): number {
	const { snd } = t.tcb;
	return (seq - snd.una - (snd.una === snd.iss ? 1 : 0)) | 0;
}

function noteAckSent(t: Tcp): void {
	const { tcb } = t;
	tcb.rcv.acked = tcb.rcv.nxt;
	tcb.rcv.owed = 0;
	tcb.rcv.pushed = 0;
	tcb.timer.delack = 0;
	tcb.want &= ~WANT_ACK;
}

/**
 * Sends a RST that answers the segment at hand, which belongs to no connection
 * (RFC 9293 §3.10.7.1): with SEG.ACK as its number where there is one, else
 * acknowledging the segment.
 */
export function emitResetReply(t: Tcp): void {
	const { seg } = t;
	if (seg.has(RST)) return;
	if (seg.has(ACK)) writeHeader(t, seg.dstPort, seg.srcPort, seg.ack, 0, RST, 0);
	else writeHeader(t, seg.dstPort, seg.srcPort, 0, (seg.seq + seg.len) | 0, RST | ACK, 0);
	t.counters.resetsSent++;
	sendStateless(t);
}

/** Sends a segment without options that answers the one at hand and belongs to no connection. */
export function emitStateless(t: Tcp, flags: number, seq: number, ack: number, wnd: number): void {
	writeHeader(t, t.seg.dstPort, t.seg.srcPort, seq, ack, flags, wnd);
	sendStateless(t);
}

function sendStateless(t: Tcp): void {
	const { seg, image } = t;
	image.u8[t.outAt + TCP_OFFSET] = TCP_HEADER << 2;
	fillChecksum(t, seg.dstAt, seg.srcAt, t.outAt, TCP_HEADER);
	t.counters.segmentsOut++;
	t.ect = 0;
	t.lower.send(seg.dstAt, seg.srcAt, t.outAt, TCP_HEADER, null);
}
