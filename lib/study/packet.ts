import { ARP, ARP_REQUEST, RARP_REQUEST, parseArp } from '../wire/arp.ts';
import { get16, get32 } from '../wire/bytes.ts';
import { ETHERNET, ETHERTYPE_ARBITER, ETHERTYPE_ARP, ETHERTYPE_CHANNEL, ETHERTYPE_IPV4, ETHERTYPE_RARP, EthernetHeader, parseEthernet } from '../wire/ethernet.ts';
import { IPV4, Ipv4Header, PROTOCOL_ICMP, PROTOCOL_UDP, parseIpv4 } from '../wire/ipv4.ts';
import { FIN, OPTION_END, OPTION_NOP, OPTION_SACK, OPTION_TIMESTAMPS, PROTOCOL_TCP, SYN, TCP_ACK, TCP_DESTINATION, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_WINDOW } from '../wire/tcp.ts';
import { UdpHeader, parseUdp } from '../wire/udp.ts';

/** What a TCP segment says. Sequence numbers are as they stand in it, unsigned. */
export interface SegmentView {
	readonly seq: number;
	readonly ack: number;
	/** bits of `lib/wire/tcp.ts` */
	readonly flags: number;
	readonly window: number;
	/** TSval and TSecr, where there are any */
	readonly timestamps: readonly [number, number] | null;
	/** blocks of a SACK option */
	readonly sack: readonly (readonly [left: number, right: number])[];
	/** sequence numbers it takes up: text, SYN and FIN */
	readonly length: number;
}

/** What a frame is. */
export type PacketKind = 'tcp' | 'udp' | 'icmp' | 'arp' | 'rarp' | 'channel' | 'arbiter' | 'other';

/** A frame read for people and claims. */
export interface PacketView {
	readonly kind: PacketKind;
	/** Ethernet addresses as text */
	readonly sourceMac: string;
	readonly destinationMac: string;
	/** `10.0.0.1:7000` of TCP and UDP, `10.0.0.1` of other IP and of ARP; '' where there is none */
	readonly source: string;
	readonly destination: string;
	/** IP identification; −1 without IP */
	readonly ipId: number;
	readonly segment: SegmentView | null;
	/** text of TCP or UDP */
	readonly payload: Uint8Array;
	/** ARP: 'request', 'reply', 'announcement'; RARP: 'announcement' */
	readonly operation: string;
	readonly bytes: Uint8Array;
}

const none: Uint8Array = new Uint8Array(0);

