import { ACK, RST, SYN } from '../../wire/tcp.ts';
import { dataPlace } from './conversation.ts';
import { offerText, viewOf } from './divergence.ts';
import type { Divergence, DivergenceClass } from './divergence.ts';
import type { LiveFlow } from './live-flow.ts';
import type { Plan, SynOffer } from './plan.ts';
import { Ranges } from './ranges.ts';
import { SegmentLog } from './segment-log.ts';

/** Longest data of a segment that was not made by offload. */
const LONGEST = 1460;
const NONE = -1;

/** Finds how what our stack sent differs from what the captured side sent; the first difference first. */
export class Comparison {
	readonly #captured: SegmentLog = new SegmentLog();

	/** Compares a stream that was played. */
	compare(plan: Plan, live: LiveFlow): Divergence[] {
		this.#take(plan);
		// Nothing was captured of the side our stack took: there is nothing to differ from.
		if (this.#captured.count === 0) return [];
		const found: Divergence[] = [];
		const captured = this.#captured, { log } = live;
		const add = (divergence: Divergence | null): void => { if (divergence !== null) found.push(divergence); };
		add(offers(plan.ownOffer, live.offer, captured, log));
		add(segmentation(captured, log));
		for (const divergence of acknowledgements(captured, log, plan.ownOffer !== undefined)) add(divergence);
		add(retransmissions(captured, log));
		add(resets(captured, log));
		return found.sort((a, b) => a.frame - b.frame);
	}

	/** The captured segments of our side. */
	#take(plan: Plan): void {
		const { recording, conversation, own, ownScale } = plan, captured = this.#captured;
		captured.clear();
		for (let k = 0; k < conversation.rows.length; k++) {
			const row = conversation.rows[k]!;
			if (recording.end(row) !== own) continue;
			const flags = recording.flags(row);
			// The SYN-ACK of an attempt that came to nothing has other numbers.
			if ((flags & SYN) !== 0 && recording.seq(row) !== conversation.isn[own]) continue;
			captured.add(dataPlace(conversation.seq[k]!, flags), conversation.ack[k]!, recording.window(row) * 2 ** ((flags & SYN) !== 0 ? 0 : ownScale), recording.length(row), flags & 0xff, recording.frame(row));
		}
	}
}

/** Makes a divergence of its first case: segments of the captured side and of our stack, −1 for none. */
function divergence(name: DivergenceClass, count: number, captured: SegmentLog, expected: number, live: SegmentLog, got: number, text: string): Divergence {
	return {
		class: name, count, frame: expected >= 0 ? captured.frame(expected) : got >= 0 ? live.frame(got) : 0,
		expected: expected < 0 ? null : viewOf(captured, expected), got: got < 0 ? null : viewOf(live, got), text,
	};
}

function offers(expected: SynOffer | undefined, got: SynOffer | undefined, captured: SegmentLog, live: SegmentLog): Divergence | null {
	if (expected === undefined || got === undefined) return null;
	const names = (['mss', 'scale', 'sack', 'timestamps'] as const).filter((name) => expected[name] !== got[name]);
	if (names.length === 0) return null;
	return divergence('options', names.length, captured, firstWith(captured, SYN), live, firstWith(live, SYN), `offered ${offerText(expected)}; our stack ${offerText(got)}`);
}

/** The first segment with that flag. */
function firstWith(log: SegmentLog, flag: number): number {
	for (let nth = 0; nth < log.count; nth++) if ((log.flags(nth) & flag) !== 0) return nth;
	return NONE;
}

/** The segments that brought new bytes, in order. */
function firstSent(log: SegmentLog): number[] {
	const fresh: number[] = [];
	let high = 0;
	for (let nth = 0; nth < log.count; nth++) {
		const to = log.seq(nth) + log.length(nth);
		if (log.length(nth) === 0 || to <= high || (log.flags(nth) & RST) !== 0) continue;
		fresh.push(nth);
		high = to;
	}
	return fresh;
}

