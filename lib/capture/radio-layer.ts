import { LLC_LAYER, SKIP_NOT_IP, SKIP_TRUNCATED } from './layer.ts';
import type { Packet } from './packet.ts';

const PRISM_SPAN = 144;
/** Radiotap's first word of field bits; its top bit says that one more follows. */
const RADIOTAP_PRESENT = 4;
const HAS_CLOCK = 1;
const HAS_FLAGS = 2;
const FLAG_CHECKED = 0x10;
const FLAG_PADDED = 0x20;
const CHECK_SPAN = 4;

/** 802.11 data frames in the clear; their aggregates by the first subframe (IEEE 802.11 §9.2). */
export function wlanLayer(packet: Packet, isSwapped: boolean, isPadded: boolean = false): number {
	if (!packet.has(24)) return SKIP_TRUNCATED;
	const kind = packet.u8(isSwapped ? 1 : 0);
	const flags = packet.u8(isSwapped ? 0 : 1);
	const isData = (kind & 0x0c) === 0x08 && (kind & 0x40) === 0;
	if (!isData || (flags & 0x40) !== 0) return SKIP_NOT_IP;
	const isQos = (kind & 0x80) !== 0;
	let span = (flags & 3) === 3 ? 30 : 24;
	let isAggregate = false;
	if (isQos) {
		if (!packet.has(span + 2)) return SKIP_TRUNCATED;
		isAggregate = (packet.u8(span) & 0x80) !== 0;
		span += 2 + ((flags & 0x80) !== 0 ? 4 : 0);
	}
	if (isPadded) span = (span + 3) & ~3;
	if (isAggregate) span += 14;
	return toLlc(packet, span);
}

function toLlc(packet: Packet, span: number): number {
	packet.at += span;
	return packet.at <= packet.end ? LLC_LAYER : SKIP_TRUNCATED;
}

/** Radiotap: a length, bits that tell which fields follow, and among these whether the frame is padded and ends with its check sequence. */
export function radiotap(packet: Packet): number {
	if (!packet.has(8)) return SKIP_TRUNCATED;
	const length = packet.u8(2) | (packet.u8(3) << 8);
	const flags = radiotapFlags(packet, length);
	packet.at += length;
	if (packet.at > packet.end) return SKIP_TRUNCATED;
	if ((flags & FLAG_CHECKED) !== 0) packet.limit(packet.wireEnd - packet.at - CHECK_SPAN);
	return wlanLayer(packet, false, (flags & FLAG_PADDED) !== 0);
}

function radiotapFlags(packet: Packet, length: number): number {
	let at = RADIOTAP_PRESENT;
	const present = packet.u8(at);
	while (at + 4 < length && packet.has(at + 4) && (packet.u8(at + 3) & 0x80) !== 0) at += 4;
	at += 4;
	if ((present & HAS_FLAGS) === 0) return 0;
	// The clock before it is a word of 64 bits, and lies on one.
	if ((present & HAS_CLOCK) !== 0) at = ((at + 7) & ~7) + 8;
	return at < length && packet.has(at + 1) ? packet.u8(at) : 0;
}

/** The header of a Prism card, always as long. */
export function prism(packet: Packet): number {
	packet.at += PRISM_SPAN;
	return packet.at <= packet.end ? wlanLayer(packet, false) : SKIP_TRUNCATED;
}

/** The header that AVS made of it, with a length of its own. */
export function avs(packet: Packet): number {
	if (!packet.has(8)) return SKIP_TRUNCATED;
	packet.at += packet.u16(6);
	return packet.at <= packet.end ? wlanLayer(packet, false) : SKIP_TRUNCATED;
}
