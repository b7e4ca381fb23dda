import type { Tcp } from './engine.ts';
import { copyIn } from './pages.ts';
import { diff, earliest, geq, gt, latest, leq, lt } from './seq.ts';

/** Ranges one connection may hold: what a window of segments with every other one lost needs. */
const MOST_RANGES = 256;

/** Copies [left, right) to its place in the receive queue; false where pages have run out. */
function put(t: Tcp, left: number, right: number, from: number): boolean {
	const { tcb, image } = t;
	const { recvq } = tcb;
	tcb.early.stamp++;
	if (recvq.head === 0) {
		recvq.head = image.allocPage();
		recvq.page = recvq.head;
		if (recvq.head === 0) return false;
	}
	const length = diff(right, left);
	const offset = recvq.from + recvq.length + diff(left, tcb.rcv.nxt);
	return copyIn(t.intake, recvq.head, offset, image.u8, from, length) === length;
}

/** Makes a range behind `before` (0: at the front); the range cursor stands on it. False where the quota is used up. */
function insert(t: Tcp, before: number, left: number, right: number): boolean {
	const { tcb, range, rangeBehind, image } = t;
	if (tcb.early.count >= MOST_RANGES) return false;
	const at = image.alloc(t.ranges);
	if (at === 0) return false;
	let next = tcb.early.first;
	if (before === 0) tcb.early.first = at;
	else {
		rangeBehind.go(before);
		next = rangeBehind.next;
		rangeBehind.next = at;
	}
	range.go(at);
	range.left = left;
	range.right = right;
	range.next = next;
	range.stamp = ++tcb.early.stamp;
	tcb.early.count++;
	return true;
}

/**
 * Holds text that came before its turn. Octets held already are not written
 * again, whatever the new segment says they are: the first arrival counts, and
 * an application never sees a byte change. What was held already is owed a
 * DSACK.
 *
 * @param from  address of the octet with number `left`
 */
export function holdEarly(t: Tcp, left: number, right: number, from: number): void {
	const { tcb, range } = t;
	let before = 0, at = tcb.early.first;
	const first = left;
	oweOverlap(t, left, right);
	while (lt(left, right)) {
		for (; at !== 0; before = at, at = range.next) {
			range.go(at);
			if (gt(range.right, left)) break;
		}
		const until = at !== 0 && lt(range.left, right) ? range.left : right;
		if (lt(left, until)) {
			if (!fill(t, before, left, until, from)) return;
			// The list may have grown in front of `at`: go on from the place just filled.
			before = t.range.at;
			at = t.range.next;
		}
		if (at === 0 || until === right) break;
		range.go(at);
		const next = range.right;
		from += diff(next, left);
		left = next;
		before = at;
		at = range.next;
	}
	join(t, first, right);
}

/** Writes one gap and enters it; grows the range in front where it touches. */
function fill(t: Tcp, before: number, left: number, right: number, from: number): boolean {
	const { range } = t;
	if (!put(t, left, right, from)) {
		t.counters.noPage++;
		return false;
	}
	if (before !== 0) {
		range.go(before);
		if (range.right === left) {
			range.right = right;
			return true;
		}
	}
	if (insert(t, before, left, right)) return true;
	t.counters.noRange++;
	return false;
}

/** Owes a report of the first part of [left, right) that is held already (RFC 2883 §4.2), unless an older part is owed one. */
export function oweOverlap(t: Tcp, left: number, right: number): void {
	const { tcb, range } = t;
	const { sack } = tcb;
	for (let at = tcb.early.first; at !== 0; at = range.next) {
		range.go(at);
		if (geq(range.left, right)) return;
		if (leq(range.right, left)) continue;
		t.counters.duplicate++;
		if (sack.on === 0 || sack.dsack !== 0) return;
		sack.dsack = 1;
		sack.left = latest(range.left, left);
		sack.right = earliest(range.right, right);
		return;
	}
}

/** Joins ranges that now touch, and stamps the one that holds [left, right) as the latest. */
function join(t: Tcp, left: number, right: number): void {
	const { tcb, range, rangeBehind, image } = t;
	for (let at = tcb.early.first; at !== 0;) {
		range.go(at);
		const next = range.next;
		if (next !== 0) {
			rangeBehind.go(next);
			if (geq(range.right, rangeBehind.left)) {
				if (gt(rangeBehind.right, range.right)) range.right = rangeBehind.right;
				range.stamp = Math.max(range.stamp, rangeBehind.stamp);
				range.next = rangeBehind.next;
				image.free(t.ranges, next);
				tcb.early.count--;
				continue;
			}
		}
		if (leq(range.left, left) && geq(range.right, right)) range.stamp = ++tcb.early.stamp;
		at = next;
	}
}

/** RCV.NXT has moved: what was held and now follows in order joins the receive queue. */
export function mergeEarly(t: Tcp): void {
	const { tcb, range, image } = t;
	const { rcv, recvq, early } = tcb;
	while (early.first !== 0) {
		range.go(early.first);
		if (gt(range.left, rcv.nxt)) return;
		const gained = diff(range.right, rcv.nxt);
		if (gained > 0) {
			recvq.length += gained;
			tcb.info.received += gained;
			rcv.nxt = range.right;
			recvq.page = 0;
		}
		const next = range.next;
		image.free(t.ranges, early.first);
		early.first = next;
		early.count--;
	}
}
