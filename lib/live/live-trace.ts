import { Kind, Trace, kinds } from '../trace/index.ts';
import type { KindName } from '../trace/index.ts';
import type { JournalRecord } from './journal.ts';

/** What one process wrote down, and as which place it appears. */
export interface TracePart {
	readonly place: string;
	/** what it is: who speaks to the clients, the clients' end of the network */
	readonly is: 'replica' | 'client';
	readonly records: readonly JournalRecord[];
	readonly names: readonly string[];
}

/** An event on its way into the merged trace. */
interface Draft {
	readonly part: TracePart;
	readonly record: JournalRecord;
	/** its place among all; −1 before it has one */
	place: number;
	time: number;
	cause: Draft | null;
	/** of what was sent: whether it was seen to arrive */
	arrives: boolean;
	index: number;
}

const PORT_CLIENTS = 0, PORT_CHANNEL = 1;
const nameSlots = new Map(Object.values(kinds).map(({ code, numbers, names }) => [code as number, { first: numbers.length, count: names.length }]));

function isFrame({ record: { kind } }: Draft): boolean {
	return kind === Kind.frameSent || kind === Kind.frameArrived;
}

function keyOf({ bytes, slots }: JournalRecord): string {
	return `${slots[0]} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`;
}

/** Whether a frame of one place can come to another by the same port: clients and replicas over the bridge, replicas over the channel. */
function reaches(from: Draft, to: Draft): boolean {
	if (from.part === to.part) return false;
	return from.record.slots[0] === PORT_CHANNEL ? from.part.is === 'replica' && to.part.is === 'replica' : from.part.is !== to.part.is;
}

/** Ties every arrival to its sending: the oldest with the same bytes that has not come to that place yet. */
function tie(drafts: readonly Draft[]): void {
	const sent = new Map<string, { readonly draft: Draft; readonly seenBy: Set<TracePart> }[]>();
	for (const draft of drafts) {
		if (draft.record.kind !== Kind.frameSent) continue;
		const key = keyOf(draft.record);
		const list = sent.get(key);
		if (list === undefined) sent.set(key, [{ draft, seenBy: new Set() }]);
		else list.push({ draft, seenBy: new Set() });
	}
	for (const draft of drafts) {
		if (draft.record.kind !== Kind.frameArrived) continue;
		const found = sent.get(keyOf(draft.record))?.find((one) => !one.seenBy.has(draft.part) && reaches(one.draft, draft));
		if (found === undefined) continue;
		found.seenBy.add(draft.part);
		found.draft.arrives = true;
		draft.cause = found.draft;
	}
}

/**
 * How soon a kernel answers a frame, µs: what leaves so soon upon an arrival was
 * prompted by it. A busy machine takes its time; an ACK that is withheld takes 40 ms.
 */
const AT_ONCE = 20_000;

/** Ties what a client sends to the arrival that prompted it, as far as that can be told from outside. */
function tieAnswers(parts: readonly (readonly Draft[])[]): void {
	for (const drafts of parts) {
		let arrived: Draft | null = null;
		for (const draft of drafts) {
			if (draft.record.kind === Kind.frameArrived) arrived = draft;
			else if (draft.record.kind === Kind.frameSent && draft.part.is === 'client' && arrived !== null && draft.time - arrived.time < AT_ONCE) draft.cause = arrived;
		}
	}
}

/** Of the next draft of every process, the earliest whose cause has been placed; where all wait for each other, the earliest. */
function nextOf(heads: readonly Draft[]): Draft {
	let found: Draft | null = null, earliest = heads[0]!;
	for (const head of heads) {
		if (head.time < earliest.time) earliest = head;
		if ((head.cause === null || head.cause.place >= 0) && (found === null || head.time < found.time)) found = head;
	}
	if (found !== null) return found;
	// A tie that is wrong: of frames with the same bytes one was lost, or a clock was read late.
	earliest.cause = null;
	return earliest;
}

/**
 * Makes times fit together: every process keeps its own order, and what arrives
 * is later than it was sent. Clocks of one machine agree to a few µs, so little
 * has to be moved.
 */
function align(parts: readonly (readonly Draft[])[]): void {
	const at = parts.map(() => 0), last = parts.map(() => -Infinity);
	const count = parts.reduce((sum, { length }) => sum + length, 0);
	for (let place = 0; place < count; place++) {
		const draft = nextOf(parts.flatMap((drafts, i) => drafts[at[i]!] ?? []));
		const part = parts.findIndex((drafts, i) => drafts[at[i]!] === draft);
		const { cause } = draft;
		draft.time = Math.max(draft.time, last[part]!, cause === null ? -Infinity : cause.time + (cause.part === draft.part ? 0 : 1));
		draft.place = place;
		last[part] = draft.time;
		at[part]!++;
	}
}

/**
 * Merges what several processes of one machine wrote down into one trace, as a
 * simulated world would have made it: frames that arrived point to where they
 * were sent. Time begins where the first record is.
 */
export function mergeTrace(parts: readonly TracePart[], places: readonly string[]): Trace {
	const trace = new Trace(0);
	for (const place of places) trace.place(place);
	const byPart = parts.map((part) => part.records.map((record): Draft => ({ part, record, place: -1, time: record.time, cause: null, arrives: false, index: -1 })));
	const drafts = byPart.flat().sort((a, b) => a.time - b.time);
	tie(drafts);
	tieAnswers(byPart);
	align(byPart);
	drafts.sort((a, b) => a.time - b.time || a.place - b.place);
	const began = drafts[0]?.time ?? 0;
	for (const draft of drafts) {
		trace.time = draft.time - began;
		draft.index = isFrame(draft) ? putFrame(trace, draft) : putEvent(trace, draft);
	}
	declareTaps(trace, places);
	return trace;
}

function putFrame(trace: Trace, draft: Draft): number {
	const { part, record: { kind, slots, bytes }, cause, arrives } = draft;
	const place = trace.place(part.place), link = slots[0] === PORT_CHANNEL ? 1 : 0;
	const index = trace.putBytes(kind, place, slots[0], link, cause === null ? -1 : cause.index, 0, bytes, 0, bytes.length);
	if (kind === Kind.frameSent && !arrives) trace.put(Kind.frameLost, place, slots[0], link, index, trace.name('nobody there'));
	return index;
}

function putEvent(trace: Trace, { part, record: { kind, slots, bytes } }: Draft): number {
	const { first, count } = nameSlots.get(kind) ?? { first: 4, count: 0 };
	const slot = (n: number): number => (n >= first && n < first + count ? trace.name(part.names[slots[n]!] ?? '') : slots[n]!);
	return trace.putBytes(kind, trace.place(part.place), slot(0), slot(1), slot(2), slot(3), bytes, 0, bytes.length);
}

/** As a simulated stage records it: the client's end, each replica's, and the log. */
function declareTaps(trace: Trace, places: readonly string[]): void {
	const at = (place: string): number => trace.place(place);
	for (const place of places) {
		trace.link(place, { place: at(place), port: PORT_CLIENTS }, { place: at(place), port: PORT_CLIENTS });
		trace.tap(at(place), PORT_CLIENTS, place);
	}
	for (const place of places) if (!place.startsWith('client')) trace.tap(at(place), PORT_CHANNEL, 'log', 'sent');
}

/** A record made of what a process said in another way. */
export function recordOf(kind: KindName, time: number, slots: readonly number[], text: string = ''): JournalRecord {
	const [a = 0, b = 0, c = 0, d = 0] = slots;
	return { kind: kinds[kind].code, time, slots: [a, b, c, d], bytes: Buffer.from(text) };
}
