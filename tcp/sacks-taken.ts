import type { Tcp } from './engine.ts';
import { noteDsack } from './rack.ts';
import { sackRuns } from './runs.ts';
import { read32 } from './segment.ts';
import { geq, gt, leq, lt } from './seq.ts';
import { noteNeedless } from './undo.ts';

/**
 * Takes the SACK blocks of the segment at hand into the scoreboard (RFC 2018
 * §5, RFC 6675 §5). A first block at or below SEG.ACK, or inside the second, is
 * a DSACK: it tells of a duplicate and marks nothing (RFC 2883 §4).
 *
 * @returns octets newly known to have arrived
 */
export function takeSacks(t: Tcp): number {
	const { seg, acked } = t;
	let fresh = 0, taken = 0;
	if (isDsack(t, blockLeft(t, 0), blockRight(t, 0))) {
		t.counters.dsacksTaken++;
		t.tcb.info.dsacks++;
		acked.dsack = true;
		// A probe of the tail that was not needed says nothing of segments that overtake each other (RFC 8985 §6.2, step 4).
		if (t.tcb.tlp.on !== 2 || blockRight(t, 0) !== t.tcb.tlp.end) noteDsack(t);
		noteNeedless(t);
		taken = 1;
	}
	// From the lowest up: what one ACK tells of has not overtaken each other.
	for (let i = lowestBlock(t, taken); i >= 0; i = lowestBlock(t, taken)) {
		taken |= 1 << i;
		const left = blockLeft(t, i), right = blockRight(t, i);
		if (!lt(left, right) || lt(left, seg.ack) || lt(left, t.tcb.snd.una) || gt(right, t.tcb.snd.nxt)) continue;
		fresh += sackRuns(t, left, right);
	}
	return fresh;
}

function blockLeft({ seg, image }: Tcp, i: number): number { return read32(image.u8, seg.sackAt + i * 8); }
function blockRight({ seg, image }: Tcp, i: number): number { return read32(image.u8, seg.sackAt + i * 8 + 4); }

/** Which block that is not yet taken begins lowest; −1 where none is left. */
function lowestBlock(t: Tcp, taken: number): number {
	let best = -1, lowest = 0;
	for (let i = 0; i < t.seg.sackCount; i++) {
		if ((taken & (1 << i)) !== 0) continue;
		const left = blockLeft(t, i);
		if (best >= 0 && !lt(left, lowest)) continue;
		best = i;
		lowest = left;
	}
	return best;
}

function isDsack(t: Tcp, left: number, right: number): boolean {
	const { seg, image } = t;
	if (leq(right, seg.ack)) return true;
	if (seg.sackCount < 2) return false;
	const left2 = read32(image.u8, seg.sackAt + 8), right2 = read32(image.u8, seg.sackAt + 12);
	return geq(left, left2) && leq(right, right2);
}
