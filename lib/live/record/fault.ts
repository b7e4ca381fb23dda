/** The two ends of a wire. */
export type End = 'client' | 'server';

/** Which of the frames an end sends are counted. */
export type Counted = 'any' | 'syn' | 'data' | 'fin';

/** Something a wire does to one frame, the same in every run: frames are counted, not timed. */
export interface Fault {
	/** who sent it */
	readonly from: End;
	readonly of: Counted;
	/** which of them, counted from 1 */
	readonly nth: number;
	readonly does: 'drop' | 'repeat' | 'hold';
	/** `repeat`: when the second comes, µs after the first */
	readonly later?: number;
	/** `hold`: how many frames from the same end pass it */
	readonly behind?: number;
}

const ETHERNET = 14, IPV6_HEADER = 40;
const TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, PROTOCOL_TCP = 6;
const FIN = 1, SYN = 2;

/** Where the TCP header begins and the packet ends, without padding; null for what is not TCP. */
function tcpOf(frame: Uint8Array): { readonly at: number; readonly end: number } | null {
	if (frame.length < ETHERNET + 20) return null;
	const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
	const type = view.getUint16(12);
	if (type === TYPE_IPV4 && frame[23] === PROTOCOL_TCP) return { at: ETHERNET + (frame[14]! & 15) * 4, end: ETHERNET + view.getUint16(16) };
	if (type === TYPE_IPV6 && frame[20] === PROTOCOL_TCP) return { at: ETHERNET + IPV6_HEADER, end: ETHERNET + IPV6_HEADER + view.getUint16(18) };
	return null;
}

/** As what an untagged frame is counted. */
export function countedAs(frame: Uint8Array): readonly Counted[] {
	const tcp = tcpOf(frame);
	if (tcp === null || tcp.at + 20 > tcp.end || tcp.end > frame.length) return ['any'];
	const flags = frame[tcp.at + 13]!;
	const data = tcp.end - tcp.at - (frame[tcp.at + 12]! >> 4) * 4;
	const kinds: Counted[] = ['any'];
	if ((flags & SYN) !== 0) kinds.push('syn');
	if (data > 0) kinds.push('data');
	if ((flags & FIN) !== 0) kinds.push('fin');
	return kinds;
}

/** The faults of a wire, each of which happens once. */
export class Faults {
	readonly #faults: readonly Fault[];
	readonly #seen: { readonly [E in End]: { [K in Counted]: number } } = {
		client: { any: 0, syn: 0, data: 0, fin: 0 },
		server: { any: 0, syn: 0, data: 0, fin: 0 },
	};

	constructor(faults: readonly Fault[]) {
		this.#faults = faults;
	}

	/** What is to be done to a frame; counts it. */
	of(from: End, frame: Uint8Array): Fault | undefined {
		const seen = this.#seen[from];
		const kinds = countedAs(frame);
		for (const kind of kinds) seen[kind]++;
		return this.#faults.find((fault) => fault.from === from && kinds.includes(fault.of) && seen[fault.of] === fault.nth);
	}
}
