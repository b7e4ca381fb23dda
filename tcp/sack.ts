import type { Tcp } from './engine.ts';
import { writeSackHead } from './options.ts';
import { write32 } from './segment.ts';
import { geq, leq } from './seq.ts';

/**
 * Writes a SACK option: a DSACK block first where one is owed (RFC 2883 §4),
 * then the block with the segment that arrived last, then the others by how
 * recently they grew (RFC 2018 §4).
 *
 * @param most  blocks there is room for
 * @returns     bytes written
 */
export function writeSackBlocks(t: Tcp, at: number, most: number): number {
	const { tcb, range, image } = t;
	const { finAt } = tcb.recvq, tellsFin = t.profile.sacksFin && tcb.rcv.finEarly !== 0;
	let count = 0, isFinTold = false;
	if (tcb.sack.dsack !== 0) {
		writeBlock(t, at, count++, tcb.sack.left, tcb.sack.right);
		t.counters.dsacksSent++;
		// The block that holds the duplicate follows it (RFC 2883 §4, (3)).
		for (let r = tcb.early.first; r !== 0; r = range.next) {
			range.go(r);
			if (leq(range.left, tcb.sack.left) && geq(range.right, tcb.sack.right)) range.stamp = ++tcb.early.stamp;
		}
		tcb.sack.dsack = 0;
	}
	for (let below = Infinity; count < most;) {
		let best = 0, stamp = -1;
		for (let r = tcb.early.first; r !== 0; r = range.next) {
			range.go(r);
			if (range.stamp < below && range.stamp > stamp) { best = r; stamp = range.stamp; }
		}
		if (best === 0) break;
		range.go(best);
		writeBlock(t, at, count++, range.left, tellsFin && range.right === finAt ? (finAt + 1) | 0 : range.right);
		isFinTold ||= range.right === finAt;
		below = stamp;
	}
	if (tellsFin && !isFinTold && count < most) writeBlock(t, at, count++, finAt, (finAt + 1) | 0);
	writeSackHead(image.u8, at, count);
	return 4 + count * 8;
}

function writeBlock(t: Tcp, at: number, index: number, left: number, right: number): void {
	write32(t.image.u8, at + 4 + index * 8, left);
	write32(t.image.u8, at + 8 + index * 8, right);
}