/** Whether bytes were cut into the same segments; what offload made longer than a packet may be cut anyhow. */
function segmentation(captured: SegmentLog, live: SegmentLog): Divergence | null {
	const expected = firstSent(captured), got = firstSent(live);
	let count = 0, first: readonly [number, number] | undefined;
	for (let i = 0, j = 0; i < expected.length || j < got.length;) {
		const wanted = expected[i], sent = got[j];
		const wantedTo = wanted === undefined ? Infinity : captured.seq(wanted) + captured.length(wanted);
		const sentTo = sent === undefined ? Infinity : live.seq(sent) + live.length(sent);
		if (wantedTo === sentTo) { i++; j++; continue; }
		const isOffload = wanted !== undefined && captured.length(wanted) > LONGEST && sentTo < wantedTo && live.seq(sent!) >= captured.seq(wanted);
		if (!isOffload) {
			count++;
			first ??= [wanted ?? NONE, sent ?? NONE];
		}
		if (sentTo < wantedTo) j++;
		else i++;
	}
	if (first === undefined) return null;
	return divergence('segmentation', count, captured, first[0], live, first[1], 'the same bytes in other segments');
}

/** The first segments with each acknowledgement, in order. */
function acks(log: SegmentLog): number[] {
	const places: number[] = [];
	let high = -Infinity;
	for (let nth = 0; nth < log.count; nth++) {
		if ((log.flags(nth) & (ACK | RST)) !== ACK || !(log.ack(nth) > high)) continue;
		high = log.ack(nth);
		places.push(nth);
	}
	return places;
}

/** Which places were acknowledged, and with which windows. */
function acknowledgements(captured: SegmentLog, live: SegmentLog, hasWindows: boolean): (Divergence | null)[] {
	const expected = acks(captured), got = acks(live);
	let missing = 0, extra = 0, windows = 0;
	let first: readonly [number, number] | undefined, firstWindow: readonly [number, number] | undefined;
	for (let i = 0, j = 0; i < expected.length || j < got.length;) {
		const wanted = expected[i], sent = got[j];
		const wantedAck = wanted === undefined ? Infinity : captured.ack(wanted), sentAck = sent === undefined ? Infinity : live.ack(sent);
		if (wantedAck === sentAck) {
			if (captured.window(wanted!) !== live.window(sent!)) {
				windows++;
				firstWindow ??= [wanted!, sent!];
			}
			i++;
			j++;
			continue;
		}
		first ??= [wanted ?? NONE, sent ?? NONE];
		if (wantedAck < sentAck) {
			missing++;
			i++;
		} else {
			extra++;
			j++;
		}
	}
	return [
		first === undefined ? null : divergence('ack', missing + extra, captured, first[0], live, first[1], `${missing} ${missing === 1 ? 'place' : 'places'} acknowledged in the capture alone, ${extra} by our stack alone`),
		firstWindow === undefined || !hasWindows ? null : divergence('window', windows, captured, firstWindow[0], live, firstWindow[1], 'another window with the same acknowledgement'),
	];
}

interface Again { readonly ranges: Ranges; readonly segments: readonly number[] }

/** Segments with bytes that had been sent before; keep-alives are none. */
function sentAgain(log: SegmentLog): Again {
	const ranges = new Ranges(), segments: number[] = [];
	let high = 0;
	for (let nth = 0; nth < log.count; nth++) {
		const from = log.seq(nth), length = log.length(nth), to = from + length;
		if (length > 0 && (log.flags(nth) & (SYN | RST)) === 0 && from < high && !(length === 1 && to === high)) {
			ranges.add(from, Math.min(to, high));
			segments.push(nth);
		}
		high = Math.max(high, to);
	}
	return { ranges, segments };
}

/** Those whose bytes the other side did not send again. */
function alone(log: SegmentLog, { segments }: Again, other: Ranges): number[] {
	return segments.filter((nth) => !other.touches(log.seq(nth), log.seq(nth) + log.length(nth)));
}

function retransmissions(captured: SegmentLog, live: SegmentLog): Divergence | null {
	const expected = sentAgain(captured), got = sentAgain(live);
	const missing = alone(captured, expected, got.ranges), extra = alone(live, got, expected.ranges);
	if (missing.length + extra.length === 0) return null;
	const isMissing = extra.length === 0 || (missing.length > 0 && captured.frame(missing[0]!) <= live.frame(extra[0]!));
	return divergence('retransmission', missing.length + extra.length, captured, isMissing ? missing[0]! : NONE, live, isMissing ? NONE : extra[0]!,
		`${missing.length} ${missing.length === 1 ? 'segment' : 'segments'} sent again in the capture alone, ${extra.length} by our stack alone`);
}

function resets(captured: SegmentLog, live: SegmentLog): Divergence | null {
	const expected = firstWith(captured, RST), got = firstWith(live, RST);
	if ((expected >= 0) === (got >= 0)) return null;
	return divergence('reset', 1, captured, expected, live, got, expected >= 0 ? 'reset in the capture, and not by our stack' : 'reset by our stack, and not in the capture');
}
