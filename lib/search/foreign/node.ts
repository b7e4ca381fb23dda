import fc from 'fast-check';
import type { Node } from '../../wire/node.ts';
import { ACK, FIN, PSH, RST, SYN } from '../../wire/tcp.ts';
import { readPacket } from '../../study/packet.ts';
import { runOf } from '../exhibit.ts';
import type { Crossing } from '../exhibit.ts';
import type { Property } from '../property.ts';
import { PEER, SUBJECT, arpReply, frameOf } from '../segments/wire.ts';
import { octetAt } from '../talker.ts';
import { Violation } from '../violation.ts';
import { WireWatch } from '../wire-laws.ts';

/** What is done to a node: a segment by what it answered before, any bytes, or time. */
export type NodeDeed =
	/** `seq` counts from what the node acknowledged last, `ack` from behind what it sent last; before it did, from nowhere in particular */
	| { readonly kind: 'segment'; readonly flags: number; readonly seq: number; readonly ack: number; readonly text: number; readonly window: number }
	| { readonly kind: 'bytes'; readonly bytes: Uint8Array }
	| { readonly kind: 'wait'; readonly us: number };

const near: fc.Arbitrary<number> = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(0, 0, 0, 0, 1, -1, 100, -100) }, { weight: 1, arbitrary: fc.integer() });

/** Deeds that lead through a connection's life now and then, and astray more often. */
export const nodeDeeds: fc.Arbitrary<NodeDeed> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant('segment' as const), flags: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(SYN, ACK, ACK, ACK | PSH, FIN | ACK, RST, RST | ACK, SYN | ACK) }, { weight: 1, arbitrary: fc.nat(63) }),
			seq: near, ack: near, text: fc.constantFrom(0, 0, 1, 100), window: fc.constantFrom(0, 100, 5000, 65_535),
		}),
	},
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 80, size: 'max' }).map((bytes): NodeDeed => ({ kind: 'bytes', bytes })) },
	{ weight: 1, arbitrary: fc.constantFrom(1, 1000, 300_000, 5_000_000).map((us): NodeDeed => ({ kind: 'wait', us })) },
);

/** Frames one input may draw, and timers that may fire at one moment. */
const MOST_ANSWERS = 1000, MOST_TIMERS = 1000;
const IP_AT = 14;

/** The Internet checksum over part of a frame, in its own words (RFC 1071). */
function sumOf(bytes: Uint8Array, from: number, to: number, start: number): number {
	let total = start;
	for (let at = from; at < to; at += 2) total += (bytes[at]! << 8) | (at + 1 < to ? bytes[at + 1]! : 0);
	while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
	return total;
}

/** What an IPv4 frame with TCP has to keep whoever wrote it. */
function checkFrame(bytes: Uint8Array): void {
	if (bytes.length < IP_AT + 40 || bytes[12] !== 8 || bytes[13] !== 0 || bytes[IP_AT + 9] !== 6) return;
	const header = (bytes[IP_AT]! & 15) * 4, total = (bytes[IP_AT + 2]! << 8) | bytes[IP_AT + 3]!;
	if (total + IP_AT > bytes.length) throw new Violation('rfc-9293', `the packet says it has ${total} octets, and the frame has ${bytes.length - IP_AT}`);
	if (sumOf(bytes, IP_AT, IP_AT + header, 0) !== 0xffff) throw new Violation('rfc-9293', 'the checksum of the IP header is wrong (RFC 791)');
	const pseudo = sumOf(bytes, IP_AT + 12, IP_AT + 20, 6 + total - header);
	if (sumOf(bytes, IP_AT + header, IP_AT + total, pseudo) !== 0xffff) throw new Violation('rfc-9293', 'the checksum of the segment is wrong (§3.1)');
}

/** One node under test, and the peer that is played to it. */
class Bout {
	readonly crossings: Crossing[] = [];
	readonly #node: Node;
	readonly #watch: WireWatch = new WireWatch();
	#now = 1_000_000;
	/** what the node acknowledged last, and what follows what it sent last */
	#next = 1000;
	#end = 0;

