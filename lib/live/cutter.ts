import type { Views } from '../memory/index.ts';
import { get16, get32, put16, put32 } from '../wire/bytes.ts';
import { fold, sum } from '../wire/checksum.ts';
import { ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_SERVICE_VLAN, ETHERTYPE_VLAN, TAG } from '../wire/ethernet.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { IPV6 } from '../wire/ipv6.ts';
import type { Sink } from '../wire/node.ts';
import { simdSum } from '../wire/sum-simd.ts';
import { CWR, FIN, PSH, TCP_CHECKSUM, TCP_FLAGS, TCP_HEADER, TCP_OFFSET, TCP_SEQ } from '../wire/tcp.ts';
import { GSO_ECN, GSO_NONE, GSO_TCPV4, GSO_TCPV6, NEEDS_CSUM, OFFLOAD, OFFLOAD_HEAD } from './offload.ts';

const PAGE = 0x1_0000;
/** Bytes of the longest frame with its offload header, rounded up to pages of WebAssembly's. */
const ROOM = 2 * PAGE;
/** Bytes of the longest headers before text: with tags, options of IP's and of TCP's, extension headers. */
const LONGEST_HEADS = 512;

function get16Own(u8: Uint8Array, at: number): number { return u8[at]! | (u8[at + 1]! << 8); }

/**
 * Makes of what Linux hands to a device that offered to do its segmentation and
 * its checksums the frames that the device would put on the wire.
 */
export class Cutter {
	/** where frames are read to, offload header first */
	readonly bytes: Uint8Array;
	/** what was neither a frame nor large in a way that was offered */
	refused: number = 0;
	readonly #views: Views;
	/** headers of the frame at hand, which its first pieces overwrite */
	readonly #heads: Uint8Array = new Uint8Array(LONGEST_HEADS);

	constructor() {
		const memory = new WebAssembly.Memory({ initial: ROOM / PAGE, maximum: ROOM / PAGE });
		const { buffer } = memory;
		this.bytes = new Uint8Array(buffer);
		this.#views = { u8: this.bytes, u16: new Uint16Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer), nativeSum: simdSum(memory) };
	}

	/**
	 * Hands over the frames of which `length` bytes at the beginning of `bytes`
	 * consist; afterwards those bytes are others.
	 *
	 * @returns  how many
	 */
	cut(length: number, sink: Sink, port: number): number {
		const { bytes } = this;
		const kind = bytes[OFFLOAD.type]! & ~GSO_ECN;
		if (length > OFFLOAD_HEAD && kind === GSO_NONE) {
			if ((bytes[OFFLOAD.flags]! & NEEDS_CSUM) !== 0 && !this.#complete(length)) return this.#refuse();
			sink.take(bytes, OFFLOAD_HEAD, length - OFFLOAD_HEAD, port);
			return 1;
		}
		return kind === GSO_TCPV4 || kind === GSO_TCPV6 ? this.#segments(length, sink, port) : this.#refuse();
	}

	#refuse(): number {
		this.refused++;
		return 0;
	}

	/** Adds to a checksum what it lacks; false where it would lie outside. */
	#complete(length: number): boolean {
		const { bytes } = this;
		const from = OFFLOAD_HEAD + get16Own(bytes, OFFLOAD.sumStart), at = from + get16Own(bytes, OFFLOAD.sumOffset);
		if (at + 2 > length) return false;
		// A checksum that comes out as 0 is sent as all ones, which only UDP asks for and none minds (RFC 768).
		put16(bytes, at, (sum(this.#views, from, length - from) ^ 0xffff) || 0xffff);
		return true;
	}

	/** Where the IP header begins; 0 where there is none. */
	#packetAt(): number {
		const { bytes } = this;
		let at = OFFLOAD_HEAD + ETHERNET.end;
		let type = get16(bytes, OFFLOAD_HEAD + ETHERNET.type);
		for (; type === ETHERTYPE_VLAN || type === ETHERTYPE_SERVICE_VLAN; at += TAG.end) type = get16(bytes, at + TAG.end - 2);
		return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? at : 0;
	}

	#segments(length: number, sink: Sink, port: number): number {
		const { bytes } = this;
		const size = get16Own(bytes, OFFLOAD.size), tcp = OFFLOAD_HEAD + get16Own(bytes, OFFLOAD.sumStart), ip = this.#packetAt();
		const textAt = tcp + ((bytes[tcp + TCP_OFFSET]! >> 4) << 2), headLength = textAt - OFFLOAD_HEAD;
		if (ip === 0 || size === 0 || tcp < ip + IPV4.end || textAt < tcp + TCP_HEADER || textAt >= length || headLength > LONGEST_HEADS) return this.#refuse();
		this.#heads.set(bytes.subarray(OFFLOAD_HEAD, textAt));
		const flags = bytes[tcp + TCP_FLAGS]!, seq = get32(bytes, tcp + TCP_SEQ), id = get16(bytes, ip + IPV4.id);
		// The checksum there is that of the pseudo header with the whole length; what is left is that of the addresses.
		const addresses = fold(get16(bytes, tcp + TCP_CHECKSUM) + ((length - tcp) ^ 0xffff));
		let count = 0;
		for (let at = textAt; at < length; at += size, count++) {
			const end = Math.min(at + size, length), from = at - headLength;
			if (count > 0) bytes.set(this.#heads.subarray(0, headLength), from);
			const head = from + tcp - OFFLOAD_HEAD;
			put32(bytes, head + TCP_SEQ, (seq + at - textAt) | 0);
			bytes[head + TCP_FLAGS] = flags & ~((end < length ? PSH | FIN : 0) | (count > 0 ? CWR : 0));
			this.#packet(from + ip - OFFLOAD_HEAD, end, id + count);
			put16(bytes, head + TCP_CHECKSUM, 0);
			put16(bytes, head + TCP_CHECKSUM, fold(addresses + (end - head) + sum(this.#views, head, end - head)) ^ 0xffff);
			sink.take(bytes, from, end - from, port);
		}
		return count;
	}

	/** Makes an IP header that of one piece: each IPv4 packet has an id of its own, the next one. */
	#packet(at: number, end: number, id: number): void {
		const { bytes } = this;
		if (bytes[at]! >> 4 === 6) return put16(bytes, at + IPV6.payloadLength, end - at - IPV6.end);
		const length = (bytes[at]! & 15) << 2;
		put16(bytes, at + IPV4.totalLength, end - at);
		put16(bytes, at + IPV4.id, id);
		put16(bytes, at + IPV4.checksum, 0);
		put16(bytes, at + IPV4.checksum, sum(this.#views, at, length) ^ 0xffff);
	}
}
