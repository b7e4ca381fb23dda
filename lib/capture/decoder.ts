import { get16, get32 } from '../wire/bytes.ts';
import { TCP_ACK, TCP_DESTINATION, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ, TCP_SOURCE, TCP_WINDOW } from '../wire/tcp.ts';
import type { CaptureRecord } from './capture-record.ts';
import { Fragments } from './fragments.ts';
import { extensionLayer, icmpLayer, icmpv6Layer, ipLayer, ipv6Layer } from './ip-layer.ts';
import {
	ETHERNET_LAYER, EXTENSION_LAYER, GRE_LAYER, ICMP_LAYER, ICMPV6_LAYER, IP_LAYER, IPV6_LAYER, LLC_LAYER, MPLS_LAYER, PPP_LAYER,
	PPPOE_LAYER, SKIP_TRUNCATED, SKIP_TUNNEL, TCP_LAYER, UDP_LAYER, WLAN_LAYER, WLAN_SWAPPED_LAYER,
} from './layer.ts';
import { ethernetLayer, linkLayer, llcLayer, mplsLayer, pppLayer, pppoeLayer } from './link-layer.ts';
import { LINKTYPE_ETHERNET, NO_LINK_TYPE } from './link-type.ts';
import { Packet } from './packet.ts';
import { wlanLayer } from './radio-layer.ts';
import { Segment } from './segment.ts';
import { greLayer, udpLayer } from './tunnel-layer.ts';

/** More headers one inside another are taken for an attack. */
const MAX_LAYERS = 40;
/** Ports, numbers, flags and window: what a connection is told by. */
const STUB_END = 16;
const PORTS_END = 4;
const MAX_OPTIONS = 40;

/**
 * Finds the TCP segment in a captured packet. Nothing is allocated a packet,
 * but where IP fragments are put together.
 */
export class Decoder {
	/** what decode() found */
	readonly segment: Segment = new Segment();
	#packet: Packet = new Packet();
	#fragments: Fragments = new Fragments();
	#hasStart: boolean = false;
	#startSeconds: number = 0;
	#startNanos: number = 0;

	/** @returns 0 where the record holds a segment, or a SKIP_ reason (< 0) */
	decode(record: CaptureRecord): number {
		const packet = this.#packet;
		if (!this.#hasStart && record.linkType !== NO_LINK_TYPE) {
			this.#hasStart = true;
			this.#startSeconds = record.seconds;
			this.#startNanos = record.nanos;
		}
		packet.start(record.bytes, record.at, record.capturedLength, record.originalLength);
		if (record.checkLength > 0 && record.linkType === LINKTYPE_ETHERNET) packet.limit(Math.max(0, record.originalLength - record.checkLength));
		const layer = this.#descend(linkLayer(packet, record.linkType));
		if (layer !== TCP_LAYER) return layer;
		const { segment } = this;
		segment.frame = record.frame;
		segment.time = (record.seconds - this.#startSeconds) * 1e9 + (record.nanos - this.#startNanos);
		segment.seconds = record.seconds;
		segment.nanos = record.nanos;
		segment.isTimeless = record.seconds === 0 && record.nanos === 0;
		return readSegment(packet, segment);
	}

	/** Follows the layers down to TCP, or to a reason why there is none. */
	#descend(first: number): number {
		const packet = this.#packet;
		let layer = first;
		for (let i = 0; i < MAX_LAYERS; i++) {
			switch (layer) {
				case ETHERNET_LAYER: layer = ethernetLayer(packet); break;
				case IP_LAYER: layer = ipLayer(packet, this.#fragments); break;
				case IPV6_LAYER: layer = ipv6Layer(packet); break;
				case EXTENSION_LAYER: layer = extensionLayer(packet, this.#fragments); break;
				case UDP_LAYER: layer = udpLayer(packet); break;
				case ICMP_LAYER: layer = icmpLayer(packet); break;
				case ICMPV6_LAYER: layer = icmpv6Layer(packet); break;
				case LLC_LAYER: layer = llcLayer(packet); break;
				case PPP_LAYER: layer = pppLayer(packet); break;
				case PPPOE_LAYER: layer = pppoeLayer(packet); break;
				case MPLS_LAYER: layer = mplsLayer(packet); break;
				case GRE_LAYER: layer = greLayer(packet); break;
				case WLAN_LAYER: layer = wlanLayer(packet, false); break;
				case WLAN_SWAPPED_LAYER: layer = wlanLayer(packet, true); break;
				default: return layer;
			}
		}
		return SKIP_TUNNEL;
	}
}

/** Reads the TCP header at the packet's position (RFC 9293 §3.1); what was cut off is left out. */
function readSegment(packet: Packet, segment: Segment): number {
	const { bytes, at, end } = packet;
	if (at + PORTS_END > end) return SKIP_TRUNCATED;
	segment.bytes = bytes;
	segment.sourceAt = packet.sourceAt;
	segment.destinationAt = packet.destinationAt;
	segment.addressLength = packet.addressLength;
	segment.at = at;
	segment.tunnels = packet.tunnels;
	segment.sourcePort = get16(bytes, at + TCP_SOURCE);
	segment.destinationPort = get16(bytes, at + TCP_DESTINATION);
	segment.isStub = at + STUB_END > end;
	segment.isWhole = false;
	if (segment.isStub) return 0;
	segment.seq = get32(bytes, at + TCP_SEQ);
	segment.ack = get32(bytes, at + TCP_ACK);
	segment.flags = ((bytes[at + TCP_OFFSET]! & 15) << 8) | bytes[at + TCP_FLAGS]!;
	segment.window = get16(bytes, at + TCP_WINDOW);
	const headerLength = (bytes[at + TCP_OFFSET]! >> 4) << 2;
	segment.headerLength = headerLength;
	segment.length = Math.max(0, packet.wireEnd - at - headerLength);
	segment.isWhole = !packet.isQuoted && !packet.isPartial && at + headerLength <= packet.wireEnd;
	segment.isHeaderWhole = headerLength >= TCP_HEADER && at + headerLength <= end;
	segment.dataAt = at + headerLength;
	segment.capturedLength = Math.max(0, Math.min(segment.length, end - segment.dataAt));
	segment.optionsLength = Math.max(0, Math.min(headerLength - TCP_HEADER, end - at - TCP_HEADER, MAX_OPTIONS));
	return 0;
}
