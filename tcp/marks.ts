import type { Tcp } from './engine.ts';
import { diff, geq, gt } from './seq.ts';

// Marks stand between octets that wait to be sent: what lies behind one never
// shares a segment, a burst or a run with what lies before it. RFC 9293 has no
// records; some stacks keep apart what their users wrote as one.

/** What a mark says, in bits: the stream is cut there; */
export const CUT = 1;
/** what is sent again is not joined across it either; */
export const RECORD_END = 2;
/** the segment that ends there is pushed */
export const PUSHES = 4;

/** Number of the octet behind all that is queued. A SYN that is out has a number and is not queued. */
function queueEnd({ tcb }: Tcp): number {
	const { snd, sendq } = tcb;
	return (snd.una + (snd.una === snd.iss ? 1 : 0) + sendq.length) | 0;
}

/** Cuts the stream behind what is queued now; where no record is left for that it stays whole, and is counted. */
export function addMark(t: Tcp, flags: number): void {
	const { tcb, mark, image } = t;
	const at = image.alloc(t.marks);
	if (at === 0) {
		t.counters.noMark++;
		return;
	}
	const { marks } = tcb;
	if (marks.first === 0) marks.first = at;
	else {
		mark.go(marks.last);
		mark.next = at;
	}
	marks.last = at;
	if (marks.ahead === 0) marks.ahead = at;
	mark.go(at);
	mark.seq = queueEnd(t);
	mark.flags = CUT | flags;
}

/** Moves the cursor to the first mark behind SND.NXT; false where there is none. */
export function markAhead(t: Tcp): boolean {
	const { marks, snd } = t.tcb;
	while (marks.ahead !== 0) {
		t.mark.go(marks.ahead);
		if (gt(t.mark.seq, snd.nxt)) return true;
		marks.ahead = t.mark.next;
	}
	return false;
}

/** Octets from SND.NXT on that may share segments: of `left` not sent yet, those before the next mark. */
export function beforeMark(t: Tcp, left: number): number {
	return t.tcb.marks.first !== 0 && markAhead(t) ? Math.min(left, diff(t.mark.seq, t.tcb.snd.nxt)) : left;
}

/** The flags of the mark in front of the octet with number `seq`; 0 where there is none. */
export function markAt(t: Tcp, seq: number): number {
	const { tcb, mark } = t;
	for (let at = tcb.marks.first; at !== 0; at = mark.next) {
		mark.go(at);
		if (geq(mark.seq, seq)) return mark.seq === seq ? mark.flags : 0;
	}
	return 0;
}

/** What lies below `una` is acknowledged: nothing can join it any more. */
export function dropMarks(t: Tcp, una: number): void {
	const { tcb, mark } = t;
	const { marks } = tcb;
	while (marks.first !== 0) {
		mark.go(marks.first);
		if (gt(mark.seq, una)) return;
		dropFirst(t);
	}
}

function dropFirst({ tcb, mark, image, marks: pool }: Tcp): void {
	const { marks } = tcb;
	const at = marks.first;
	marks.first = mark.next;
	if (marks.first === 0) marks.last = 0;
	if (marks.ahead === at) marks.ahead = marks.first;
	image.free(pool, at);
}

/** Frees all marks of the connection at hand. */
export function freeMarks(t: Tcp): void {
	while (t.tcb.marks.first !== 0) {
		t.mark.go(t.tcb.marks.first);
		dropFirst(t);
	}
}