function mac(u8: Uint8Array, at: number): string {
	return Array.from(u8.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function ip(u8: Uint8Array, at: number): string {
	return u8.subarray(at, at + 4).join('.');
}

interface Options {
	timestamps: readonly [number, number] | null;
	sack: (readonly [number, number])[];
}

function readOptions(u8: Uint8Array, from: number, end: number): Options {
	const found: Options = { timestamps: null, sack: [] };
	for (let at = from; at < end;) {
		const kind = u8[at]!;
		if (kind === OPTION_END) break;
		if (kind === OPTION_NOP) { at++; continue; }
		const length = u8[at + 1] ?? 0;
		if (length < 2 || at + length > end) break;
		if (kind === OPTION_TIMESTAMPS && length === 10) found.timestamps = [get32(u8, at + 2) >>> 0, get32(u8, at + 6) >>> 0];
		if (kind === OPTION_SACK) for (let i = at + 2; i + 8 <= at + length; i += 8) found.sack.push([get32(u8, i) >>> 0, get32(u8, i + 4) >>> 0]);
		at += length;
	}
	return found;
}

type Upper = Pick<PacketView, 'kind' | 'source' | 'destination' | 'segment' | 'payload'>;

function readTcp(u8: Uint8Array, at: number, length: number, source: string, destination: string): Upper | null {
	const header = length < TCP_HEADER ? 0 : (u8[at + TCP_OFFSET]! >> 4) * 4;
	if (header < TCP_HEADER || header > length) return null;
	const flags = u8[at + TCP_FLAGS]!;
	const payload = u8.subarray(at + header, at + length);
	const segment: SegmentView = {
		seq: get32(u8, at + TCP_SEQ) >>> 0, ack: get32(u8, at + TCP_ACK) >>> 0, flags, window: get16(u8, at + TCP_WINDOW),
		...readOptions(u8, at + TCP_HEADER, at + header),
		length: payload.length + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0),
	};
	return { kind: 'tcp', source: `${source}:${get16(u8, at + TCP_SOURCE)}`, destination: `${destination}:${get16(u8, at + TCP_DESTINATION)}`, segment, payload };
}

function readUdp(u8: Uint8Array, at: number, length: number, source: string, destination: string): Upper | null {
	const header = new UdpHeader();
	if (parseUdp(u8, at, length, header) !== 0) return null;
	const payload = u8.subarray(header.payloadAt, header.payloadAt + header.payloadLength);
	return { kind: 'udp', source: `${source}:${header.source}`, destination: `${destination}:${header.destination}`, segment: null, payload };
}

function readIp(u8: Uint8Array, at: number, length: number): (Upper & { readonly ipId: number }) | null {
	const header = new Ipv4Header();
	if (parseIpv4(u8, at, length, header) !== 0) return null;
	const source = ip(u8, at + IPV4.source), destination = ip(u8, at + IPV4.destination);
	const { payloadAt, payloadLength, id: ipId, protocol } = header;
	if (protocol === PROTOCOL_TCP) {
		const tcp = readTcp(u8, payloadAt, payloadLength, source, destination);
		return tcp === null ? null : { ...tcp, ipId };
	}
	if (protocol === PROTOCOL_UDP) {
		const udp = readUdp(u8, payloadAt, payloadLength, source, destination);
		return udp === null ? null : { ...udp, ipId };
	}
	return { kind: protocol === PROTOCOL_ICMP ? 'icmp' : 'other', source, destination, segment: null, payload: none, ipId };
}

function readArp(u8: Uint8Array, at: number, length: number, isRarp: boolean): Pick<PacketView, 'source' | 'destination' | 'operation'> {
	if (parseArp(u8, at, length) !== 0) return { source: '', destination: '', operation: '' };
	const source = ip(u8, at + ARP.sender), destination = ip(u8, at + ARP.target);
	const code = get16(u8, at + ARP.operation);
	if (isRarp) return { source: '', destination: '', operation: code === RARP_REQUEST ? 'announcement' : 'reply' };
	return { source, destination, operation: source === destination ? 'announcement' : code === ARP_REQUEST ? 'request' : 'reply' };
}

/** Reads a frame as far as it can be read. */
export function readPacket(u8: Uint8Array): PacketView {
	const ethernet = new EthernetHeader();
	const bare: PacketView = {
		kind: 'other', sourceMac: '', destinationMac: '', source: '', destination: '', ipId: -1, segment: null, payload: none, operation: '', bytes: u8,
	};
	if (parseEthernet(u8, 0, u8.length, ethernet) !== 0) return bare;
	const frame: PacketView = { ...bare, sourceMac: mac(u8, ETHERNET.source), destinationMac: mac(u8, ETHERNET.destination) };
	const { type, payloadAt, payloadLength } = ethernet;
	switch (type) {
		case ETHERTYPE_IPV4: return { ...frame, ...readIp(u8, payloadAt, payloadLength) };
		case ETHERTYPE_ARP: return { ...frame, kind: 'arp', ...readArp(u8, payloadAt, payloadLength, false) };
		case ETHERTYPE_RARP: return { ...frame, kind: 'rarp', ...readArp(u8, payloadAt, payloadLength, true) };
		case ETHERTYPE_CHANNEL: return { ...frame, kind: 'channel' };
		case ETHERTYPE_ARBITER: return { ...frame, kind: 'arbiter' };
		default: return frame;
	}
}

/** Bytes as text: a newline at the end is left out, other unprintable ones are dots. */
export function textOf(payload: Uint8Array): string {
	const end = payload.at(-1) === 0x0a ? payload.length - 1 : payload.length;
	let text = '';
	for (let i = 0; i < end; i++) text += payload[i]! >= 0x20 && payload[i]! < 0x7f ? String.fromCharCode(payload[i]!) : '.';
	return text;
}
