import { get16, get32, put16 } from '../wire/bytes.ts';
import { GSO_TCPV4, NEEDS_CSUM, OFFLOAD_HEAD } from './offload.ts';

const ETHERNET = 14, IPV4 = 20;
/** Offsets in a frame of TCP over IPv4 without options of IP's. */
const AT = { type: 12, version: 14, length: 16, id: 18, fragment: 20, protocol: 23, ipSum: 24, source: 26, seq: 38, offset: 46, flags: 47, window: 48, sum: 50, urgent: 52, options: 54 } as const;
const ACK = 16, PSH = 8, FIN = 1;
/** An IP packet's most bytes, behind its Ethernet header. */
const LONGEST = ETHERNET + 65_535;

function same(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, from: number, to: number): boolean {
	for (let i = from; i < to; i++) if (a[aAt + i] !== b[bAt + i]) return false;
	return true;
}

/** The Internet checksum's sum, folded. */
function sum(u8: Uint8Array, at: number, length: number, from: number): number {
	let total = from;
	for (let i = 0; i < length; i += 2) total += get16(u8, at + i);
	while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
	return total;
}

/**
 * Puts frames of one TCP flow together that leave one behind the other, in the
 * form in which Linux takes them from a device with segmentation offload: cut
 * again, wherever that happens, they are the same frames to the last byte.
 */
export class Merger {
	/** the offload header, then the frame */
	readonly bytes: Uint8Array = new Uint8Array(OFFLOAD_HEAD + LONGEST);
	/** bytes of the frame at hand; 0: none */
	length: number = 0;
	/** frames in it */
	count: number = 0;
	#head = 0;
	#size = 0;
	#nextSeq = 0;
	#nextId = 0;
	#open = false;

	/** Begins with a frame; nothing may be at hand. */
	begin(frame: Uint8Array, at: number, length: number): void {
		this.bytes.set(at === 0 && length === frame.length ? frame : frame.subarray(at, at + length), OFFLOAD_HEAD);
		this.length = length;
		this.count = 1;
		this.#open = false;
		if (length < AT.options || get16(frame, at + AT.type) !== 0x0800 || frame[at + AT.version] !== 0x45 || frame[at + AT.protocol] !== 6) return;
		this.#head = ETHERNET + IPV4 + ((frame[at + AT.offset]! >> 4) << 2);
		this.#size = length - this.#head;
		// Only text without a push may have more behind it, and a packet that was cut has none.
		if (this.#size <= 0 || frame[at + AT.flags] !== ACK || get16(frame, at + AT.length) !== length - ETHERNET || (get16(frame, at + AT.fragment) & 0x3fff) !== 0) return;
		this.#open = true;
		this.#expect(frame, at, this.#size);
	}

	#expect(frame: Uint8Array, at: number, size: number): void {
		this.#nextSeq = (get32(frame, at + AT.seq) + size) | 0;
		this.#nextId = (get16(frame, at + AT.id) + 1) & 0xffff;
	}

	/** Adds a frame where it continues what is at hand; else false. */
	add(frame: Uint8Array, at: number, length: number): boolean {
		const { bytes } = this;
		const head = this.#head, size = length - head;
		if (!this.#open || size <= 0 || size > this.#size || this.length + size > LONGEST) return false;
		const flags = frame[at + AT.flags]!;
		if ((flags & ~(PSH | FIN)) !== ACK || get32(frame, at + AT.seq) !== this.#nextSeq || get16(frame, at + AT.id) !== this.#nextId) return false;
		const own = OFFLOAD_HEAD;
		if (!same(bytes, own, frame, at, 0, AT.length) || !same(bytes, own, frame, at, AT.fragment, AT.ipSum) || !same(bytes, own, frame, at, AT.source, AT.seq)
			|| !same(bytes, own, frame, at, AT.seq + 4, AT.flags) || !same(bytes, own, frame, at, AT.window, AT.sum) || !same(bytes, own, frame, at, AT.urgent, head)) return false;
		bytes.set(frame.subarray(at + head, at + length), own + this.length);
		bytes[own + AT.flags] = flags;
		this.length += size;
		this.count++;
		this.#open = flags === ACK && size === this.#size;
		this.#expect(frame, at, size);
		return true;
	}

	/** Completes what is at hand, ready to be written; the bytes with the offload header. */
	finish(): number {
		const { bytes, length, count } = this;
		bytes.fill(0, 0, OFFLOAD_HEAD);
		this.length = 0;
		this.#open = false;
		if (count > 1) this.#seal(length);
		return OFFLOAD_HEAD + length;
	}

	#seal(length: number): void {
		const { bytes } = this;
		const own = OFFLOAD_HEAD, segment = length - ETHERNET - IPV4;
		put16(bytes, own + AT.length, length - ETHERNET);
		put16(bytes, own + AT.ipSum, 0);
		put16(bytes, own + AT.ipSum, ~sum(bytes, own + ETHERNET, IPV4, 0) & 0xffff);
		// Of the checksum the pseudo header's part is given; whoever cuts or receives it does the rest.
		put16(bytes, own + AT.sum, sum(bytes, own + AT.source, 8, 6 + segment));
		const header = [NEEDS_CSUM | (GSO_TCPV4 << 8), this.#head, this.#size, ETHERNET + IPV4, AT.sum - ETHERNET - IPV4];
		for (const [i, value] of header.entries()) {
			bytes[2 * i] = value;
			bytes[2 * i + 1] = value >> 8;
		}
	}
}
