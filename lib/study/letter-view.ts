import { get16 } from '../wire/bytes.ts';
import { FLAG_FAREWELL, LETTER, LETTER_ACKNOWLEDGEMENT, LETTER_ENTRIES, LETTER_GREETING, LETTER_HEARTBEAT, LETTER_IMAGE, LETTER_IMAGE_ACKNOWLEDGEMENT, LETTER_REFUSAL, refusals } from '../replica/letter.ts';
import { entryFrames, entryHead } from '../replica/index.ts';
import { readBallot } from '../replica/index.ts';
import { get64, getU32 } from '../replica/number.ts';
import { readPacket, textOf } from './packet.ts';
import type { PacketView } from './packet.ts';

/** A message of the log channel, read for people. */
export interface LetterView {
	readonly kind: 'greeting' | 'entries' | 'heartbeat' | 'acknowledgement' | 'refusal' | 'image' | 'image acknowledgement' | 'other';
	readonly epoch: number;
	/** entries: the first and the last; acknowledgement: the last received; heartbeat: the last logged; image: the one it was taken behind */
	readonly first: number;
	readonly last: number;
	/** entries, heartbeat: the watermark; acknowledgement: the last executed; image: bytes of the whole; its acknowledgement: bytes received */
	readonly mark: number;
	/** what the entries hold, for people */
	readonly contents: readonly string[];
	/** on a heartbeat: nothing more will be released; of a refusal: why */
	readonly note: string;
}

/** What a logged frame is, in a word or two. */
export function gist(frame: PacketView): string {
	if (frame.payload.length > 0) return `"${textOf(frame.payload)}"`;
	if (frame.segment !== null) return flagNames(frame.segment.flags);
	return frame.kind === 'arp' ? `ARP ${frame.operation}` : frame.kind;
}

const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

/** The flags of a segment as people write them: `SYN ACK`. */
export function flagNames(flags: number): string {
	const order = [1, 0, 2, 3, 4, 5, 6, 7];
	return order.filter((bit) => (flags & (1 << bit)) !== 0).map((bit) => names[bit]).join(' ') || 'no flags';
}

/** What the entries between two places hold, for people, and the index of the last. */
export function contentsOf(bytes: Uint8Array, from: number, end: number): { readonly last: number; readonly contents: string[] } {
	const contents: string[] = [];
	let last = 0;
	for (let at = from; at < end;) {
		const head = entryHead(bytes, at);
		if (head.length <= 0) break;
		last = head.index;
		contents.push(head.name === 'frames' ? entryFrames(bytes, at).map((frame) => gist(readPacket(frame))).join(' + ') : head.name);
		at += head.length;
	}
	return { last, contents };
}

const kinds: { readonly [code: number]: LetterView['kind'] } = {
	[LETTER_GREETING]: 'greeting', [LETTER_ENTRIES]: 'entries', [LETTER_HEARTBEAT]: 'heartbeat', [LETTER_ACKNOWLEDGEMENT]: 'acknowledgement', [LETTER_REFUSAL]: 'refusal',
	[LETTER_IMAGE]: 'image', [LETTER_IMAGE_ACKNOWLEDGEMENT]: 'image acknowledgement',
};

/** Reads a message of the log channel that is whole. */
export function readLetter(bytes: Uint8Array): LetterView {
	const kind = kinds[bytes[LETTER.kind]!] ?? 'other';
	const index = get64(bytes, LETTER.index);
	const base = { kind, epoch: getU32(bytes, LETTER.epoch), first: index, last: index, mark: get64(bytes, LETTER.mark), contents: [], note: '' };
	if (kind === 'entries') return { ...base, ...contentsOf(bytes, LETTER.end, LETTER.end + getU32(bytes, LETTER.length)) };
	if (kind === 'refusal') return { ...base, note: refusals[index] ?? '' };
	return kind === 'heartbeat' && (get16(bytes, LETTER.flags) & FLAG_FAREWELL) !== 0 ? { ...base, note: 'farewell' } : base;
}

/** A message to or from the arbiter, in a few words. */
export function ballotText(bytes: Uint8Array): string {
	const ballot = readBallot(bytes, 0, bytes.length);
	if (ballot === null) return 'unreadable';
	return ballot.verdict === 'none' ? `may I open epoch ${ballot.epoch + 1}?` : `${ballot.verdict}: epoch ${ballot.decided}`;
}
