import type { Tcp } from './engine.ts';
import { destroy } from './lifecycle.ts';
import { packetTooBig } from './path-mtu.ts';
import { geq, lt } from './seq.ts';
import { SYN_SENT } from './states.ts';

/** What an ICMP error says about a segment of ours; nothing in it is believed before it fits a connection. */
export interface SegmentError {
	readonly family: number;
	readonly type: number;
	readonly code: number;
	readonly localAt: number;
	readonly remoteAt: number;
	readonly localPort: number;
	readonly remotePort: number;
	readonly seq: number;
	/** of the next hop where the packet was too big; 0 where unknown */
	readonly mtu: number;
}


/** Fragmentation needed (RFC 1191 §4), packet too big (RFC 8201 §3). */
function isTooBig(error: SegmentError): boolean {
	return error.family === 6 ? error.type === 2 : error.type === 3 && error.code === 4;
}

/**
 * An ICMP error about a segment of ours. Only one that tells of octets still in
 * flight counts (RFC 5927 §4.1), and only while the connection is being opened:
 * later all errors are soft (RFC 5461 §4.1), and time decides.
 */
export function icmpArrives(t: Tcp, error: SegmentError): void {
	const at = t.demux.find(error.localAt, error.localPort, error.remoteAt, error.remotePort);
	if (at === 0) {
		t.counters.icmpUnrelated++;
		return;
	}
	t.tcb.go(at);
	const { snd, state } = t.tcb;
	if (!geq(error.seq, snd.una) || !lt(error.seq, snd.nxt)) {
		t.counters.icmpOutOfWindow++;
		return;
	}
	if (isTooBig(error)) {
		packetTooBig(t, error.mtu);
		return;
	}
	const hard = t.profile.hardErrors.find(({ family, type, code }) => family === error.family && type === error.type && code === error.code);
	if (hard === undefined || state !== SYN_SENT) {
		t.counters.icmpSoft++;
		return;
	}
	t.counters.icmpHard++;
	destroy(t, hard.error);
}
