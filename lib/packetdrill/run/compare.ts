import { FLAG } from '../tree.ts';
import type { EcnMark, IpInfo, PacketAction, TcpOption, TcpPacket } from '../tree.ts';
import { printFlags, printPacket } from '../print-packet.ts';
import type { Flow } from './flow.ts';
import type { IpMarks, Segment } from './frame.ts';

/** A segment the host sent. */
export interface Sent {
	/** µs of the host's clock. */
	readonly at: number;
	readonly marks: IpMarks;
	readonly segment: Segment;
	readonly flow: Flow;
	/** Line of the event after which it was sent. */
	readonly line: number;
}

const ECN_BITS: Readonly<Record<EcnMark, readonly number[]>> = { noecn: [0], ect1: [1], ect0: [2], ce: [3], ect01: [1, 2] };

/** ECN bits for an inbound packet (RFC 3168 §5). */
export function ecnBits(mark: EcnMark | null): number { return mark === 'ect01' ? 2 : mark === null ? 0 : ECN_BITS[mark][0]!; }

function compareIp(wanted: IpInfo, got: IpMarks): string[] {
	const wrong: string[] = [];
	const { ecn, tos, ttl, flowLabel } = wanted;
	if (ecn !== null && !ECN_BITS[ecn].includes(got.tos & 3)) wrong.push(`ECN bits ${got.tos & 3} instead of ${ecn}`);
	if (tos !== null && got.tos !== tos) wrong.push(`type of service 0x${got.tos.toString(16)} instead of 0x${tos.toString(16)}`);
	if (ttl !== null && got.ttl !== ttl) wrong.push(`time to live ${got.ttl} instead of ${ttl}`);
	if (flowLabel !== null && got.flowLabel !== flowLabel) wrong.push(`flow label ${got.flowLabel} instead of ${flowLabel}`);
	return wrong;
}

/** Joins successive segments of one burst to one, as long as the script asks for more than the first holds. */
export function join(first: Sent, rest: readonly Sent[], wanted: TcpPacket): { joined: Sent; used: number } {
	let joined = first, used = 1;
	for (const next of rest) {
		const { segment } = joined;
		if (segment.payload.length === 0 || segment.payload.length >= wanted.sequence.length) break;
		if (next.flow !== first.flow || next.segment.seq !== (segment.seq + segment.payload.length) >>> 0 || next.segment.payload.length === 0) break;
		if (segment.payload.length + next.segment.payload.length > wanted.sequence.length || (segment.flags & (FLAG.SYN | FLAG.FIN)) !== 0) break;
		const payload = new Uint8Array(segment.payload.length + next.segment.payload.length);
		payload.set(segment.payload);
		payload.set(next.segment.payload, segment.payload.length);
		joined = { ...next, at: first.at, line: first.line, segment: { ...next.segment, seq: segment.seq, flags: segment.flags | next.segment.flags, payload } };
		used++;
	}
	return { joined, used };
}

/**
 * Holds a segment against the packet the script expects.
 *
 * @param ticks  how many steps our timestamps may be off the script's; null: only their order of appearance counts
 * @returns what is wrong, in words; empty where all is right
 */
export function compare(action: PacketAction, wanted: TcpPacket, sent: Sent, ticks: number | null): string[] {
	const { flow, segment } = sent;
	const got = flow.toScript(segment, true);
	const wrong = compareIp(action.ip, sent.marks);
	const say = (what: string, is: unknown, should: unknown): void => void wrong.push(`${what} ${String(is)} instead of ${String(should)}`);
	if (got.flags !== wanted.flags) say('flags', printFlags(got), printFlags(wanted));
	const { start, length } = wanted.sequence;
	if (start !== null && got.sequence.start !== start) say('sequence number', got.sequence.start, start);
	if (got.sequence.length !== length) say('length', got.sequence.length, length);
	if (wanted.ack !== 'any' && (got.ack ?? 0) !== (wanted.ack ?? 0)) say('ack', got.ack ?? 'none', wanted.ack ?? 'none');
	if (wanted.window !== null && got.window !== wanted.window) say('window', got.window, wanted.window);
	if ((wanted.urgent ?? 0) !== segment.urgent) say('urgent pointer', segment.urgent, wanted.urgent ?? 'none');
	if (wanted.ports !== null && flow.written !== null && (wanted.ports.source !== flow.written.local || wanted.ports.destination !== flow.written.remote)) {
		say('ports', `${flow.written.local} > ${flow.written.remote}`, `${wanted.ports.source} > ${wanted.ports.destination}`);
	}
	if (wanted.options !== 'any') wrong.push(...compareOptions(wanted.options, got.options === 'any' ? [] : got.options, segment, flow, ticks));
	wrong.push(...comparePayload(sent));
	return wrong;
}

/** A text with the options of a packet alone. */
function printOptions(options: readonly TcpOption[]): string {
	const sequence = { start: 0, end: 0, length: 0 };
	const body: TcpPacket = { protocol: 'tcp', ports: null, flags: 0, accurateEcn: false, sequence, ack: null, window: null, urgent: null, options };
	const text = printPacket({ kind: 'packet', direction: 'out', ip: { ecn: null, tos: null, flowLabel: null, ttl: null, other: [] }, outer: [], body });
	const at = text.indexOf('<');
	return at < 0 ? 'no options' : text.slice(at);
}

/** Kinds, order and lengths have to be the same; TS val is learnt. */
function compareOptions(wanted: readonly TcpOption[], got: readonly TcpOption[], segment: Segment, flow: Flow, ticks: number | null): string[] {
	if (wanted.length !== got.length || wanted.some((option, i) => option.kind !== got[i]?.kind)) return [`${printOptions(got)} instead of ${printOptions(wanted)}`];
	const wrong: string[] = [];
	for (const [i, option] of wanted.entries()) {
		const other = got[i]!;
		if (option.kind === 'TS' && other.kind === 'TS') {
			const problem = flow.matchTsVal(option.val, liveTsVal(segment), ticks);
			if (problem !== null) wrong.push(problem);
			if (typeof option.ecr === 'number' && option.ecr !== other.ecr) wrong.push(`TS ecr ${String(other.ecr)} instead of ${option.ecr}`);
		} else if (JSON.stringify(option) !== JSON.stringify(other)) wrong.push(`${printOptions([other])} instead of ${printOptions([option])}`);
	}
	return wrong;
}

/** The TS val as it is in the bytes. */
function liveTsVal(segment: Segment): number {
	const { options } = segment;
	for (let at = 0; at < options.length;) {
		const kind = options[at]!;
		if (kind === 8) return ((options[at + 2]! << 24) | (options[at + 3]! << 16) | (options[at + 4]! << 8) | options[at + 5]!) >>> 0;
		at += kind <= 1 ? 1 : options[at + 1]!;
	}
	return 0;
}

/** What was written is what has to come out. */
function comparePayload({ flow, segment }: Sent): string[] {
	if (segment.payload.length === 0 || flow.local === null) return [];
	const first = (segment.seq + ((segment.flags & FLAG.SYN) !== 0 ? 1 : 0) - flow.local.live - 1) >>> 0;
	for (let i = 0; i < segment.payload.length; i++) {
		const should = flow.stream[first + i] ?? 0;
		if (segment.payload[i] !== should) return [`octet ${i} of the text is ${segment.payload[i]} instead of ${should}`];
	}
	return [];
}