	constructor(node: Node) {
		this.#node = node;
		this.#call(() => node.wake(this.#now));
		this.#hand(arpReply());
	}

	play(deed: NodeDeed): void {
		if (deed.kind === 'wait') return this.#wait(deed.us);
		if (deed.kind === 'bytes') return this.#hand(deed.bytes);
		const { flags, window } = deed;
		const seq = (this.#next + deed.seq) | 0;
		const text = Uint8Array.from({ length: deed.text }, (_, i) => octetAt((seq + ((flags & SYN) >> 1) + i) | 0, 0));
		this.#hand(frameOf({ flags, seq, ack: (flags & ACK) === 0 ? 0 : (this.#end + deed.ack) | 0, window, text }));
	}

	#call(act: () => void): void {
		try {
			act();
		} catch (error) {
			throw new Violation('never-throws', error instanceof Error ? error.message : String(error));
		}
		this.#drain();
	}

	#hand(bytes: Uint8Array): void {
		this.crossings.push({ at: this.#now, from: 'peer', to: 'node', bytes });
		this.#watch.see({ host: 'node', sent: false, at: this.#now, bytes });
		this.#call(() => this.#node.receive(0, bytes, 0, bytes.length, this.#now));
	}

	#wait(us: number): void {
		const until = this.#now + us;
		for (let timers = 0; this.#node.wakeAt <= until; timers++) {
			if (timers === MOST_TIMERS) throw new Violation('progress', `${MOST_TIMERS} timers in ${us} µs: wakeAt is stale, or it never rests`);
			this.#now = Math.max(this.#now, this.#node.wakeAt);
			this.#call(() => this.#node.wake(this.#now));
		}
		this.#now = until;
	}

	#drain(): void {
		let answers = 0;
		this.#node.drain({ take: (borrowed, at, length) => {
			if (++answers > MOST_ANSWERS) throw new Violation('progress', `one input draws more than ${MOST_ANSWERS} frames`);
			this.#sent(borrowed.slice(at, at + length));
		} });
		this.#node.drain({ take: () => { throw new Violation('progress', 'a drain leaves something behind for the next'); } });
		for (const [law, text] of this.#watch.broken) throw new Violation(law, text);
	}

	#sent(bytes: Uint8Array): void {
		this.crossings.push({ at: this.#now, from: 'node', to: 'peer', bytes });
		checkFrame(bytes);
		this.#watch.see({ host: 'node', sent: true, at: this.#now, bytes });
		const { segment } = readPacket(bytes);
		if (segment === null || (segment.flags & RST) !== 0) return;
		this.#end = (segment.seq + segment.length) | 0;
		if ((segment.flags & ACK) !== 0) this.#next = segment.ack | 0;
	}
}

/**
 * A property of anybody's TCP/IP host behind the `Node` interface: whatever it
 * is sent, it does not throw, rests again, says only what TCP may say, and says
 * it with right checksums. Nothing is asked of its inside.
 *
 * It is reached at `SUBJECT` (MAC 02:00:00:00:00:01, 10.0.0.1/24, port 80) and
 * hears from `PEER` (MAC 02:00:00:00:00:02, 10.0.0.2, port 5000) on its port 0.
 *
 * @param make  makes it anew for each case
 */
export function nodeProperty(name: string, make: () => Node, runs: number = 200): Property<readonly NodeDeed[]> {
	const play = (deeds: readonly NodeDeed[], crossings: (bout: Bout) => void): void => {
		const bout = new Bout(make());
		crossings(bout);
		for (const deed of deeds) bout.play(deed);
	};
	return {
		name, runs,
		text: 'whatever comes, it does not throw, rests again, and sends only what TCP may send',
		arbitrary: fc.array(nodeDeeds, { minLength: 1, maxLength: 30, size: 'max' }),
		check(deeds) { play(deeds, () => {}); },
		exhibit(deeds) {
			let bout: Bout | null = null;
			try {
				play(deeds, (one) => { bout = one; });
			} catch {
				// It ends where it breaks.
			}
			return { run: runOf(['peer', 'node'], bout === null ? [] : (bout as Bout).crossings), capture: null, script: null };
		},
	};
}

export { PEER, SUBJECT };
