import type { Tcp } from './engine.ts';
import { RESENT, SACKED } from './run-flags.ts';
import { CLOSED, LISTEN, TIME_WAIT } from './states.ts';
import { startRetransmission } from './tail-probe.ts';
import { PERSIST } from './timer-kinds.ts';

/**
 * What a takeover changes in a machine's TCP; it happens as an entry of the log
 * like any other, so that every replica of the new epoch does the same.
 *
 * What is outstanding was sent by another, perhaps long ago, perhaps never: it
 * counts as sent again now, no round trip is measured on it (Karn's rule,
 * RFC 6298 §3), retransmission timers and probes start anew, and the ACKs that
 * the repeated frames draw are no duplicate ACKs in the sense of RFC 5681 §2.
 */
export function takeOverTcp(t: Tcp): void {
	const { image, tcb } = t;
	for (let at = image.first(t.tcbs); at !== 0; at = image.next(t.tcbs, at)) {
		tcb.go(at);
		if (tcb.state === CLOSED || tcb.state === LISTEN || tcb.state === TIME_WAIT) continue;
		takeOver(t);
	}
}

function takeOver(t: Tcp): void {
	const { tcb, run, now } = t;
	for (let at = tcb.runs.first; at !== 0; at = run.next) {
		run.go(at);
		if ((run.flags & SACKED) !== 0) continue;
		run.flags |= RESENT;
		run.sentAt = now;
	}
	tcb.rtt.from = tcb.snd.nxt;
	tcb.live.on = 1;
	tcb.live.nxt = tcb.snd.nxt;
	tcb.cc.dupacks = 0;
	tcb.tlp.on = 0;
	tcb.undo.on = 0;
	tcb.frto = 0;
	tcb.silent = now;
	if (tcb.timer.rexmt === 0) return;
	if (tcb.timer.kind === PERSIST) {
		tcb.timer.rexmt = now + tcb.rtt.rto;
		t.arm();
	} else startRetransmission(t);
}
