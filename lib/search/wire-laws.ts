import { readPacket } from '../study/packet.ts';
import type { PacketView, SegmentView } from '../study/packet.ts';
import { ACK, FIN, OPTION_END, OPTION_NOP, RST, SYN } from '../wire/tcp.ts';
import { diff, geq, gt, latest, leq, lt } from '../../tcp/seq.ts';

/** A frame as it was seen at the interface of one host: leaving it, or arriving. */
export interface Sighting {
	readonly host: string;
	readonly sent: boolean;
	/** µs */
	readonly at: number;
	readonly bytes: Uint8Array;
}

/** Frames of one connection within a second that bring neither side anywhere, at most. */
const IDLE_FRAMES = 500, SECOND = 1_000_000;
/** octets of a page, a power of two */
const PAGE = 512, PAGE_BITS = 9;
const WINDOW_SCALE = 3, ETHERNET_HEADER = 14;

/** What was seen of one direction of a connection at one host. */
interface Way {
	first: number;
	/** octets by their number: pages of them, −1 where none was seen */
	readonly octets: Map<number, Int16Array>;
	/** highest number behind what was sent; highest ACK, and right edge of the window, it gave */
	end: number;
	acked: number;
	edge: number;
	scale: number;
	/** numbers that a RST upon one of its segments may have */
	readonly acks: Set<number>;
	readonly ends: Set<number>;
	idle: number;
	since: number;
}

/** Shift of a SYN's window scale option; 0 without one. */
function scaleIn(bytes: Uint8Array): number {
	const header = ETHERNET_HEADER + (bytes[ETHERNET_HEADER]! & 15) * 4;
	const end = header + (bytes[header + 12]! >> 4) * 4;
	for (let at = header + 20; at < end;) {
		const kind = bytes[at]!;
		if (kind === OPTION_END) return 0;
		if (kind === WINDOW_SCALE) return Math.min(14, bytes[at + 2]!);
		at += kind === OPTION_NOP ? 1 : Math.max(2, bytes[at + 1]!);
	}
	return 0;
}

/** The page of octets that holds a number. */
function pageOf({ octets }: Way, number: number): Int16Array {
	const known = octets.get(number >> PAGE_BITS);
	if (known !== undefined) return known;
	const page = new Int16Array(PAGE).fill(-1);
	octets.set(number >> PAGE_BITS, page);
	return page;
}

/** Names of the laws that what is on a wire can break. */
export type WireLaw = 'same-payload' | 'right-edge' | 'reset-allowed' | 'progress';

/** Watches segments as hosts see them, in order. */
export class WireWatch {
	readonly #ways: Map<string, Way> = new Map();
	/** the first that was broken of each law */
	readonly broken: Map<WireLaw, string> = new Map();

	see({ host, sent, at, bytes }: Sighting): void {
		const packet = readPacket(bytes);
		const { segment } = packet;
		if (segment === null) return;
		const there = this.#way(host, packet.source, packet.destination, segment, bytes);
		const back = this.#ways.get(`${host} ${packet.destination} ${packet.source}`);
		this.#payload(there, packet, segment);
		if (sent && (segment.flags & RST) !== 0) this.#reset(there, back, packet, segment);
		if (sent && (segment.flags & (ACK | RST)) === ACK) this.#edge(there, back, packet, segment);
		this.#progress(there, packet, segment, at);
		if ((segment.flags & ACK) !== 0) there.acks.add(segment.ack | 0);
		else there.ends.add((segment.seq + segment.length) | 0);
	}

	#found(law: WireLaw, text: string): void { if (!this.broken.has(law)) this.broken.set(law, text); }

	#way(host: string, source: string, destination: string, segment: SegmentView, bytes: Uint8Array): Way {
		const key = `${host} ${source} ${destination}`;
		const known = this.#ways.get(key);
		const isSyn = (segment.flags & SYN) !== 0;
		if (known !== undefined && !(isSyn && (segment.seq | 0) !== known.first)) return known;
		const way: Way = {
			first: segment.seq | 0, octets: new Map(), end: segment.seq | 0, acked: segment.ack | 0, edge: NaN, scale: isSyn ? scaleIn(bytes) : 0, acks: known?.acks ?? new Set(), ends: known?.ends ?? new Set(), idle: 0, since: 0,
		};
		this.#ways.set(key, way);
		return way;
	}

	/** What is sent again under a number is what was sent under it before (RFC 9293 §3.4). */
	#payload(way: Way, { source, payload }: PacketView, { seq, flags }: SegmentView): void {
		const from = seq + ((flags & SYN) !== 0 ? 1 : 0);
		if (payload.length === 0) return;
		let page = pageOf(way, from | 0);
		for (let i = 0; i < payload.length; i++) {
			const number = (from + i) | 0, place = number & (PAGE - 1);
			if (place === 0) page = pageOf(way, number);
			const before = page[place]!;
			if (before < 0) page[place] = payload[i]!;
			else if (before !== payload[i]) return this.#found('same-payload', `${source} sent octet ${number >>> 0} as ${before} and as ${payload[i]!}`);
		}
	}

	/** A RST upon a segment has the number that segment asks for; an ABORT's stands at SND.NXT, and not below what is acknowledged (§3.5.2, §3.10.5). */
	#reset(there: Way, back: Way | undefined, { source }: PacketView, { seq, ack, flags }: SegmentView): void {
		const number = seq | 0;
		if (back?.acks.has(number) === true) return;
		if (number === 0 && (flags & ACK) !== 0 && back?.ends.has(ack | 0) === true) return;
		if (geq(number, there.first) && leq(number, (there.end + 0xffff) | 0) && (back === undefined || geq(number, back.acked))) return;
		this.#found('reset-allowed', `${source} sent a RST with the number ${seq}, which nobody asked for`);
	}

	/** The right edge of the receive window never moves left (§3.8.6), but for what a scaled window cannot say (RFC 7323 §2.4). */
	#edge(there: Way, back: Way | undefined, { source }: PacketView, { ack, window, flags }: SegmentView): void {
		if (back === undefined) return;
		const isScaled = (flags & SYN) === 0 && there.scale > 0 && back.scale > 0;
		const edge = (ack + (isScaled ? window << there.scale : window)) | 0;
		// A SYN announces the first window of a connection.
		if ((flags & SYN) !== 0) there.edge = NaN;
		if (!Number.isNaN(there.edge) && diff(there.edge, edge) >= (isScaled ? 1 << there.scale : 1)) this.#found('right-edge', `${source} moved its window's right edge from ${there.edge >>> 0} to ${edge >>> 0}`);
		if (Number.isNaN(there.edge) || lt(there.edge, edge)) there.edge = edge;
	}

	/** No two hosts answer each other for ever. */
	#progress(way: Way, { source }: PacketView, { seq, ack, length, flags }: SegmentView, at: number): void {
		const end = (seq + length) | 0;
		const isNews = gt(end, way.end) || ((flags & ACK) !== 0 && gt(ack | 0, way.acked));
		way.end = latest(way.end, end);
		if ((flags & ACK) !== 0) way.acked = latest(way.acked, ack | 0);
		if (isNews || (flags & (SYN | FIN)) !== 0 || at - way.since > SECOND) {
			way.idle = 0;
			way.since = at;
		} else if (++way.idle > IDLE_FRAMES) this.#found('progress', `${source} sent ${IDLE_FRAMES} segments in a second that brought nothing`);
	}
}
