import { get16, get32, put16, put32 } from '../../wire/bytes.ts';
import { checksumHolds, checksumOf } from '../../wire/pseudo-header.ts';
import { sum } from '../../wire/checksum.ts';
import { ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../wire/ethernet.ts';
import { IPV4, PROTOCOL_TCP } from '../../wire/ipv4.ts';
import { TCP_ACK, TCP_CHECKSUM, TCP_DESTINATION, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_URGENT, TCP_WINDOW } from '../../wire/tcp.ts';
import type { Views } from '../../memory/index.ts';
import type { Addressing } from './addressing.ts';

/** Bytes of an IPv6 header (RFC 8200 §3). */
const IPV6_HEADER = 40;
const IPV4_HEADER: number = IPV4.end;

/** A TCP segment as fields: numbers are those on the wire, unsigned. */
export interface Segment {
	readonly sourcePort: number;
	readonly destinationPort: number;
	readonly seq: number;
	readonly ack: number;
	/** Nine bits: AE is the ninth (RFC 9768 §3.1). */
	readonly flags: number;
	readonly window: number;
	readonly urgent: number;
	/** Option bytes as they stand in the header, padding included. */
	readonly options: Uint8Array;
	readonly payload: Uint8Array;
}

/** What a packet's IP header says besides the addresses. */
export interface IpMarks {
	/** DSCP and ECN. */
	readonly tos: number;
	readonly ttl: number;
	readonly flowLabel: number;
}

/** Views of fresh memory, as checksums want them. */
function views(bytes: number): Views {
	const buffer = new ArrayBuffer((bytes + 15) & ~7);
	return { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
}

/** Where addresses and the IP payload stand in the memory a frame is built in: all on words. */
const SOURCE_AT = 0, DESTINATION_AT = 16, PAYLOAD_AT = 32;

function withAddresses(from: Uint8Array, to: Uint8Array, length: number): Views {
	const memory = views(PAYLOAD_AT + length);
	memory.u8.set(from, SOURCE_AT);
	memory.u8.set(to, DESTINATION_AT);
	return memory;
}

/** The bytes of a segment with its checksum (RFC 9293 §3.1). */
export function segmentBytes(from: Uint8Array, to: Uint8Array, segment: Segment): Uint8Array {
	const header = TCP_HEADER + segment.options.length;
	const memory = withAddresses(from, to, header + segment.payload.length);
	const { u8 } = memory;
	put16(u8, PAYLOAD_AT + TCP_SOURCE, segment.sourcePort);
	put16(u8, PAYLOAD_AT + TCP_DESTINATION, segment.destinationPort);
	put32(u8, PAYLOAD_AT + TCP_SEQ, segment.seq);
	put32(u8, PAYLOAD_AT + TCP_ACK, segment.ack);
	u8[PAYLOAD_AT + TCP_OFFSET] = (header << 2) | (segment.flags >> 8);
	u8[PAYLOAD_AT + TCP_FLAGS] = segment.flags;
	put16(u8, PAYLOAD_AT + TCP_WINDOW, segment.window);
	put16(u8, PAYLOAD_AT + TCP_URGENT, segment.urgent);
	u8.set(segment.options, PAYLOAD_AT + TCP_HEADER);
	u8.set(segment.payload, PAYLOAD_AT + header);
	const length = header + segment.payload.length;
	put16(u8, PAYLOAD_AT + TCP_CHECKSUM, checksumOf(memory, SOURCE_AT, DESTINATION_AT, PROTOCOL_TCP, PAYLOAD_AT, length));
	return u8.slice(PAYLOAD_AT, PAYLOAD_AT + length);
}

/** The checksum over a pseudo header and a message whose field is 0 (RFC 4443 §2.3). */
export function pseudoChecksum(from: Uint8Array, to: Uint8Array, protocol: number, message: Uint8Array): number {
	const memory = withAddresses(from, to, message.length);
	memory.u8.set(message, PAYLOAD_AT);
	return checksumOf(memory, SOURCE_AT, DESTINATION_AT, protocol, PAYLOAD_AT, message.length);
}

/** The Internet checksum of a message whose field is 0 (RFC 1071). */
export function plainChecksum(message: Uint8Array): number {
	const memory = views(message.length);
	memory.u8.set(message);
	return sum(memory, 0, message.length) ^ 0xffff;
}

/** An IP packet around a payload; the family is that of the addresses. */
export function ipPacket(family: 4 | 6, from: Uint8Array, to: Uint8Array, protocol: number, payload: Uint8Array, marks: IpMarks): Uint8Array {
	return family === 4 ? ipv4Packet(from, to, protocol, payload, marks) : ipv6Packet(from, to, protocol, payload, marks);
}

function ipv4Packet(from: Uint8Array, to: Uint8Array, protocol: number, payload: Uint8Array, marks: IpMarks): Uint8Array {
	const packet = new Uint8Array(IPV4_HEADER + payload.length);
	packet[IPV4.versionAndLength] = 0x45;
	packet[IPV4.trafficClass] = marks.tos;
	put16(packet, IPV4.totalLength, packet.length);
	packet[IPV4.ttl] = marks.ttl;
	packet[IPV4.protocol] = protocol;
	packet.set(from.subarray(12), IPV4.source);
	packet.set(to.subarray(12), IPV4.destination);
	put16(packet, IPV4.checksum, plainChecksum(packet.subarray(0, IPV4_HEADER)));
	packet.set(payload, IPV4_HEADER);
	return packet;
}

function ipv6Packet(from: Uint8Array, to: Uint8Array, protocol: number, payload: Uint8Array, marks: IpMarks): Uint8Array {
	const packet = new Uint8Array(IPV6_HEADER + payload.length);
	put32(packet, 0, (6 << 28) | (marks.tos << 20) | marks.flowLabel);
	put16(packet, 4, payload.length);
	packet[6] = protocol;
	packet[7] = marks.ttl;
	packet.set(from, 8);
	packet.set(to, 24);
	packet.set(payload, IPV6_HEADER);
	return packet;
}

/** A frame around an IP packet, from the router to the host or as the host would send it. */
export function frameOf(addressing: Addressing, packet: Uint8Array): Uint8Array {
	const frame = new Uint8Array(ETHERNET.end + packet.length);
	frame.set(addressing.localMac, ETHERNET.destination);
	frame.set(addressing.gatewayMac, ETHERNET.source);
	put16(frame, ETHERNET.type, addressing.family === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
	frame.set(packet, ETHERNET.end);
	return frame;
}

/** An IP packet that the host sent, as far as scripts speak of it. */
export interface SentPacket {
	readonly from: Uint8Array;
	readonly to: Uint8Array;
	readonly protocol: number;
	readonly marks: IpMarks;
	readonly payload: Uint8Array;
}

function mapped(bytes: Uint8Array): Uint8Array {
	return Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...bytes]);
}

/** Reads a frame of the host's; null where it carries no IP. */
export function readFrame(frame: Uint8Array): SentPacket | null {
	const type = get16(frame, ETHERNET.type);
	const packet = frame.subarray(ETHERNET.end);
	if (type === ETHERTYPE_IPV4) {
		const header = (packet[0]! & 15) << 2;
		return {
			from: mapped(packet.subarray(IPV4.source, IPV4.source + 4)), to: mapped(packet.subarray(IPV4.destination, IPV4.destination + 4)),
			protocol: packet[IPV4.protocol]!,
			marks: { tos: packet[IPV4.trafficClass]!, ttl: packet[IPV4.ttl]!, flowLabel: 0 },
			payload: packet.slice(header, get16(packet, IPV4.totalLength)),
		};
	}
	if (type !== ETHERTYPE_IPV6) return null;
	return {
		from: packet.slice(8, 24), to: packet.slice(24, 40), protocol: packet[6]!,
		marks: { tos: (get16(packet, 0) >> 4) & 0xff, ttl: packet[7]!, flowLabel: get32(packet, 0) & 0xf_ffff },
		payload: packet.slice(IPV6_HEADER, IPV6_HEADER + get16(packet, 4)),
	};
}

/** Reads a segment the host sent; a text says what is wrong with it. */
export function readSegment(packet: SentPacket): Segment | string {
	const { payload } = packet;
	const header = (payload[TCP_OFFSET]! >> 4) << 2;
	if (payload.length < TCP_HEADER || header < TCP_HEADER || header > payload.length) return 'a segment shorter than its header';
	const memory = withAddresses(packet.from, packet.to, payload.length);
	memory.u8.set(payload, PAYLOAD_AT);
	if (!checksumHolds(memory, SOURCE_AT, DESTINATION_AT, PROTOCOL_TCP, PAYLOAD_AT, payload.length)) return 'a segment with a wrong checksum';
	return {
		sourcePort: get16(payload, TCP_SOURCE), destinationPort: get16(payload, TCP_DESTINATION),
		seq: get32(payload, TCP_SEQ) >>> 0, ack: get32(payload, TCP_ACK) >>> 0,
		flags: ((payload[TCP_OFFSET]! & 1) << 8) | payload[TCP_FLAGS]!,
		window: get16(payload, TCP_WINDOW), urgent: get16(payload, TCP_URGENT),
		options: payload.slice(TCP_HEADER, header), payload: payload.slice(header),
	};
}
